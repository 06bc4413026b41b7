//! The newest messages of a chat, in the order in which they are shown.

use std::collections::VecDeque;

use super::message::{Delivery, Message, MessageError, SentBy};

/// How many messages of a chat are kept.
const MAX_MESSAGES: usize = 1_000;
/// How many bytes of messages of a chat are kept; the newest message always is.
const MAX_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct History {
    messages: VecDeque<Message>,
    bytes: usize,
}

impl History {
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter()
    }

    pub(crate) fn push(&mut self, message: Message) {
        self.bytes += message.size();
        self.messages.push_back(message);
        while self.messages.len() > MAX_MESSAGES
            || (self.bytes > MAX_BYTES && self.messages.len() > 1)
        {
            if let Some(oldest) = self.messages.pop_front() {
                self.bytes -= oldest.size();
            }
        }
    }

    /// The message that was sent from here with this id.
    pub(crate) fn sent(&self, id: &str) -> Option<&Message> {
        self.messages
            .iter()
            .rev()
            .find(|message| is_sent(message, id))
    }

    /// A sent message has come further; what has failed stays failed.
    pub(crate) fn set_delivery(
        &mut self,
        id: &str,
        delivery: Delivery,
        error: Option<MessageError>,
    ) -> Option<Message> {
        let mut sent = self.messages.iter_mut().rev();
        let message = sent.find(|message| is_sent(message, id))?;
        if message.delivery == Some(Delivery::Failed) || message.delivery == Some(delivery) {
            return None;
        }
        message.delivery = Some(delivery);
        message.error = error;
        Some(message.clone())
    }
}

fn is_sent(message: &Message, id: &str) -> bool {
    message.sender == SentBy::Me
        && message.delivery.is_some()
        && message.id.as_ref().is_some_and(|own| own.as_str() == id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::model::{MessageId, MessageKind};

    fn message(id: &str, sender: SentBy, body: String) -> Message {
        Message {
            id: Some(MessageId::new(id)),
            origin_id: None,
            sender,
            from: "otto@heron.example/oar".parse().unwrap(),
            kind: MessageKind::Chat,
            body,
            subject: None,
            time: chrono::DateTime::UNIX_EPOCH,
            delayed: false,
            delivery: (sender == SentBy::Me).then_some(Delivery::Queued),
            error: None,
        }
    }

    #[test]
    fn only_the_newest_messages_are_kept() {
        let mut history = History::default();
        for n in 0..2_500 {
            history.push(message(&n.to_string(), SentBy::Them, String::new()));
        }
        assert_eq!(history.iter().count(), MAX_MESSAGES);
        assert_eq!(
            history.iter().next().unwrap().id.as_ref().unwrap().as_str(),
            "1500"
        );
        for n in 0..9 {
            history.push(message(
                &n.to_string(),
                SentBy::Them,
                "x".repeat(MAX_BYTES / 2),
            ));
        }
        assert_eq!(history.iter().count(), 1);
        history.push(message("small", SentBy::Them, String::new()));
        assert_eq!(history.iter().count(), 2);
    }

    #[test]
    fn only_what_was_sent_from_here_can_fail_and_then_stays_failed() {
        let mut history = History::default();
        history.push(message("a", SentBy::Them, String::new()));
        history.push(message("b", SentBy::Me, String::new()));
        assert!(history.set_delivery("a", Delivery::Failed, None).is_none());
        assert!(history.set_delivery("b", Delivery::Sent, None).is_some());
        assert!(history.set_delivery("b", Delivery::Sent, None).is_none());
        assert!(history.set_delivery("b", Delivery::Failed, None).is_some());
        assert!(
            history
                .set_delivery("b", Delivery::Acknowledged, None)
                .is_none()
        );
    }
}
