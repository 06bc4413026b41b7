//! A running server.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use super::certificates::Authority;
use super::folder::Folder;
use super::ports::Ports;
use super::process::{Launch, Process};
use super::{ClientCertificate, ServerKind, ServerUnavailable, ejabberd, prosody};

const POLL: Duration = Duration::from_millis(20);

/// Generous: a machine busy with other tests may need many times the usual half a second.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// How often other ports are tried when somebody else took one meanwhile.
const ATTEMPTS: usize = 5;

/// How many characters of a log go into an error.
const LOG_TAIL: usize = 2_000;

/// Everything of a server but its process.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) kind: ServerKind,
    pub(super) domain: String,
    pub(super) ports: Ports,
    pub(super) authority: Authority,
    pub(super) launch: Launch,
    pub(super) folder: Folder,
}

/// A running server; it ends when this is dropped.
///
/// Its hosts, besides [`domain`](Server::domain): `conference.` (rooms), `upload.`, `pubsub.`,
/// `anon.` (ANONYMOUS only), and with Prosody also `cert.` (EXTERNAL only), `bare.` (PLAIN only,
/// without stream management, carbons, archive and PEP), `hashed.` (passwords kept as
/// SCRAM-SHA-256) and `insecure.` (no TLS).
#[derive(Debug)]
pub struct Server {
    // Ends before the folder goes.
    process: Option<Process>,
    site: Site,
}

impl Server {
    /// Starts what `prepare` sets up, on other ports if somebody took one of them meanwhile.
    pub(super) async fn start(
        prepare: impl Fn(Ports) -> Result<Site, ServerUnavailable>,
    ) -> Result<Server, ServerUnavailable> {
        let mut attempt = 1;
        loop {
            let ports = Ports::choose().map_err(ServerUnavailable::io("a free port"))?;
            let mut server = Server {
                process: None,
                site: prepare(ports)?,
            };
            match server.start_again().await {
                Ok(()) => return Ok(server),
                Err(_) if attempt < ATTEMPTS && server.lost_a_port() => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Which server this is.
    #[must_use]
    pub fn kind(&self) -> ServerKind {
        self.site.kind
    }

    /// The domain of its accounts.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.site.domain
    }

    /// The address of one of its other hosts: `server.host("conference")`.
    #[must_use]
    pub fn host(&self, name: &str) -> String {
        format!("{name}.{}", self.site.domain)
    }

    /// Where it accepts clients that will ask for STARTTLS (RFC 6120 §5); it insists on that.
    #[must_use]
    pub fn starttls_addr(&self) -> SocketAddr {
        loopback(self.site.ports.starttls)
    }

    /// Where it accepts clients over TLS from the first byte (XEP-0368).
    #[must_use]
    pub fn direct_tls_addr(&self) -> SocketAddr {
        loopback(self.site.ports.direct_tls)
    }

    /// Where it accepts clients without TLS, for [`plain_domain`](Server::plain_domain).
    #[must_use]
    pub fn plain_addr(&self) -> SocketAddr {
        match self.site.kind {
            ServerKind::Prosody => loopback(self.site.ports.starttls),
            ServerKind::Ejabberd => loopback(self.site.ports.plain),
        }
    }

    /// The domain whose accounts may log in without TLS; Prosody has a host of its own for that.
    #[must_use]
    pub fn plain_domain(&self) -> String {
        match self.site.kind {
            ServerKind::Prosody => self.host("insecure"),
            ServerKind::Ejabberd => self.site.domain.clone(),
        }
    }

    /// Where it serves HTTP: `/http-bind` (XEP-0206) and `/xmpp-websocket` (RFC 7395).
    #[must_use]
    pub fn http_addr(&self) -> SocketAddr {
        loopback(self.site.ports.http)
    }

    /// The same over TLS.
    #[must_use]
    pub fn https_addr(&self) -> SocketAddr {
        loopback(self.site.ports.https)
    }

    /// The certificate (PEM) of the authority that signed its certificate.
    #[must_use]
    pub fn ca_file(&self) -> &Path {
        &self.site.authority.ca_file
    }

    /// Creates an account at [`domain`](Server::domain).
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or refuses, because the account exists for example.
    pub async fn add_user(&self, user: &str, password: &str) -> Result<(), ServerUnavailable> {
        self.add_user_at(self.domain(), user, password).await
    }

    /// Creates an account at another of its hosts, `server.plain_domain()` for example.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached or refuses, because the account exists for example.
    pub async fn add_user_at(
        &self,
        host: &str,
        user: &str,
        password: &str,
    ) -> Result<(), ServerUnavailable> {
        match self.site.kind {
            ServerKind::Prosody => prosody::add_user(&self.site.folder, host, user, password),
            ServerKind::Ejabberd => {
                ejabberd::register(self.http_addr(), host, user, password).await
            }
        }
    }

    /// Makes a client certificate for `user` at `server.host("cert")`. Only Prosody has that host.
    ///
    /// # Errors
    ///
    /// When it cannot be made or written.
    pub fn client_certificate(&self, user: &str) -> Result<ClientCertificate, ServerUnavailable> {
        let jid = format!("{user}@{}", self.host("cert"));
        self.site.authority.client(&self.site.folder, &jid)
    }

    /// Kills it, as a crash would; when this returns, nobody answers any more. Its data stays for
    /// [`start_again`](Server::start_again).
    pub async fn stop(&mut self) {
        if self.process.take().is_none() {
            return;
        }
        // A killed process still needs a moment to give up its ports.
        for address in self.listening() {
            while TcpStream::connect(address).await.is_ok() {
                sleep(POLL).await;
            }
        }
    }

    /// Starts it (again) with the data and on the ports it had, and waits until it is ready.
    ///
    /// # Errors
    ///
    /// When it does not become ready.
    pub async fn start_again(&mut self) -> Result<(), ServerUnavailable> {
        self.stop().await;
        let mut process = self.site.launch.spawn(self.site.folder.path())?;
        let deadline = Instant::now() + READY_WITHIN;
        while !self.is_ready().await {
            let ended = process
                .ended()
                .map_err(ServerUnavailable::io(&self.site.launch.program))?;
            if let Some(status) = ended {
                return Err(self.did_not_start(format!("it ended with {status}")));
            }
            if self.lost_a_port() {
                return Err(self.did_not_start("a port was taken".to_owned()));
            }
            if Instant::now() > deadline {
                return Err(self.did_not_start(format!("not ready within {READY_WITHIN:?}")));
            }
            sleep(POLL).await;
        }
        if self.lost_a_port() {
            return Err(self.did_not_start("a port was taken".to_owned()));
        }
        self.process = Some(process);
        Ok(())
    }

    /// Its logs so far, for the message of a failing test.
    #[must_use]
    pub fn log(&self) -> String {
        let names = ["output.log", "prosody.log", "log/ejabberd.log"];
        let files = names
            .iter()
            .filter_map(|name| fs::read(self.site.folder.join(name)).ok());
        files
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect()
    }

    /// Where it accepts connections while it runs.
    fn listening(&self) -> [SocketAddr; 5] {
        [
            self.starttls_addr(),
            self.direct_tls_addr(),
            self.http_addr(),
            self.https_addr(),
            self.plain_addr(),
        ]
    }

    async fn is_ready(&self) -> bool {
        for address in [
            self.starttls_addr(),
            self.direct_tls_addr(),
            self.http_addr(),
        ] {
            if TcpStream::connect(address).await.is_err() {
                return false;
            }
        }
        match self.site.kind {
            ServerKind::Prosody => true,
            // A module that fails stops it after the ports were opened.
            ServerKind::Ejabberd => ejabberd::is_running(self.http_addr()).await,
        }
    }

    /// Prosody goes on without a port it did not get, so only the log tells.
    fn lost_a_port(&self) -> bool {
        let log = self.log().to_lowercase();
        log.contains("address already in use") || log.contains("eaddrinuse")
    }

    fn did_not_start(&self, reason: String) -> ServerUnavailable {
        let log = self.log();
        let start = log
            .char_indices()
            .rev()
            .nth(LOG_TAIL)
            .map_or(0, |(index, _)| index);
        let log = log[start..].to_owned();
        ServerUnavailable::DidNotStart {
            kind: self.site.kind,
            reason,
            log,
        }
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
