//! What the server puts up with.

use std::time::Duration;

/// How much one server holds and how long it waits; none of it is unbounded.
///
/// ```
/// use converse_testkit::loopback::Limits;
///
/// let limits = Limits { offline_messages: 5, ..Limits::default() };
/// assert_eq!(limits.offline_messages, 5);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one stream-level element; more is answered with the stream error `policy-violation`.
    ///
    /// The XML parser underneath refuses attribute values beyond 8 KiB on its own account.
    pub stanza_bytes: usize,
    /// Stanzas that wait for one connection that reads slowly. From half of it on, whoever sends to that connection is not
    /// read any more; at the limit the slow connection is cut off with `policy-violation`.
    pub queued_stanzas: usize,
    /// Bytes that wait for one connection, treated like `queued_stanzas`.
    pub queued_bytes: usize,
    /// Stanzas sent and not yet acknowledged in one session with stream management; one more ends the session.
    pub unacked_stanzas: usize,
    /// How long somebody who sends to a slow reader is held up before the reader is cut off.
    pub patience: Duration,
    /// The longest time a lost session waits for its resumption; a client may ask for less (XEP-0198 §3).
    pub hibernation: Duration,
    /// Messages stored for one account that is not online; one more is refused.
    pub offline_messages: usize,
    /// Messages in the archive of one account or room (XEP-0313); one more takes the place of the oldest.
    pub archived_messages: usize,
    /// Bytes of the messages in one archive, treated like `archived_messages`.
    pub archived_bytes: usize,
    /// Messages in one page of an archive, whatever a client asks for.
    pub archive_page: usize,
    /// Addresses for which one account says whether messages are archived (XEP-0441).
    pub archive_preferences: usize,
    /// Entries of one roster, requests that wait for an answer included.
    pub contacts: usize,
    /// Addresses one account has blocked.
    pub blocked: usize,
    /// Nodes one account has published to (XEP-0163).
    pub nodes: usize,
    /// Items of one node.
    pub node_items: usize,
    /// Bytes of everything one account has published, and of its vCard; more is refused with `resource-constraint`.
    pub published_bytes: usize,
    /// Bytes one account keeps in private storage (XEP-0049).
    pub private_bytes: usize,
    /// Entities one session has sent directed presence to.
    pub directed: usize,
    /// Rooms at once (XEP-0045); one more is not made.
    pub rooms: usize,
    /// Clients in one room; one more is not let in.
    pub occupants: usize,
    /// Messages that one room keeps for newcomers.
    pub room_history: usize,
    /// Accounts that one room has an affiliation for.
    pub room_affiliations: usize,
    /// Connections at once; one more is closed.
    pub connections: usize,
    /// Accounts; with as many of them or more, nobody logs in anonymously.
    pub accounts: usize,
    /// Failed logins on one connection.
    pub login_attempts: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            stanza_bytes: 512 * 1024,
            queued_stanzas: 2000,
            queued_bytes: 8 * 1024 * 1024,
            unacked_stanzas: 5000,
            patience: Duration::from_secs(60),
            hibernation: Duration::from_secs(300),
            offline_messages: 100,
            archived_messages: 10_000,
            archived_bytes: 32 * 1024 * 1024,
            archive_page: 100,
            archive_preferences: 1000,
            contacts: 2000,
            blocked: 500,
            nodes: 100,
            node_items: 500,
            published_bytes: 4 * 1024 * 1024,
            private_bytes: 1024 * 1024,
            directed: 200,
            rooms: 100,
            occupants: 500,
            room_history: 100,
            room_affiliations: 1000,
            connections: 256,
            accounts: 1000,
            login_attempts: 3,
        }
    }
}
