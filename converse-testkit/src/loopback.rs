//! A small XMPP server in the process, on 127.0.0.1.
//!
//! It speaks the wire and nothing but the wire: what logs in may be a client made with this framework, or any other. It does
//! not share code with the client side either; streams are read and written by [`tokio_xmpp::xmlstream`].
//!
//! | what | where |
//! |---|---|
//! | streams, STARTTLS, SASL (SCRAM, PLAIN, ANONYMOUS), resource binding | RFC 6120 |
//! | rosters with versions, subscriptions and their pre-approval, presence, message routing | RFC 6121 |
//! | stream management with resumption, client state | XEP-0198, XEP-0352 |
//! | service discovery, software version, time, last activity, ping | XEP-0030, XEP-0092, XEP-0202, XEP-0012, XEP-0199 |
//! | offline messages with their time, message ids | XEP-0160, XEP-0203, XEP-0359 |
//! | carbons, by all of the rules in its §6.1 | XEP-0280 |
//! | archives of accounts and rooms, and what is archived | XEP-0313, XEP-0059, XEP-0334, XEP-0441 |
//! | blocked addresses | XEP-0191 |
//! | accounts that are registered, get other passwords and are deleted | XEP-0077 |
//! | personal eventing, for who asks for it in its capabilities | XEP-0060, XEP-0163, XEP-0115 |
//! | private storage | XEP-0049 |
//! | rooms: entering, messages, history, subject, roles and affiliations, configuration, invitations | XEP-0045, XEP-0410, XEP-0421 |
//! | vCards, and pictures that are the same in all their places | XEP-0054, XEP-0084, XEP-0153, XEP-0398 |
//!
//! A message to a bare JID goes to every available resource whose priority is not negative, as RFC 6121 §8.5.2.1.1 allows. A
//! server has one domain and talks to no other server.
//!
//! ```
//! use converse_testkit::loopback::Loopback;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Loopback::builder("localhost")
//!     .account("romeo", "secret")
//!     .account("juliet", "secret")
//!     .subscribed("romeo", "juliet")
//!     .start()
//!     .await?;
//! assert!(server.addr().ip().is_loopback());
//! assert!(server.sessions().is_empty());
//! server.stop().await;
//! # Ok(())
//! # }
//! ```

mod archive;
mod authentication;
mod blocking;
mod caps;
mod carbons;
mod config;
mod connection;
mod disco;
mod dom;
mod information;
mod iq;
mod limits;
mod message;
mod muc;
mod negotiation;
mod offline;
mod outbox;
mod presence;
mod private_storage;
mod pubsub;
mod registration;
mod roster;
mod routing;
mod sasl;
mod server;
mod session;
mod shared;
mod sm;
mod stanza_id;
mod state;
mod subscription;
mod tls;
mod vcard;
mod wire;

use jid::BareJid;

pub use archive::{ArchiveInfo, Archives};
pub use config::{Conflict, LoopbackBuilder};
pub use limits::Limits;
pub use muc::{Affiliation, OccupantInfo, Role, RoomInfo};
pub use registration::Registration;
pub use server::Loopback;
pub use shared::SessionInfo;

/// Why a server does not start, or does not do what it is told to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoopbackError {
    /// A name is no address.
    #[error("`{name}` is not a valid domain, local part or bare JID of the server's domain")]
    Address {
        /// The name.
        name: String,
        /// What is wrong with it.
        source: jid::Error,
    },
    /// A name belongs to another domain.
    #[error("`{name}` is not an address of the server's domain")]
    ForeignAddress {
        /// The name.
        name: String,
    },
    /// A roster was given to an account nobody has.
    #[error("there is no account `{name}`: add it with `account` first")]
    UnknownAccount {
        /// The name.
        name: String,
    },
    /// There is no archive of that name.
    #[error("there is no account or room `{name}` that could have an archive")]
    UnknownArchive {
        /// The name.
        name: String,
    },
    /// A message to archive is none.
    #[error(
        "a message that is to be archived cannot be read: give one `<message/>`, without a namespace or in `jabber:client`"
    )]
    Message(#[source] Option<xmpp_parsers::minidom::Error>),
    /// No certificate could be made.
    #[error("could not make a certificate")]
    Certificate(#[from] rcgen::Error),
    /// The certificate could not be used.
    #[error("could not set up TLS")]
    Tls(#[from] rustls::Error),
    /// The system gave no port.
    #[error("could not listen on 127.0.0.1")]
    Listen(#[from] std::io::Error),
}

/// The account that a local part or a bare JID stands for.
fn account_jid(name: &str, domain: &BareJid) -> Result<BareJid, LoopbackError> {
    let invalid = |source| LoopbackError::Address {
        name: name.to_owned(),
        source,
    };
    if !name.contains('@') {
        let node = jid::NodePart::new(name).map_err(invalid)?;
        return Ok(BareJid::from_parts(Some(&node), domain.domain()));
    }
    let jid = BareJid::new(name).map_err(invalid)?;
    if jid.domain() != domain.domain() {
        return Err(LoopbackError::ForeignAddress {
            name: name.to_owned(),
        });
    }
    Ok(jid)
}
