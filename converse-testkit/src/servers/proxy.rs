//! A TCP proxy that breaks connections on command.

mod link;
mod shared;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use link::Link;
use shared::{Shared, State, lock};

/// Which way bytes flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the server.
    ToServer,
    /// From the server to the client.
    ToClient,
}

/// A proxy on loopback in front of a server.
///
/// ```
/// use converse_testkit::servers::Proxy;
/// use tokio::io::{AsyncReadExt, AsyncWriteExt};
/// use tokio::net::{TcpListener, TcpStream};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let server = TcpListener::bind("127.0.0.1:0").await?;
/// let proxy = Proxy::start(server.local_addr()?).await?;
/// let mut client = TcpStream::connect(proxy.addr()).await?;
/// let (mut peer, _) = server.accept().await?;
/// client.write_all(b"hello").await?;
/// let mut hello = [0; 5];
/// peer.read_exact(&mut hello).await?;
///
/// proxy.cut().await; // both ends see a reset
/// assert!(client.read(&mut hello).await.is_err());
/// assert!(peer.read(&mut hello).await.is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    /// Accepts connections; `None` while they are refused.
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl Proxy {
    /// Starts a proxy in front of `target`. It needs a tokio runtime and ends when dropped, with
    /// all its connections.
    ///
    /// # Errors
    ///
    /// When no port on loopback can be had.
    pub async fn start(target: SocketAddr) -> io::Result<Proxy> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared {
            target,
            state: watch::Sender::new(State::default()),
            open: watch::Sender::new(0),
            accepted: AtomicUsize::new(0),
            limit: Mutex::new(None),
        });
        let accepting = Mutex::new(Some(tokio::spawn(accept_all(
            listener,
            Arc::clone(&shared),
        ))));
        Ok(Proxy {
            addr,
            shared,
            accepting,
        })
    }

    /// Where clients connect to.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How many connections it has accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// How many of them are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        *self.shared.open.borrow()
    }

    /// Resets (RST) all connections on both sides; they are gone when this returns.
    pub async fn cut(&self) {
        self.end_all(false).await;
    }

    /// Closes (FIN) all connections on both sides; they are gone when this returns.
    pub async fn close(&self) {
        self.end_all(true).await;
    }

    /// Resets all connections once `bytes` more bytes have gone in `direction`, whatever is in the
    /// middle of being sent. Holds once, for the connections there are and those to come.
    pub fn cut_after(&self, direction: Direction, bytes: usize) {
        *lock(&self.shared.limit) = Some((direction, bytes));
    }

    /// Stops forwarding: connections stay open and silent, as on a network that went away.
    pub fn stall(&self) {
        self.shared.state.send_modify(|state| state.stalled = true);
    }

    /// Goes on forwarding; what was sent meanwhile arrives.
    pub fn resume_flow(&self) {
        self.shared.state.send_modify(|state| state.stalled = false);
    }

    /// Refuses new connections (ECONNREFUSED) from when this returns; those there are go on.
    pub async fn refuse(&self) {
        let accepting = lock(&self.accepting).take();
        if let Some(task) = accepting {
            task.abort();
            // The listener is closed when the task is gone; its error says that it was aborted.
            let _ = task.await;
        }
    }

    /// Accepts connections again, at the same address.
    ///
    /// # Errors
    ///
    /// When somebody else took the port meanwhile.
    pub async fn accept(&self) -> io::Result<()> {
        if lock(&self.accepting).is_none() {
            let listener = TcpListener::bind(self.addr).await?;
            let task = tokio::spawn(accept_all(listener, Arc::clone(&self.shared)));
            *lock(&self.accepting) = Some(task);
        }
        Ok(())
    }

    async fn end_all(&self, orderly: bool) {
        self.shared.end_all(orderly);
        // Never fails: we hold the sender.
        let _ = self
            .shared
            .open
            .subscribe()
            .wait_for(|open| *open == 0)
            .await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.accepting).take() {
            task.abort();
        }
        self.shared.end_all(false);
    }
}

async fn accept_all(listener: TcpListener, shared: Arc<Shared>) {
    // An error of `accept` concerns one connection (or too many open files): the client sees it.
    while let Ok((client, _)) = listener.accept().await {
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        shared.open.send_modify(|open| *open += 1);
        let state = shared.state.subscribe();
        let cuts = state.borrow().cuts;
        let link = Link {
            cuts,
            state,
            shared: Arc::clone(&shared),
        };
        tokio::spawn(link.run(client));
    }
}
