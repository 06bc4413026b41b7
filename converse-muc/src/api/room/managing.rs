//! Who may do what in a room: roles and affiliations.

use converse_core::Error;
use converse_core::api::JidSelector;
use converse_core::router::Stanza;
use converse_core::xml::ElementBuilder;
use futures_util::stream::{self, StreamExt};
use jid::ResourcePart;

use super::Room;
use crate::error::MucError;
use crate::managing::{
    Affiliate, Affiliates, AffiliationChange, Destruction, ManagingError, RoleHolder, in_call, wire,
};
use crate::model::{Affiliation, ConnectionStatus, Role};

/// How many changes of a list wait for their answers at once.
const MAX_AT_ONCE: usize = 20;

impl Room {
    /// Gives an occupant another role (XEP-0045 §8, §9.6, §9.7); [`Role::None`] sends the occupant away.
    ///
    /// It returns when the room has done it, or has refused; the occupants are told by
    /// [`OccupantChanged`](crate::message::OccupantChanged).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) with the
    /// [`StanzaError`](converse_core::router::StanzaError) as its cause when the room refuses, as `forbidden` for who is no
    /// moderator and `not-allowed` for an occupant who is more than the user;
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a nick that cannot be one;
    /// [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout) after the setting `iq_timeout`;
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected);
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn set_role(
        &self,
        nick: &str,
        role: Role,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        self.change_role("room.set_role", nick, role, reason).await
    }

    /// Sends an occupant away; who is not banned can come back (XEP-0045 §8.2).
    ///
    /// # Errors
    ///
    /// As [`set_role`](Self::set_role).
    pub async fn kick(&self, nick: &str, reason: Option<&str>) -> Result<(), Error> {
        self.change_role("room.kick", nick, Role::None, reason)
            .await
    }

    /// Lets a visitor talk (XEP-0045 §8.3).
    ///
    /// # Errors
    ///
    /// As [`set_role`](Self::set_role).
    pub async fn grant_voice(&self, nick: &str, reason: Option<&str>) -> Result<(), Error> {
        self.change_role("room.grant_voice", nick, Role::Participant, reason)
            .await
    }

    /// Lets a participant only listen (XEP-0045 §8.4).
    ///
    /// # Errors
    ///
    /// As [`set_role`](Self::set_role).
    pub async fn revoke_voice(&self, nick: &str, reason: Option<&str>) -> Result<(), Error> {
        self.change_role("room.revoke_voice", nick, Role::Visitor, reason)
            .await
    }

    /// The occupants of a role, as the room lists them for moderators (XEP-0045 §8.5, §9.8): also those whose presence the
    /// room does not show. Items that are malformed are left out; at most 100,000.
    ///
    /// # Errors
    ///
    /// As [`set_role`](Self::set_role); [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for
    /// [`Role::None`], of which there is no list.
    pub async fn role_holders(&self, role: Role) -> Result<Vec<RoleHolder>, Error> {
        if role == Role::None {
            return Err(ManagingError::NoList.into());
        }
        let question = wire::ask_roles(self.jid(), role);
        let answer = self.request("room.role_holders", question).await?;
        Ok(wire::read_role_holders(&answer, role))
    }

    /// Gives somebody another affiliation (XEP-0045 §9, §10.3 to §10.8), who need not be in the room. The resource of an
    /// address is ignored.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_muc::prelude::*;
    /// # async fn run(room: Room) -> Result<(), Error> {
    /// let nurse = "nurse@capulet.example";
    /// room.set_affiliation(nurse, Affiliation::Member, Some("she keeps the door")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`set_role`](Self::set_role); [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is
    /// no JID, or one of the room and not of a person. Rooms answer `forbidden` to who is no admin, `not-allowed` for somebody who is more than the
    /// user, and `conflict` to who would ban himself, or be the last owner and no owner any more.
    pub async fn set_affiliation(
        &self,
        jid: impl JidSelector,
        affiliation: Affiliation,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let call = "room.set_affiliation";
        let change = AffiliationChange::new(jid.bare(call)?, affiliation);
        let change = change.reason(reason.unwrap_or_default());
        self.change_affiliation(call, &change).await
    }

    /// Bans somebody, who is sent away and cannot come back (XEP-0045 §9.1). An address without a local part bans everybody
    /// of a domain.
    ///
    /// # Errors
    ///
    /// As [`set_affiliation`](Self::set_affiliation).
    pub async fn ban(&self, jid: impl JidSelector, reason: Option<&str>) -> Result<(), Error> {
        let call = "room.ban";
        let change = AffiliationChange::new(jid.bare(call)?, Affiliation::Outcast);
        let change = change.reason(reason.unwrap_or_default());
        self.change_affiliation(call, &change).await
    }

    /// Changes the affiliations of several people, and of nobody else. The answers are in the order of the changes.
    ///
    /// Each is a request of its own: there are servers that do the first item of a request and say that all is done. At
    /// most 20 wait for their answers at once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed); in the list, those of
    /// [`set_affiliation`](Self::set_affiliation).
    pub async fn set_affiliations(
        &self,
        changes: impl IntoIterator<Item = AffiliationChange>,
    ) -> Result<Vec<Result<(), Error>>, Error> {
        drop(self.opened.open()?);
        let changes: Vec<AffiliationChange> = changes.into_iter().collect();
        let done = stream::iter(&changes)
            .map(|change| self.change_affiliation("room.set_affiliations", change))
            .buffered(MAX_AT_ONCE);
        Ok(done.collect().await)
    }

    /// Everybody who has an affiliation (XEP-0045 §9.2, §9.5, §10.5, §10.8). Items that are malformed or of another
    /// list are left out; at most 100,000.
    ///
    /// A room that keeps the user up to date about its lists (XEP-0463) is not asked.
    ///
    /// # Errors
    ///
    /// As [`set_role`](Self::set_role); [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for
    /// [`Affiliation::None`], of which there is no list.
    pub async fn affiliations(&self, affiliation: Affiliation) -> Result<Vec<Affiliate>, Error> {
        if affiliation == Affiliation::None {
            return Err(ManagingError::NoList.into());
        }
        let kept = {
            let is_here = self.opened.open()?.status == ConnectionStatus::Entered;
            is_here.then(|| self.opened.lists.list(affiliation))
        };
        if let Some(list) = kept.flatten() {
            return Ok(list);
        }
        let question = wire::ask_affiliations(self.jid(), affiliation);
        let answer = self.request("room.affiliations", question).await?;
        Ok(wire::read_affiliates(&answer, affiliation))
    }

    /// The members, owners and admins of the room. Lists that the room refuses to show to the user are named in the answer.
    ///
    /// # Errors
    ///
    /// As [`affiliations`](Self::affiliations), except that a refusal is none.
    pub async fn members(&self) -> Result<Affiliates, Error> {
        let lists = [Affiliation::Member, Affiliation::Owner, Affiliation::Admin];
        let [member, owner, admin] = lists.map(|list| self.affiliations(list));
        let (member, owner, admin) = tokio::join!(member, owner, admin);
        let mut all = Affiliates::default();
        for (list, answer) in lists.into_iter().zip([member, owner, admin]) {
            all.take(list, answer)?;
        }
        Ok(all)
    }

    /// Destroys the room (XEP-0045 §10.9): everybody is sent away, and told why and where to go.
    ///
    /// # Errors
    ///
    /// As [`set_role`](Self::set_role), as `forbidden` for who is no owner.
    pub async fn destroy(&self, end: impl Into<Destruction>) -> Result<(), Error> {
        let request = wire::destroy(self.jid(), &end.into());
        self.request("room.destroy", request).await.map(drop)
    }

    async fn change_role(
        &self,
        call: &'static str,
        nick: &str,
        role: Role,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let nick = ResourcePart::new(nick).map_err(|_| MucError::BadNick)?;
        let request = wire::set_role(self.jid(), nick.as_str(), role, reason);
        self.request(call, request).await.map(drop)
    }

    async fn change_affiliation(
        &self,
        call: &'static str,
        change: &AffiliationChange,
    ) -> Result<(), Error> {
        if change.jid == *self.jid() {
            return Err(ManagingError::NotAPerson.into());
        }
        let request = wire::set_affiliation(self.jid(), change);
        self.request(call, request).await.map(drop)
    }

    /// Asks the room for something; the user need not be in it.
    pub(super) async fn request(
        &self,
        call: &'static str,
        request: ElementBuilder,
    ) -> Result<Stanza, Error> {
        drop(self.opened.open()?);
        in_call(call, self.jid(), self.api.iq(request).await)
    }
}
