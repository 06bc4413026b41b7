//! How much of the account's archive is known (XEP-0313), and what waits until the rest is.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use converse_core::router::Stanza;
use converse_core::session::SessionNumber;
use converse_messages::sync::{ArchiveState, Followed, Held, Placed};
use jid::BareJid;

/// Of how much that did not wait the ids are known.
const MAX_OVERTAKEN: usize = 10_000;

/// The archive of the account, as far as it is known here.
#[derive(Debug, Default)]
pub(crate) struct OwnArchive {
    archive: Mutex<Archive>,
    /// Whoever puts messages into chats holds it: what comes live, or what comes from the archive.
    pub(crate) taking: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
pub(crate) struct Archive {
    pub(crate) followed: Followed,
    /// What came live while the archive is being caught up with.
    pub(crate) held: Held<Stanza>,
    /// In which session it is asked.
    session: Option<SessionNumber>,
    /// What the account's other clients send and receive is heard in that session.
    pub(crate) hears_all: bool,
    /// What is here before the archive has told what stands before it, by its ids.
    pub(crate) overtaken: HashSet<String>,
    /// What the archive has told behind the cursor, by its ids: it may put something between.
    pub(crate) unsettled: HashSet<String>,
    /// Something whose id is not known did not wait either.
    has_unknown: bool,
    /// With whom a page was fetched in this session because a chat was opened.
    fetched: HashSet<BareJid>,
}

impl OwnArchive {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Archive> {
        self.archive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds what came live, if it has to wait; gives it back if it has not.
    pub(crate) fn hold(&self, stanza: Stanza) -> Result<(), Stanza> {
        let size = stanza.element().source_len();
        self.lock().held.hold(stanza, size)
    }
}

impl Archive {
    /// The archive is another one.
    pub(crate) fn restore(&mut self, state: ArchiveState) {
        let mut followed = std::mem::take(&mut self.followed);
        followed.restore(state);
        *self = Self {
            followed,
            ..Self::default()
        };
    }

    /// A session begins of which nothing is known: it is to be caught up with, and what comes live waits.
    pub(crate) fn begin(&mut self, session: SessionNumber) -> u64 {
        self.fetched.clear();
        self.session = Some(session);
        self.hears_all = false;
        self.followed.stop();
        self.begin_again()
    }

    /// The same once more, because it did not tell everything.
    fn begin_again(&mut self) -> u64 {
        self.held.begin();
        self.followed.begin()
    }

    /// The same if it is due; in which session that is.
    pub(crate) fn begin_if_due(&mut self) -> Option<(u64, SessionNumber)> {
        let session = self.session?;
        let is_due = self.followed.is_due();
        is_due.then(|| (self.begin_again(), session))
    }

    /// Everything is here, or as much as can be had. The cursor follows what comes live if it `is_whole` and what the account's
    /// other clients do is heard too. Unless it `is_told` that there is no more, it is asked again.
    pub(crate) fn finish(&mut self, is_whole: bool, is_told: bool) {
        self.followed.finish(is_whole && self.hears_all, is_told);
        let unsettled = std::mem::take(&mut self.unsettled);
        if is_told && unsettled.is_empty() {
            self.overtaken = HashSet::new();
        }
        if !unsettled.is_empty() {
            self.overtaken.extend(unsettled);
            self.followed.hear(None);
        }
    }

    /// Whether a page is to be fetched because a chat was opened: once a session.
    pub(crate) fn is_first_fetch(&mut self, peer: &BareJid) -> bool {
        self.fetched.insert(peer.clone())
    }

    /// Something that was not here came live and did not wait.
    pub(crate) fn overtake(&mut self, id: &str) {
        // The archive has not told yet where it stands.
        if self.followed.is_owing() && self.overtaken.len() < MAX_OVERTAKEN {
            self.overtaken.insert(id.to_owned());
        }
    }

    /// The same for something of which no id is known.
    pub(crate) fn overtake_unknown(&mut self) {
        self.has_unknown |= self.followed.is_busy();
    }

    /// The archive is asked: what came before has its place in it.
    pub(crate) fn begin_round(&mut self) {
        self.has_unknown = false;
    }

    /// The archive has told where these stand.
    pub(crate) fn cover(&mut self, placed: &[Placed]) {
        if !self.overtaken.is_empty() {
            for one in placed {
                self.overtaken.remove(&one.id);
            }
        }
    }

    /// Whether something came live and did not wait that the archive has not told yet.
    pub(crate) fn is_overtaken(&self) -> bool {
        self.has_unknown || !self.overtaken.is_empty()
    }
}
