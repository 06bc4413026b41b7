//! What was sent from here and has arrived, as the archive shows.

use converse_messages::model::{Message, MessageId, SentBy};
use converse_messages::outbox::{Lane, Outbox};
use converse_messages::wire::Incoming;

use super::{ChatActor, Letter};

impl ChatActor {
    /// By which ids something may wait to be sent that the archive has.
    pub(super) fn archived_of_own(
        &self,
        letter: &Letter,
        incoming: &Incoming,
        message: Option<&Message>,
    ) -> Vec<String> {
        if letter.filed.is_none() || letter.envelope.sender != SentBy::Me {
            return Vec::new();
        }
        let origin = message.and_then(|message| message.origin_id.as_deref());
        let id = incoming.id.as_ref().map(MessageId::as_str);
        let ids = id.into_iter().chain(origin);
        ids.map(ToOwned::to_owned).collect()
    }

    /// What the archive has of the user has arrived.
    pub(super) fn note_arrived(&self, letter: &Letter, ids: &[String]) {
        let Some(outbox) = self.api.provided::<Outbox>().filter(|_| !ids.is_empty()) else {
            return;
        };
        let lane = Lane::chat(&letter.envelope.peer);
        for id in ids {
            if outbox.arrived(&lane, id) {
                outbox.acknowledged(&lane, id);
            }
        }
    }
}
