//! What the account's other clients send and receive.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::api::Api;
use converse_core::contract::{CopiedSide, InvitationCopy, OccupantCopy, RoomDirectory};
use converse_core::ns;
use converse_core::router::Stanza;
use jid::{BareJid, Jid};

use super::{ChatActor, Filed};
use crate::carbons::{self, Copied, Side, Unwrapped};
use crate::forwarding;
use crate::settings::FORWARD_MESSAGES;
use converse_messages::model::SentBy;

/// Under what it is noted that the session has copies, for a process that goes on with it.
pub(super) const NOTE: &str = "converse-chat/carbons";

/// A message, and how it came here.
pub(super) struct Arrival {
    pub(super) stanza: Stanza,
    /// Another client sent or received it, and this one got a copy.
    pub(super) copied: Option<Side>,
    /// When it was sent, if whoever made the copy knows.
    pub(super) sent_at: Option<DateTime<Utc>>,
}

impl Arrival {
    /// As it came, whatever is in it.
    pub(super) fn plain(stanza: Stanza) -> Self {
        Self {
            stanza,
            copied: None,
            sent_at: None,
        }
    }

    /// From whom it is, in the chat with whom it belongs, and who of the two wrote it.
    ///
    /// An address that is left out is that of the account (RFC 6120 §8.1).
    pub(super) fn parties(&self, own: &BareJid) -> (Jid, BareJid, SentBy) {
        let bare = |jid: Option<&Jid>| jid.map_or_else(|| own.clone(), Jid::to_bare);
        let from = self.stanza.from().cloned();
        let from = from.unwrap_or_else(|| Jid::from(own.clone()));
        if self.copied == Some(Side::Sent) {
            return (from, bare(self.stanza.to()), SentBy::Me);
        }
        let peer = from.to_bare();
        let sender = if peer == *own {
            SentBy::Me
        } else {
            SentBy::Them
        };
        (from, peer, sender)
    }
}

impl From<Copied> for Arrival {
    fn from(copied: Copied) -> Self {
        Self {
            stanza: copied.message,
            copied: Some(copied.side),
            sent_at: copied.stamp,
        }
    }
}

impl ChatActor {
    /// The message that a stanza brings; `None` if it says that it is a copy and is none that may be believed.
    pub(super) fn arrival(&self, stanza: Stanza, own: &Jid, account: &BareJid) -> Option<Arrival> {
        // An error has in it what was sent.
        if stanza.type_().as_deref() == Some("error") {
            return Some(Arrival::plain(stanza));
        }
        let now = self.api.environment().clock.now();
        match carbons::unwrap(&stanza, account, now) {
            Unwrapped::Copy(copied) => Some(copied.into()),
            Unwrapped::Refused(reason) => {
                let from = stanza.from().map(Jid::as_str);
                tracing::warn!(from, reason, "a copy of a message is not to be believed");
                None
            }
            Unwrapped::Plain => {
                let settings = self.api.settings();
                let is_on = || settings.read(&FORWARD_MESSAGES).unwrap_or_default();
                let forwarded = forwarding::read(&stanza, own, now).filter(|_| is_on());
                Some(forwarded.map_or_else(|| Arrival::plain(stanza), Arrival::from))
            }
        }
    }
}

impl ChatActor {
    /// An invitation to a room that another client got is for whoever keeps the rooms. Gives whether the message is nothing
    /// else: what a room says about one is nobody's message, what comes with a direct one is its sender's.
    pub(super) fn is_invitation(&self, arrival: &Arrival) -> bool {
        let message = arrival.stanza.root();
        if arrival.copied == Some(Side::Received) && InvitationCopy::fits(message) {
            let message = arrival.stanza.element().clone();
            self.api
                .publish(InvitationCopy::new(message, arrival.sent_at));
        }
        InvitationCopy::is_of_room(message)
    }

    /// What was written to an occupant of a room, or by one, is for whoever keeps the rooms; the message, if it is no such.
    pub(super) fn hand_over(&self, arrival: Arrival, filed: Option<&Filed>) -> Option<Arrival> {
        let (side, other) = match arrival.copied {
            Some(Side::Sent) => (CopiedSide::Sent, arrival.stanza.to()),
            Some(Side::Received) => (CopiedSide::Received, arrival.stanza.from()),
            None => return Some(arrival),
        };
        let rooms = self.api.provided::<RoomDirectory>();
        let other = other.filter(|other| {
            let is_room = |rooms: Arc<RoomDirectory>| rooms.contains(&other.to_bare());
            rooms.is_some_and(is_room)
        });
        let Some(other) = other else {
            return Some(arrival);
        };
        // What another client told the room itself is nothing that anybody said.
        if other.resource().is_some() {
            let message = arrival.stanza.element().clone();
            let copy = OccupantCopy::new(side, message, arrival.sent_at);
            self.api.publish(match filed {
                Some(filed) => copy.archived(&filed.id),
                None => copy,
            });
        }
        None
    }
}

/// Asks the server for copies if it makes any (XEP-0280 §3, §4).
///
/// Whether it makes them now.
pub(super) async fn enable(api: Api) -> bool {
    match api.disco().server().await {
        Ok(info) if info.has(ns::CARBONS) => {}
        Ok(_) => return false,
        Err(error) => {
            tracing::debug!(%error, "whether the server makes copies of messages is not known");
            return false;
        }
    }
    match api.iq(carbons::request()).await {
        Ok(_) => {
            api.session().note(NOTE, Some(String::new())).await;
            true
        }
        Err(error) => {
            tracing::warn!(%error, "the server makes no copies of messages");
            false
        }
    }
}
