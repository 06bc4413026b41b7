//! Real XMPP servers for tests: [`Prosody`] and [`Ejabberd`], and a [`Proxy`] that breaks
//! connections to them.
//!
//! A server runs as a child of the test, on loopback, on free ports, from a private folder below
//! the build's `target/tmp`; nothing of an installed configuration is read and nothing outside that
//! folder is written. It ends with its [`Server`], and also when the test process is killed.
//!
//! ```no_run
//! use converse_testkit::servers::{Options, Prosody, or_skip, unique_user};
//!
//! # async fn test() -> Result<(), Box<dyn std::error::Error>> {
//! let Some(server) = or_skip(Prosody::start(Options::default()).await)? else {
//!     return Ok(()); // said `SKIPPED: ...`: Prosody is not installed here
//! };
//! let romeo = unique_user("romeo");
//! server.add_user(&romeo, "secret").await?;
//! // log in as romeo@localhost at server.starttls_addr(), trusting server.ca_file()
//! # Ok(())
//! # }
//! ```
//!
//! `cargo nextest` runs every test in a process of its own, and Prosody takes about half a second to
//! start, ejabberd several: put what can share a server into one test, and give every login a
//! [`unique_user`].

mod certificates;
mod ejabberd;
mod folder;
mod installation;
mod kind;
mod options;
mod peers;
mod ports;
mod process;
mod prosody;
mod proxy;
mod server;
mod unavailable;
mod user;

pub use certificates::ClientCertificate;
pub use ejabberd::Ejabberd;
pub use kind::ServerKind;
pub use options::{Certificate, Installation, Options, Storage};
pub use peers::python_peers;
pub use prosody::Prosody;
pub use proxy::{Direction, Proxy};
pub use server::Server;
pub use unavailable::{ServerUnavailable, or_skip};
pub use user::unique_user;
