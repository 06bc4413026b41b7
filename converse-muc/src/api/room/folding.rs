//! Announcing what has become of messages.

use converse_messages::model::{Change, Folded, Refusal, Update};
use converse_messages::outbox::News;
use converse_messages::{Message, MessageError, MessageId};
use jid::Jid;

use super::Room;
use crate::message::{
    RoomMessageAdded, RoomMessageDeliveryChanged, RoomMessageReceived, RoomMessageRefused,
    RoomMessageUpdateFailed, RoomMessageUpdated, RoomMessageWithdrawn,
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

    /// What has become of what was sent, in the order of the history: whoever calls it holds the room's lock.
    pub(crate) fn tell_news(&self, news: News) {
        let chatbox = self.clone();
        match news {
            News::Delivery(message) => self.announce_delivery(message),
            News::Update(message, update) => self.announce_update(message, update),
            News::Failed(undone, error) => self.api.publish(RoomMessageUpdateFailed {
                chatbox,
                message: undone.message,
                update: undone.update,
                error,
            }),
            News::Withdrawn(id) => self.api.publish(RoomMessageWithdrawn { chatbox, id }),
            _ => {}
        }
    }

    /// The room did not know who sent something; whether it waits until the user is in the room again.
    pub(crate) fn was_turned_away(&self, id: &str) -> bool {
        let outbox = self.outbox_of_all();
        outbox.is_ok_and(|outbox| outbox.turned_away(&self.lane(), id))
    }

    /// Something that was sent with this id did not arrive; whether anything was.
    pub(crate) fn fail(&self, id: &str, error: &MessageError) -> bool {
        let outbox = self.outbox_of_all();
        outbox.is_ok_and(|outbox| outbox.bounced(&self.lane(), id, error))
    }
}
