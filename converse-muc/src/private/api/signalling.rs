//! What the other one is told of the user: that he writes (XEP-0085).

use std::convert::Infallible;

use converse_core::Error;
use converse_core::xml::ElementBuilder;
use converse_messages::model::{ChatState, MessageKind};
use converse_messages::wire;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::PrivateChat;
use super::sending::private;
use crate::private::conversation::State;
use crate::settings::SEND_CHAT_STATES;

impl PrivateChat {
    /// The user writes: to be called for each key, it costs next to nothing.
    ///
    /// The other one is told once, and ten seconds after the last key that the user has paused. Sending a message ends it.
    /// Nobody is told if the setting `send_chat_state_notifications` is off, nor somebody who is gone, or whose last message
    /// shows that his client knows nothing of it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn composing(&self) -> Result<(), Error> {
        let mut open = self.open()?;
        if !open.typing.key(Instant::now()) {
            return Ok(());
        }
        if self.is_told(&open) {
            self.follow_typing(&mut open);
            self.tell_soon(&mut open);
        } else {
            open.typing.settle();
        }
        Ok(())
    }

    /// The user has given up what he was writing, without sending it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn stop_composing(&self) -> Result<(), Error> {
        let mut open = self.open()?;
        if open.typing.is_writing() {
            open.follower = None;
            if open.typing.become_(ChatState::Active) {
                self.tell_soon(&mut open);
            }
        }
        Ok(())
    }

    /// A message with what the other one is told by the way: that the user is active.
    pub(super) fn signed(&self, message: ElementBuilder) -> ElementBuilder {
        let mut state = self.conversation.any();
        state.follower = None;
        state.typing.sent();
        let is_told = self.is_on() && state.typing.is_understood();
        message.child_opt(is_told.then(wire::active))
    }

    /// Watches for the end of writing, until the chat is closed or the writing has ended.
    fn follow_typing(&self, open: &mut State) {
        let (follower, mut ended) = oneshot::channel::<Infallible>();
        open.follower = Some(follower);
        let chat = self.clone();
        self.spawn(async move {
            while let Some(deadline) = chat.deadline() {
                tokio::select! {
                    biased;
                    _ = &mut ended => return,
                    () = sleep_until(deadline) => chat.tick(),
                }
            }
        });
    }

    fn deadline(&self) -> Option<Instant> {
        self.conversation.any().typing.deadline()
    }

    fn tick(&self) {
        let mut state = self.conversation.any();
        state.typing.tick(Instant::now());
        if state.typing.untold().is_some() {
            self.tell_soon(&mut state);
        }
    }

    /// Has the other one told what is to be told, after what is being sent now.
    fn tell_soon(&self, state: &mut State) {
        if std::mem::replace(&mut state.is_telling, true) {
            return;
        }
        let chat = self.clone();
        self.spawn(async move { chat.tell().await });
    }

    async fn tell(&self) {
        self.passed().await;
        while let Some(signal) = self.next_signal() {
            let signal = private(signal).attr("id", self.new_id().as_str());
            if let Err(error) = self.api.send_untracked(signal).await {
                tracing::debug!(%error, "a chat state could not be sent to an occupant");
            }
        }
    }

    fn next_signal(&self) -> Option<ElementBuilder> {
        let mut state = self.conversation.any();
        if let Some(own) = state.typing.untold() {
            state.typing.settle();
            if self.is_told(&state)
                && let Ok(to) = crate::actor::address(&self.opened.jid, &state.nick)
            {
                return Some(wire::chat_state(&to.into(), MessageKind::Chat, own));
            }
        }
        state.is_telling = false;
        None
    }

    fn is_told(&self, state: &State) -> bool {
        let is_there = state.is_open() && !self.has_gone(state);
        is_there && state.typing.is_understood() && self.is_on()
    }

    fn is_on(&self) -> bool {
        let settings = self.api.settings();
        settings.read(&SEND_CHAT_STATES).unwrap_or_default()
    }
}
