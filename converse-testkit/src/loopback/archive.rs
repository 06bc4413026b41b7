//! Message archives (XEP-0313), of accounts and of rooms.
//!
//! An archive keeps what an account or a room has got, in the order in which it got it, and forgets the oldest of more than it
//! may keep; there are never holes in it (§3.2). What is asked of it is [read](query), what answers that is [found](page) in
//! it and [written](answer) by nobody else: where a message comes from and who may ask is the business of the
//! [accounts] and of the rooms.
//!
//! | what | where |
//! |---|---|
//! | what is archived, and under which id | XEP-0313 §3, §5.1; XEP-0334, XEP-0359 |
//! | filters by address, time and id | XEP-0313 §4.1 |
//! | pages | XEP-0059, XEP-0313 §4.3 |
//! | the first and last message there are | XEP-0313 §4.4 |
//! | preferences | XEP-0441 |

mod accounts;
mod answer;
mod info;
mod page;
mod preferences;
mod query;
mod settings;

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, SubsecRound as _, Utc};
use jid::{BareJid, FullJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::dom::Dom;
use super::limits::Limits;

pub(super) use answer::{features, fields, is_result};
pub use info::ArchiveInfo;
pub(super) use preferences::Preferences;
pub(super) use query::Query;
pub use settings::Archives;

const HINTS: &str = "urn:xmpp:hints";

/// The messages of one account or room, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Archive {
    entries: VecDeque<Entry>,
    /// How many came before the oldest that is kept: the place of a message in all there ever were stays the same.
    forgotten: u64,
    /// Where the messages are, by their ids.
    places: BTreeMap<String, u64>,
    bytes: usize,
}

/// One archived message.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: String,
    /// When the archive got it.
    pub(super) stamp: DateTime<Utc>,
    /// The message as it is written: a tree takes many times as much room.
    text: Box<str>,
    from: Option<Jid>,
    to: Option<Jid>,
    /// Who said it in a room.
    pub(super) author: Option<Author>,
}

/// Who said something in a room: known to those who see real addresses (XEP-0313 §5.1.2).
#[derive(Debug, Clone)]
pub(super) struct Author {
    pub(super) jid: FullJid,
    /// The `<item/>` that tells of them.
    pub(super) item: Element,
}

impl Archive {
    /// Keeps a message under an id nobody else has, and forgets the oldest ones if that is too much.
    pub(super) fn keep(
        &mut self,
        id: &str,
        stamp: DateTime<Utc>,
        message: &Element,
        author: Option<Author>,
        limits: &Limits,
    ) {
        let address = |name: &str| message.attr(name).and_then(|jid| Jid::new(jid).ok());
        let entry = Entry {
            id: id.to_owned(),
            // What is told of it later is no finer, and what is asked is compared with what was told.
            stamp: stamp.trunc_subsecs(6),
            from: address("from"),
            to: address("to"),
            author,
            text: String::from(message).into(),
        };
        let place = self.forgotten + self.entries.len() as u64;
        self.places.insert(id.to_owned(), place);
        self.bytes += entry.text.len();
        self.entries.push_back(entry);
        while self.entries.len() > limits.archived_messages || self.bytes > limits.archived_bytes {
            self.forget_oldest();
        }
    }

    /// Forgets the oldest messages until no more than so many are left; says how many went.
    pub(super) fn forget_all_but(&mut self, most: usize) -> usize {
        let surplus = self.entries.len().saturating_sub(most);
        for _ in 0..surplus {
            self.forget_oldest();
        }
        surplus
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.entries.pop_front() {
            self.places.remove(&oldest.id);
            self.bytes -= oldest.text.len();
            self.forgotten += 1;
        }
    }

    /// All messages, the oldest first.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The message with an id.
    pub(super) fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.get(self.index(id)?)
    }

    /// Where among those that are kept a message is.
    fn index(&self, id: &str) -> Option<usize> {
        let place = self.places.get(id)?;
        usize::try_from(place - self.forgotten).ok()
    }

    /// Puts something else in the place of a message, which keeps its id, its time and its addresses (XEP-0424 §5).
    pub(super) fn replace(&mut self, id: &str, message: impl FnOnce(Element) -> Element) {
        let index = self.index(id);
        if let Some(entry) = index.and_then(|index| self.entries.get_mut(index)) {
            self.bytes -= entry.text.len();
            entry.text = String::from(&message(entry.message())).into();
            self.bytes += entry.text.len();
        }
    }
}

impl Entry {
    /// The message.
    pub(super) fn message(&self) -> Element {
        let message = self.text.parse();
        // What was written here can be read.
        message.unwrap_or_else(|_| Element::bare("message", ns::JABBER_CLIENT))
    }

    /// Whether a message of an account's archive was exchanged with somebody (XEP-0313 §4.1.1).
    pub(super) fn is_with(&self, own: &BareJid, with: &Jid) -> bool {
        let is = |jid: &Option<Jid>| jid.as_ref().is_some_and(|jid| matches(jid, with));
        // One's own address is in every message there is.
        match with.resource().is_none() && *with == *own {
            true => is(&self.from) && is(&self.to),
            false => is(&self.from) || is(&self.to),
        }
    }

    /// Whether somebody said it in a room, for one who sees real addresses or not.
    pub(super) fn is_of(&self, with: &Jid, sees: bool) -> bool {
        let by_nick = self.from.as_ref().is_some_and(|from| matches(from, with));
        let author = self.author.as_ref().filter(|_| sees);
        by_nick || author.is_some_and(|author| matches(&author.jid.clone().into(), with))
    }
}

/// Whether an address is meant by another: a bare one means all of its resources.
fn matches(jid: &Jid, meant: &Jid) -> bool {
    match meant.resource() {
        Some(_) => jid == meant,
        None => jid.to_bare() == meant.to_bare(),
    }
}

/// Whether a message is one to archive (XEP-0313 §5.1.1, XEP-0334 §4): not a passing one, and none that says no.
pub(super) fn is_archivable(message: &Element) -> bool {
    let hinted = |hint: &str| message.has_child(hint, HINTS);
    let refused = hinted("no-store") || hinted("no-permanent-store");
    let kind = !matches!(message.kind(), Some("error" | "headline"));
    kind && !refused && (hinted("store") || message.children().any(is_lasting))
}

/// Whether something is of interest to those who were not there when it was said.
fn is_lasting(child: &Element) -> bool {
    const LASTING: [&str; 8] = [
        ns::RECEIPTS,
        ns::DISPLAYED_MARKERS,
        "jabber:x:conference",
        "urn:xmpp:eme:0",
        "urn:xmpp:fasten:0",
        "urn:xmpp:jingle-message:0",
        "urn:xmpp:message-retract:1",
        "urn:xmpp:reactions:0",
    ];
    let said = child.is("body", ns::JABBER_CLIENT) || child.is("subject", ns::JABBER_CLIENT);
    let invites = child.is("x", ns::MUC_USER) && child.has_child("invite", ns::MUC_USER);
    said || invites || LASTING.iter().any(|lasting| child.has_ns(*lasting))
}
