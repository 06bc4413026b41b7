//! What becomes of messages that have not left.

use chrono::{DateTime, Utc};

use super::entries::Entry;
use super::{Delivery, History, Id, Message, MessageError};

impl History {
    /// Since when there is something that was sent from here and of which nobody has shown that it has arrived; an archive may have
    /// it.
    #[must_use]
    pub fn unconfirmed_since(&self) -> Option<DateTime<Utc>> {
        let entries = self.order.iter().filter_map(|row| self.entry(row.number));
        let unsettled = entries.filter(|entry| self.is_unsettled(entry));
        unsettled.map(|entry| entry.message.time).min()
    }

    /// Whether it was sent from here and still waits in the outbox, for all that is known here: in a room that is until the room has
    /// sent it to everybody.
    pub(super) fn is_unsettled(&self, entry: &Entry) -> bool {
        let message = &entry.message;
        let waits = match message.delivery {
            Some(Delivery::Queued | Delivery::Sent) => true,
            Some(Delivery::Acknowledged) => self.is_room,
            _ => false,
        };
        waits && message.stanza_id.is_none()
    }

    /// Those of these messages that still waited to be sent, and are gone from where they waited, have failed.
    pub(crate) fn give_up_waiting(
        &mut self,
        numbers: &[u64],
        is_gone: impl Fn(&str) -> bool,
        error: &MessageError,
    ) {
        for number in numbers {
            let message = self.message(*number);
            let waiting = message.filter(|message| message.delivery == Some(Delivery::Queued));
            let id = waiting.and_then(|message| message.id.as_ref());
            if id.is_some_and(|id| is_gone(id.as_str())) {
                self.advance(*number, Delivery::Failed, Some(error.clone()));
            }
        }
    }

    /// A message that was sent from here waits again, unless somebody has shown that it has arrived.
    pub fn requeue(&mut self, id: &str) -> Option<Message> {
        let number = self.ids.get(self.ids.key(Id::Sent(id)))?;
        let delivery = self.message(number)?.delivery?;
        let waits = matches!(
            delivery,
            Delivery::Sent | Delivery::Acknowledged | Delivery::Failed
        );
        waits
            .then(|| {
                self.change(number, |entry| {
                    entry.message.delivery = Some(Delivery::Queued);
                    entry.message.error = None;
                })
            })
            .flatten()
    }

    /// A message that has not left has another text.
    pub fn reword(&mut self, id: &str, body: &str) -> Option<Message> {
        let number = self.ids.get(self.ids.key(Id::Sent(id)))?;
        self.change(number, |entry| {
            body.clone_into(&mut entry.message.body);
            entry.message.references.clear();
        })
    }

    /// A message that has not left is taken out.
    pub fn withdraw(&mut self, id: &str) -> Option<Message> {
        let number = self.ids.get(self.ids.key(Id::Sent(id)))?;
        self.remove(number)
    }
}
