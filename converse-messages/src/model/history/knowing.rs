//! By what a message is known.

use super::entries::FoldId;
use super::ids::Id;
use super::{Entry, History, MAX_FOLDS, Message, MessageId, Row, SentBy, Whose, names};

impl History {
    /// The message of a chat that somebody sent, by its id on the wire, its origin id, or the id of one of its corrections.
    /// Nobody can name a message of another's in this way: the sender is part of the id.
    #[must_use]
    pub fn find(&self, sender: SentBy, id: &str) -> Option<&Message> {
        let whose = Whose::Side(sender);
        self.message(self.ids.get(self.ids.key(Id::Of(&whose, id)))?)
    }

    /// The message with an id that the account's server or the room gave it.
    #[must_use]
    pub fn archived(&self, stanza_id: &str) -> Option<&Message> {
        self.message(self.ids.get(self.ids.key(Id::Archive(stanza_id)))?)
    }

    /// The newest message with any such id: one that the room gave, one on the wire, or an origin id, whoever chose it.
    #[must_use]
    pub fn any(&self, id: &str) -> Option<&Message> {
        self.archived(id).or_else(|| {
            let mut newest = self.iter().rev();
            newest.find(|message| names(message).any(|own| own == id))
        })
    }

    /// The newest message of the user's own with any such id, or that of one of its corrections.
    #[must_use]
    pub fn own(&self, id: &str) -> Option<&Message> {
        let is_own = |message: &&Message| message.sender == SentBy::Me;
        self.archived(id)
            .filter(is_own)
            .or_else(|| self.find(SentBy::Me, id))
            .or_else(|| {
                let mut newest = self.iter().rev().filter(is_own);
                newest.find(|message| names(message).any(|own| own == id))
            })
    }

    /// The number of the message that a change of the user's is about: by the id of one of his own, by one that the room gave, or by the
    /// id of one of the other's.
    pub(in crate::model) fn number_of(&self, id: &str) -> Option<u64> {
        let of = |side| self.ids.get(self.ids.key(Id::Of(&Whose::Side(side), id)));
        let archived = || self.ids.get(self.ids.key(Id::Archive(id)));
        of(SentBy::Me)
            .or_else(archived)
            .or_else(|| of(SentBy::Them))
    }

    /// Makes a message known by its ids; the one that had the id on the wire before.
    pub(super) fn know(&mut self, message: &Message, whose: &Whose, row: Row) -> Option<u64> {
        let number = row.number;
        self.know_stanza_id(message, number);
        let mut same = None;
        for id in names(message) {
            let mut before = self.know_by(Id::Of(whose, id), row);
            if let Some(nick) = message.nick.as_deref().filter(|_| self.is_room) {
                before = self.know_by(Id::Named(nick, id), row);
            }
            same = same.or(before);
            if message.delivery.is_some() {
                self.know_by(Id::Sent(id), row);
            }
        }
        if let Some(original) = &message.replaces {
            let before = self.know_by(Id::Of(whose, original.as_str()), row);
            same = same.or(before);
        }
        same
    }

    /// Makes a message known by an id; the other one that was known by it before. The newest one is found by the id, and
    /// leads to the others.
    fn know_by(&mut self, id: Id<'_>, row: Row) -> Option<u64> {
        let key = self.ids.key(id);
        let before = self.ids.insert(key, row.number)?;
        if before == row.number {
            return None;
        }
        match self.entry_mut(before) {
            Some(newer) if newer.place > row.place => {
                let older = newer.same.replace(row.number);
                self.ids.insert(key, before);
                older
            }
            _ => Some(before),
        }
    }

    pub(super) fn know_stanza_id(&mut self, message: &Message, number: u64) {
        if let Some(id) = &message.stanza_id {
            let key = self.ids.key(Id::Archive(id));
            self.ids.insert(key, number);
        }
    }

    /// Makes a message known by the id of something that was folded into it.
    pub(super) fn know_fold(&mut self, number: u64, whose: &Whose, id: &MessageId) {
        let key = self.ids.key(Id::Of(whose, id.as_str()));
        self.ids.insert(key, number);
        let is_kept = self.kept.is_some();
        let Some(entry) = self.entry_mut(number) else {
            return;
        };
        let name = is_kept.then(|| Box::new((whose.clone(), id.as_str().to_owned())));
        entry.folds.push_back(FoldId { key, name });
        if entry.folds.len() > MAX_FOLDS
            && let Some(oldest) = entry.folds.pop_front()
        {
            self.ids.remove(oldest.key, number);
        }
        self.mark(number);
    }

    /// Forgets by what a message was known that is not kept any more.
    pub(super) fn forget(&mut self, entry: &Entry, number: u64) {
        let message = &entry.message;
        if let Some(id) = &message.stanza_id {
            self.ids.remove(self.ids.key(Id::Archive(id)), number);
        }
        for id in names(message).chain(message.replaces.as_ref().map(MessageId::as_str)) {
            let named = message.nick.as_deref().map(|nick| Id::Named(nick, id));
            let ids = [Id::Of(&entry.whose, id), Id::Sent(id)];
            for id in ids.into_iter().chain(named) {
                self.ids.remove(self.ids.key(id), number);
            }
        }
        for fold in &entry.folds {
            self.ids.remove(fold.key, number);
        }
    }
}
