//! Announcing what has become of private messages.

use converse_messages::model::{Change, Folded, Message, MessageError, MessageId, Refusal, Update};
use converse_messages::outbox::News;

use super::PrivateChat;
use crate::private::conversation::State;
use crate::private::message::{
    PrivateMessageAdded, PrivateMessageDeliveryChanged, PrivateMessageRefused,
    PrivateMessageUpdateFailed, PrivateMessageUpdated, PrivateMessageWithdrawn,
};

impl PrivateChat {
    /// Folds a change into the message that it is about, and announces what comes of it. Gives the message if it is one of
    /// its own: a correction of something that is not here.
    pub(crate) fn fold(&self, open: &mut State, change: Change) -> bool {
        let update = change.fold.update();
        let id = MessageId::new(change.fold.target());
        match open.history.fold(change) {
            Folded::Added(message) => {
                let (chatbox, message) = (self.clone(), *message);
                self.api.publish(PrivateMessageAdded { chatbox, message });
                return true;
            }
            Folded::Changed(messages) => {
                for message in messages {
                    self.announce(message, update);
                }
                self.touch(open);
            }
            Folded::Refused(reason) => self.refuse(id, reason),
            Folded::Unchanged | Folded::Early => {}
        }
        false
    }

    /// A message is different now; without an update it has come further.
    pub(crate) fn announce(&self, message: Message, update: Option<Update>) {
        self.note();
        let chatbox = self.clone();
        match update {
            Some(update) => self.api.publish(PrivateMessageUpdated {
                chatbox,
                message,
                update,
            }),
            None => self
                .api
                .publish(PrivateMessageDeliveryChanged { chatbox, message }),
        }
    }

    /// Something that somebody said of a message is ignored.
    pub(crate) fn refuse(&self, id: MessageId, reason: Refusal) {
        tracing::debug!(
            ?reason,
            "what somebody said of a private message is ignored"
        );
        self.api.publish(PrivateMessageRefused {
            chatbox: self.clone(),
            id,
            reason,
        });
    }

    /// What has become of what was sent, in the order of the history: whoever calls it holds the chat's lock.
    pub(crate) fn tell_news(&self, news: News) {
        let chatbox = self.clone();
        match news {
            News::Delivery(message) => self.announce(message, None),
            News::Update(message, update) => self.announce(message, Some(update)),
            News::Failed(undone, error) => {
                let failed = PrivateMessageUpdateFailed::new(chatbox, undone, error);
                self.api.publish(failed);
            }
            News::Withdrawn(id) => self.api.publish(PrivateMessageWithdrawn { chatbox, id }),
            _ => {}
        }
    }

    /// The room did not know who sent something; whether it waits until the user is in the room again.
    pub(crate) fn was_turned_away(&self, id: &str) -> bool {
        let outbox = self.room().outbox_of_all().ok().zip(self.lane().ok());
        outbox.is_some_and(|(outbox, lane)| outbox.turned_away(&lane, id))
    }

    /// Something that was sent with this id did not arrive; `false` if nothing was.
    pub(crate) fn fail(&self, id: &str, error: &MessageError) -> bool {
        let outbox = self.room().outbox_of_all().ok().zip(self.lane().ok());
        outbox.is_some_and(|(outbox, lane)| outbox.bounced(&lane, id, error))
    }
}
