//! What came before.

use super::ids::Id;
use super::{Added, Delivery, History, MAX_SAME, Message, MessageId, Row, SentBy, Whose};

impl History {
    /// The message that was sent from here and that the room sent to everybody (XEP-0045 §7.4).
    pub(super) fn sent_here(&self, message: &Message, whose: &Whose) -> Option<u64> {
        if !self.is_room || message.sender != SentBy::Me || message.delivery.is_some() {
            return None;
        }
        let is_certain = *whose == Whose::Side(SentBy::Me);
        let number = names(message).find_map(|id| self.ids.get(self.ids.key(Id::Sent(id))))?;
        let sent = self.message(number)?;
        // Somebody may have had the nick before and have heard the id.
        let is_same = is_certain || is_text_of(sent, message);
        let is_one = !is_apart(sent, message) || is_copy(sent, message);
        (is_same && is_one).then_some(number)
    }

    /// Whether a message came twice to the archive, and the one that is here is the other.
    pub(super) fn is_other_copy(&self, number: u64, message: &Message) -> bool {
        let here = self.message(number);
        here.is_some_and(|here| is_apart(here, message))
    }

    /// The room has sent it to everybody.
    pub(super) fn reflect(&mut self, number: u64, message: Message) -> Added {
        if self.is_other_copy(number, &message) {
            return Added::Duplicate;
        }
        self.know_stanza_id(&message, number);
        let is_news = self.message(number).is_some_and(|sent| {
            sent.delivery < Some(Delivery::Reflected)
                || (sent.stanza_id.is_none() && message.stanza_id.is_some())
        });
        if !is_news {
            return Added::Duplicate;
        }
        let reflected = self.change(number, |entry| {
            let sent = &mut entry.message;
            sent.delivery = sent.delivery.max(Some(Delivery::Reflected));
            sent.error = None;
            sent.stanza_id = message.stanza_id;
            sent.occupant_id = message.occupant_id;
        });
        // Others may have said something of it that came before.
        self.fold_early(number);
        match reflected.and(self.message(number)) {
            Some(message) => Added::Reflected(message.clone()),
            None => Added::Duplicate,
        }
    }

    /// The message is here already; it may have an id now, or have been taken away meanwhile.
    pub(super) fn repeat(&mut self, number: u64, message: Message, whose: &Whose) -> Added {
        self.learn_author(number, &message, whose);
        let Some(known) = self.message(number) else {
            return Added::Duplicate;
        };
        let gets_id = known.stanza_id.is_none() && message.stanza_id.is_some();
        let is_taken_away = message.retracted.filter(|_| known.retracted.is_none());
        if gets_id {
            self.know_stanza_id(&message, number);
            self.change(number, |entry| entry.message.stanza_id = message.stanza_id);
            if self.is_room {
                self.fold_early(number);
            }
        }
        let Some(time) = is_taken_away else {
            return Added::Duplicate;
        };
        let retracted = self.change(number, |entry| {
            entry.message.retract(time);
            entry.message.moderated = message.moderated;
            entry.reactors = Vec::new();
        });
        retracted.map_or(Added::Duplicate, Added::Retracted)
    }

    /// A room says with a copy who wrote what its archive has without that. The copy is the one that has the room's own id: the ids that
    /// a sender chooses prove nothing.
    fn learn_author(&mut self, number: u64, copy: &Message, whose: &Whose) {
        let Some(entry) = self.entry(number) else {
            return;
        };
        let is_one = copy.stanza_id.is_some() && entry.message.stanza_id == copy.stanza_id;
        if !is_one || entry.whose.is_certain() || !whose.is_certain() {
            return;
        }
        let (message, before, place) = (entry.message.clone(), entry.whose.clone(), entry.place);
        let original = message.replaces.as_ref().map(MessageId::as_str);
        for id in names(&message).chain(original) {
            self.ids.remove(self.ids.key(Id::Of(&before, id)), number);
        }
        self.know(&message, whose, Row { place, number });
        if let Some(entry) = self.entry_mut(number) {
            entry.whose = whose.clone();
            entry.message.occupant_id.clone_from(&copy.occupant_id);
        }
        self.mark(number);
        self.fold_early(number);
    }

    /// The message that this one repeats.
    pub(super) fn known(&self, message: &Message, whose: &Whose) -> Option<u64> {
        if let Some(id) = &message.stanza_id
            && let Some(number) = self.ids.get(self.ids.key(Id::Archive(id)))
        {
            return Some(number);
        }
        let by_id = names(message).find_map(|id| {
            let first = match message.nick.as_deref().filter(|_| self.is_room) {
                Some(nick) => Id::Named(nick, id),
                None => Id::Of(whose, id),
            };
            let mut next = self.ids.get(self.ids.key(first));
            for _ in 0..MAX_SAME {
                let entry = self.entry(next?)?;
                if self.is_repeated(&entry.message, message, id) {
                    return next;
                }
                next = entry.same;
            }
            None
        });
        by_id.or_else(|| self.known_by_text(message))
    }

    /// Whether a message is one that is known by the id `id`.
    fn is_repeated(&self, known: &Message, message: &Message, id: &str) -> bool {
        let has_id = is(known.id.as_ref(), id) || known.origin_id.as_deref() == Some(id);
        // What was sent from here has an id that nobody guesses, and comes back from whichever client of the account.
        let same_client = known.from == message.from || known.delivery.is_some();
        let is_old = !self.is_room || (message.delayed && is_text_of(known, message));
        has_id && same_client && (is_copy(known, message) || (is_old && !is_apart(known, message)))
    }

    /// In a room, an old message without any id that came with an earlier visit already.
    fn known_by_text(&self, message: &Message) -> Option<u64> {
        let is_nameless = names(message).next().is_none() && message.stanza_id.is_none();
        if !self.is_room || !message.delayed || !is_nameless {
            return None;
        }
        let is_same = |known: &Message| {
            known.nick == message.nick
                && known.time == message.time
                && known.body == message.body
                && names(known).next().is_none()
        };
        let mut newest = self.newest_first();
        newest.find_map(|(number, known)| is_same(known).then_some(number))
    }

    /// The correction that is shown in the place of this message.
    pub(super) fn correction_of(&self, message: &Message, whose: &Whose) -> Option<u64> {
        let id = message.id.as_ref().filter(|_| whose.is_certain())?;
        let number = self.ids.get(self.ids.key(Id::Of(whose, id.as_str())))?;
        let found = self.message(number)?;
        (found.replaces.as_ref() == Some(id)).then_some(number)
    }
}

/// Whether the archive has two messages under ids of its own.
fn is_apart(one: &Message, other: &Message) -> bool {
    matches!((&one.stanza_id, &other.stanza_id), (Some(one), Some(other)) if one != other)
}

/// Whether two are one message that was sent again because nobody knew whether it had arrived: an origin id is given once
/// (XEP-0359 §3.2), and who else writes under the same nick is somebody else.
fn is_copy(one: &Message, other: &Message) -> bool {
    let by = (&one.occupant_id, &other.occupant_id);
    let is_other = matches!(by, (Some(one), Some(other)) if one != other);
    one.origin_id.is_some() && one.origin_id == other.origin_id && !is_other
}

/// The ids that a sender chose for a message.
pub(super) fn names(message: &Message) -> impl Iterator<Item = &str> {
    let id = message.id.as_ref().map(MessageId::as_str);
    let origin = message
        .origin_id
        .as_deref()
        .filter(|origin| Some(*origin) != id);
    id.into_iter().chain(origin)
}

/// Whether a text is what a message says, or may have said before something became of it.
fn is_text_of(known: &Message, message: &Message) -> bool {
    known.body == message.body
        || known.edited.is_some()
        || known.retracted.is_some()
        || message.retracted.is_some()
}

fn is(own: Option<&MessageId>, id: &str) -> bool {
    own.is_some_and(|own| own.as_str() == id)
}
