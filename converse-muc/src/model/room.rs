//! One room.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use converse_core::Error;
use converse_messages::keeper::Noted;
use jid::BareJid;
use serde_json::{Map, Value};
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::info::RoomInfo;
use super::joining::{Due, Joining};
use super::occupant::{Affiliation, OccupantId, Role};
use super::occupants::Occupants;
use super::options::Creation;
use super::status::{ConnectionStatus, Disconnection};
use super::subject::Subject;
use super::talk::Talk;
use super::way::Way;
use crate::error::MucError;
use crate::managing::{Awaited, Lists};
use crate::private::Table;

/// A room as its handles share it.
pub(crate) struct Opened {
    pub(crate) jid: BareJid,
    state: Mutex<State>,
    pub(crate) private: Table,
    /// The status, for those who wait for a change; `None` once the room is closed.
    status: watch::Sender<Option<ConnectionStatus>>,
    /// Whoever reads the archive holds it, so that each knows what the others have read.
    pub(crate) reading: tokio::sync::Mutex<()>,
    pub(crate) awaited: Awaited,
    pub(crate) lists: Lists,
    /// Whether it is known that something is to be written.
    pub(crate) noted: Noted,
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
    /// How the user gets in.
    pub(crate) joining: Joining,
    /// What is to become of the room if the user turns out to have created it.
    pub(crate) creation: Creation,
    /// The own nick, also after leaving.
    pub(crate) nick: Option<String>,
    /// The id by which the room knows the user, also after leaving (XEP-0421).
    pub(crate) own_id: Option<OccupantId>,
    pub(crate) role: Role,
    pub(crate) affiliation: Affiliation,
    pub(crate) occupants: Occupants,
    /// What the room said about itself, if it did.
    pub(crate) info: Option<RoomInfo>,
    pub(crate) subject: Option<Subject>,
    /// What is said.
    pub(crate) talk: Talk,
    /// Whether what is sent gets there.
    pub(crate) way: Way,
    /// What the room said last about the user (XEP-0045 §15.6).
    pub(crate) codes: Vec<u16>,
    pub(crate) disconnection: Option<Disconnection>,
    pub(crate) moved_jid: Option<BareJid>,
    /// Whether what is said there goes to a public archive, as far as the room told (XEP-0045 §7.2.12).
    pub(crate) logged: Option<bool>,
    pub(crate) renaming: Option<Renaming>,
    /// Which of the user's presences the room knows.
    pub(crate) shown: u64,
    /// The user is out of the room because he is shown to nobody; he comes back when he is shown again.
    pub(crate) is_withdrawn: bool,
    pub(crate) minimized: bool,
    pub(crate) unread: usize,
    pub(crate) mentions: usize,
    /// What the application keeps with the room.
    pub(crate) attributes: Map<String, Value>,
    closed: bool,
}

impl Opened {
    pub(crate) fn new(jid: BareJid) -> Self {
        Self {
            jid,
            state: Mutex::default(),
            private: Table::default(),
            status: watch::Sender::new(Some(ConnectionStatus::default())),
            reading: tokio::sync::Mutex::new(()),
            awaited: Awaited::default(),
            lists: Lists::default(),
            noted: Noted::default(),
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
        state.talk.close();
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

    /// Waits until the user is not in the room any more, and says so.
    pub(crate) async fn left(&self) -> MucError {
        let mut status = self.status.subscribe();
        let left = status
            .wait_for(|status| *status != Some(ConnectionStatus::Entered))
            .await;
        match left.map(|status| *status) {
            Ok(Some(status)) => self.not_entered(status),
            Ok(None) | Err(_) => self.closed(),
        }
    }

    pub(crate) fn not_entered(&self, status: ConnectionStatus) -> MucError {
        let state = self.any();
        self.not_entered_as(&state, status)
    }

    /// The same for whoever holds the lock.
    pub(crate) fn not_entered_now(&self, state: &State) -> MucError {
        self.not_entered_as(state, state.status)
    }

    fn not_entered_as(&self, state: &State, status: ConnectionStatus) -> MucError {
        let left = state.disconnection.as_ref();
        MucError::NotEntered {
            jid: self.jid.clone(),
            status,
            reason: left.map(|left| left.reason.clone()),
            cause: state.joining.error.clone(),
        }
    }

    fn closed(&self) -> MucError {
        MucError::Closed {
            jid: self.jid.clone(),
        }
    }
}

impl State {
    /// Whether it was not closed.
    pub(crate) fn is_open(&self) -> bool {
        !self.closed
    }

    /// Begins an attempt to enter; what is known from before is forgotten, except what was said.
    pub(crate) fn begin(&mut self) {
        self.status = ConnectionStatus::Connecting;
        self.occupants.clear();
        self.role = Role::None;
        self.codes.clear();
        self.disconnection = None;
        self.moved_jid = None;
        self.logged = None;
        self.renaming = None;
        self.is_withdrawn = false;
        self.way = Way::default();
        self.joining.begin();
    }

    /// The session is gone, and with it the presence in the room.
    pub(crate) fn lose_session(&mut self) {
        self.joining.stop();
        self.way = Way::default();
        self.occupants.clear();
        self.role = Role::None;
        self.renaming = None;
        if matches!(
            self.status,
            ConnectionStatus::Entered | ConnectionStatus::Connecting
        ) {
            self.status = ConnectionStatus::Disconnected;
        }
    }

    /// Whether a change of nick is not answered yet, and somebody waits for the answer.
    pub(crate) fn is_renaming(&self) -> bool {
        let renaming = self.renaming.as_ref();
        renaming.is_some_and(|renaming| !renaming.done.is_closed())
    }

    /// What is to be done about the room now, if anything.
    pub(crate) fn look(&mut self, now: Instant, patience: Duration) -> Option<Due> {
        let is_entered = self.status == ConnectionStatus::Entered;
        let is_renaming = self.is_renaming();
        self.joining.look(now, patience, is_entered, is_renaming)
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
    number: u64,
}

impl Attempt {
    /// The attempt that is going on, or the visit it led to.
    pub(crate) fn of(room: &Arc<Opened>) -> Self {
        Self {
            room: Arc::clone(room),
            number: room.any().joining.attempt,
        }
    }

    /// Whether there was another one since, or the session has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.room.any().joining.attempt != self.number
    }
}
