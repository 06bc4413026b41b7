//! The newest messages of a room, in the order in which they came.

use std::collections::VecDeque;

use super::message::{RoomDelivery, RoomMessage, RoomMessageError, RoomMessageId};

/// How many messages of a room are kept.
const MAX_MESSAGES: usize = 1_000;
/// How many bytes of messages of a room are kept; the newest message always is.
const MAX_BYTES: usize = 4 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct History {
    messages: VecDeque<RoomMessage>,
    bytes: usize,
}

impl History {
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &RoomMessage> {
        self.messages.iter()
    }

    pub(crate) fn push(&mut self, message: RoomMessage) {
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

    /// The message that was sent from here and that `message`, which came under the user's nick, reflects.
    pub(crate) fn reflected(&mut self, message: &RoomMessage) -> Option<&mut RoomMessage> {
        let sent = self.messages.iter_mut().rev();
        sent.filter(|sent| sent.delivery.is_some()).find(|sent| {
            match (&sent.origin_id, &message.origin_id) {
                (Some(sent), Some(came)) => sent == came,
                _ => sent.id.is_some() && sent.id == message.id,
            }
        })
    }

    /// Whether the same message is here already: one that the room names alike, or an old one that came with an earlier
    /// visit.
    pub(crate) fn has(&self, message: &RoomMessage) -> bool {
        self.messages.iter().rev().any(|known| {
            let same_stanza = message.stanza_id.is_some() && known.stanza_id == message.stanza_id;
            let same_text = message.delayed
                && known.id == message.id
                && known.nick == message.nick
                && known.body == message.body
                && (known.id.is_some() || known.time == message.time);
            same_stanza || same_text
        })
    }

    /// Whether the message that was written here waits for the session.
    pub(crate) fn is_queued(&self, id: &RoomMessageId) -> bool {
        self.messages.iter().rev().any(|message| {
            message.delivery == Some(RoomDelivery::Queued) && message.id.as_ref() == Some(id)
        })
    }

    /// A sent message has come further; what was reflected or has failed stays so.
    pub(crate) fn set_delivery(
        &mut self,
        id: &str,
        delivery: RoomDelivery,
        error: Option<RoomMessageError>,
    ) -> Option<RoomMessage> {
        let mut sent = self.messages.iter_mut().rev();
        let message = sent.find(|message| {
            message.delivery.is_some() && message.id.as_ref().is_some_and(|own| own.as_str() == id)
        })?;
        if matches!(
            message.delivery,
            Some(RoomDelivery::Failed | RoomDelivery::Reflected)
        ) {
            return None;
        }
        message.delivery = Some(delivery);
        message.error = error;
        Some(message.clone())
    }
}
