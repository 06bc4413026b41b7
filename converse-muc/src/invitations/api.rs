//! What an application calls to invite, and to see who invites.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, JidSelector};
use jid::{BareJid, Jid};

use super::error::InvitationError;
use super::handle::Invitation;
use super::message::RoomInviteSent;
use super::options::{InviteOptions, Way};
use super::sent::Sent;
use super::shared::Invitations;
use super::wire;
use crate::api::{Room, Rooms};
use crate::model::{Affiliation, RoomFeature};
use crate::settings::ALLOW_MUC_INVITATIONS;

impl Rooms {
    /// The invitations that wait for an answer, oldest first; none if the plugin does not run.
    ///
    /// At most 100 wait, and of strangers at most 20: then new ones of strangers are dropped, until those that wait are
    /// an hour old. Invitations that come while they are waited for are told by
    /// [`RoomInviteReceived`](super::RoomInviteReceived).
    #[must_use]
    pub fn invitations(&self) -> Vec<Invitation> {
        let Ok(invitations) = invitations(&self.api) else {
            return Vec::new();
        };
        let waiting = invitations.pending().all().into_iter();
        waiting
            .map(|received| Invitation::new(&self.api, &invitations, received))
            .collect()
    }

    /// The invitation to a room, if one waits for an answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not a JID,
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the plugin does not run.
    pub fn invitation(&self, room: impl JidSelector) -> Result<Option<Invitation>, Error> {
        let room = room.bare("rooms.invitation")?;
        let invitations = invitations(&self.api)?;
        let received = invitations.pending().get(&room);
        Ok(received.map(|received| Invitation::new(&self.api, &invitations, received)))
    }
}

impl Room {
    /// Invites somebody to the room: to all their clients, or with a full JID to one.
    ///
    /// The invitation goes directly to whom it is for (XEP-0249), with the room's password if the user has entered with
    /// one. Into a room for members an owner or admin invites by making somebody a member first, unless they are something
    /// in the room already; everybody else asks the room to invite them (XEP-0045 §7.8.2).
    /// [`InviteOptions`] can choose the way.
    ///
    /// It returns when the session has the invitation. What becomes of it is told by
    /// [`RoomInviteFailed`](super::RoomInviteFailed) and [`RoomInviteDeclined`](super::RoomInviteDeclined), if anybody
    /// tells.
    ///
    /// ```no_run
    /// # use converse_muc::prelude::*;
    /// # async fn run(room: Room) -> Result<(), converse_core::Error> {
    /// room.invite("hecate@shakespeare.example", "This is the place for all good witches!").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for what cannot be invited or said,
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the setting `allow_muc_invitations` is off,
    /// those of [`entered`](Self::entered), and [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) when the room lets
    /// nobody be made a member.
    pub async fn invite(
        &self,
        recipient: impl JidSelector,
        options: impl Into<InviteOptions>,
    ) -> Result<(), Error> {
        let recipient = somebody(&recipient)?;
        let options = options.into();
        if !self.api.settings().read(&ALLOW_MUC_INVITATIONS)? {
            return Err(InvitationError::NotAllowed.into());
        }
        self.entered().await?;
        let mediated = match options.way {
            Way::Direct => false,
            Way::Mediated => true,
            Way::Any => self.admit(&recipient.to_bare()).await? == Way::Mediated,
        };
        self.send_invitation(recipient, options, mediated).await
    }

    /// Sees to it that somebody may enter; gives the way in which they are to be invited.
    async fn admit(&self, who: &BareJid) -> Result<Way, Error> {
        let (is_for_members, affiliation) = {
            let open = self.opened.open()?;
            let info = open.info.as_ref();
            let is_for_members = info.is_some_and(|info| info.has(RoomFeature::MembersOnly));
            (is_for_members, open.affiliation)
        };
        match affiliation {
            _ if !is_for_members => Ok(Way::Direct),
            Affiliation::Owner | Affiliation::Admin => {
                // Whoever is something in the room stays that.
                if self.members().await?.affiliation(who) == Affiliation::None {
                    self.set_affiliation(who, Affiliation::Member, None).await?;
                }
                Ok(Way::Direct)
            }
            _ => Ok(Way::Mediated),
        }
    }

    async fn send_invitation(
        &self,
        recipient: Jid,
        options: InviteOptions,
        mediated: bool,
    ) -> Result<(), Error> {
        let password = {
            let open = self.opened.open()?;
            let info = open.info.as_ref();
            let is_unsecured = info.is_some_and(|info| info.has(RoomFeature::Unsecured));
            let tells = !options.keeps_password && !is_unsecured;
            open.joining.password.clone().filter(|_| tells)
        };
        let id = self.api.environment().random.stanza_id();
        let stanza = if mediated {
            wire::invite_through_room(&recipient, self.jid(), &options)
        } else {
            wire::invite_directly(&recipient, self.jid(), &options, password.as_ref())
        };
        let stanza = stanza.attr("id", id.as_str()).build()?;
        // Before it goes out, so that no answer finds nothing.
        invitations(&self.api)?.sent().add(Sent {
            id,
            room: self.jid().clone(),
            recipient: recipient.clone(),
            mediated,
        });
        self.api.send_untracked(stanza).await?;
        self.api.publish(RoomInviteSent {
            room: self.clone(),
            recipient,
            reason: options.reason,
            mediated,
        });
        Ok(())
    }
}

/// The address of somebody, with the resource if there is one.
fn somebody(recipient: &impl JidSelector) -> Result<Jid, Error> {
    // For the error, and for the addresses that are no text.
    let bare = recipient.bare("room.invite")?;
    let given = Jid::new(recipient.as_given());
    let jid = given.unwrap_or_else(|_| bare.into());
    if jid.node().is_none() {
        return Err(InvitationError::NotSomebody { jid }.into());
    }
    Ok(jid)
}

fn invitations(api: &Api) -> Result<Arc<Invitations>, Error> {
    let provided = api.require::<Arc<Invitations>>("converse-muc")?;
    Ok(Arc::clone(&provided))
}
