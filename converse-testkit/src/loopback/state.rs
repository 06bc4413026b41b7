//! Everything the server knows. One lock guards it; nothing in it waits.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use jid::{BareJid, FullJid, Jid, ResourceRef};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stream_error::{DefinedCondition as StreamCondition, StreamError};

use super::archive::{Archive, Preferences};
use super::caps::Known;
use super::config::Config;
use super::dom::Packet;
use super::muc::Rooms;
use super::outbox::{End, Outbox};
use super::private_storage::PrivateStorage;
use super::pubsub::Nodes;
use super::roster::Roster;
use super::sasl::Verifier;
use super::session::Session;

/// Which session, for as long as the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SessionId(pub(super) u64);

/// One account.
pub(super) struct Account {
    /// What proves who logs in; nobody can log in to an anonymous account again.
    pub(super) verifier: Option<Arc<Verifier>>,
    pub(super) roster: Roster,
    pub(super) offline: VecDeque<Element>,
    pub(super) archive: Archive,
    /// What of it is archived.
    pub(super) preferences: Preferences,
    pub(super) nodes: Nodes,
    pub(super) vcard: Option<Element>,
    pub(super) private: PrivateStorage,
    pub(super) blocked: BTreeSet<Jid>,
    /// When the last available resource left, and what it said.
    pub(super) left: Option<(DateTime<Utc>, String)>,
    /// Messages of which the other resources have copies: whom they went to, and their ids.
    pub(super) copied: VecDeque<(Jid, String)>,
    /// Bound sessions by resource.
    pub(super) resources: BTreeMap<String, SessionId>,
}

impl Account {
    pub(super) fn new(verifier: Option<Verifier>) -> Self {
        Self {
            verifier: verifier.map(Arc::new),
            roster: Roster::default(),
            offline: VecDeque::new(),
            archive: Archive::default(),
            preferences: Preferences::default(),
            nodes: Nodes::default(),
            vcard: None,
            private: PrivateStorage::default(),
            blocked: BTreeSet::new(),
            left: None,
            copied: VecDeque::new(),
            resources: BTreeMap::new(),
        }
    }
}

/// The state of the server.
pub(super) struct State {
    pub(super) config: Arc<Config>,
    /// A name for this run of the server, part of its roster versions.
    pub(super) run: String,
    pub(super) accounts: BTreeMap<BareJid, Account>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) rooms: Rooms,
    /// What clients of a kind want to hear of.
    pub(super) capabilities: Known,
    pub(super) started: DateTime<Utc>,
    /// Sessions of the past that could have been resumed, and how much of theirs was handled.
    pub(super) expired: VecDeque<(String, BareJid, u32)>,
    /// Queues that have got too long by what is being handled.
    congested: Vec<Arc<Outbox>>,
    /// Sessions that took no more.
    overrun: Vec<SessionId>,
    last_id: u64,
}

impl State {
    pub(super) fn new(
        config: Arc<Config>,
        accounts: BTreeMap<BareJid, Account>,
        rooms: Rooms,
    ) -> Self {
        Self {
            run: config.environment.random.stanza_id(),
            started: config.environment.clock.now(),
            config,
            accounts,
            rooms,
            sessions: BTreeMap::new(),
            capabilities: Known::new(),
            expired: VecDeque::new(),
            congested: Vec::new(),
            overrun: Vec::new(),
            last_id: 0,
        }
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The bare JID of a session.
    pub(super) fn bare(&self, id: SessionId) -> Option<BareJid> {
        self.sessions.get(&id).map(|session| session.jid.to_bare())
    }

    /// The sessions of an account, by resource.
    pub(super) fn resources(&self, account: &BareJid) -> Vec<SessionId> {
        let account = self.accounts.get(account);
        account.map_or_else(Vec::new, |account| {
            account.resources.values().copied().collect()
        })
    }

    /// The sessions of an account that are available.
    pub(super) fn available(&self, account: &BareJid) -> Vec<SessionId> {
        let mut resources = self.resources(account);
        resources.retain(|id| self.sessions.get(id).is_some_and(Session::is_available));
        resources
    }

    /// The session bound to a full JID.
    pub(super) fn find(&self, account: &BareJid, resource: &ResourceRef) -> Option<SessionId> {
        self.accounts
            .get(account)?
            .resources
            .get(resource.as_str())
            .copied()
    }

    /// Whether this server answers for an address.
    pub(super) fn is_local(&self, jid: &Jid) -> bool {
        jid.domain() == self.config.domain.domain()
    }

    /// Gives a session something to write.
    pub(super) fn push(&mut self, id: SessionId, packet: Packet) {
        self.push_copy(id, packet, true);
    }

    /// Gives a session something to write that others may have got as well.
    pub(super) fn push_copy(&mut self, id: SessionId, packet: Packet, sole: bool) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if !session.push(packet, sole, &self.config.limits) {
            self.overrun.push(id);
        }
        if let Some(outbox) = session.outbox()
            && outbox.is_congested()
            && !self
                .congested
                .iter()
                .any(|known| Arc::ptr_eq(known, outbox))
        {
            self.congested.push(Arc::clone(outbox));
        }
    }

    /// Ends the sessions that took no more, and gives the queues a sender has to wait for.
    pub(super) fn settle(&mut self) -> Vec<Arc<Outbox>> {
        while let Some(id) = self.overrun.pop() {
            self.evict(id);
        }
        std::mem::take(&mut self.congested)
    }

    /// Ends the session of somebody who does not read.
    pub(super) fn evict(&mut self, id: SessionId) {
        let end = stream_error(StreamCondition::PolicyViolation, "too much waits for you");
        if let Some(outbox) = self.sessions.get(&id).and_then(Session::outbox) {
            outbox.end(End::Error(end));
        }
        self.close(id);
    }

    /// The session whose connection writes from this queue.
    pub(super) fn reader_of(&self, outbox: &Arc<Outbox>) -> Option<SessionId> {
        let mut sessions = self.sessions.iter();
        let (id, _) = sessions
            .find(|(_, session)| session.outbox().is_some_and(|own| Arc::ptr_eq(own, outbox)))?;
        Some(*id)
    }

    /// Gives an element to whoever has a full JID, if anybody has.
    pub(super) fn deliver_full(&mut self, to: &FullJid, packet: Packet) -> bool {
        let found = self.find(&to.to_bare(), to.resource());
        if let Some(id) = found {
            self.push(id, packet);
        }
        found.is_some()
    }
}

/// A stream error with a sentence.
pub(super) fn stream_error(condition: StreamCondition, text: &str) -> StreamError {
    StreamError::new(condition, "en", text)
}
