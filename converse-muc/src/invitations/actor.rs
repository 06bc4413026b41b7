//! The actor: hears who invites the user, and what became of whom the user has invited.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::Error;
use converse_core::api::Api;
use converse_core::bus::{Handled, Hears};
use converse_core::contract::{
    BlockList, ContactDirectory, EnterRoom, InvitationCopy, Standing, sent_at,
};
use converse_core::router::{HearsStanzas, Stanza, StanzaError};
use converse_core::session::event::SessionStarted;
use jid::{BareJid, Jid};

use super::handle::Invitation;
use super::message::{RoomInviteDeclined, RoomInviteFailed, RoomInviteReceived};
use super::pending::Taken;
use super::received::{Invite, Received};
use super::shared::Invitations;
use super::wire::{self, Declined, Read};
use crate::message::RoomStatusChanged;
use crate::model::{ConnectionStatus, Registry};
use crate::settings::AUTO_JOIN_ON_INVITE;

/// Into how many rooms the user is brought by invitations alone, a minute.
const MAX_JOINED: usize = 10;

pub(super) struct InvitationsActor {
    api: Api,
    registry: Arc<Registry>,
    invitations: Arc<Invitations>,
    /// Whose invitations these are.
    account: Option<BareJid>,
    /// When the setting `auto_join_on_invite` said yes last.
    joined: VecDeque<DateTime<Utc>>,
}

impl InvitationsActor {
    pub(super) fn new(api: Api, registry: Arc<Registry>, invitations: Arc<Invitations>) -> Self {
        Self {
            api,
            registry,
            invitations,
            account: None,
            joined: VecDeque::new(),
        }
    }
}

// 1 events heard

impl Hears<SessionStarted> for InvitationsActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        let account = Some(event.jid.to_bare());
        if self.account != account {
            self.invitations.clear();
            self.account = account;
        }
        Ok(())
    }
}

impl Hears<RoomStatusChanged> for InvitationsActor {
    /// Who is in a room needs no invitation to it any more.
    async fn hear(&mut self, event: Arc<RoomStatusChanged>) -> Handled {
        if event.status == ConnectionStatus::Entered {
            self.invitations.pending().remove_room(event.chatbox.jid());
        }
        Ok(())
    }
}

// 2 stanzas

impl HearsStanzas for InvitationsActor {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let now = self.api.environment().clock.now();
        if stanza.type_().as_deref() == Some("error") {
            self.take_error(&stanza);
            return Ok(());
        }
        let time = sent_at(stanza.root(), now).unwrap_or(now);
        self.take_message(&stanza, time, now).await?;
        Ok(())
    }
}

impl Hears<InvitationCopy> for InvitationsActor {
    /// The server gave it to another client, to which the user may not be looking.
    async fn hear(&mut self, copy: Arc<InvitationCopy>) -> Handled {
        let stanza = Stanza::from_element(copy.message.clone())?;
        let type_ = stanza.type_();
        if wire::TYPES.contains(&type_.as_deref().unwrap_or("normal")) {
            let now = self.api.environment().clock.now();
            let time = copy.sent_at.unwrap_or(now);
            self.take_message(&stanza, time, now).await?;
        }
        Ok(())
    }
}

fn received(
    room: BareJid,
    direct: Option<Invite>,
    mediated: Option<Invite>,
    time: DateTime<Utc>,
) -> Received {
    Received {
        number: 0,
        room,
        direct,
        mediated,
        time,
    }
}

// 3 private

impl InvitationsActor {
    async fn take_message(
        &mut self,
        stanza: &Stanza,
        time: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        match wire::read(stanza) {
            Some(Read::Direct(room, invite)) => {
                let invite = self.weigh_direct(invite);
                self.take(received(room, Some(invite), None, time), now)
                    .await?;
            }
            Some(Read::Mediated(room, invite)) => {
                let invite = self.weigh_mediated(&room, invite);
                self.take(received(room, None, Some(invite), time), now)
                    .await?;
            }
            Some(Read::Declined(declined)) => self.take_decline(declined),
            None => {}
        }
        Ok(())
    }

    async fn take(&mut self, received: Received, now: DateTime<Utc>) -> Result<(), Error> {
        if self.is_there(&received.room) || self.is_unwelcome(&received) {
            tracing::debug!(room = %received.room, "an invitation is ignored");
            return Ok(());
        }
        let taken = self.invitations.pending().take(received, now);
        let (received, is_new) = match taken {
            Taken::New(received) => (received, true),
            Taken::Merged(received) => (received, false),
            Taken::Refused => {
                tracing::debug!("too many strangers invite; an invitation is dropped");
                return Ok(());
            }
        };
        if is_new {
            let shown = Arc::clone(&received);
            let invitation = Invitation::new(&self.api, &self.invitations, shown);
            self.api.publish(RoomInviteReceived { invitation });
        }
        if received.is_trusted()
            && self.api.settings().read(&AUTO_JOIN_ON_INVITE)?
            && self.may_join(now)
        {
            self.join(&received).await?;
        }
        Ok(())
    }

    /// Accepts an invitation in the user's place, when it is its turn among the rooms that are entered by themselves.
    async fn join(&self, received: &Received) -> Result<(), Error> {
        let mut request = EnterRoom::new(received.room.clone());
        if let Some(password) = received.password() {
            request = request.password(password.expose());
        }
        self.api.bus().call(request).await??;
        self.invitations.pending().remove(received.number);
        Ok(())
    }

    /// XEP-0249 §5: an invitation to where the user is says nothing.
    fn is_there(&self, room: &BareJid) -> bool {
        let room = self.registry.get(room);
        room.is_some_and(|room| {
            matches!(
                room.any().status,
                ConnectionStatus::Entered | ConnectionStatus::Connecting
            )
        })
    }

    /// Whether the room or who invites is blocked (XEP-0191); the server knows nothing of who a room says that invites.
    fn is_unwelcome(&self, received: &Received) -> bool {
        let Some(blocked) = self.api.provided::<BlockList>() else {
            return false;
        };
        let inviter = received.inviter().map(Jid::to_bare);
        blocked.is_blocked(&received.room)
            || inviter.is_some_and(|inviter| blocked.is_blocked(&inviter))
    }

    /// The sender of a direct invitation is certain. Which occupant of a room it is counts, else which account.
    fn weigh_direct(&self, mut invite: Invite) -> Invite {
        if let Some(from) = invite.inviter.take() {
            let bare = from.to_bare();
            invite.trusted = self.is_known(&bare);
            let is_occupant = self.registry.get(&bare).is_some();
            invite.inviter = Some(if is_occupant { from } else { bare.into() });
        }
        invite
    }

    /// Who invites through a room is what the room says: the rooms of the own server are believed.
    fn weigh_mediated(&self, room: &BareJid, mut invite: Invite) -> Invite {
        if let Some(from) = invite.inviter.take() {
            let bare = from.to_bare();
            let is_known = self.is_known(&bare);
            invite.trusted = is_known && self.is_of_own_server(room);
            invite.inviter = Some(if is_known { bare.into() } else { from });
        }
        invite
    }

    /// Whether somebody is a contact, or the user with another client.
    fn is_known(&self, jid: &BareJid) -> bool {
        let contacts = self.api.provided::<ContactDirectory>();
        self.account.as_ref() == Some(jid)
            || contacts
                .is_some_and(|contacts| matches!(contacts.standing(jid), Standing::Contact(_)))
    }

    /// Whether a room is on a domain of the own server: its own, or one below it.
    fn is_of_own_server(&self, room: &BareJid) -> bool {
        let own = self
            .account
            .as_ref()
            .map(|account| account.domain().as_str());
        let parent = own.and_then(|own| room.domain().as_str().strip_suffix(own));
        parent.is_some_and(|service| service.is_empty() || service.ends_with('.'))
    }

    /// Whether the user may be brought into one more room without being asked.
    fn may_join(&mut self, now: DateTime<Utc>) -> bool {
        self.joined
            .retain(|joined| now - *joined < TimeDelta::minutes(1));
        let may = self.joined.len() < MAX_JOINED;
        if may {
            self.joined.push_back(now);
        }
        may
    }

    /// Somebody does not want to come. Who was not invited from here has nothing to decline.
    fn take_decline(&self, declined: Declined) {
        let Declined { room, by, reason } = declined;
        if self.invitations.sent().declined(&room, &by).is_none() {
            tracing::debug!(%room, "somebody declines what nobody has offered");
            return;
        }
        self.api.publish(RoomInviteDeclined {
            room,
            from: by.to_bare().into(),
            reason,
        });
    }

    /// What was sent did not arrive.
    fn take_error(&self, stanza: &Stanza) {
        let (Some(id), Some(from)) = (stanza.id(), stanza.from()) else {
            return;
        };
        let Some(sent) = self.invitations.sent().failed(&id, from) else {
            return;
        };
        self.api.publish(RoomInviteFailed {
            room: sent.room,
            recipient: sent.recipient,
            error: StanzaError::of(stanza.root()),
        });
    }
}
