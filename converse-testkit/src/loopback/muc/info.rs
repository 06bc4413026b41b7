//! What the server shows of its rooms to who runs it.

use jid::{BareJid, FullJid};

use super::rank::{Affiliation, Role};
use super::room::Room;

/// One room, as [`Loopback::rooms`](super::super::Loopback::rooms) shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RoomInfo {
    /// Its address.
    pub jid: BareJid,
    /// Its name; empty unless it was given one.
    pub name: String,
    /// Its subject; empty unless it has one.
    pub subject: String,
    /// Whether it waits for its owner to say how it is to be (XEP-0045 §10.1).
    pub locked: bool,
    /// Who is there, by nick.
    pub occupants: Vec<OccupantInfo>,
    /// How people stand to it who are not nobody in particular, by JID.
    pub affiliations: Vec<(BareJid, Affiliation)>,
}

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OccupantInfo {
    /// The nick.
    pub nick: String,
    /// The clients they are there with.
    pub clients: Vec<FullJid>,
    /// What they may do there.
    pub role: Role,
    /// How they stand to the room.
    pub affiliation: Affiliation,
}

impl RoomInfo {
    /// Who has a nick.
    ///
    /// ```
    /// # use converse_testkit::loopback::{Role, RoomInfo};
    /// fn may_speak(room: &RoomInfo, nick: &str) -> bool {
    ///     room.occupant(nick).is_some_and(|occupant| occupant.role >= Role::Participant)
    /// }
    /// ```
    #[must_use]
    pub fn occupant(&self, nick: &str) -> Option<&OccupantInfo> {
        self.occupants.iter().find(|occupant| occupant.nick == nick)
    }

    pub(super) fn of(room: &Room) -> Self {
        let occupants = room.occupants.iter();
        let occupants = occupants.map(|(nick, occupant)| OccupantInfo {
            nick: nick.to_string(),
            clients: occupant
                .clients
                .iter()
                .map(|client| client.jid.clone())
                .collect(),
            role: occupant.role,
            affiliation: room.standings.of(&occupant.account),
        });
        Self {
            jid: room.jid.clone(),
            name: room.config.get("roomname").to_owned(),
            subject: room.subject.text(),
            locked: room.locked,
            occupants: occupants.collect(),
            affiliations: room.standings.all(),
        }
    }
}
