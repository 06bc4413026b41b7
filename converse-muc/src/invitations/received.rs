//! An invitation as it came.

use chrono::{DateTime, Utc};
use converse_core::settings::Secret;
use jid::{BareJid, Jid};

/// What one message said.
#[derive(Debug, Clone)]
pub(super) struct Invite {
    /// Who invites. Of a mediated one this is what the room claims, and some rooms do not.
    pub(super) inviter: Option<Jid>,
    pub(super) reason: Option<String>,
    pub(super) password: Option<Secret>,
    /// Whether the room continues a chat.
    pub(super) continues: bool,
    pub(super) thread: Option<String>,
    /// Whether it is certain enough that a contact invites.
    pub(super) trusted: bool,
}

/// Everything that is known about the invitation to a room: what the inviter sent, what the room passed on, or both.
#[derive(Debug, Clone)]
pub(super) struct Received {
    /// Tells it from an earlier or a later one to the same room.
    pub(super) number: u64,
    pub(super) room: BareJid,
    pub(super) direct: Option<Invite>,
    pub(super) mediated: Option<Invite>,
    pub(super) time: DateTime<Utc>,
}

impl Received {
    /// What to show of it: what is more certain. One of the two is always there.
    fn first(&self) -> Option<&Invite> {
        let both = || [&self.direct, &self.mediated].into_iter().flatten();
        both().find(|invite| invite.trusted).or(both().next())
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.first().is_some_and(|invite| invite.trusted)
    }

    pub(super) fn inviter(&self) -> Option<&Jid> {
        self.first()?.inviter.as_ref()
    }

    pub(super) fn reason(&self) -> Option<&str> {
        self.first()?.reason.as_deref()
    }

    pub(super) fn continues(&self) -> bool {
        self.first().is_some_and(|invite| invite.continues)
    }

    pub(super) fn thread(&self) -> Option<&str> {
        self.first()?.thread.as_deref()
    }

    /// The room's password: as the more certain one says, else as the other.
    pub(super) fn password(&self) -> Option<&Secret> {
        let first = self.first().and_then(|invite| invite.password.as_ref());
        let both = [&self.mediated, &self.direct];
        first.or_else(|| {
            both.into_iter()
                .flatten()
                .find_map(|invite| invite.password.as_ref())
        })
    }

    /// To whom the room can be asked to say no. Direct invitations are declined by silence (XEP-0249 §2).
    pub(super) fn declined_to(&self) -> Option<&Jid> {
        self.mediated.as_ref()?.inviter.as_ref()
    }

    /// Adds what another message said about the same. What somebody said already stays, unless it is less certain.
    pub(super) fn merge(&mut self, other: Self) {
        for (old, new) in [
            (&mut self.direct, other.direct),
            (&mut self.mediated, other.mediated),
        ] {
            let replaces = match (&old, &new) {
                (Some(old), Some(new)) => new.trusted && !old.trusted,
                (None, Some(_)) => true,
                (_, None) => false,
            };
            if replaces {
                *old = new;
            }
        }
    }
}
