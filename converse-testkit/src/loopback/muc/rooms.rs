//! The service: all rooms, and which of them a stanza is for.

use std::collections::BTreeMap;

use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::archive::Archive;
use super::super::config::Config;
use super::super::dom::{Dom, Refusal};
use super::entering::stranger;
use super::info::RoomInfo;
use super::rank::Affiliation;
use super::room::Room;
use super::turn::Turn;

/// All rooms of the server.
pub(in super::super) struct Rooms {
    pub(in super::super) service: BareJid,
    rooms: BTreeMap<BareJid, Room>,
}

impl Rooms {
    /// A service at `conference.` of the domain, with rooms that are there from the start: the address and the owner of each.
    pub(in super::super) fn new(config: &Config, given: &[(BareJid, BareJid)]) -> Self {
        let mut rooms = Self {
            service: config.rooms.clone(),
            rooms: BTreeMap::new(),
        };
        for (jid, owner) in given {
            let room = rooms.create(config, jid, owner);
            room.locked = false;
            room.config.set("persistentroom", "1");
        }
        rooms
    }

    fn create(&mut self, config: &Config, jid: &BareJid, owner: &BareJid) -> &mut Room {
        let mut secret = [0; 32];
        config.environment.random.fill(&mut secret);
        let room = self.rooms.entry(jid.clone());
        let room = room.or_insert_with(|| Room::new(jid.clone(), &secret));
        room.standings.set(owner, Affiliation::Owner, None);
        room.locked = true;
        room
    }

    /// Whether an address is the service, a room, or somebody in a room.
    pub(in super::super) fn answers_for(&self, jid: &Jid) -> bool {
        jid.domain() == self.service.domain()
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    pub(super) fn get(&self, jid: &BareJid) -> Option<&Room> {
        self.rooms.get(jid)
    }

    pub(super) fn find(&mut self, to: &Jid) -> Result<&mut Room, Refusal> {
        let room = self.rooms.get_mut(&to.to_bare());
        room.ok_or_else(|| DefinedCondition::ItemNotFound.into())
    }

    /// Takes away a room that has ended.
    pub(super) fn end(&mut self, jid: &BareJid) {
        self.rooms.remove(jid);
    }

    /// Handles a presence of a client.
    pub(super) fn presence(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        to: &Jid,
        stanza: &Element,
    ) -> Result<(), Refusal> {
        match stanza.kind() {
            None => self.appear(turn, jid, to, stanza)?,
            Some("unavailable") => self.leave(turn, jid, Some(&to.to_bare()), Some(stanza)),
            Some("error") => {
                if let Ok(room) = self.find(to) {
                    room.forget_ghost(turn, jid, stanza);
                }
                self.tidy(&to.to_bare());
            }
            // Rooms have no subscribers, and who is in them is told without being asked.
            Some("probe" | "unsubscribe" | "unsubscribed") => {}
            Some(_) => return Err(DefinedCondition::ServiceUnavailable.into()),
        }
        Ok(())
    }

    fn appear(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        to: &Jid,
        stanza: &Element,
    ) -> Result<(), Refusal> {
        let bare = to.to_bare();
        if to.node().is_none() {
            return Err(DefinedCondition::ServiceUnavailable.into());
        }
        let nick = to.resource().ok_or(DefinedCondition::JidMalformed)?;
        if let Some(room) = self.rooms.get_mut(&bare) {
            return room.appear(turn, jid, nick, stanza);
        }
        if !stanza.has_child("x", ns::MUC) {
            turn.send(jid.clone(), stranger(&bare.with_resource(nick)));
            return Ok(());
        }
        if nick.as_str().trim().is_empty() {
            return Err(DefinedCondition::NotAcceptable.into());
        }
        if self.rooms.len() >= turn.config.limits.rooms {
            return Err(DefinedCondition::ResourceConstraint.into());
        }
        let room = self.create(turn.config, &bare, &jid.to_bare());
        room.enter(turn, jid, nick, stanza, &[201]);
        Ok(())
    }

    /// A client leaves a room, or all of them.
    pub(super) fn leave(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        room: Option<&BareJid>,
        last: Option<&Element>,
    ) {
        let left: Vec<BareJid> = self
            .rooms
            .values()
            .filter(|known| room.is_none_or(|room| known.jid == *room))
            .filter(|known| known.find(jid).is_some())
            .map(|known| known.jid.clone())
            .collect();
        for left in left {
            if let Some(room) = self.rooms.get_mut(&left) {
                room.leave(turn, jid, last, &[]);
            }
            self.tidy(&left);
        }
    }

    /// Lets a room go that nobody needs any more.
    pub(super) fn tidy(&mut self, jid: &BareJid) {
        if self.rooms.get(jid).is_some_and(Room::is_over) {
            self.rooms.remove(jid);
        }
    }

    /// Handles a message of a client.
    pub(super) fn message(
        &mut self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        to: &Jid,
        message: Element,
    ) -> Result<(), Refusal> {
        if to.node().is_none() {
            return Err(DefinedCondition::ServiceUnavailable.into());
        }
        let room = self.find(to)?;
        let heard = match to.resource() {
            Some(nick) => room.whisper(turn, jid, nick, message),
            None => room.hear(turn, jid, message),
        };
        self.tidy(&to.to_bare());
        heard
    }

    /// Tells everybody in every room that the server stops.
    pub(super) fn shut_down(&mut self, turn: &mut Turn<'_>) {
        for room in self.rooms.values_mut() {
            room.shut_down(turn);
        }
    }

    /// The archive of a room.
    pub(in super::super) fn archive_of(&mut self, room: &BareJid) -> Option<&mut Archive> {
        self.rooms.get_mut(room).map(|room| &mut room.archive)
    }

    pub(in super::super) fn infos(&self) -> Vec<RoomInfo> {
        self.all().map(RoomInfo::of).collect()
    }
}
