//! A network inside the process: every connection that the client makes is handed to the test.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use converse::core::transport::{ByteStream, Network, SrvRecord, TransportError};
use tokio::io::DuplexStream;
use tokio::sync::mpsc;

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How much either side may write before the other reads.
const PIPE: usize = 256 * 1024;

/// What the client connects through.
#[derive(Debug)]
pub(crate) struct Lines {
    accepted: mpsc::UnboundedSender<(SocketAddr, DuplexStream)>,
    watched: Arc<Watched>,
}

/// What a test sees and sets of the network.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// How many connections were tried.
    pub(crate) tried: AtomicUsize,
    /// Every connection is refused.
    pub(crate) down: AtomicBool,
}

/// The network, the server's ends of its connections, and what a test sees of it.
pub(crate) fn lines() -> (
    Lines,
    mpsc::UnboundedReceiver<(SocketAddr, DuplexStream)>,
    Arc<Watched>,
) {
    let (accepted, connections) = mpsc::unbounded_channel();
    let watched = Arc::new(Watched::default());
    let lines = Lines {
        accepted,
        watched: Arc::clone(&watched),
    };
    (lines, connections, watched)
}

impl Network for Lines {
    fn srv<'a>(
        &'a self,
        _: &'a str,
        _: &'a str,
    ) -> Answer<'a, Result<Vec<SrvRecord>, TransportError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn addresses<'a>(&'a self, _: &'a str) -> Answer<'a, Result<Vec<IpAddr>, TransportError>> {
        Box::pin(async { Ok(vec![Ipv4Addr::LOCALHOST.into()]) })
    }

    fn connect<'a>(
        &'a self,
        _: &'a str,
        address: SocketAddr,
    ) -> Answer<'a, io::Result<Box<dyn ByteStream>>> {
        Box::pin(async move {
            self.watched.tried.fetch_add(1, Ordering::SeqCst);
            if self.watched.down.load(Ordering::SeqCst) {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            let (ours, theirs) = tokio::io::duplex(PIPE);
            let closed = |_| io::Error::from(io::ErrorKind::ConnectionRefused);
            self.accepted.send((address, theirs)).map_err(closed)?;
            Ok(Box::new(ours) as Box<dyn ByteStream>)
        })
    }
}
