//! One room.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jid::{BareJid, FullJid, ResourcePart, ResourceRef};
use ring::hmac;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::archive::Archive;
use super::super::dom::{Dom, name};
use super::form::RoomConfig;
use super::history::History;
use super::inviting::Invitations;
use super::rank::{Affiliation, Rank, Role};
use super::relaying::Relayed;
use super::standing::Standings;
use super::subject::Subject;

/// A room and everybody in it.
pub(super) struct Room {
    pub(super) jid: BareJid,
    pub(super) config: RoomConfig,
    /// Its owner has not said yet how it is to be (XEP-0045 §10.1).
    pub(super) locked: bool,
    pub(super) subject: Subject,
    pub(super) standings: Standings,
    pub(super) occupants: BTreeMap<ResourcePart, Occupant>,
    pub(super) history: History,
    pub(super) archive: Archive,
    pub(super) invitations: Invitations,
    pub(super) relayed: Relayed,
    /// What makes the ids of occupants other ones in every room (XEP-0421 §4).
    key: hmac::Key,
}

/// Somebody in a room, with all the clients they are there with.
pub(super) struct Occupant {
    pub(super) account: BareJid,
    pub(super) role: Role,
    /// The newest last; never empty.
    pub(super) clients: Vec<Presence>,
}

/// A client in a room, and what it says of itself.
#[derive(Debug, Clone)]
pub(super) struct Presence {
    pub(super) jid: FullJid,
    pub(super) stanza: Element,
}

impl Room {
    /// A room without anybody in it.
    pub(super) fn new(jid: BareJid, secret: &[u8; 32]) -> Self {
        Self {
            jid,
            config: RoomConfig::default(),
            locked: false,
            subject: Subject::default(),
            standings: Standings::default(),
            occupants: BTreeMap::new(),
            history: History::default(),
            archive: Archive::default(),
            invitations: Invitations::default(),
            relayed: Relayed::default(),
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// Who a client is in the room.
    pub(super) fn find(&self, jid: &FullJid) -> Option<(&ResourceRef, &Occupant)> {
        let mut occupants = self.occupants.iter();
        let (nick, occupant) = occupants.find(|(_, occupant)| occupant.has(jid))?;
        Some((nick, occupant))
    }

    /// The nick of a client that is in the room.
    pub(super) fn nick_of(&self, jid: &FullJid) -> Option<ResourcePart> {
        self.find(jid).map(|(nick, _)| nick.to_owned())
    }

    /// What a client may do: nothing as an occupant while it is not there.
    pub(super) fn rank(&self, jid: &FullJid) -> Rank {
        let role = self.find(jid);
        Rank {
            role: role.map_or(Role::None, |(_, occupant)| occupant.role),
            affiliation: self.standings.of(&jid.to_bare()),
        }
    }

    /// The same of an occupant.
    pub(super) fn rank_of(&self, occupant: &Occupant) -> Rank {
        Rank {
            role: occupant.role,
            affiliation: self.standings.of(&occupant.account),
        }
    }

    /// The role that somebody has by their affiliation.
    pub(super) fn role_by(&self, affiliation: Affiliation) -> Role {
        affiliation.role(self.config.is("moderatedroom"))
    }

    pub(super) fn address(&self, nick: &ResourceRef) -> FullJid {
        self.jid.with_resource(nick)
    }

    /// The clients of everybody in the room, with whether they see real JIDs (XEP-0045 §7.2.4).
    pub(super) fn clients(&self) -> Vec<(FullJid, bool)> {
        let open = self.config.is_open_about_jids();
        let occupants = self.occupants.values();
        occupants
            .flat_map(|occupant| {
                let sees = open || occupant.role == Role::Moderator;
                let clients = occupant.clients.iter();
                clients.map(move |client| (client.jid.clone(), sees))
            })
            .collect()
    }

    /// The mark by which occupants know each other again whatever their nicks are (XEP-0421 §3).
    pub(super) fn occupant_id(&self, account: &BareJid) -> Element {
        let tag = hmac::sign(&self.key, account.as_str().as_bytes());
        Element::bare("occupant-id", ns::OID).with(name::ID, &BASE64.encode(tag))
    }

    /// Whether nobody needs it any more.
    pub(super) fn is_over(&self) -> bool {
        self.occupants.is_empty() && !self.config.is("persistentroom")
    }
}

impl Occupant {
    pub(super) fn has(&self, jid: &FullJid) -> bool {
        self.clients.iter().any(|client| client.jid == *jid)
    }
}
