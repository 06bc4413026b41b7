//! Announcing what has become of private messages.

use converse_messages::model::{
    Change, Delivery, Folded, Message, MessageError, MessageId, Refusal, Update,
};

use super::PrivateChat;
use crate::private::conversation::State;
use crate::private::message::{
    PrivateMessageAdded, PrivateMessageDeliveryChanged, PrivateMessageRefused,
    PrivateMessageUpdateFailed, PrivateMessageUpdated,
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

    /// A sent message has come further.
    pub(crate) fn set_delivery(&self, id: &str, delivery: Delivery, error: Option<MessageError>) {
        let mut state = self.conversation.any();
        if let Some(message) = state.history.set_delivery(id, delivery, error) {
            self.announce(message, None);
        }
    }

    /// A change that was sent did not arrive.
    pub(super) fn fail_change(&self, id: &str, error: &MessageError) -> bool {
        let mut state = self.conversation.any();
        let State {
            sent_changes,
            history,
            ..
        } = &mut *state;
        let Some(undone) = sent_changes.undo(id, history) else {
            return false;
        };
        if undone.is_reverted {
            self.announce(undone.message.clone(), Some(undone.update));
        }
        let failed = PrivateMessageUpdateFailed::new(self.clone(), undone, error.clone());
        self.api.publish(failed);
        true
    }

    /// Something that was sent with this id did not arrive; `false` if nothing was.
    pub(crate) fn fail(&self, id: &str, error: MessageError) -> bool {
        if self.fail_change(id, &error) {
            return true;
        }
        let is_sent = self.conversation.any().history.sent(id).is_some();
        if is_sent {
            self.set_delivery(id, Delivery::Failed, Some(error));
        }
        is_sent
    }
}
