//! The running server: its port, its connections, its timers.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jid::BareJid;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::config::{Config, LoopbackBuilder};
use super::muc::{RoomInfo, Rooms};
use super::outbox::End;
use super::shared::{Phase, SessionInfo, Shared};
use super::state::{Account, State};
use super::{LoopbackError, account_jid, connection};

/// How long a stopping server waits for its clients to take leave.
const LEAVE: Duration = Duration::from_secs(5);

/// A running server. It stops when it is dropped.
pub struct Loopback {
    pub(super) shared: Arc<Shared>,
    address: SocketAddr,
    phase: watch::Sender<Phase>,
    task: Option<JoinHandle<()>>,
}

impl Loopback {
    /// Describes a server for a domain, which has no accounts yet.
    pub fn builder(domain: &str) -> LoopbackBuilder {
        LoopbackBuilder::new(domain)
    }

    pub(super) async fn serve(
        config: Config,
        accounts: BTreeMap<BareJid, Account>,
        rooms: Rooms,
    ) -> Result<Self, LoopbackError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let config = Arc::new(config);
        let (phase, phase_seen) = watch::channel(Phase::Running);
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new(Arc::clone(&config), accounts, rooms)),
            config,
            changes: watch::Sender::new(0),
            phase: phase_seen,
            runtime: Handle::current(),
        });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            shared,
            address,
            phase,
            task: Some(task),
        })
    }

    /// Where the server listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The domain the server answers for.
    #[must_use]
    pub fn domain(&self) -> &BareJid {
        &self.shared.config.domain
    }

    /// The certificate authority a client has to trust, in PEM form; nothing without [`LoopbackBuilder::tls`].
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.shared
            .config
            .tls
            .as_ref()
            .map(|tls| tls.ca_pem.as_str())
    }

    /// The bound resources, in the order of their JIDs.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionInfo> {
        self.shared.sessions()
    }

    /// Waits until the sessions are as wanted.
    pub async fn wait_for(&self, wanted: impl Fn(&[SessionInfo]) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        while !wanted(&self.sessions()) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The rooms and who is in them, in the order of their addresses.
    #[must_use]
    pub fn rooms(&self) -> Vec<RoomInfo> {
        self.shared.lock().rooms.infos()
    }

    /// Waits until the rooms are as wanted.
    pub async fn wait_for_rooms(&self, wanted: impl Fn(&[RoomInfo]) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        while !wanted(&self.rooms()) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Cuts the connections of an account (local part or bare JID), or one of them (full JID), as a failing network would:
    /// with a reset and without a closing tag. Sessions with stream management wait to be resumed, others end. Gives the number
    /// of connections cut; the server has forgotten them when this returns.
    pub fn cut(&self, who: &str) -> usize {
        let Ok(jid) = account_jid(who, self.domain())
            .map(jid::Jid::from)
            .or_else(|_| jid::Jid::new(who))
        else {
            return 0;
        };
        let mut state = self.shared.lock();
        let bare = jid.to_bare();
        let ids = match jid.resource() {
            Some(resource) => state.find(&bare, resource).into_iter().collect(),
            None => state.resources(&bare),
        };
        let mut cut = 0;
        for id in ids {
            let link = state
                .sessions
                .get(&id)
                .and_then(|session| session.link.as_ref());
            let Some((connection, outbox)) =
                link.map(|link| (link.connection, Arc::clone(&link.outbox)))
            else {
                continue;
            };
            outbox.end(End::Cut);
            cut += 1;
            if let Some(hibernation) = state.detach(id, connection) {
                Shared::expire_later(&self.shared, &mut state, hibernation);
            }
        }
        state.settle();
        drop(state);
        self.shared.changed();
        cut
    }

    /// Adds an account while the server runs, or gives an existing one another password.
    ///
    /// # Errors
    ///
    /// If the name is no valid local part or bare JID of the domain.
    pub fn add_account(&self, name: &str, password: &str) -> Result<(), LoopbackError> {
        let jid = account_jid(name, self.domain())?;
        let mut salt = [0; 16];
        self.shared.config.environment.random.fill(&mut salt);
        let verifier = super::sasl::Verifier::new(password, salt);
        let mut state = self.shared.lock();
        let account = state
            .accounts
            .entry(jid)
            .or_insert_with(|| Account::new(None));
        account.verifier = Some(Arc::new(verifier));
        Ok(())
    }

    /// Stops: every client is told with the stream error `system-shutdown`, and the port is free afterwards.
    pub async fn stop(mut self) {
        self.phase.send_replace(Phase::Stopping);
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::warn!(%error, "the loopback server did not stop in order");
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Stopped);
    }
}

impl fmt::Debug for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loopback")
            .field("domain", &self.shared.config.domain.as_str())
            .field("addr", &self.address)
            .field("sessions", &self.sessions().len())
            .finish_non_exhaustive()
    }
}

/// Takes connections until the server stops.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = shared.reaches(Phase::Stopping) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((tcp, _)) if connections.len() < shared.config.limits.connections => {
                    connections.spawn(serve(tcp, Arc::clone(&shared)));
                }
                Ok(_) => tracing::warn!("the loopback server has too many connections"),
                Err(error) => tracing::warn!(%error, "the loopback server could not accept"),
            },
        }
    }
    drop(listener);
    shared.shut_down();
    let gone = async { while connections.join_next().await.is_some() {} };
    tokio::select! {
        () = shared.reaches(Phase::Stopped) => {}
        _ = tokio::time::timeout(LEAVE, gone) => {}
    }
}

async fn serve(tcp: TcpStream, shared: Arc<Shared>) {
    tokio::select! {
        () = shared.reaches(Phase::Stopped) => {}
        () = connection::serve(tcp, &shared) => {}
    }
}
