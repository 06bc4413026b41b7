//! What is said in a room, and what is known of those who say it.

use std::convert::Infallible;

use converse_messages::model::{
    Author, Change as MessageChange, ChatState, History, Message, MessageId, Seen, SentBy,
    SentChanges, Typing, Whose,
};
use converse_messages::wire::Incoming;
use jid::{BareJid, Jid};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::archive::Archive;
use super::info::RoomFeature;
use super::markers::Markers;
use super::presence::Change;
use super::room::State;
use super::visitors::Visitors;
use super::writers::Writers;

/// What is said in a room, and what is known around it.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) history: History,
    /// How much of the room's archive the history has.
    pub(crate) archive: Archive,
    /// What the user changed last.
    sent_changes: SentChanges,
    /// Who is the same person, where the room does not tell.
    visitors: Visitors,
    /// Who else is writing.
    writers: Writers,
    /// Up to where the others have read.
    pub(crate) markers: Markers,
    /// What the user does, and what the others know of it.
    pub(crate) typing: Typing,
    /// What the user has seen.
    pub(crate) seen: Seen,
    /// Ends the task that waits for the end of writing when it is dropped.
    pub(crate) follower: Option<oneshot::Sender<Infallible>>,
    /// How many changes are being looked up in the store.
    pub(crate) looking: usize,
    /// A task tells the others what is to be told.
    pub(crate) is_telling: bool,
}

impl Default for Talk {
    fn default() -> Self {
        Self {
            history: History::of_room(),
            archive: Archive::default(),
            sent_changes: SentChanges::default(),
            visitors: Visitors::default(),
            writers: Writers::default(),
            markers: Markers::default(),
            typing: Typing::default(),
            seen: Seen::default(),
            follower: None,
            looking: 0,
            is_telling: false,
        }
    }
}

impl Talk {
    /// Who is there has changed, and with that, who writes.
    pub(crate) fn note(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::Left(occupant, _) => {
                    self.visitors.leave(&occupant.nick);
                    self.writers.set(&occupant.nick, None, Instant::now());
                }
                Change::Renamed(occupant, old) => {
                    self.visitors.rename(old, &occupant.nick);
                    self.writers.rename(old, &occupant.nick);
                }
                // The user comes or goes: of the others it is not known any more whether they stayed.
                Change::Status => {
                    self.visitors.clear();
                    self.writers.clear();
                    self.typing.forget();
                    self.follower = None;
                }
                _ => {}
            }
        }
    }

    /// What is said, and what the user changed last.
    pub(crate) fn parts(&mut self) -> (&mut History, &mut SentChanges) {
        (&mut self.history, &mut self.sent_changes)
    }

    /// A change was sent, and is about to be folded in.
    pub(crate) fn note_sent_change(&mut self, change: &MessageChange) {
        self.sent_changes.note(change, &self.history);
    }

    /// What somebody else does; whether that is news.
    pub(crate) fn set_writer(&mut self, nick: &str, state: Option<ChatState>) -> bool {
        self.writers.set(nick, state, Instant::now())
    }

    /// The nicks of those who are writing, sorted.
    pub(crate) fn writers(&self) -> Vec<String> {
        self.writers.nicks(Instant::now())
    }

    /// The room is closed.
    pub(crate) fn close(&mut self) {
        self.history.close();
        self.follower = None;
        self.writers.clear();
    }
}

impl State {
    /// Whether something is true of the room, as far as it told.
    pub(crate) fn has(&self, feature: RoomFeature) -> bool {
        self.info.as_ref().is_some_and(|info| info.has(feature))
    }

    /// The id by which the room knows the user (XEP-0421): it is the same at each visit.
    fn own_occupant_id(&self) -> Option<&str> {
        let own = self
            .nick
            .as_deref()
            .and_then(|nick| self.occupants.get(nick));
        let shown = own.and_then(|own| own.occupant_id.as_ref());
        shown.or(self.own_id.as_ref()).map(AsRef::as_ref)
    }

    /// The room has shown the user to himself.
    pub(crate) fn note_own_id(&mut self) {
        let own = self
            .nick
            .as_deref()
            .and_then(|nick| self.occupants.get(nick));
        if let Some(id) = own.and_then(|own| own.occupant_id.clone()) {
            self.own_id = Some(id);
        }
    }

    /// Who has said something that the room's archive has. `real` is his address, if the archive tells it: only in what comes from
    /// there nobody else can have written it (XEP-0313 §5.1.2). It tells on which side he is, and no more: not all archives take
    /// away what others wrote there.
    pub(crate) fn archived_author(
        &mut self,
        from: &Jid,
        incoming: &Incoming,
        real: Option<&BareJid>,
        own: Option<&BareJid>,
    ) -> Author {
        let mut author = self.author(from, incoming);
        if !matches!(author.whose, Whose::Nick(_)) {
            return author;
        }
        if let Some(real) = real.filter(|_| own.is_some()) {
            author.sender = if Some(real) == own {
                SentBy::Me
            } else {
                SentBy::Them
            };
        } else if author.sender == SentBy::Them && self.has_sent(from, incoming) {
            author.sender = SentBy::Me;
        }
        author
    }

    /// Whether the user has sent something with that id under that nick, which may have been another one than now.
    fn has_sent(&self, from: &Jid, incoming: &Incoming) -> bool {
        let nick = from.resource().map(|nick| nick.as_str());
        let message = incoming.message.as_ref();
        let origin = message.and_then(|message| message.origin_id.as_deref());
        let id = incoming.id.as_ref().map(MessageId::as_str);
        let sent = [id, origin].into_iter().flatten();
        let mut sent = sent.filter_map(|id| self.talk.history.sent(id));
        sent.any(|sent| sent.nick.as_deref() == nick)
    }

    /// Who says something in the room, and what of that is certain.
    pub(crate) fn author(&mut self, from: &Jid, incoming: &Incoming) -> Author {
        let (sender, whose) = match from.resource() {
            Some(nick) => self.whose(nick.as_str(), incoming),
            None => (SentBy::Them, Whose::Room),
        };
        Author {
            sender,
            whose,
            jid: from.clone(),
            time: incoming.time,
            delayed: incoming.delayed,
        }
    }

    /// A room that gives its occupants ids tells by them who writes, also what is old. In another one a nick tells it, as long
    /// as it is certain that nobody else had it meanwhile.
    fn whose(&mut self, nick: &str, incoming: &Incoming) -> (SentBy, Whose) {
        let is_own_nick = self.nick.as_deref() == Some(nick);
        let by_nick = if is_own_nick {
            SentBy::Me
        } else {
            SentBy::Them
        };
        let unknown = || (by_nick, Whose::Nick(nick.to_owned()));
        let own_id = self.own_occupant_id();
        match &incoming.occupant_id {
            Some(id) if own_id == Some(id.as_str()) => {
                return (SentBy::Me, Whose::Side(SentBy::Me));
            }
            Some(id) if own_id.is_some() || !is_own_nick || incoming.delayed => {
                return (SentBy::Them, Whose::Occupant(id.clone()));
            }
            // The room has not told the user's own id, but nobody else has the nick now.
            Some(_) => return (SentBy::Me, Whose::Side(SentBy::Me)),
            None if self.has(RoomFeature::OccupantIds) => return unknown(),
            None => {}
        }
        if incoming.delayed {
            return unknown();
        }
        if is_own_nick {
            return (SentBy::Me, Whose::Side(SentBy::Me));
        }
        if self.occupants.get(nick).is_none() {
            return unknown();
        }
        let number = self.talk.visitors.number(nick);
        (SentBy::Them, Whose::Visitor(number))
    }

    /// Counts a message that came while nobody looked; whether it did.
    pub(crate) fn count_unread(&mut self, message: &Message, account: Option<&BareJid>) -> bool {
        let is_unread = message.sender == SentBy::Them && !message.delayed;
        if is_unread {
            self.unread += 1;
            let own = self.nick.as_deref();
            let is_called = own.is_some_and(|own| message.calls(own, account));
            self.mentions += usize::from(is_called);
        }
        is_unread
    }
}
