//! The way to the server: names, addresses, TCP, TLS, and a stream of XML elements over it.
//!
//! - [`Network`] is everything that touches the outside; [`SystemNetwork`] is this machine's.
//! - [`connect`] takes a [`Target`] and tries its hosts in the order of their SRV records (RFC 6120 §3.2, XEP-0368),
//!   their addresses by happy eyeballs (RFC 8305), and secures the connection by STARTTLS (RFC 6120 §5) or direct TLS.
//! - [`Transport`] carries elements; [`StreamTransport`] does so over bytes, and other transports (RFC 7395, XEP-0206)
//!   implement the same trait.
//!
//! Nothing goes out in plain text but the stream header and `<starttls/>`, unless the connection cannot leave this
//! machine and the user asked for it. The certificate is always checked for the domain of the account's address.
//!
//! ```no_run
//! # async fn run() -> Result<(), converse_core::transport::TransportError> {
//! use converse_core::env::SystemRandom;
//! use converse_core::transport::{self, OpenHeader, SystemNetwork, Target};
//!
//! let target = Target::new("kestrel.example");
//! let connected = transport::connect(&target, &SystemNetwork::new(), &SystemRandom::new()).await?;
//! let mut stream = connected.transport;
//! stream.open(&OpenHeader::new("kestrel.example").from("mara@kestrel.example"));
//! stream.flush().await?;
//! let mut frames = Vec::new();
//! stream.recv(&mut frames, 16).await?;
//! # Ok(())
//! # }
//! ```

mod carrier;
mod connect;
mod der;
mod error;
mod eyeballs;
mod header;
mod network;
mod srv;
mod starttls;
mod stream;
mod stream_error;
mod system;
mod target;
mod tls;
mod tls_info;

pub use carrier::Transport;
pub use connect::{Connected, connect};
pub use error::{Failure, TlsReason, TransportError};
pub use header::OpenHeader;
pub use network::{ByteStream, Network, SrvRecord};
pub use stream::StreamTransport;
pub use stream_error::StreamError;
pub use system::SystemNetwork;
pub use target::{Deadlines, Security, Target};
pub use tls::TlsSettings;
pub use tls_info::{TlsInfo, TlsVersion};
