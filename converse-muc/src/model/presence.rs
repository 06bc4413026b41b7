//! What a presence from a room changes (XEP-0045 §7).

use converse_core::router::StanzaError;
use jid::{BareJid, Jid};

use super::occupant::{Affiliation, Occupant, Role};
use super::room::State;
use super::status::{ConnectionStatus, Disconnection};
use super::status_code::StatusCode;

/// How many occupants of a room are kept; more are let in by the room, and not seen.
pub(crate) const MAX_OCCUPANTS: usize = 10_000;

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
    /// The room said something about itself to the user.
    Notice(Vec<StatusCode>),
    /// The user has created the room by entering it.
    Created,
    /// Somebody else has the nick that was asked for.
    NickTaken(StanzaError),
    /// The room did not take a presence of somebody who is in the room, as far as is known here.
    Doubt,
}

impl RoomPresence {
    pub(super) fn has(&self, code: StatusCode) -> bool {
        self.codes.contains(&code.number())
    }
}

impl State {
    /// Takes a presence and says what it changed.
    pub(crate) fn take_presence(&mut self, presence: RoomPresence) -> Vec<Change> {
        let is_expected = match self.status {
            ConnectionStatus::Entered => true,
            ConnectionStatus::Connecting => self.joining.requested().is_some(),
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
            ConnectionStatus::Entered => self.nick.as_deref(),
            _ if presence.has(StatusCode::SelfPresence) => return presence.nick.is_some(),
            _ => self.joining.requested(),
        };
        own.is_some() && own == presence.nick.as_deref()
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
            real_jid: presence.item.jid.clone(),
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
            changes.extend(self.take_own(nick, &presence.item, presence.codes));
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
        if presence.has(StatusCode::NewNick)
            && let Some(new) = presence.item.nick.clone()
        {
            return self.rename(&nick, new);
        }
        if self.is_own(presence) {
            // While entering, an own presence of before may still come to its end.
            let is_sent_away = destroyed.is_some() || removal(presence).is_some();
            return if is_entered || (is_sent_away && presence.has(StatusCode::SelfPresence)) {
                self.leave(presence, destroyed)
            } else {
                Vec::new()
            };
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
            self.take_own_nick(&new);
        }
        match self.occupants.rename(old, &new) {
            Some(occupant) => vec![Change::Renamed(occupant, old.to_owned())],
            None => Vec::new(),
        }
    }
}

/// Why somebody was made to leave, if they were.
pub(super) fn removal(presence: &RoomPresence) -> Option<Disconnection> {
    let reasons = [
        (StatusCode::Banned, "banned"),
        // Comes together with 307, and then nobody was kicked.
        (StatusCode::Error, "error"),
        (StatusCode::Kicked, "kicked"),
        (StatusCode::AffiliationChanged, "affiliation-changed"),
        (StatusCode::MembersOnly, "members-only"),
        (StatusCode::Shutdown, "shutdown"),
    ];
    let (_, reason) = reasons.iter().find(|(code, _)| presence.has(*code))?;
    let item = &presence.item;
    Some(Disconnection::new(
        reason,
        item.actor.clone(),
        item.reason.clone(),
    ))
}
