//! The outside world, as a trait: a test puts its own in place of DNS and TCP.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};

use futures_util::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};

use super::TransportError;

/// A connection that bytes go over: TCP, TLS or an in-memory pipe.
pub trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + ?Sized> ByteStream for T {}

/// An SRV record (RFC 2782).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SrvRecord {
    /// Lower is tried earlier.
    pub priority: u16,
    /// The share of the connections among records of the same priority.
    pub weight: u16,
    /// The port.
    pub port: u16,
    /// The host, without the final dot; empty if the record says that there is no such service.
    pub target: String,
}

/// Everything that touches the network.
pub trait Network: fmt::Debug + Send + Sync {
    /// The SRV records of `service` (as `_xmpp-client._tcp`) at `domain`, in ASCII; empty if there are none.
    fn srv<'a>(
        &'a self,
        service: &'a str,
        domain: &'a str,
    ) -> BoxFuture<'a, Result<Vec<SrvRecord>, TransportError>>;

    /// The addresses of `host`, of both families, in the order of preference.
    fn addresses<'a>(&'a self, host: &'a str)
    -> BoxFuture<'a, Result<Vec<IpAddr>, TransportError>>;

    /// A connection to `address`, which is one of those of `host`.
    fn connect<'a>(
        &'a self,
        host: &'a str,
        address: SocketAddr,
    ) -> BoxFuture<'a, io::Result<Box<dyn ByteStream>>>;
}
