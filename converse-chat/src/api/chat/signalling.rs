//! What the other one is told of the user: that he writes, and what he has seen.

use std::convert::Infallible;

use converse_core::contract::Standing;
use converse_core::settings::Key;
use converse_core::xml::{Element, ElementBuilder};
use converse_core::{Error, ns};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::Chat;
use crate::api::standing;
use crate::message::ChatStateChanged;
use crate::model::{Kind, State};
use crate::settings::{FORWARD_MESSAGES, SEND_CHAT_MARKERS, SEND_CHAT_STATES};
use crate::{forwarding, receipts, tasks};
use converse_messages::model::{ChatState, MessageKind};
use converse_messages::wire::{self, markers};

impl Chat {
    /// The user writes: to be called for each key, it costs next to nothing.
    ///
    /// A contact who sees the user is told once; ten seconds after the last key, that the user has paused, and ninety seconds
    /// later that he takes no part any more (XEP-0085). Sending a message ends it. Nobody is told if the setting
    /// `send_chat_state_notifications` is off, or who has answered without a chat state (§5.1).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_chat::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let chat = api.chats().open("juliet@capulet.example").await?;
    /// for _key in "But, soft!".chars() {
    ///     chat.composing()?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn composing(&self) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
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

    /// The user has given up what he was writing, without sending it, and still takes part.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn stop_composing(&self) -> Result<(), Error> {
        let mut open = self.conversation.open()?;
        if open.typing.is_writing() {
            self.become_(&mut open, ChatState::Active);
        }
        Ok(())
    }

    /// A message with what the other one is asked for, and what he is told by the way: that the user is active (XEP-0085 §5.1).
    pub(crate) fn signed(&self, message: ElementBuilder) -> ElementBuilder {
        if self.api.session().bare_jid().as_ref() == Some(self.jid()) {
            return message;
        }
        let mut state = self.conversation.any();
        state.follower = None;
        state.typing.sent();
        let has_state = state.typing.is_understood() && self.is_on(&SEND_CHAT_STATES);
        let active = has_state.then(wire::active);
        message
            .child_opt(active)
            .child(receipts::request())
            .child(markers::markable())
    }

    /// With what the account's other clients get what is sent, if the setting `forward_messages` is on.
    pub(crate) fn forwarded(&self, message: &Element) -> Option<ElementBuilder> {
        let is_private = message.child("private", ns::CARBONS).is_some();
        if is_private || !self.is_on(&FORWARD_MESSAGES) {
            return None;
        }
        let own = self.api.session().jid();
        let own = own.filter(|own| own.to_bare() != *self.jid())?;
        let now = self.api.environment().clock.now();
        Some(forwarding::forward(message.view().into(), &own, now))
    }

    /// A session begins or goes on: what is still to be told is told; of a new one it is not known what the other one does.
    pub(crate) fn begin_session(&self, resumed: bool) {
        let mut state = self.conversation.any();
        if !resumed {
            state.typing.forget();
            state.follower = None;
            if state.contact_chat_state.take().is_some() {
                self.touch(&state);
                self.api.publish(ChatStateChanged::new(self.clone(), None));
            }
        }
        if state.typing.untold().is_some() || state.seen.untold().is_some() {
            self.tell_soon(&mut state);
        }
    }

    /// The user does something else than write.
    pub(super) fn become_(&self, open: &mut State, state: ChatState) {
        open.follower = None;
        if open.typing.become_(state) {
            self.tell_soon(open);
        }
    }

    /// Watches for the end of writing, until the chat is closed or the writing has ended.
    fn follow_typing(&self, open: &mut State) {
        let (follower, mut ended) = oneshot::channel::<Infallible>();
        open.follower = Some(follower);
        let chat = self.clone();
        tasks::spawn(&self.api, async move {
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
    pub(super) fn tell_soon(&self, state: &mut State) {
        if std::mem::replace(&mut state.is_telling, true) {
            return;
        }
        let chat = self.clone();
        tasks::spawn(&self.api, async move { chat.tell().await });
    }

    /// Tells the other one what is to be told.
    pub(super) async fn tell(&self) {
        if let Ok(outbox) = self.outbox_of_all() {
            outbox.passed(&self.lane()).await;
        }
        while let Some(signal) = self.next_signal() {
            let signal = signal.attr("id", self.new_id().as_str());
            if let Err(error) = self.api.send_untracked(signal).await {
                tracing::debug!(%error, "a chat state or marker could not be sent");
            }
        }
    }

    fn next_signal(&self) -> Option<ElementBuilder> {
        let is_online = self.api.session().is_online();
        let mut state = self.conversation.any();
        // A marker waits for the next session, a state is of the moment.
        if let Some(id) = state.seen.untold().filter(|_| is_online) {
            state.seen.told(&id);
            if self.sees_us() && self.is_on(&SEND_CHAT_MARKERS) {
                return Some(markers::displayed(&self.address(), MessageKind::Chat, &id));
            }
        }
        if let Some(own) = state.typing.untold() {
            state.typing.settle();
            if is_online && self.is_told(&state) {
                return Some(wire::chat_state(&self.address(), MessageKind::Chat, own));
            }
        }
        state.is_telling = false;
        None
    }

    /// Whether the other one is told chat states.
    pub(super) fn is_told(&self, state: &State) -> bool {
        state.typing.is_understood() && self.sees_us() && self.is_on(&SEND_CHAT_STATES)
    }

    /// Whether the chat is with a contact who sees the user anyway; to others it would tell that the user is there.
    fn sees_us(&self) -> bool {
        let standing = standing(&self.api, self.jid());
        let is_seen = matches!(standing, Standing::Contact(subscription) if subscription.is_seen());
        is_seen && self.conversation.kind == Kind::Chat
    }

    fn is_on(&self, setting: &Key<bool>) -> bool {
        self.api.settings().read(setting).unwrap_or_default()
    }
}
