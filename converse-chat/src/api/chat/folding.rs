//! Announcing what has become of messages.

use converse_core::Error;
use jid::BareJid;

use super::Chat;
use crate::message::{MessageAdded, MessageDeliveryChanged, MessageRefused, MessageUpdated};
use crate::model::{Change, Delivery, Fold, Folded, Message, MessageError, Refusal, State, Update};

/// What a change was, for those who are told what came of it.
#[derive(Debug)]
pub(crate) struct About {
    target: String,
    by: BareJid,
    /// `None` if it is about the delivery.
    update: Option<Update>,
}

impl Chat {
    /// Folds a change into the message that it is about, and announces what comes of it; `true` if anything did.
    pub(crate) fn fold(&self, open: &mut State, change: Change) -> bool {
        let about = self.about(&change);
        let folded = open.history.fold(change);
        let is_news = matches!(folded, Folded::Changed(_) | Folded::Added(_));
        self.announce(folded, about);
        is_news
    }

    pub(crate) fn about(&self, change: &Change) -> About {
        About {
            target: change.fold.target().to_owned(),
            by: change.by.jid.clone(),
            update: match change.fold {
                Fold::Correction(_) => Some(Update::Corrected),
                Fold::Retraction { .. } => Some(Update::Retracted),
                Fold::Reactions { .. } => Some(Update::Reactions),
                Fold::Receipt { .. } | Fold::Displayed { .. } => None,
            },
        }
    }

    /// In the order of the history: whoever calls it holds the chat's lock.
    pub(crate) fn announce(&self, folded: Folded, about: About) {
        match folded {
            Folded::Added(message) => self.api.publish(MessageAdded::new(self.clone(), message)),
            Folded::Changed(messages) => {
                for message in messages {
                    match about.update {
                        Some(update) => self.announce_update(message, update),
                        None => {
                            let changed = MessageDeliveryChanged::new(self.clone(), message);
                            self.api.publish(changed);
                        }
                    }
                }
            }
            Folded::Refused(reason) => self.refuse(&about.target, about.by, reason),
            Folded::Unchanged | Folded::Early => {}
        }
    }

    pub(crate) fn announce_update(&self, message: Message, update: Update) {
        let updated = MessageUpdated::new(self.clone(), message, update);
        self.api.publish(updated);
    }

    /// Something that somebody said of a message is ignored.
    pub(crate) fn refuse(&self, id: &str, by: BareJid, reason: Refusal) {
        tracing::debug!(%by, ?reason, "what somebody said of a message is ignored");
        self.api
            .publish(MessageRefused::new(self.clone(), id, by, reason));
    }

    /// A sent message has come further.
    pub(crate) fn set_delivery(&self, id: &str, delivery: Delivery, error: Option<MessageError>) {
        let mut state = self.conversation.any();
        if let Some(message) = state.history.set_delivery(id, delivery, error) {
            self.api
                .publish(MessageDeliveryChanged::new(self.clone(), message));
        }
    }

    /// The message of the user's own with that id.
    pub(super) fn own_message(&self, id: &str) -> Result<Message, Error> {
        let open = self.conversation.open()?;
        let found = open.history.find(crate::SentBy::Me, id);
        let unknown = || crate::ChatError::NotOwn { id: id.to_owned() };
        Ok(found.cloned().ok_or_else(unknown)?)
    }
}
