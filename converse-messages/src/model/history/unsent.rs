//! What becomes of messages that have not left.

use super::{Delivery, History, Id, Message};

impl History {
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
