//! How much of the account's archive is known (XEP-0313), and what waits until the rest is.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use converse_core::router::Stanza;
use converse_core::session::SessionNumber;
use converse_core::store::Place;
use converse_messages::sync::{ArchiveState, Held, LiveEdge, Mark, Placed, Retry};
use jid::BareJid;

/// How far the cursor may stay behind what comes live before it is brought up.
const MAX_BEHIND: usize = 100;

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
    pub(crate) state: ArchiveState,
    pub(crate) edge: LiveEdge,
    /// What came live while the archive is being caught up with.
    pub(crate) held: Held<Stanza>,
    is_holding: bool,
    /// The cursor has moved with what came live.
    is_moved: bool,
    /// Counts the times that it was caught up with.
    runs: u64,
    is_running: bool,
    /// Whether it has to be asked again.
    pub(crate) retry: Retry,
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
        let mut archive = self.lock();
        let size = stanza.element().source_len();
        if archive.is_holding && archive.held.has_room(size) {
            archive.held.hold(stanza, size);
            return Ok(());
        }
        Err(stanza)
    }
}

impl Archive {
    /// The archive is another one.
    pub(crate) fn restore(&mut self, state: ArchiveState) {
        *self = Self {
            state,
            runs: self.runs,
            ..Self::default()
        };
    }

    /// A session begins of which nothing is known: it is to be caught up with, and what comes live waits.
    pub(crate) fn begin(&mut self, session: SessionNumber) -> u64 {
        self.fetched.clear();
        self.session = Some(session);
        self.hears_all = false;
        self.retry.done();
        self.begin_again()
    }

    /// The same once more, because it did not tell everything.
    fn begin_again(&mut self) -> u64 {
        self.edge.lost();
        self.is_holding = true;
        self.run()
    }

    /// The same if it is due; in which session that is.
    pub(crate) fn begin_if_due(&mut self) -> Option<(u64, SessionNumber)> {
        let session = self.session?;
        let is_due = self.retry.is_due() && !self.is_running;
        is_due.then(|| (self.begin_again(), session))
    }

    /// It is being caught up with; the number of this time.
    pub(crate) fn run(&mut self) -> u64 {
        self.runs += 1;
        self.is_running = true;
        self.retry.begin();
        self.runs
    }

    /// Whether it is still being caught up with, for the time of that number.
    pub(crate) fn is_running(&self, number: u64) -> bool {
        self.is_running && self.runs == number
    }

    /// Everything is here, or as much as can be had. The cursor follows what comes live if it `is_whole` and what the account's
    /// other clients do is heard too. Unless it `is_told` that there is no more, it is asked again.
    pub(crate) fn finish(&mut self, is_whole: bool, is_told: bool) {
        self.is_running = false;
        if is_whole && self.hears_all {
            self.edge.caught_up();
        }
        let unsettled = std::mem::take(&mut self.unsettled);
        if is_told {
            if unsettled.is_empty() {
                self.overtaken = HashSet::new();
            }
            self.retry.done();
        }
        if !unsettled.is_empty() {
            self.overtaken.extend(unsettled);
            self.edge.unidentified();
        }
    }

    /// Whether it is being caught up with.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_running
    }

    /// Whether what comes live waits.
    pub(crate) fn is_holding(&self) -> bool {
        self.is_holding
    }

    /// The next one of what came live and waited; with none left, what comes now does not wait.
    pub(crate) fn release(&mut self) -> Option<Stanza> {
        let next = self.held.pop();
        self.is_holding = next.is_some();
        next
    }

    /// Whether a page is to be fetched because a chat was opened: once a session.
    pub(crate) fn is_first_fetch(&mut self, peer: &BareJid) -> bool {
        self.fetched.insert(peer.clone())
    }

    /// Something that was not here came live and did not wait.
    pub(crate) fn overtake(&mut self, id: &str) {
        // The archive has not told yet where it stands.
        let is_before = self.retry.is_due() || self.edge.behind() > 0;
        if is_before && self.overtaken.len() < MAX_OVERTAKEN {
            self.overtaken.insert(id.to_owned());
        }
    }

    /// The same for something of which no id is known.
    pub(crate) fn overtake_unknown(&mut self) {
        self.has_unknown |= self.is_running;
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

    /// Something came live, or was sent from here, with or without an id of the archive.
    pub(crate) fn hear(&mut self, id: Option<(&str, Place)>) {
        let Some((id, place)) = id else {
            self.edge.unidentified();
            return;
        };
        let is_before = self
            .state
            .cursor()
            .is_some_and(|cursor| place < cursor.place);
        if is_before || !self.edge.identified() {
            return;
        }
        // The archive has not told when it got it, but later than what came before.
        let time = self.state.cursor().and_then(|cursor| cursor.time);
        self.state.move_cursor(Mark::new(id, place, time));
        self.is_moved = true;
    }

    /// What is known, if the cursor has moved since the last time.
    pub(crate) fn take_moved(&mut self) -> Option<ArchiveState> {
        std::mem::take(&mut self.is_moved).then(|| self.state.clone())
    }

    /// Whether the cursor is so far behind what came live that it is to be brought up.
    pub(crate) fn is_behind(&self) -> bool {
        self.edge.is_caught_up() && !self.is_running && self.edge.behind() >= MAX_BEHIND
    }
}
