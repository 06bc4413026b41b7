//! Announcing what has become of messages.

use converse_core::router::Stanza;
use converse_messages::keeper::Keeper;
use converse_messages::model::{Change, Folded, Refusal, Spot, Update};
use converse_messages::outbox::News;
use converse_messages::{Message, MessageError, MessageId};
use jid::Jid;

use super::Room;
use crate::message::{
    RoomMessageAdded, RoomMessageDeliveryChanged, RoomMessageReceived, RoomMessageRefused,
    RoomMessageUpdateFailed, RoomMessageUpdated, RoomMessageWithdrawn,
};
use crate::model::{Said, State};

/// How many changes of one room are looked up in the store at once; one more waits for its message as if it were to come.
const MAX_LOOKING: usize = 256;

/// What a change says, and what brought it.
struct Brought {
    target: String,
    by: Jid,
    update: Option<Update>,
    stanza: Option<Stanza>,
    spot: Option<Spot>,
}

impl Brought {
    fn by(change: &Change, said: Option<&Said>) -> Self {
        Self {
            target: change.fold.target().to_owned(),
            by: change.by.jid.clone(),
            update: change.fold.update(),
            stanza: said.map(|said| said.stanza.clone()),
            spot: said.and_then(|said| said.spot),
        }
    }
}

impl Room {
    /// Folds a change into the message that it is about, and announces what comes of it, in the order of the history: whoever
    /// calls it holds the room's lock. `said` is what brought it, if it is not the user's own. A message that is not here may be
    /// one that only the store has; then it takes a moment.
    pub(crate) fn fold(&self, open: &mut State, change: Change, said: Option<&Said>) {
        let brought = Brought::by(&change, said);
        let history = &open.talk.history;
        let may_be_stored = history.has_older() && history.target_of(&change).is_none();
        if may_be_stored
            && open.talk.looking < MAX_LOOKING
            && let Some(keeper) = self.keeper()
        {
            open.talk.looking += 1;
            let room = self.clone();
            self.spawn(async move { room.fold_stored(&keeper, change, brought).await });
        } else {
            self.fold_here(open, change, brought);
        }
    }

    /// The same for a message that only the store may have.
    async fn fold_stored(&self, keeper: &Keeper, change: Change, brought: Brought) {
        let folded = keeper.fold(&*self.opened, &change).await;
        let mut open = self.opened.any();
        open.talk.looking -= 1;
        match folded {
            Ok(Some(folded)) => self.tell_folded(&mut open, folded, brought),
            Ok(None) => self.fold_here(&mut open, change, brought),
            Err(error) => {
                tracing::warn!(room = %self.jid(), %error, "what the store has cannot be changed");
                self.fold_here(&mut open, change, brought);
            }
        }
    }

    fn fold_here(&self, open: &mut State, change: Change, brought: Brought) {
        let history = &mut open.talk.history;
        let folded = match brought.spot {
            Some(spot) => history.fold_archived(change, spot),
            None => history.fold(change),
        };
        self.tell_folded(open, folded, brought);
    }

    fn tell_folded(&self, open: &mut State, folded: Folded, brought: Brought) {
        match folded {
            Folded::Added(message) => {
                let chatbox = self.clone();
                if let Some(stanza) = brought.stanza {
                    self.api.publish(RoomMessageReceived { chatbox, stanza });
                }
                self.api.publish(RoomMessageAdded {
                    chatbox: self.clone(),
                    message: (*message).clone(),
                });
                self.note_newest(open, &message);
            }
            Folded::Changed(changed) => {
                for message in changed {
                    match brought.update {
                        Some(update) => self.announce_update(message, update),
                        None => self.announce_delivery(message),
                    }
                }
            }
            Folded::Refused(reason) => self.refuse(&brought.target, brought.by, reason),
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
