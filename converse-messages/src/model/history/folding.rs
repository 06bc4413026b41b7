//! How changes get into the messages that they are about, whatever comes first.

use chrono::{DateTime, Utc};
use jid::Jid;

use super::ids::Id;
use super::{History, Spot, names};
use crate::model::delivery::Delivery;
use crate::model::edit::{Edit, Version};
use crate::model::fold::{Added, Author, Change, Fold, Folded, Refusal};
use crate::model::message::{Message, MessageId, SentBy};
use crate::model::moderation::Moderation;
use crate::model::reaction::{self, MAX_REACTORS, Reactor};
use crate::model::sent::Before;
use crate::model::whose::Whose;

impl History {
    /// Folds a change into the message that it is about.
    ///
    /// Only who wrote a message can correct and retract it, from any of his clients (XEP-0308 §4, XEP-0424 §5); everybody can
    /// react (XEP-0444 §4.1); only the other one can say that it came; only a room can have it moderated (XEP-0425 §6).
    pub fn fold(&mut self, change: Change) -> Folded {
        self.fold_at(change, None)
    }

    /// Folds in a change that an archive has. A correction of a message that is not here becomes one at its place there; more at
    /// [`fold`](Self::fold).
    pub fn fold_archived(&mut self, change: Change, spot: Spot) -> Folded {
        self.fold_at(change, Some(spot))
    }

    fn fold_at(&mut self, change: Change, spot: Option<Spot>) -> Folded {
        if self.is_known(&change) {
            return Folded::Unchanged;
        }
        if let Some(refusal) = self.refusal(&change) {
            return Folded::Refused(refusal);
        }
        let Some(number) = self.target(&change) else {
            return self.without_target(change, spot);
        };
        self.apply(number, change)
    }

    /// The message that a change is about, with its number.
    #[must_use]
    pub fn target_of(&self, change: &Change) -> Option<(u64, &Message)> {
        let number = self.target(change)?;
        Some((number, self.message(number)?))
    }

    /// What somebody reacts with to a message.
    #[must_use]
    pub fn reactions_of(&self, number: u64, whose: &Whose) -> Vec<String> {
        let reactors = self.entry(number).map_or(&[][..], |entry| &entry.reactors);
        let own = reactors.iter().find(|reactor| reactor.whose == *whose);
        own.map(|own| own.emojis.clone()).unwrap_or_default()
    }

    /// Gives a message back what it had before a change, unless it was retracted since.
    pub fn revert(&mut self, number: u64, before: Before) -> Option<Message> {
        if self.message(number)?.retracted.is_some() {
            return None;
        }
        match before {
            Before::Content(before) => self.change(number, |entry| entry.message.restore(*before)),
            Before::Reactions(whose, jid, emojis) => {
                let reactors = &self.entry(number)?.reactors;
                let known = reactors.iter().find(|known| known.whose == whose);
                let time = known.map_or(DateTime::UNIX_EPOCH, |known| known.time);
                self.set_reactions(number, &whose, &jid, time, emojis)
            }
            Before::Version => {
                let is_known = |edit: &Edit| !edit.older.is_empty();
                if !self.message(number)?.edited.as_ref().is_some_and(is_known) {
                    return None;
                }
                self.change(number, |entry| entry.message.take_back())
            }
            Before::Nothing => None,
        }
    }

    /// Folds in what came before the message.
    pub(super) fn fold_early(&mut self, number: u64) {
        if self.early.is_empty() {
            return;
        }
        let Some(message) = self.message(number).cloned() else {
            return;
        };
        let ids: Vec<&str> = names(&message)
            .chain(message.replaces.as_ref().map(MessageId::as_str))
            .chain(message.stanza_id.as_deref().filter(|_| self.is_room))
            .collect();
        for change in self.early.take(&ids) {
            if self.target(&change) == Some(number) {
                self.apply(number, change);
            } else if self.refusal(&change).is_none() {
                // It is about a message of somebody else that has the same id.
                self.early.note(change);
            }
        }
    }

    /// Whether it came before; folding it in again could undo what came after.
    fn is_known(&self, change: &Change) -> bool {
        if let Some(id) = self.room_id(change)
            && self
                .ids
                .get(self.ids.key(Id::Of(&Whose::Room, id)))
                .is_some()
        {
            return true;
        }
        let Some(id) = &change.id else {
            return false;
        };
        if matches!(change.fold, Fold::Moderation { .. }) {
            // It cannot be undone, and a room need not tell its requests apart.
            return false;
        }
        let key = self.ids.key(Id::Of(&change.by.whose, id.as_str()));
        let entry = self.ids.get(key).and_then(|number| self.entry(number));
        entry.is_some_and(|entry| {
            let own = entry.message.id.as_ref() == Some(id);
            entry.folds.iter().any(|fold| fold.key == key)
                || (own && matches!(change.fold, Fold::Correction(_)))
        })
    }

    /// The id that the room gave a correction. Its archive has it under that id too, and may not say there who wrote it.
    fn room_id<'a>(&self, change: &'a Change) -> Option<&'a str> {
        match &change.fold {
            Fold::Correction(correction) if self.is_room => correction.stanza_id.as_deref(),
            _ => None,
        }
    }

    /// The message that it is about and that its author may change.
    fn target(&self, change: &Change) -> Option<u64> {
        let id = change.fold.target();
        let whose = Some(&change.by.whose).filter(|whose| whose.is_certain())?;
        let of = |whose: &Whose| self.ids.get(self.ids.key(Id::Of(whose, id)));
        let other = || whose.other().as_ref().and_then(of);
        match &change.fold {
            Fold::Correction(_) => of(whose),
            Fold::Retraction { .. } => of(whose).or_else(|| {
                let number = self.in_archive(id)?;
                (self.entry(number)?.whose == *whose).then_some(number)
            }),
            Fold::Moderation { .. } => self.in_archive(id).filter(|_| *whose == Whose::Room),
            Fold::Reactions { .. } if self.is_room => self.in_archive(id),
            Fold::Reactions { .. } => other().or_else(|| of(whose)),
            Fold::Receipt { .. } | Fold::Displayed { .. } => other(),
        }
    }

    /// In a room, the message with an id that the room gave.
    fn in_archive(&self, id: &str) -> Option<u64> {
        let key = self.ids.key(Id::Archive(id));
        self.ids.get(key).filter(|_| self.is_room)
    }

    /// Why whoever says it may not, whether or not the message is here.
    fn refusal(&self, change: &Change) -> Option<Refusal> {
        let by = &change.by.whose;
        match &change.fold {
            Fold::Moderation { .. } if *by != Whose::Room => Some(Refusal::NotTheAuthor),
            Fold::Correction(_) => None,
            _ if !by.is_certain() => Some(Refusal::Unknown),
            Fold::Retraction { id } => {
                let number = self.in_archive(id)?;
                (self.entry(number)?.whose != *by).then_some(Refusal::NotTheAuthor)
            }
            _ => None,
        }
    }

    fn without_target(&mut self, change: Change, spot: Option<Spot>) -> Folded {
        let whose = &change.by.whose;
        let wrong = match change.fold {
            Fold::Correction(_) | Fold::Retraction { .. } => whose.other(),
            _ => Some(whose.clone()),
        };
        let is_wrong = |whose: &Whose| {
            let key = self.ids.key(Id::Of(whose, change.fold.target()));
            let number = self.ids.get(key);
            number.is_some_and(|number| self.message(number).is_some())
        };
        // In a room two may have chosen the same id, so that this proves nothing.
        if !self.is_room && wrong.as_ref().is_some_and(is_wrong) {
            return Folded::Refused(Refusal::NotTheAuthor);
        }
        let whose = change.by.whose.clone();
        match change.fold {
            Fold::Correction(message) => match self.take(*message, whose, spot) {
                Added::New(message) => Folded::Added(Box::new(message)),
                Added::Completed(message)
                | Added::Reflected(message)
                | Added::Retracted(message)
                | Added::Moved(message) => Folded::Changed(vec![message]),
                Added::Duplicate => Folded::Unchanged,
            },
            _ => {
                self.early.note(change);
                Folded::Early
            }
        }
    }

    fn apply(&mut self, number: u64, change: Change) -> Folded {
        let room_id = self.room_id(&change).map(MessageId::new);
        let Change { by, id, fold } = change;
        if let Some(id) = &id {
            self.know_fold(number, &by.whose, id);
        }
        if let Some(id) = &room_id {
            self.know_fold(number, &Whose::Room, id);
            // It was here as a message of its own, because the archive does not say who wrote it.
            if let Some(itself) = self
                .in_archive(id.as_str())
                .filter(|itself| *itself != number)
            {
                self.remove(itself);
            }
        }
        let is_retracted = self
            .message(number)
            .is_some_and(|message| message.retracted.is_some());
        let changed = match fold {
            Fold::Correction(_) if is_retracted => return Folded::Refused(Refusal::Retracted),
            Fold::Retraction { .. } | Fold::Reactions { .. } | Fold::Moderation { .. }
                if is_retracted =>
            {
                None
            }
            Fold::Correction(correction) => self.correct(number, &by, *correction),
            Fold::Retraction { .. } => self.take_away(number, by.time, None),
            Fold::Moderation { moderation, .. } => {
                self.take_away(number, by.time, Some(*moderation))
            }
            Fold::Reactions { emojis, .. } => self.react(number, &by, emojis),
            Fold::Receipt { .. } => self.advance(number, Delivery::Delivered, None),
            Fold::Displayed { .. } => return self.display(number),
        };
        changed.map_or(Folded::Unchanged, |message| Folded::Changed(vec![message]))
    }

    fn correct(&mut self, number: u64, by: &Author, correction: Message) -> Option<Message> {
        self.change(number, |entry| {
            let message = &mut entry.message;
            let newer = message.edited.as_ref().map(|edit| edit.time);
            match newer.filter(|newer| by.delayed && *newer > by.time) {
                None => message.correct(correction),
                Some(newer) => {
                    let (time, body) = (by.time, correction.body);
                    message.keep(Version { time, body }, newer);
                }
            }
        })
    }

    fn take_away(
        &mut self,
        number: u64,
        time: DateTime<Utc>,
        moderation: Option<Moderation>,
    ) -> Option<Message> {
        self.change(number, |entry| {
            entry.message.retract(time);
            entry.message.moderated = moderation;
            entry.reactors = Vec::new();
        })
    }

    fn react(&mut self, number: u64, by: &Author, emojis: Vec<String>) -> Option<Message> {
        let reactors = self.entry(number).map_or(&[][..], |entry| &entry.reactors);
        let known = reactors.iter().find(|known| known.whose == by.whose);
        let is_stale = known.is_some_and(|known| by.delayed && known.time > by.time);
        if is_stale || (known.is_none() && reactors.len() >= MAX_REACTORS) {
            return None;
        }
        self.set_reactions(number, &by.whose, &by.jid, by.time, emojis)
    }

    /// What somebody reacts with now; `None` if it is what he had.
    fn set_reactions(
        &mut self,
        number: u64,
        whose: &Whose,
        jid: &Jid,
        time: DateTime<Utc>,
        emojis: Vec<String>,
    ) -> Option<Message> {
        let before = self.reactions_of(number, whose);
        if reaction::is_same(&before, &emojis) {
            self.mark(number);
            let entry = self.entry_mut(number)?;
            let mut reactors = entry.reactors.iter_mut();
            match reactors.find(|known| known.whose == *whose) {
                Some(known) => known.time = time,
                None => entry.reactors.push(Reactor {
                    whose: whose.clone(),
                    jid: jid.clone(),
                    time,
                    emojis,
                }),
            }
            return None;
        }
        self.change(number, |entry| {
            let reactors = &mut entry.reactors;
            match reactors.iter_mut().find(|known| known.whose == *whose) {
                Some(known) => {
                    known.jid = jid.clone();
                    known.time = time;
                    known.emojis = emojis;
                }
                None => reactors.push(Reactor {
                    whose: whose.clone(),
                    jid: jid.clone(),
                    time,
                    emojis,
                }),
            }
            entry.message.reactions = reaction::gather(&entry.message.reactions, reactors);
        })
    }

    /// A message has been seen, and all before it (XEP-0333 §4.1), except what did not arrive.
    fn display(&mut self, number: u64) -> Folded {
        let Some(sender) = self.message(number).map(|message| message.sender) else {
            return Folded::Unchanged;
        };
        let is_seen = |at: u64, message: &Message| {
            message.sender == sender
                && message.delivery < Some(Delivery::Displayed)
                && (at == number || message.delivery != Some(Delivery::Failed))
        };
        let end = self.index(number).map_or(0, |index| index + 1);
        let seen: Vec<u64> = self
            .order
            .iter()
            .take(end)
            .map(|row| row.number)
            .filter(|at| {
                self.message(*at)
                    .is_some_and(|message| is_seen(*at, message))
            })
            .collect();
        let changed: Vec<Message> = seen
            .into_iter()
            .filter_map(|at| self.advance(at, Delivery::Displayed, None))
            .collect();
        if changed.is_empty() {
            return Folded::Unchanged;
        }
        Folded::Changed(changed)
    }
}

impl SentBy {
    /// The other one of the two.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Me => Self::Them,
            Self::Them => Self::Me,
        }
    }
}
