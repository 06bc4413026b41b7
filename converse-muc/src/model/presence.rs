//! What a presence from a room changes (XEP-0045 §7).

use converse_core::Error;
use converse_core::contract::ChatStatus;
use converse_core::router::{Condition, ErrorType, StanzaError};
use jid::{BareJid, Jid};

use super::hat::Hat;
use super::info::RoomFeature;
use super::occupant::{Affiliation, Occupant, OccupantAttributes, OccupantId, Role};
use super::occupants::Put;
use super::room::State;
use super::status::{ConnectionStatus, Disconnection};
use crate::error::MucError;

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
    pub(crate) about: About,
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

/// What else a presence of an occupant tells.
#[derive(Debug, Clone, Default)]
pub(crate) struct About {
    pub(crate) show: ChatStatus,
    pub(crate) status: Option<Box<str>>,
    /// As it stands there: from a room that gives none, anybody may have written it.
    pub(crate) occupant_id: Option<OccupantId>,
    /// As they stand there: from a room that has none, anybody may have written them.
    pub(crate) hats: Box<[Hat]>,
    pub(crate) image_hash: Option<Box<str>>,
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

    fn take_available(&mut self, mut presence: RoomPresence) -> Vec<Change> {
        let is_own = self.is_own(&presence);
        let own_nick = presence.nick.clone().filter(|_| is_own);
        let mut changes = self.put_occupant(&mut presence, is_own);
        if let Some(nick) = own_nick {
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

    /// Somebody, maybe the user, is there.
    fn put_occupant(&mut self, presence: &mut RoomPresence, is_own: bool) -> Vec<Change> {
        let Some(nick) = presence.nick.take() else {
            return Vec::new();
        };
        let about = std::mem::take(&mut presence.about);
        let info = self.info.as_ref();
        let room_has = |feature| info.is_some_and(|info| info.has(feature));
        let hats = about.hats;
        let occupant = Occupant::new(OccupantAttributes {
            nick,
            role: presence.item.role,
            affiliation: presence.item.affiliation,
            real_jid: presence.item.jid.take(),
            // XEP-0421 §3.3: whoever the room lets pass may have forged it, unless the room says that it gives ids.
            occupant_id: about
                .occupant_id
                .filter(|_| room_has(RoomFeature::OccupantIds)),
            hats: if room_has(RoomFeature::Hats) {
                hats
            } else {
                Box::default()
            },
            show: about.show,
            status: about.status,
            image_hash: about.image_hash,
        });
        match self.occupants.put(occupant, is_own) {
            Put::Joined(occupant) => vec![Change::Joined(occupant)],
            Put::Changed(occupant) => vec![Change::Changed(occupant)],
            Put::Same | Put::Full => Vec::new(),
        }
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
