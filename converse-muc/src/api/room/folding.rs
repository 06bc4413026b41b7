//! Announcing what has become of messages.

use converse_messages::model::{Change, Folded, Refusal, Update};
use converse_messages::{Delivery, Message, MessageError, MessageId};
use jid::Jid;

use super::Room;
use crate::message::{
    RoomMessageAdded, RoomMessageDeliveryChanged, RoomMessageReceived, RoomMessageRefused,
    RoomMessageUpdateFailed, RoomMessageUpdated,
};
use crate::model::{Said, State};

impl Room {
    /// Folds a change into the message that it is about, and announces what comes of it, in the order of the history: whoever
    /// calls it holds the room's lock. `said` is what brought it, if it is not the user's own.
    pub(crate) fn fold(&self, open: &mut State, change: Change, said: Option<&Said>) {
        let (target, by) = (change.fold.target().to_owned(), change.by.jid.clone());
        let update = change.fold.update();
        let history = &mut open.talk.history;
        let folded = match said.and_then(|said| said.spot) {
            Some(spot) => history.fold_archived(change, spot),
            None => history.fold(change),
        };
        match folded {
            Folded::Added(message) => {
                if let Some(said) = said {
                    self.api.publish(RoomMessageReceived {
                        chatbox: self.clone(),
                        stanza: said.stanza.clone(),
                    });
                }
                self.api.publish(RoomMessageAdded {
                    chatbox: self.clone(),
                    message: (*message).clone(),
                });
                self.note_newest(open, &message);
            }
            Folded::Changed(changed) => {
                for message in changed {
                    match update {
                        Some(update) => self.announce_update(message, update),
                        None => self.announce_delivery(message),
                    }
                }
            }
            Folded::Refused(reason) => self.refuse(&target, by, reason),
            Folded::Unchanged | Folded::Early => {}
        }
        self.note();
    }

    pub(crate) fn announce_update(&self, message: Message, update: Update) {
        self.api.publish(RoomMessageUpdated {
            chatbox: self.clone(),
            message,
            update,
        });
    }

    fn announce_delivery(&self, message: Message) {
        let chatbox = self.clone();
        self.api
            .publish(RoomMessageDeliveryChanged { chatbox, message });
    }

    /// Something that somebody said of a message is ignored.
    pub(crate) fn refuse(&self, id: &str, by: Jid, reason: Refusal) {
        tracing::debug!(%by, ?reason, "what somebody said of a message is ignored");
        self.api.publish(RoomMessageRefused {
            chatbox: self.clone(),
            id: MessageId::new(id),
            by,
            reason,
        });
    }

    /// A sent message has come further.
    pub(super) fn set_delivery(&self, id: &str, delivery: Delivery, error: Option<MessageError>) {
        let mut state = self.opened.any();
        if let Some(message) = state.talk.history.set_delivery(id, delivery, error) {
            self.announce_delivery(message);
            self.note();
        }
    }

    /// A change that was sent did not arrive.
    pub(super) fn fail_change(&self, id: &str, error: &MessageError) -> bool {
        let mut state = self.opened.any();
        let Some(undone) = state.talk.undo(id) else {
            return false;
        };
        if undone.is_reverted {
            self.announce_update(undone.message.clone(), undone.update);
        }
        self.api.publish(RoomMessageUpdateFailed {
            chatbox: self.clone(),
            message: undone.message,
            update: undone.update,
            error: error.clone(),
        });
        self.note();
        true
    }

    /// Something that was sent with this id did not arrive; whether anything was.
    pub(crate) fn fail(&self, id: &str, error: MessageError) -> bool {
        if self.fail_change(id, &error) {
            return true;
        }
        let was_sent = self.opened.any().talk.history.sent(id).is_some();
        self.set_delivery(id, Delivery::Failed, Some(error));
        was_sent
    }
}
