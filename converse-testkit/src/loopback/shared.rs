//! What the connections share: the state, its timers, and who waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jid::FullJid;
use tokio::runtime::Handle;
use tokio::sync::watch;
use xmpp_parsers::stream_error::DefinedCondition;

use super::config::Config;
use super::outbox::End;
use super::session::{Hibernation, Timer};
use super::state::{State, stream_error};

/// Whether the server goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Running,
    Stopping,
    Stopped,
}

/// One bound resource, as [`Loopback::sessions`](super::Loopback::sessions) shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// Its full JID.
    pub jid: FullJid,
    /// Whether it has sent presence and has not taken it back.
    pub available: bool,
    /// The priority of its presence.
    pub priority: i8,
    /// Whether there is a connection; a session that waits to be resumed has none.
    pub connected: bool,
    /// Whether stream management is on.
    pub managed: bool,
    /// Whether it gets carbon copies.
    pub carbons: bool,
    /// Whether it has said that nobody is looking at it (XEP-0352).
    pub inactive: bool,
    /// The nodes it wants to hear of, by the capabilities in its presence (XEP-0163).
    pub notified: Vec<String>,
}

/// What the connections share.
pub(super) struct Shared {
    pub(super) config: Arc<Config>,
    pub(super) state: Mutex<State>,
    /// Counts what happened, for those who wait for something.
    pub(super) changes: watch::Sender<u64>,
    pub(super) phase: watch::Receiver<Phase>,
    pub(super) runtime: Handle,
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells those who wait that something has happened.
    pub(super) fn changed(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Waits until the server does not go on as before.
    pub(super) async fn reaches(&self, phase: Phase) {
        let mut seen = self.phase.clone();
        // An error says that the server was dropped.
        let _ = seen.wait_for(|now| *now >= phase).await;
    }

    /// Ends a lost session when its time is up.
    pub(super) fn expire_later(this: &Arc<Self>, state: &mut State, lost: Hibernation) {
        let Some(session) = state.sessions.get_mut(&lost.id) else {
            return;
        };
        let weak: Weak<Self> = Arc::downgrade(this);
        let timer = this.runtime.spawn(async move {
            tokio::time::sleep(lost.time).await;
            if let Some(shared) = weak.upgrade() {
                let mut state = shared.lock();
                state.expire(lost.id, lost.lost);
                state.settle();
                drop(state);
                shared.changed();
            }
        });
        session.timer = Some(Timer(timer.abort_handle()));
    }

    pub(super) fn sessions(&self) -> Vec<SessionInfo> {
        let state = self.lock();
        let mut sessions: Vec<SessionInfo> = state
            .sessions
            .values()
            .map(|session| SessionInfo {
                jid: session.jid.clone(),
                available: session.is_available(),
                priority: session.priority,
                connected: session.link.is_some(),
                managed: session.management.is_some(),
                carbons: session.carbons,
                inactive: session.inactive,
                notified: session.notified.iter().cloned().collect(),
            })
            .collect();
        sessions.sort_by(|one, other| one.jid.cmp(&other.jid));
        sessions
    }

    /// Says goodbye to every client.
    pub(super) fn shut_down(&self) {
        let end = stream_error(DefinedCondition::SystemShutdown, "the server stops");
        let mut state = self.lock();
        state.shut_rooms_down();
        for session in state.sessions.values() {
            if let Some(outbox) = session.outbox() {
                outbox.end(End::Error(end.clone()));
            }
        }
    }
}
