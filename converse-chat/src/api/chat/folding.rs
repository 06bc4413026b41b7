//! Announcing what has become of messages.

use jid::BareJid;

use super::Chat;
use crate::message::{
    MessageAdded, MessageDeliveryChanged, MessageRefused, MessageUpdateFailed, MessageUpdated,
    MessageWithdrawn,
};
use crate::model::State;
use converse_messages::model::{Change, Folded, Message, MessageError, Refusal, Update};
use converse_messages::outbox::News;

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
        if is_news {
            self.touch(open);
        }
        is_news
    }

    pub(crate) fn about(&self, change: &Change) -> About {
        About {
            target: change.fold.target().to_owned(),
            by: change.by.jid.to_bare(),
            update: change.fold.update(),
        }
    }

    /// In the order of the history: whoever calls it holds the chat's lock.
    pub(crate) fn announce(&self, folded: Folded, about: About) {
        match folded {
            Folded::Added(message) => self.api.publish(MessageAdded::new(self.clone(), *message)),
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

    /// In the order of the history: whoever calls it holds the chat's lock.
    pub(crate) fn tell_news(&self, news: News) {
        let chat = self.clone();
        match news {
            News::Delivery(message) => {
                self.api.publish(MessageDeliveryChanged::new(chat, message));
            }
            News::Update(message, update) => self.announce_update(message, update),
            News::Failed(undone, error) => {
                self.api
                    .publish(MessageUpdateFailed::new(chat, undone, error));
            }
            News::Withdrawn(id) => self.api.publish(MessageWithdrawn::new(chat, id)),
            _ => {}
        }
    }

    /// Something that was sent with this id did not arrive; if nothing was, this says nothing.
    pub(crate) fn fail(&self, id: &str, error: &MessageError) {
        if let Ok(outbox) = self.outbox_of_all() {
            outbox.bounced(&self.lane(), id, error);
        }
    }
}
