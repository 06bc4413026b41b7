//! A server that a test speaks for, in reading order: expect this, send that.
//!
//! Nothing leaves the process: the client reaches the server through a [`ScriptedNetwork`] of in-memory pipes, and time is
//! virtual ([`clock::run`](crate::clock::run)). What a test does not care about, the server does by itself, as its [`Plan`]
//! says: it takes the client through TLS, SASL and resource binding and answers the usual requests.
//!
//! ```
//! use converse_core::prelude::*;
//! use converse_testkit::clock;
//! use converse_testkit::scripted::{Captures, Plan, Server};
//!
//! # fn main() -> Result<(), BoxError> {
//! clock::run(async {
//!     let server = Server::new(Plan::new("kestrel.example"));
//!     let api = Converse::new()
//!         .with_network(server.network())
//!         .with_environment(clock::environment(1))
//!         .start(settings! {
//!             "jid": "mara@kestrel.example/desk",
//!             "password": "secret",
//!             "security": "plaintext_loopback",
//!         })
//!         .await?;
//!
//!     server.send("<iq type='get' id='p1' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>").await?;
//!     server.expect("<iq type='result' id='p1'/>", &mut Captures::default()).await?;
//!     api.connection().disconnect().await?;
//!     Ok(())
//! })
//! # }
//! ```

mod acknowledging;
mod answers;
mod archive;
mod certificates;
mod control;
mod expect;
mod librarian;
mod link;
mod negotiation;
mod network;
mod pattern;
mod plan;
mod resumption;
mod rooms;
mod scene;
mod scram;
mod server;
mod wire;

pub use archive::Kept;
pub use certificates::{Certificate, Signer, TrustedRoots};
pub use expect::PATIENCE;
pub use librarian::{AskedPage, Librarian};
pub use link::Hello;
pub use network::{Attempt, Rule, ScriptedNetwork};
pub use pattern::{Captures, Pattern, has_path};
pub use plan::{Plan, RosterItem, Until};
pub use rooms::{Occupant, Room};
pub use scene::{Scene, SceneBuilder};
pub use scram::Fault;
pub use server::{Sent, Server, What};

/// The client did not do what the script says, or the script cannot be followed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ScriptError {
    message: String,
}

impl ScriptError {
    /// An error with this text.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl From<rcgen::Error> for ScriptError {
    fn from(error: rcgen::Error) -> Self {
        Self::new(format!("a certificate cannot be made: {error}"))
    }
}

impl From<rustls::Error> for ScriptError {
    fn from(error: rustls::Error) -> Self {
        Self::new(format!("TLS cannot be set up: {error}"))
    }
}
