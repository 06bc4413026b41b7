//! Stream management (XEP-0198) from the server's side.

use std::collections::VecDeque;

use converse_core::ns;
use converse_core::xml::Element;

/// The stream-managed session of the account; there is one at a time.
#[derive(Debug, Default)]
pub(super) struct Resumption {
    enabled_before: u32,
    /// By which it can be resumed.
    pub(super) id: Option<String>,
    /// Counting has begun on the present connection.
    pub(super) on: bool,
    /// The client's stanzas that came, modulo 2³².
    pub(super) received: u32,
    /// Of these, how many the client was told of.
    told: u32,
    /// The most that it was not told of.
    pub(super) most_untold: u32,
    /// Their number when each body came, for those that have one.
    bodies: Vec<(String, u32)>,
    /// Ours, modulo 2³², and those that the client has not acknowledged.
    sent: u32,
    unacked: VecDeque<String>,
}

impl Resumption {
    /// The client may use it from now on; gives the id.
    pub(super) fn enable(&mut self) -> String {
        self.enabled_before += 1;
        let id = format!("sm-{}", self.enabled_before);
        *self = Self {
            enabled_before: self.enabled_before,
            id: Some(id.clone()),
            on: true,
            ..Self::default()
        };
        id
    }

    /// Counting begins with an id that the script chose.
    pub(super) fn enable_as(&mut self, id: Option<String>) {
        self.enable();
        self.id = id;
    }

    pub(super) fn pause(&mut self) {
        self.on = false;
    }

    pub(super) fn forget(&mut self) {
        *self = Self {
            enabled_before: self.enabled_before,
            ..Self::default()
        };
    }

    pub(super) fn preset(&mut self, received: u32, sent: u32) {
        self.received = received;
        self.told = received;
        self.sent = sent;
        self.unacked.clear();
        self.bodies.clear();
    }

    pub(super) fn heard(&mut self, stanza: &Element) {
        if !self.on {
            return;
        }
        self.received = self.received.wrapping_add(1);
        let untold = self.received.wrapping_sub(self.told);
        self.most_untold = self.most_untold.max(untold);
        if let Some(body) = stanza.child_text("body", ns::CLIENT) {
            self.bodies.push((body.into_owned(), self.received));
        }
    }

    /// The client is told how many came.
    pub(super) fn tell(&mut self) -> u32 {
        self.told = self.received;
        self.received
    }

    pub(super) fn said(&mut self, xml: &str) {
        if self.on {
            self.sent = self.sent.wrapping_add(1);
            self.unacked.push_back(xml.to_owned());
        }
    }

    /// The client handled so many.
    pub(super) fn acknowledged(&mut self, h: u32) {
        let before = self
            .sent
            .wrapping_sub(u32::try_from(self.unacked.len()).unwrap_or(u32::MAX));
        let newly = h.wrapping_sub(before) as usize;
        if newly <= self.unacked.len() {
            self.unacked.drain(..newly);
        }
    }

    /// What goes out again after a resumption.
    pub(super) fn unacked(&self) -> impl Iterator<Item = &String> {
        self.unacked.iter()
    }

    /// The count that covers the message with this body and none after it.
    pub(super) fn count_after(&self, body: &str) -> Option<u32> {
        let entry = self.bodies.iter().rev().find(|(text, _)| text == body);
        entry.map(|(_, count)| *count)
    }
}
