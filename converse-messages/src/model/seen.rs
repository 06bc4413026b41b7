//! What of a chat was displayed, and what is to be told of it.

use converse_core::store::Place;

use super::history::History;
use super::{Message, SentBy};

/// What of a chat was displayed. It only moves forward (XEP-0333 §5, XEP-0490 §5.1).
#[derive(Debug, Default)]
pub struct Seen {
    /// Where the newest message stood that was displayed.
    up_to: Option<Place>,
    /// The stanza id up to which another client has displayed the chat, if that message is not here yet.
    elsewhere: Option<String>,
    /// The id of the message up to which the other one is to be told.
    marker: Option<String>,
}

/// What became displayed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Displayed {
    /// The id of the newest of the messages that asks to be told (XEP-0333 §4.1).
    pub markable: Option<String>,
    /// The stanza id of the newest of the messages that has one (XEP-0490 §4.2).
    pub stanza_id: Option<String>,
    /// How many of the other one's messages are newer.
    pub newer: usize,
}

impl Seen {
    /// Everything up to this message was displayed; `None` if that is known.
    pub fn move_to(&mut self, history: &History, number: u64) -> Option<Displayed> {
        let place = history.place_of(number)?;
        if self.up_to >= Some(place) {
            return None;
        }
        let before = self.up_to.replace(place);
        let mut displayed = Displayed::default();
        let received = |(_, message): &(Place, &Message)| message.sender == SentBy::Them;
        for (at, message) in history.places_newest_first().filter(received) {
            if at > place {
                displayed.newer += 1;
                continue;
            }
            if before >= Some(at) {
                break;
            }
            if displayed.markable.is_none() && message.markable {
                displayed.markable = message.id.as_ref().map(ToString::to_string);
            }
            if displayed.stanza_id.is_none() {
                displayed.stanza_id.clone_from(&message.stanza_id);
            }
            if displayed.markable.is_some() && displayed.stanza_id.is_some() {
                break;
            }
        }
        Some(displayed)
    }

    /// Where the newest message stood that was displayed, to be [restored](Self::restore).
    #[must_use]
    pub fn up_to(&self) -> Option<Place> {
        self.up_to
    }

    /// Everything up to this place was displayed before.
    pub fn restore(&mut self, up_to: Option<Place>) {
        self.up_to = self.up_to.max(up_to);
    }

    /// Another client has displayed the chat up to this message, which is not here yet.
    pub fn expect(&mut self, stanza_id: String) {
        self.elsewhere = Some(stanza_id);
    }

    /// Whether this message, which has just come, is the one that another client has displayed.
    pub fn is_expected(&mut self, message: &Message) -> bool {
        let is_expected = self.elsewhere.is_some() && self.elsewhere == message.stanza_id;
        if is_expected {
            self.elsewhere = None;
        }
        is_expected
    }

    /// The other one is to be told.
    pub fn tell(&mut self, id: String) {
        self.marker = Some(id);
    }

    /// What the other one is to be told.
    pub fn untold(&self) -> Option<String> {
        self.marker.clone()
    }

    /// The other one was told, or is not to know.
    pub fn told(&mut self, id: &str) {
        if self.marker.as_deref() == Some(id) {
            self.marker = None;
        }
    }
}
