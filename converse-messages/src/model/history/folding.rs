//! How changes get into the messages that they are about, whatever comes first.

use super::History;
use super::ids::Id;
use crate::model::delivery::Delivery;
use crate::model::edit::Version;
use crate::model::fold::{Added, Change, Fold, Folded, Refusal};
use crate::model::message::{Message, SentBy};
use crate::model::reaction;
use crate::model::sent::Before;

impl History {
    /// Folds a change into the message that it is about.
    ///
    /// Only who wrote a message can correct and retract it, from any of his clients (XEP-0308 §4, XEP-0424 §5); both can react
    /// (XEP-0444 §4.1); only the other one can say that it came.
    pub fn fold(&mut self, change: Change) -> Folded {
        if self.is_known(&change) {
            return Folded::Unchanged;
        }
        let Some(number) = self.target(&change) else {
            return self.without_target(change);
        };
        self.apply(number, change)
    }

    /// The message that a change is about, with its number.
    pub fn target_of(&self, change: &Change) -> Option<(u64, &Message)> {
        let number = self.target(change)?;
        Some((number, self.message(number)?))
    }

    /// Gives a message back what it had before a change, unless it was retracted since.
    pub fn revert(&mut self, number: u64, before: Before) -> Option<Message> {
        if self.message(number)?.retracted.is_some() {
            return None;
        }
        match before {
            Before::Content(before) => self.change(number, |entry| entry.message.restore(*before)),
            Before::Reactions(by, emojis) => self.change(number, |entry| {
                reaction::replace(&mut entry.message.reactions, &by, &emojis);
            }),
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
        let ids: Vec<&str> = super::names(&message)
            .chain(message.replaces.as_ref().map(super::MessageId::as_str))
            .collect();
        for change in self.early.take(&ids) {
            if self.target(&change) == Some(number) {
                self.apply(number, change);
            } else {
                // It is about a message of the other one that has the same id.
                self.early.note(change);
            }
        }
    }

    /// Whether it came before; folding it in again could undo what came after.
    fn is_known(&self, change: &Change) -> bool {
        let Some(id) = &change.id else {
            return false;
        };
        let key = self.ids.key(Id::Of(change.by.sender, id.as_str()));
        let entry = self.ids.get(key).and_then(|number| self.entry(number));
        entry.is_some_and(|entry| {
            let own = entry.message.id.as_ref() == Some(id);
            entry.folds.contains(&key) || (own && matches!(change.fold, Fold::Correction(_)))
        })
    }

    /// The message that it is about and that its author may change.
    fn target(&self, change: &Change) -> Option<u64> {
        let (author, id) = (change.by.sender, change.fold.target());
        let of = |sender| self.ids.get(self.ids.key(Id::Of(sender, id)));
        match change.fold {
            Fold::Correction(_) | Fold::Retraction { .. } => of(author),
            Fold::Receipt { .. } | Fold::Displayed { .. } => of(author.other()),
            Fold::Reactions { .. } => of(author.other()).or_else(|| of(author)),
        }
    }

    fn without_target(&mut self, change: Change) -> Folded {
        let wrong = match change.fold {
            Fold::Correction(_) | Fold::Retraction { .. } => change.by.sender.other(),
            _ => change.by.sender,
        };
        if self.find(wrong, change.fold.target()).is_some() {
            return Folded::Refused(Refusal::NotTheAuthor);
        }
        match change.fold {
            Fold::Correction(message) => match self.add(*message) {
                Added::New(message) => Folded::Added(Box::new(message)),
                Added::Completed(message) => Folded::Changed(vec![message]),
                Added::Duplicate => Folded::Unchanged,
            },
            _ => {
                self.early.note(change);
                Folded::Early
            }
        }
    }

    fn apply(&mut self, number: u64, change: Change) -> Folded {
        let Change { by, id, fold } = change;
        if let Some(id) = &id {
            self.know_fold(number, by.sender, id);
        }
        let is_retracted = self
            .message(number)
            .is_some_and(|message| message.retracted.is_some());
        let changed = match fold {
            Fold::Correction(_) if is_retracted => return Folded::Refused(Refusal::Retracted),
            Fold::Retraction { .. } | Fold::Reactions { .. } if is_retracted => None,
            Fold::Correction(correction) => self.change(number, |entry| {
                let message = &mut entry.message;
                let newer = message.edited.as_ref().map(|edit| edit.time);
                match newer.filter(|newer| by.delayed && *newer > by.time) {
                    None => message.correct(*correction),
                    Some(newer) => {
                        let (time, body) = (by.time, correction.body);
                        message.keep(Version { time, body }, newer);
                    }
                }
            }),
            Fold::Retraction { .. } => self.change(number, |entry| {
                entry.message.retract(by.time);
                entry.reacted = Vec::new();
            }),
            Fold::Reactions { emojis, .. } => {
                let before = self.entry(number).map_or(&[][..], |entry| &entry.reacted);
                let is_stale = by.delayed
                    && before
                        .iter()
                        .any(|(who, time)| *who == by.jid && *time > by.time);
                if is_stale {
                    return Folded::Unchanged;
                }
                let mut is_new = false;
                let changed = self.change(number, |entry| {
                    entry.reacted.retain(|(who, _)| *who != by.jid);
                    entry.reacted.push((by.jid.clone(), by.time));
                    is_new = reaction::replace(&mut entry.message.reactions, &by.jid, &emojis);
                });
                changed.filter(|_| is_new)
            }
            Fold::Receipt { .. } => self.advance(number, Delivery::Delivered, None),
            Fold::Displayed { .. } => return self.display(number),
        };
        changed.map_or(Folded::Unchanged, |message| Folded::Changed(vec![message]))
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
        let seen: Vec<u64> = (self.first..=number)
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
    pub fn other(self) -> Self {
        match self {
            Self::Me => Self::Them,
            Self::Them => Self::Me,
        }
    }
}
