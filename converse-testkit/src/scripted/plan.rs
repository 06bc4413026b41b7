//! What the server does by itself, so that a script need only say what matters to it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Certificate, Kept, Room};

/// How far the server takes a client by itself; each step includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Until {
    /// It accepts the connection and says nothing.
    Accepted,
    /// It answers stream headers with its own.
    Header,
    /// It offers STARTTLS and says `<proceed/>`; the handshake is the script's.
    Proceed,
    /// It completes TLS and answers the header that follows.
    Secured,
    /// It authenticates the client and offers resource binding.
    Authenticated,
    /// It binds a resource.
    Bound,
    /// It enables and resumes stream management.
    Online,
}

/// An entry of the account's roster.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(default)]
pub struct RosterItem {
    /// The contact's address.
    pub jid: String,
    /// The name the user gave.
    pub name: Option<String>,
    /// `none`, `to`, `from` or `both`.
    pub subscription: Option<String>,
    /// The groups the user put it in.
    pub groups: Vec<String>,
}

/// What the server is and does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan {
    /// The domain it serves.
    pub domain: String,
    /// The password of every account.
    pub password: String,
    /// How far it goes by itself.
    pub until: Until,
    /// Whether it wants STARTTLS.
    pub tls: bool,
    /// What it shows in the TLS handshake.
    pub certificate: Certificate,
    /// The SASL mechanisms it offers.
    pub mechanisms: Vec<String>,
    /// The condition with which it refuses every login, if it does.
    pub refuse_auth: Option<String>,
    /// Further stream features after the login, as XML.
    pub features: Vec<String>,
    /// Whether it offers stream management (XEP-0198).
    pub stream_management: bool,
    /// Whether it enables stream management so that it can be resumed.
    pub resumable: bool,
    /// Whether it resumes when asked.
    pub resume: bool,
    /// After how long it answers a request for acknowledgement; `None` for never.
    pub acknowledge_after: Option<Duration>,
    /// The address it binds, whatever is asked for.
    pub bound_jid: Option<String>,
    /// How many requests to bind it refuses with `<conflict/>`.
    pub bind_conflicts: u32,
    /// Which requests it answers by itself: `roster`, `disco`, `carbons`, `vcard`, `bookmarks`, `blocklist`, and if it is told to
    /// `archive`.
    pub auto: BTreeSet<String>,
    /// The account's roster.
    pub roster: Vec<RosterItem>,
    /// The roster's version.
    pub roster_version: Option<String>,
    /// The rooms that let the client in.
    pub rooms: Vec<Room>,
    /// The rooms that only say what they are.
    pub described: Vec<Room>,
    /// Features of the domain (XEP-0030).
    pub server_features: Vec<String>,
    /// Features of the account.
    pub account_features: Vec<String>,
    /// What the account's archive has, the oldest first; rooms have none.
    pub archive: Vec<Kept>,
    /// Whether the account is a personal eventing service (XEP-0163).
    pub pep: bool,
}

impl Plan {
    /// A server of `domain` that takes every client online over plain text, with the password `secret`.
    pub fn new(domain: impl Into<String>) -> Self {
        let domain = domain.into();
        Self {
            certificate: Certificate::for_name(&domain),
            domain,
            password: "secret".to_owned(),
            until: Until::Online,
            tls: false,
            mechanisms: vec!["SCRAM-SHA-1".to_owned(), "SCRAM-SHA-256".to_owned()],
            refuse_auth: None,
            features: Vec::new(),
            stream_management: false,
            resumable: true,
            resume: true,
            acknowledge_after: Some(Duration::from_secs(5)),
            bound_jid: None,
            bind_conflicts: 0,
            auto: [
                "roster",
                "disco",
                "carbons",
                "vcard",
                "bookmarks",
                "blocklist",
            ]
            .map(ToOwned::to_owned)
            .into(),
            roster: Vec::new(),
            roster_version: None,
            rooms: Vec::new(),
            described: Vec::new(),
            server_features: Vec::new(),
            account_features: Vec::new(),
            archive: Vec::new(),
            pep: false,
        }
    }
}
