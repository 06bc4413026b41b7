//! Changes that were sent, and what they changed: they may not arrive.

use std::collections::VecDeque;

use jid::Jid;

use super::fold::{Change, Fold, Update};
use super::history::History;
use super::message::{Message, MessageId};
use super::whose::Whose;

/// Of how many changes it is known what they changed, the newest.
const MAX_SENT: usize = 16;

/// The newest changes that were sent, the oldest first.
#[derive(Debug, Default)]
pub struct SentChanges {
    changes: VecDeque<Sent>,
}

#[derive(Debug)]
struct Sent {
    id: MessageId,
    update: Update,
    /// The number of the message that it changed.
    number: u64,
    before: Before,
}

/// What was before a change.
#[derive(Debug)]
pub enum Before {
    /// What the message said.
    Content(Box<Message>),
    /// Who reacted with what.
    Reactions(Whose, Jid, Vec<String>),
    /// What it said before its newest text, as the message itself has it: an earlier process sent the change.
    Version,
    /// What was retracted is not kept anywhere, nor what somebody reacted with before the program ended.
    Nothing,
}

/// What has become of a change that did not arrive.
#[derive(Debug)]
pub struct Undone {
    /// What it was.
    pub update: Update,
    /// The message that it changed, as it is now.
    pub message: Message,
    /// Whether it was taken back.
    pub is_reverted: bool,
}

impl SentChanges {
    /// Remembers a change before it is folded in.
    pub fn note(&mut self, change: &Change, history: &History) {
        let (Some(id), Some(update)) = (&change.id, change.fold.update()) else {
            return;
        };
        let Some((number, message)) = history.target_of(change) else {
            return;
        };
        if self.changes.len() >= MAX_SENT {
            self.changes.pop_front();
        }
        let before = match &change.fold {
            Fold::Correction(_) => Before::Content(Box::new(message.clone())),
            Fold::Reactions { .. } => {
                let (whose, jid) = (change.by.whose.clone(), change.by.jid.clone());
                let own = history.reactions_of(number, &whose);
                Before::Reactions(whose, jid, own)
            }
            _ => Before::Nothing,
        };
        self.changes.push_back(Sent {
            id: id.clone(),
            update,
            number,
            before,
        });
    }

    /// Remembers a change that an earlier process sent, and folded in, and that has not arrived, unless it is known. A correction can
    /// be taken back, but for its mentions.
    pub fn restore(&mut self, id: &MessageId, of: &str, update: Update, history: &History) {
        let is_known = self.changes.iter().any(|sent| sent.id == *id);
        let Some(number) = history.number_of(of).filter(|_| !is_known) else {
            return;
        };
        if self.changes.len() >= MAX_SENT {
            self.changes.pop_front();
        }
        self.changes.push_back(Sent {
            id: id.clone(),
            update,
            number,
            before: match update {
                Update::Corrected => Before::Version,
                _ => Before::Nothing,
            },
        });
    }

    /// Takes back a change that did not arrive (XEP-0444 §3.3), unless another of its kind came after it.
    pub fn undo(&mut self, id: &str, history: &mut History) -> Option<Undone> {
        let at = self
            .changes
            .iter()
            .position(|sent| sent.id.as_str() == id)?;
        let sent = self.changes.remove(at)?;
        let mut later = self.changes.iter().skip(at);
        let is_newest =
            !later.any(|later| later.number == sent.number && later.update == sent.update);
        let reverted = if is_newest {
            history.revert(sent.number, sent.before)
        } else {
            None
        };
        let is_reverted = reverted.is_some();
        let message = reverted.or_else(|| history.message(sent.number).cloned())?;
        Some(Undone {
            update: sent.update,
            message,
            is_reverted,
        })
    }
}
