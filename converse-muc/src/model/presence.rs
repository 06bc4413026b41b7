//! What a presence from a room changes (XEP-0045 §7).

use converse_core::Error;
use converse_core::router::{Condition, ErrorType, StanzaError};
use jid::{BareJid, Jid};

use super::occupant::{Affiliation, Occupant, Role};
use super::room::State;
use super::status::{ConnectionStatus, Disconnection};
use crate::error::MucError;

/// How many occupants of a room are kept; more are let in by the room, and not seen.
pub(crate) const MAX_OCCUPANTS: usize = 50_000;

/// Status codes of XEP-0045 §15.6.
mod code {
    pub(super) const SELF: u16 = 110;
    pub(super) const BANNED: u16 = 301;
    pub(super) const NEW_NICK: u16 = 303;
    pub(super) const KICKED: u16 = 307;
    pub(super) const AFFILIATION_CHANGED: u16 = 321;
    pub(super) const MEMBERS_ONLY: u16 = 322;
    pub(super) const SHUTDOWN: u16 = 332;
    pub(super) const ERROR: u16 = 333;
}

/// A presence from a room or one of its occupants.
#[derive(Debug, Clone)]
pub(crate) struct RoomPresence {
    pub(crate) kind: PresenceKind,
    /// The nick in the address; `None` from the room itself.
    pub(crate) nick: Option<String>,
    pub(crate) item: Item,
    pub(crate) codes: Vec<u16>,
}

#[derive(Debug, Clone)]
pub(crate) enum PresenceKind {
    Available,
    /// Gone; with `destroyed`, the room is.
    Unavailable {
        destroyed: Option<Removal>,
    },
    /// Refused; where the room went, if it says so.
    Refused {
        error: StanzaError,
        moved: Option<BareJid>,
    },
}

/// The `<item/>` in a presence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) role: Role,
    pub(crate) affiliation: Affiliation,
    pub(crate) jid: Option<Jid>,
    pub(crate) nick: Option<String>,
    pub(crate) actor: Option<String>,
    pub(crate) reason: Option<String>,
}

/// How a room ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Removal {
    pub(crate) moved: Option<BareJid>,
    pub(crate) reason: Option<String>,
}

/// What a presence changed, to be announced.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Change {
    Status,
    Joined(Occupant),
    Changed(Occupant),
    Left(Occupant, Option<Disconnection>),
    Renamed(Occupant, String),
    /// Somebody else has the nick that was asked for.
    NickTaken,
}

impl RoomPresence {
    fn has(&self, code: u16) -> bool {
        self.codes.contains(&code)
    }
}

impl State {
    /// Takes a presence and says what it changed.
    pub(crate) fn take_presence(&mut self, presence: RoomPresence) -> Vec<Change> {
        let is_expected = match self.status {
            ConnectionStatus::Entered => true,
            ConnectionStatus::Connecting => self.requested.is_some(),
            _ => false,
        };
        if !is_expected {
            return Vec::new();
        }
        match presence.kind.clone() {
            PresenceKind::Available => self.take_available(presence),
            PresenceKind::Unavailable { destroyed } => self.take_unavailable(&presence, destroyed),
            PresenceKind::Refused { error, moved } => self.take_refusal(&presence, error, moved),
        }
    }

    /// Whether it is about the user. In the room that is who has the user's nick, so that status 110 on somebody else's
    /// presence gives nobody's rights to the user; on entering, the room may have given another nick than was asked for
    /// (XEP-0045 §7.2.3).
    fn is_own(&self, presence: &RoomPresence) -> bool {
        let own = match self.status {
            ConnectionStatus::Entered => &self.nick,
            _ if presence.has(code::SELF) => return presence.nick.is_some(),
            _ => &self.requested,
        };
        own.is_some() && *own == presence.nick
    }

    fn take_available(&mut self, presence: RoomPresence) -> Vec<Change> {
        let is_own = self.is_own(&presence);
        let Some(nick) = presence.nick else {
            return Vec::new();
        };
        let occupant = Occupant {
            nick: nick.clone(),
            role: presence.item.role,
            affiliation: presence.item.affiliation,
            real_jid: presence.item.jid,
        };
        let mut changes = Vec::new();
        let has_place = self.occupants.len() < MAX_OCCUPANTS;
        match self.occupants.get(&nick) {
            Some(known) if *known == occupant => {}
            Some(_) => changes.push(Change::Changed(occupant.clone())),
            None if has_place || is_own => changes.push(Change::Joined(occupant.clone())),
            None => return changes,
        }
        self.occupants.put(occupant);
        if is_own {
            self.nick = Some(nick);
            self.role = presence.item.role;
            self.affiliation = presence.item.affiliation;
            self.codes = presence.codes;
            if self.status != ConnectionStatus::Entered {
                self.status = ConnectionStatus::Entered;
                self.requested = None;
                changes.push(Change::Status);
            }
        }
        changes
    }

    fn take_unavailable(
        &mut self,
        presence: &RoomPresence,
        destroyed: Option<Removal>,
    ) -> Vec<Change> {
        let Some(nick) = presence.nick.clone() else {
            return Vec::new();
        };
        let is_entered = self.status == ConnectionStatus::Entered;
        if presence.has(code::NEW_NICK)
            && let Some(new) = presence.item.nick.clone()
        {
            return self.rename(&nick, new);
        }
        // While entering, an own presence of before may still come to its end.
        if self.is_own(presence) && (is_entered || presence.has(code::SELF)) {
            return self.leave(presence, destroyed);
        }
        match self.occupants.remove(&nick) {
            Some(occupant) => {
                let removal = removal(presence);
                vec![Change::Left(occupant, removal)]
            }
            None => Vec::new(),
        }
    }

    /// Somebody, maybe the user, has another nick (XEP-0045 §7.6).
    fn rename(&mut self, old: &str, new: String) -> Vec<Change> {
        if self.nick.as_deref() == Some(old) && self.status == ConnectionStatus::Entered {
            self.nick = Some(new.clone());
            self.wanted_nick = Some(new.clone());
            if let Some(renaming) = self.renaming.take_if(|renaming| renaming.nick == new) {
                // Nobody waits any more if the caller gave up.
                let _ = renaming.done.send(Ok(()));
            }
        }
        let renamed = self.occupants.rename(old, &new);
        let change = renamed.map(|occupant| Change::Renamed(occupant, old.to_owned()));
        change.into_iter().collect()
    }

    /// The user is not in the room any more (XEP-0045 §8.2, §9.1, §10.9).
    fn leave(&mut self, presence: &RoomPresence, destroyed: Option<Removal>) -> Vec<Change> {
        let left = removal(presence);
        self.status = ConnectionStatus::Disconnected;
        self.rejoins = presence.has(code::SHUTDOWN) || presence.has(code::ERROR);
        if presence.has(code::BANNED) {
            self.status = ConnectionStatus::Banned;
        }
        self.disconnection = Some(match destroyed {
            Some(Removal { moved, reason }) => {
                self.status = ConnectionStatus::Destroyed;
                self.moved_jid = moved;
                self.rejoins = false;
                Disconnection::new("destroyed", presence.item.actor.clone(), reason)
            }
            None => left
                .unwrap_or_else(|| Disconnection::new("left", None, presence.item.reason.clone())),
        });
        self.role = Role::None;
        self.affiliation = presence.item.affiliation;
        self.codes.clone_from(&presence.codes);
        self.occupants.clear();
        self.requested = None;
        self.renaming = None;
        vec![Change::Status]
    }

    /// The room does not want what was asked (XEP-0045 §7.2, §7.6). Who is in the room stays there.
    fn take_refusal(
        &mut self,
        presence: &RoomPresence,
        error: StanzaError,
        moved: Option<BareJid>,
    ) -> Vec<Change> {
        if self.status == ConnectionStatus::Entered {
            let refused = self.renaming.take_if(|renaming| {
                presence.nick.is_none() || presence.nick.as_deref() == Some(&renaming.nick)
            });
            if let Some(renaming) = refused {
                let error = match error.condition {
                    Condition::Conflict => MucError::NickTaken.into(),
                    _ => Error::from(error),
                };
                let _ = renaming.done.send(Err(error));
            }
            return Vec::new();
        }
        if presence.nick.is_some() && presence.nick != self.requested {
            return Vec::new();
        }
        let is_conflict = error.condition == Condition::Conflict;
        self.refuse(error, moved);
        if is_conflict {
            vec![Change::NickTaken]
        } else {
            vec![Change::Status]
        }
    }

    fn refuse(&mut self, error: StanzaError, moved: Option<BareJid>) {
        self.status = match error.condition {
            Condition::Conflict | Condition::NotAcceptable | Condition::JidMalformed => {
                ConnectionStatus::NicknameRequired
            }
            Condition::NotAuthorized => ConnectionStatus::PasswordRequired,
            Condition::Forbidden => ConnectionStatus::Banned,
            Condition::Gone => ConnectionStatus::Destroyed,
            _ => ConnectionStatus::Disconnected,
        };
        // What may be better later is tried again with the next session.
        self.rejoins = error.type_ == ErrorType::Wait;
        self.disconnection = Some(Disconnection::new(
            error.condition.as_str(),
            None,
            error.text,
        ));
        self.moved_jid = moved;
        self.requested = None;
        self.occupants.clear();
    }
}

/// Why somebody was made to leave, if they were.
fn removal(presence: &RoomPresence) -> Option<Disconnection> {
    let reasons = [
        (code::BANNED, "banned"),
        // Comes together with 307, and then nobody was kicked.
        (code::ERROR, "error"),
        (code::KICKED, "kicked"),
        (code::AFFILIATION_CHANGED, "affiliation-changed"),
        (code::MEMBERS_ONLY, "members-only"),
        (code::SHUTDOWN, "shutdown"),
    ];
    let (_, reason) = reasons.iter().find(|(code, _)| presence.has(*code))?;
    let item = &presence.item;
    Some(Disconnection::new(
        reason,
        item.actor.clone(),
        item.reason.clone(),
    ))
}
