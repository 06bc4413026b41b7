//! One room.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use converse_core::Error;
use converse_core::settings::Secret;
use jid::BareJid;
use serde_json::{Map, Value, json};
use tokio::sync::{oneshot, watch};

use super::history::History;
use super::info::{RoomFeature, RoomInfo};
use super::message::{RoomDelivery, RoomMessage, RoomSender, Subject};
use super::occupant::{Affiliation, Role};
use super::occupants::Occupants;
use super::status::{ConnectionStatus, Disconnection};
use crate::error::MucError;
use crate::private::Table;

/// A room as its handles share it.
pub(crate) struct Opened {
    pub(crate) jid: BareJid,
    state: Mutex<State>,
    pub(crate) private: Table,
    /// The status, for those who wait for a change; `None` once the room is closed.
    status: watch::Sender<Option<ConnectionStatus>>,
    /// Whoever sends holds it, so that the order of the messages is their order on the wire.
    pub(crate) sending: tokio::sync::Mutex<()>,
}

/// A change of the own nick that the room has not answered.
pub(crate) struct Renaming {
    pub(crate) nick: String,
    pub(crate) done: oneshot::Sender<Result<(), Error>>,
}

/// What changes in a room.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) status: ConnectionStatus,
    /// The nick to ask for; `None` if the room or a setting is to say.
    pub(crate) wanted_nick: Option<String>,
    /// The nick that was asked for, while there is no answer.
    pub(crate) requested: Option<String>,
    /// The own nick, also after leaving.
    pub(crate) nick: Option<String>,
    pub(crate) password: Option<Secret>,
    pub(crate) role: Role,
    pub(crate) affiliation: Affiliation,
    pub(crate) occupants: Occupants,
    /// What the room said about itself, if it did.
    pub(crate) info: Option<RoomInfo>,
    pub(crate) subject: Option<Subject>,
    pub(crate) history: History,
    /// What the room said last about the user (XEP-0045 §15.6).
    pub(crate) codes: Vec<u16>,
    pub(crate) disconnection: Option<Disconnection>,
    pub(crate) moved_jid: Option<BareJid>,
    /// Whether a new session is to enter the room again.
    pub(crate) rejoins: bool,
    /// Counts the attempts to enter, so that an answer to an old one is not taken for a new one's.
    pub(crate) attempt: u64,
    /// How many nicks were taken in this attempt.
    pub(crate) conflicts: u32,
    pub(crate) renaming: Option<Renaming>,
    /// Which of the user's presences the room knows.
    pub(crate) shown: u64,
    /// The user is out of the room because he is shown to nobody; he comes back when he is shown again.
    pub(crate) is_withdrawn: bool,
    pub(crate) minimized: bool,
    pub(crate) unread: usize,
    pub(crate) mentions: usize,
    closed: bool,
}

/// What became of a message.
#[derive(Debug, PartialEq)]
pub(crate) enum Taken {
    Added,
    /// It is what the user sent from here.
    Reflected(Box<RoomMessage>),
    Known,
}

impl Opened {
    pub(crate) fn new(jid: BareJid) -> Self {
        Self {
            jid,
            state: Mutex::default(),
            private: Table::default(),
            status: watch::Sender::new(Some(ConnectionStatus::default())),
            sending: tokio::sync::Mutex::new(()),
        }
    }

    /// The state, open or closed.
    pub(crate) fn any(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state of an open room.
    pub(crate) fn open(&self) -> Result<MutexGuard<'_, State>, MucError> {
        let state = self.any();
        if state.closed {
            return Err(self.closed());
        }
        Ok(state)
    }

    /// Closes it; `false` if it is closed already.
    pub(crate) fn close(&self) -> bool {
        self.status.send_replace(None);
        let mut state = self.any();
        state.renaming = None;
        state.occupants.close();
        !std::mem::replace(&mut state.closed, true)
    }

    /// Tells those who wait.
    pub(crate) fn tell_status(&self, status: ConnectionStatus) {
        self.status.send_if_modified(|known| {
            let changes = known.is_some_and(|known| known != status);
            if changes {
                *known = Some(status);
            }
            changes
        });
    }

    /// Waits until the room has let the user in, or has not.
    pub(crate) async fn decided(&self) -> Result<(), MucError> {
        let mut status = self.status.subscribe();
        let decided = status
            .wait_for(|status| *status != Some(ConnectionStatus::Connecting))
            .await;
        match decided.map(|status| *status) {
            Ok(Some(ConnectionStatus::Entered)) => Ok(()),
            Ok(Some(status)) => Err(self.not_entered(status)),
            Ok(None) | Err(_) => Err(self.closed()),
        }
    }

    pub(crate) fn not_entered(&self, status: ConnectionStatus) -> MucError {
        let disconnection = self.any().disconnection.clone();
        MucError::NotEntered {
            jid: self.jid.clone(),
            status,
            reason: disconnection.map(|disconnection| disconnection.reason),
        }
    }

    fn closed(&self) -> MucError {
        MucError::Closed {
            jid: self.jid.clone(),
        }
    }

    /// All attributes, by the names of converse.js. Occupants and messages are not among them: they may be many.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        let state = self.any();
        let info = state.info.as_ref();
        let left = state.disconnection.as_ref();
        let mut all = Map::new();
        let mut put = |name: &str, value: Value| {
            all.insert(name.to_owned(), value);
        };
        put("id", json!(self.jid));
        put("jid", json!(self.jid));
        put("type", json!("chatroom"));
        put("name", json!(info.and_then(|info| info.name.as_ref())));
        put(
            "description",
            json!(info.and_then(|info| info.description.as_ref())),
        );
        put("features_fetched", json!(info.is_some()));
        for feature in RoomFeature::ALL {
            let has = info.is_some_and(|info| info.has(*feature));
            put(feature.as_str(), json!(has));
        }
        put("connection_status", json!(state.status));
        put("nick", json!(state.nick));
        put("role", json!(state.role));
        put("affiliation", json!(state.affiliation));
        put("subject", json!(state.subject));
        put("status_codes", json!(state.codes));
        put("disconnection_reason", json!(left.map(|left| &left.reason)));
        put(
            "disconnection_actor",
            json!(left.and_then(|left| left.actor.as_ref())),
        );
        put(
            "disconnection_text",
            json!(left.and_then(|left| left.text.as_ref())),
        );
        put("moved_jid", json!(state.moved_jid));
        put("minimized", json!(state.minimized));
        put("num_unread", json!(state.mentions));
        put("num_unread_general", json!(state.unread));
        all
    }
}

impl State {
    /// Begins an attempt to enter; what is known from before is forgotten, except what was said.
    pub(crate) fn begin(&mut self) -> u64 {
        self.attempt += 1;
        self.conflicts = 0;
        self.requested = None;
        self.status = ConnectionStatus::Connecting;
        self.occupants.clear();
        self.role = Role::None;
        self.codes.clear();
        self.disconnection = None;
        self.moved_jid = None;
        self.renaming = None;
        self.rejoins = true;
        self.is_withdrawn = false;
        self.attempt
    }

    /// The session is gone, and with it the presence in the room.
    pub(crate) fn lose_session(&mut self) {
        // Nothing that was asked in this attempt is answered any more.
        self.attempt += 1;
        self.requested = None;
        self.occupants.clear();
        self.role = Role::None;
        self.renaming = None;
        if self.status == ConnectionStatus::Entered || self.status == ConnectionStatus::Connecting {
            self.status = ConnectionStatus::Disconnected;
        }
    }

    /// Takes a message of an occupant.
    pub(crate) fn take_message(&mut self, message: &RoomMessage) -> Taken {
        if message.sender == RoomSender::Me
            && let Some(sent) = self.history.reflected(message)
        {
            if sent.delivery == Some(RoomDelivery::Reflected) {
                return Taken::Known;
            }
            sent.delivery = Some(RoomDelivery::Reflected);
            sent.error = None;
            sent.stanza_id.clone_from(&message.stanza_id);
            return Taken::Reflected(Box::new(sent.clone()));
        }
        if self.history.has(message) {
            return Taken::Known;
        }
        self.history.push(message.clone());
        if self.minimized && !message.delayed && message.sender == RoomSender::Them {
            self.unread += 1;
            let own = self.nick.as_deref();
            self.mentions += usize::from(own.is_some_and(|own| message.mentions(own)));
        }
        Taken::Added
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("jid", &self.jid.as_str())
            .finish_non_exhaustive()
    }
}

/// Two rooms are the same if they are one.
impl PartialEq for Opened {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// What a question to a room was about, and for which attempt.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) room: Arc<Opened>,
    pub(crate) number: u64,
}
