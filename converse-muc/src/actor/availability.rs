//! What the user's presence says in rooms (XEP-0045 §7.7): what it says to everybody else.

use std::sync::Arc;

use converse_core::bus::{Handled, Hears};
use converse_core::contract::OwnPresence;
use converse_core::xml::{Element, ElementBuilder};

use super::{MucActor, address};
use crate::model::{ConnectionStatus, Opened};
use crate::wire;

/// The plugin that sends the user's presence.
const STATUS: &str = "converse-status";

/// What the user shows to everybody, as far as it was told here.
#[derive(Default)]
pub(super) struct Shown {
    /// What is in it; nothing while the user is shown to nobody.
    elements: Vec<ElementBuilder>,
    /// The same as text.
    text: String,
    /// There was a picture of the user, which others may have now.
    had_picture: bool,
    /// Counts what was different; a room that was told of this one knows all.
    number: u64,
}

impl Shown {
    /// Takes what is shown now; `false` if it is what was shown before.
    fn take(&mut self, presence: &OwnPresence) -> bool {
        let (mut elements, mut text) = (Vec::new(), presence.is_available.to_string());
        for element in presence.elements().filter(|_| presence.is_available) {
            match element.build() {
                Ok(built) if self.is_of_use(&built) => {
                    built.write_to(&mut text);
                    elements.push(element);
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "a part of the presence cannot be told to rooms");
                }
            }
        }
        let is_new = self.text != text;
        if is_new {
            (self.elements, self.text) = (elements, text);
            self.number += 1;
        }
        is_new
    }

    /// That there is no picture of the user (XEP-0153 §4.1) is of use to those who may have one.
    fn is_of_use(&mut self, element: &Element) -> bool {
        if element.is("x", wire::PICTURE) {
            let hash = element.child_text("photo", wire::PICTURE);
            self.had_picture |= hash.is_some_and(|hash| !hash.is_empty());
            return self.had_picture;
        }
        true
    }
}

impl Hears<OwnPresence> for MucActor {
    async fn hear(&mut self, presence: Arc<OwnPresence>) -> Handled {
        let is_available = presence.is_available;
        let is_new = self.shown.take(&presence);
        for room in self.registry.all() {
            if !is_available {
                self.withdraw(&room);
            } else if room.any().is_withdrawn {
                self.queue(&room, false, false);
            } else if is_new {
                self.tell_availability(&room).await;
            }
        }
        self.let_in().await;
        Ok(())
    }
}

impl MucActor {
    /// A presence that enters a room, or tells it something, with what the user's presence says.
    pub(super) fn showing_in(&self, room: &Opened, stanza: ElementBuilder) -> ElementBuilder {
        room.any().shown = self.shown.number;
        self.showing(stanza)
    }

    /// A presence for a room that may refuse it, with what the user's presence says.
    pub(super) fn showing(&self, stanza: ElementBuilder) -> ElementBuilder {
        if self.shown.number == 0 && !self.api.has_plugin(STATUS) {
            // Nobody says what the user shows; what plugins add is still true (XEP-0115 §8.3).
            return stanza.children(self.api.presence_payloads().elements());
        }
        stanza.children(self.shown.elements.iter().cloned())
    }

    /// Whether a room does not know what the user's presence says now.
    pub(super) fn is_behind(&self, room: &Opened) -> bool {
        room.any().shown != self.shown.number
    }

    /// Tells a room in which the user is what the user's presence says, if it does not know. Without the element that enters a
    /// room: the user is in it. While the nick changes the room would take it for another change.
    pub(super) async fn tell_availability(&self, room: &Opened) {
        let me = {
            let state = room.any();
            let is_due = state.status == ConnectionStatus::Entered
                && state.shown != self.shown.number
                && state.renaming.is_none();
            let nick = state.nick.as_ref().filter(|_| is_due);
            nick.and_then(|nick| address(&room.jid, nick).ok())
        };
        let Some(me) = me else { return };
        let stanza = self.showing_in(room, wire::availability(&me));
        if let Err(error) = self.api.send_untracked(stanza).await {
            tracing::debug!(%error, "a room could not be told what the user's status is");
        }
    }

    /// The user is shown to nobody any more, and the server has told the room too that he is gone (RFC 6121 §4.5.2, §4.6.3).
    /// He comes back when he is shown again.
    fn withdraw(&mut self, room: &Arc<Opened>) {
        {
            let mut state = room.any();
            let is_there = matches!(
                state.status,
                ConnectionStatus::Entered | ConnectionStatus::Connecting
            );
            if !is_there {
                return;
            }
            state.joining.rejoins = false;
            state.is_withdrawn = true;
        }
        self.lose(room);
    }
}
