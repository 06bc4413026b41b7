//! What a grouping says about a conversation, and what it is told.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::Error;
use converse_core::session::SessionNumber;
use converse_core::xml::{Element, ElementBuilder};
use jid::Jid;

use super::entry::About;
use crate::keeper::{Keeper, Source};
use crate::model::{
    Delivery, History, Message, MessageError, MessageId, SentChanges, Undone, Update,
};

/// Whether something can be sent in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Not now; the outbox is [told](super::Outbox::wake) when that changes.
    Waits,
    /// In this session.
    Ready {
        /// In which session: in any other it would go astray.
        session: SessionNumber,
        /// The archive has told what it has, or there is none: what may have left before and did not show up goes out again.
        may_repeat: bool,
    },
    /// Nothing will be sent there any more.
    Never(MessageError),
}

/// What has become of what was sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum News {
    /// It has come further, or is queued again.
    Delivery(Message),
    /// It says something else now.
    Update(Message, Update),
    /// A change did not arrive.
    Failed(Undone, MessageError),
    /// It was taken out before it left.
    Withdrawn(MessageId),
}

/// Something that an earlier process left in the outbox.
#[derive(Debug)]
#[non_exhaustive]
pub struct Restored {
    /// The stanza.
    pub stanza: Element,
    /// Its id.
    pub id: MessageId,
    /// What it is.
    pub about: About,
    /// When the user sent it.
    pub created: DateTime<Utc>,
    /// Why it was given up, if it was.
    pub failed: Option<MessageError>,
}

impl Restored {
    /// Remembers it if it is a change, so that it can be taken back; `false` if it is a message.
    pub fn note_change(&self, history: &History, sent: &mut SentChanges) -> bool {
        let About::Change { of, update } = &self.about else {
            return false;
        };
        sent.restore(&self.id, of, *update, history);
        true
    }
}

/// A conversation as the outbox sees it. It may be closed meanwhile.
pub trait Line: Send + Sync {
    /// Whether something can be sent now.
    fn readiness(&self) -> Readiness;

    /// Lets `act` work on what is kept of the conversation, and announces what comes of it before anybody else can; `false` if
    /// it is not open.
    fn work(&self, act: &mut dyn FnMut(&mut History, &mut SentChanges) -> Vec<News>) -> bool;

    /// Puts what an earlier process did not get rid of where the user can see it, unless it is there or comes from the store. How far
    /// it has come is what the outbox knows.
    fn restore(&self, restored: Restored);

    /// The stanza of a message that is sent anew.
    ///
    /// # Errors
    ///
    /// It cannot be written as XML, or nobody knows where it is to go.
    fn stanza(&self, message: &Message) -> Result<Element, Error>;

    /// Where what is sent goes now, if that may be another address than when it was queued.
    fn to(&self) -> Option<Jid> {
        None
    }

    /// Whether it is certain that it is with the same one with whom it was when an earlier process ran, once something can be sent. If not,
    /// what that left is given up.
    fn is_same(&self) -> bool {
        true
    }

    /// Who keeps its messages in the store, if anybody does. He knows then that there is something new of it, and writes that together
    /// with what the outbox keeps.
    fn keeper(&self) -> Option<Keeper> {
        None
    }

    /// What that keeper keeps.
    fn source(&self) -> Option<Arc<dyn Source>> {
        None
    }

    /// The two, or what they would be if the conversation were open: for what is to be changed of messages that only the store has.
    fn stored(&self) -> Option<(Keeper, Arc<dyn Source>)> {
        self.keeper().zip(self.source())
    }

    /// Something is about to leave, or to leave again.
    fn leaves(&self) {}

    /// What goes out right behind a stanza.
    fn companion(&self, stanza: &Element) -> Option<ElementBuilder> {
        let _ = stanza;
        None
    }
}

impl dyn Line + '_ {
    /// A message has come further.
    pub fn set_delivery(&self, id: &str, delivery: Delivery, error: Option<&MessageError>) {
        self.work(&mut |history, _| {
            let changed = history.set_delivery(id, delivery, error.cloned());
            changed.map(News::Delivery).into_iter().collect()
        });
    }

    /// A message waits again.
    pub(super) fn requeue(&self, id: &str) {
        self.work(&mut |history, _| {
            let changed = history.requeue(id);
            changed.map(News::Delivery).into_iter().collect()
        });
    }

    /// Something that was sent with this id did not arrive; whether anything was.
    pub fn fail(&self, id: &str, error: &MessageError) -> bool {
        let mut is_known = false;
        self.work(&mut |history, sent| {
            if let Some(undone) = sent.undo(id, history) {
                is_known = true;
                let reverted = undone.is_reverted;
                let update = reverted.then(|| News::Update(undone.message.clone(), undone.update));
                return update
                    .into_iter()
                    .chain([News::Failed(undone, error.clone())])
                    .collect();
            }
            is_known = history.sent(id).is_some();
            let changed = history.set_delivery(id, Delivery::Failed, Some(error.clone()));
            changed.map(News::Delivery).into_iter().collect()
        });
        is_known
    }

    /// Something is taken out that never left.
    pub(super) fn withdraw(&self, id: &MessageId) {
        self.work(&mut |history, sent| {
            if let Some(undone) = sent.undo(id.as_str(), history) {
                let reverted = undone.is_reverted;
                let update = News::Update(undone.message, undone.update);
                return reverted.then_some(update).into_iter().collect();
            }
            match history.withdraw(id.as_str()) {
                Some(_) => vec![News::Withdrawn(id.clone())],
                None => Vec::new(),
            }
        });
    }

    /// A message that never left has another text.
    pub(super) fn reword(&self, id: &str, body: &str) {
        self.work(&mut |history, _| {
            let changed = history.reword(id, body);
            let update = changed.map(|message| News::Update(message, Update::Corrected));
            update.into_iter().collect()
        });
    }

    /// Whether it shows that a message has arrived.
    pub(super) fn has_arrived(&self, id: &str) -> bool {
        let mut has_arrived = false;
        self.work(&mut |history, _| {
            let message = history.sent(id);
            has_arrived = message.is_some_and(|message| {
                message.stanza_id.is_some() || message.delivery >= Some(Delivery::Reflected)
            });
            Vec::new()
        });
        has_arrived
    }
}
