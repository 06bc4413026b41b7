//! What the others are told of the user: that he writes, and what he has seen.

use std::convert::Infallible;

use converse_core::Error;
use converse_core::settings::Key;
use converse_core::xml::ElementBuilder;
use converse_messages::model::{ChatState, MessageKind};
use converse_messages::wire::{self as messages, markers};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::Room;
use crate::model::{ConnectionStatus, Role, RoomFeature, State};
use crate::settings::{SEND_CHAT_MARKERS, SEND_CHAT_STATES};

impl Room {
    /// The user writes: to be called for each key, it costs next to nothing.
    ///
    /// The others are told once, and ten seconds after the last key that the user has paused (XEP-0085 §5.5). Sending a
    /// message ends it. Nobody is told if the setting `send_chat_state_notifications` is off, nor of a user who has no voice.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn composing(&self) -> Result<(), Error> {
        let mut open = self.opened.open()?;
        if !open.talk.typing.key(Instant::now()) {
            return Ok(());
        }
        if self.is_told(&open) {
            self.follow_typing(&mut open);
            self.tell_soon(&mut open);
        } else {
            open.talk.typing.settle();
        }
        Ok(())
    }

    /// The user has given up what he was writing, without sending it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn stop_composing(&self) -> Result<(), Error> {
        let mut open = self.opened.open()?;
        if open.talk.typing.is_writing() {
            open.talk.follower = None;
            if open.talk.typing.become_(ChatState::Active) {
                self.tell_soon(&mut open);
            }
        }
        Ok(())
    }

    /// A message with what the others are told by the way: that the user is active.
    pub(crate) fn signed(&self, message: ElementBuilder) -> ElementBuilder {
        let mut state = self.opened.any();
        state.talk.follower = None;
        state.talk.typing.sent();
        let active = self.is_on(&SEND_CHAT_STATES).then(messages::active);
        message.child_opt(active)
    }

    /// Runs something beside all else; whoever calls it may be on a thread without a runtime.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        // Nobody waits for the task, nor for its start.
        drop(self.api.bus().dispatch(|_| drop(tokio::spawn(task))));
    }

    /// The others are told that a message was displayed, if it is of any use to them.
    pub(super) fn tell_displayed(&self, open: &mut State, stanza_id: String) {
        let message = open.talk.history.archived(&stanza_id);
        let is_asked = message.is_some_and(|message| message.markable);
        let is_wanted = is_asked || open.has(RoomFeature::MembersOnly);
        if is_wanted && self.is_on(&SEND_CHAT_MARKERS) {
            open.talk.seen.tell(stanza_id);
            self.tell_soon(open);
        }
    }

    /// The user is in the room (again): what is still to be told is told.
    pub(crate) fn come_back(&self) {
        let mut state = self.opened.any();
        if state.talk.seen.untold().is_some() && self.is_there(&state) {
            self.tell_soon(&mut state);
        }
        drop(state);
        self.catch_up_again();
    }

    /// Watches for the end of writing, until the room is closed or the writing has ended.
    fn follow_typing(&self, open: &mut State) {
        let (follower, mut ended) = oneshot::channel::<Infallible>();
        open.talk.follower = Some(follower);
        let room = self.clone();
        self.spawn(async move {
            while let Some(deadline) = room.deadline() {
                tokio::select! {
                    biased;
                    _ = &mut ended => return,
                    () = sleep_until(deadline) => room.tick(),
                }
            }
        });
    }

    fn deadline(&self) -> Option<Instant> {
        self.opened.any().talk.typing.deadline()
    }

    fn tick(&self) {
        let mut state = self.opened.any();
        state.talk.typing.tick(Instant::now());
        if state.talk.typing.untold().is_some() {
            self.tell_soon(&mut state);
        }
    }

    /// Has the others told what is to be told, after what is being sent now.
    fn tell_soon(&self, state: &mut State) {
        if std::mem::replace(&mut state.talk.is_telling, true) {
            return;
        }
        let room = self.clone();
        self.spawn(async move { room.tell().await });
    }

    async fn tell(&self) {
        self.passed().await;
        while let Some(signal) = self.next_signal() {
            let signal = signal.attr("id", self.new_id().as_str());
            if let Err(error) = self.api.send_untracked(signal).await {
                tracing::debug!(%error, "a chat state or marker could not be sent to a room");
            }
        }
    }

    fn next_signal(&self) -> Option<ElementBuilder> {
        let mut state = self.opened.any();
        let (is_there, kind) = (self.is_there(&state), MessageKind::Groupchat);
        // A marker waits for the next visit, a state is of the moment.
        if let Some(id) = state.talk.seen.untold().filter(|_| is_there) {
            state.talk.seen.told(&id);
            if state.role >= Role::Participant {
                return Some(markers::displayed(&self.address(), kind, &id));
            }
        }
        if let Some(own) = state.talk.typing.untold() {
            state.talk.typing.settle();
            // What is told to a room is told to many: that somebody does nothing is no news to them.
            let is_news = !matches!(own, ChatState::Inactive | ChatState::Gone);
            if is_there && is_news && self.is_told(&state) {
                return Some(messages::chat_state(&self.address(), kind, own));
            }
        }
        state.talk.is_telling = false;
        None
    }

    /// Whether the user is in the room now: what would wait for the next session could come before the user does.
    fn is_there(&self, state: &State) -> bool {
        let is_entered = state.status == ConnectionStatus::Entered;
        state.is_open() && is_entered && self.api.session().is_online()
    }

    /// Whether the others are told chat states: in a room where the user has no voice, nobody would hear them.
    fn is_told(&self, state: &State) -> bool {
        self.is_there(state) && state.role >= Role::Participant && self.is_on(&SEND_CHAT_STATES)
    }

    fn is_on(&self, setting: &Key<bool>) -> bool {
        self.api.settings().read(setting).unwrap_or_default()
    }
}
