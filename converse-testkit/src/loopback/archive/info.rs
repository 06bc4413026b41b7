//! What the server shows of its archives to who runs it, and lets them do.

use chrono::{DateTime, Utc};
use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::dom::Dom;
use super::super::server::Loopback;
use super::super::state::State;
use super::super::{LoopbackError, account_jid};
use super::{Archive, Entry};

/// One archived message, as [`Loopback::archive`] shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArchiveInfo {
    /// Its id in the archive.
    pub id: String,
    /// When the archive got it.
    pub time: DateTime<Utc>,
    /// Whom it says it is from.
    pub from: Option<Jid>,
    /// Whom it says it is to; in a room's archive nobody.
    pub to: Option<Jid>,
    /// The id that its sender gave it.
    pub message_id: Option<String>,
    /// The id that its sender gave it to know it again by (XEP-0359).
    pub origin_id: Option<String>,
    /// Its text.
    pub body: Option<String>,
    /// The message as it is archived.
    pub xml: String,
}

impl ArchiveInfo {
    fn of(entry: &Entry) -> Self {
        let message = entry.message();
        let origin = message.get_child("origin-id", ns::SID);
        let body = message.get_child("body", ns::JABBER_CLIENT);
        Self {
            id: entry.id.clone(),
            time: entry.stamp,
            from: entry.from.clone(),
            to: entry.to.clone(),
            message_id: message.id().map(str::to_owned),
            origin_id: origin.and_then(Dom::id).map(str::to_owned),
            body: body.map(Element::text),
            xml: entry.text.to_string(),
        }
    }
}

impl Loopback {
    /// The archive of an account (local part or bare JID) or of a room (bare JID), the oldest message first; empty for those
    /// who have none.
    ///
    /// ```
    /// use converse_testkit::loopback::Loopback;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let server = Loopback::builder("localhost").account("romeo", "secret").start().await?;
    /// let message = "<message from='juliet@localhost' to='romeo@localhost'><body>Ay me</body></message>";
    /// server.add_to_archive("romeo", "2026-01-10T08:00:00Z".parse()?, message)?;
    /// assert_eq!(server.archive("romeo")[0].body.as_deref(), Some("Ay me"));
    /// assert_eq!(server.expire_archive("romeo", 0), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn archive(&self, whose: &str) -> Vec<ArchiveInfo> {
        let mut state = self.shared.lock();
        let archive = state.archive_of(whose);
        archive.map_or_else(Vec::new, |archive| {
            archive.entries().map(ArchiveInfo::of).collect()
        })
    }

    /// Waits until an archive is as wanted.
    pub async fn wait_for_archive(&self, whose: &str, wanted: impl Fn(&[ArchiveInfo]) -> bool) {
        let mut changes = self.shared.changes.subscribe();
        while !wanted(&self.archive(whose)) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Appends a message to an archive without sending it to anybody; gives its id there.
    ///
    /// The time is taken as it is, so that an archive can be made whose clock goes wrong; the order of the archive is that in
    /// which it got its messages.
    ///
    /// # Errors
    ///
    /// If there is no such account or room, or if the text is not one message.
    pub fn add_to_archive(
        &self,
        whose: &str,
        time: DateTime<Utc>,
        message: &str,
    ) -> Result<String, LoopbackError> {
        let message = read(message)?;
        let id = self.shared.config.environment.random.stanza_id();
        let mut state = self.shared.lock();
        let limits = state.config.limits.clone();
        let archive = state.archive_of(whose);
        let archive = archive.ok_or_else(|| LoopbackError::UnknownArchive {
            name: whose.to_owned(),
        })?;
        archive.keep(&id, time, &message, None, &limits);
        drop(state);
        self.shared.changed();
        Ok(id)
    }

    /// Lets an archive forget its oldest messages, as one does that keeps them for a time only, until so many are left; gives
    /// the number of those that went. Whoever names one of them afterwards hears `item-not-found`.
    pub fn expire_archive(&self, whose: &str, left: usize) -> usize {
        let mut state = self.shared.lock();
        let archive = state.archive_of(whose);
        let gone = archive.map_or(0, |archive| archive.forget_all_but(left));
        drop(state);
        self.shared.changed();
        gone
    }
}

impl State {
    fn archive_of(&mut self, whose: &str) -> Option<&mut Archive> {
        let own = account_jid(whose, &self.config.domain);
        let jid = own.ok().or_else(|| BareJid::new(whose).ok())?;
        match self.rooms.archive_of(&jid) {
            Some(archive) => Some(archive),
            None => Some(&mut self.accounts.get_mut(&jid)?.archive),
        }
    }
}

/// Reads a message that is written down without its namespace.
fn read(message: &str) -> Result<Element, LoopbackError> {
    let stream = format!("<stream xmlns='{}'>{message}</stream>", ns::JABBER_CLIENT);
    let stream: Element = stream
        .parse()
        .map_err(|error| LoopbackError::Message(Some(error)))?;
    let mut children = stream.children();
    match (children.next(), children.next()) {
        (Some(message), None) if message.is_stanza("message") => Ok(message.clone()),
        _ => Err(LoopbackError::Message(None)),
    }
}
