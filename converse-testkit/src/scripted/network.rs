//! The outside world that a client under test sees: names, hosts that answer or do not, and what was tried.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use converse_core::transport::{ByteStream, Network, SrvRecord, TransportError};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::server::Shared;
use super::wire::ClientEnd;

/// What a host does when somebody connects to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// It accepts, and the script's server speaks.
    Accept,
    /// It refuses.
    Refuse,
    /// It accepts and closes at once.
    AcceptThenClose,
    /// Nothing comes back, ever.
    Silence,
    /// The script decides later; until then the connection is being made.
    Hold,
}

/// A connection that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// When, since the server started.
    pub at: Duration,
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// What DNS says about the service records of a domain.
#[derive(Debug, Default)]
pub(super) struct Dns {
    pub(super) records: HashMap<String, Vec<SrvRecord>>,
    pub(super) fails: bool,
}

/// A connection that waits for the script's decision.
pub(super) struct Waiting {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) decided: oneshot::Sender<Rule>,
}

/// The part of the server's state that is about reaching it.
pub(super) struct Reach {
    pub(super) dns: Dns,
    pub(super) rule: Rule,
    pub(super) hosts: HashMap<String, Rule>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) waiting: VecDeque<Waiting>,
}

impl Reach {
    pub(super) fn new() -> Self {
        Self {
            dns: Dns::default(),
            rule: Rule::Accept,
            hosts: HashMap::new(),
            attempts: Vec::new(),
            waiting: VecDeque::new(),
        }
    }

    /// Whether a host speaks TLS from the first byte (XEP-0368), as its service record says.
    pub(super) fn is_direct_tls(&self, host: &str, port: u16) -> bool {
        let records = self.dns.records.get("_xmpps-client._tcp");
        let mut records = records.into_iter().flatten();
        records.any(|record| record.target == host && record.port == port)
    }
}

/// The [`Network`] through which a client reaches a [`Server`](super::Server).
#[derive(Clone)]
pub struct ScriptedNetwork {
    pub(super) shared: Arc<Shared>,
}

impl std::fmt::Debug for ScriptedNetwork {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScriptedNetwork").finish_non_exhaustive()
    }
}

impl ScriptedNetwork {
    /// Notes the attempt; what the host does, or where its decision comes from.
    fn attempt(&self, host: &str, port: u16) -> Result<Rule, oneshot::Receiver<Rule>> {
        let mut state = self.shared.state();
        let at = state.start.elapsed();
        state.reach.attempts.push(Attempt {
            at,
            host: host.to_owned(),
            port,
        });
        let rule = state.reach.hosts.get(host).copied();
        let rule = rule.unwrap_or(state.reach.rule);
        if rule != Rule::Hold {
            return Ok(rule);
        }
        let (decided, decision) = oneshot::channel();
        state.reach.waiting.push_back(Waiting {
            host: host.to_owned(),
            port,
            decided,
        });
        Err(decision)
    }

    async fn open(&self, host: &str, address: SocketAddr) -> io::Result<Box<dyn ByteStream>> {
        let attempted = self.attempt(host, address.port());
        self.shared.changed();
        let rule = match attempted {
            Ok(rule) => rule,
            Err(decision) => decision.await.unwrap_or(Rule::Refuse),
        };
        // Even the fastest network takes some time.
        sleep(Duration::from_micros(100)).await;
        match rule {
            Rule::Refuse => Err(io::ErrorKind::ConnectionRefused.into()),
            Rule::Silence | Rule::Hold => std::future::pending().await,
            Rule::AcceptThenClose => {
                let (client, _closed) = ClientEnd::pair(self.shared.pipe());
                Ok(Box::new(client))
            }
            Rule::Accept => {
                let (client, server) = ClientEnd::pair(self.shared.pipe());
                self.shared.accept(server, host, address.port());
                Ok(Box::new(client))
            }
        }
    }
}

impl Network for ScriptedNetwork {
    fn srv<'a>(
        &'a self,
        service: &'a str,
        domain: &'a str,
    ) -> BoxFuture<'a, Result<Vec<SrvRecord>, TransportError>> {
        async move {
            sleep(Duration::from_micros(100)).await;
            let mut state = self.shared.state();
            state.lookups.push(domain.to_owned());
            if state.reach.dns.fails {
                return Err(TransportError::Lookup {
                    name: domain.to_owned(),
                    source: "server failure".into(),
                });
            }
            let records = state.reach.dns.records.get(service);
            Ok(records.cloned().unwrap_or_default())
        }
        .boxed()
    }

    fn addresses<'a>(
        &'a self,
        host: &'a str,
    ) -> BoxFuture<'a, Result<Vec<IpAddr>, TransportError>> {
        async move {
            let mut state = self.shared.state();
            state.lookups.push(host.to_owned());
            if state.reach.dns.fails {
                return Err(TransportError::Lookup {
                    name: host.to_owned(),
                    source: "server failure".into(),
                });
            }
            Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])
        }
        .boxed()
    }

    fn connect<'a>(
        &'a self,
        host: &'a str,
        address: SocketAddr,
    ) -> BoxFuture<'a, io::Result<Box<dyn ByteStream>>> {
        self.open(host, address).boxed()
    }
}
