//! What a presence from a room changes (XEP-0045 §7).

use converse_core::contract::ChatStatus;
use converse_core::disco::Caps;
use converse_core::router::StanzaError;
use jid::{BareJid, Jid};

use super::hat::Hat;
use super::info::RoomFeature;
use super::occupant::{Affiliation, Occupant, OccupantAttributes, OccupantId, Role};
use super::occupants::Put;
use super::room::State;
use super::status::{ConnectionStatus, Disconnection};
use super::status_code::StatusCode;

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
    pub(crate) caps: Option<Caps>,
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

    fn take_available(&mut self, mut presence: RoomPresence) -> Vec<Change> {
        let is_own = self.is_own(&presence);
        let own_nick = if is_own { presence.nick.clone() } else { None };
        let mut changes = self.put_occupant(&mut presence, is_own);
        if let Some(nick) = own_nick {
            changes.extend(self.take_own(nick, &presence.item, presence.codes));
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
        // XEP-0115 §8.4: a presence without them takes nothing back.
        let caps = about.caps.or_else(|| {
            let known = self.occupants.get(&nick)?;
            known.caps.clone()
        });
        let occupant = Occupant::new(OccupantAttributes {
            nick,
            caps,
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
