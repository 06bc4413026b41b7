//! The actor: enters rooms and leaves them, and puts what comes from them into their state.

mod asking;
mod availability;
mod creating;
mod entering;
mod messages;
mod opening;
mod renaming;
mod requests;
mod restoring;
mod schedule;
mod stanzas;
mod watching;

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::bus::{Handled, Hears, Spawned};
use converse_core::session::event::{Disconnected, SessionStarted, SessionStateChanged};
use converse_core::session::{SessionNumber, SessionState};
use jid::{BareJid, FullJid};
use tokio::time::Instant;

use availability::Shown;

use crate::api::Room;
use crate::error::MucError;
use crate::keeping::{Keeping, report};
use crate::message::{RoomClosed, RoomStatusChanged, RoomsPanelRendered};
use crate::model::{ConnectionStatus, Opened, Registry, Turnstile};

use schedule::Schedule;

pub(crate) struct MucActor {
    pub(crate) api: Api,
    me: Spawned<Self>,
    pub(crate) registry: Arc<Registry>,
    /// Which session it is.
    session: Option<SessionNumber>,
    /// Whose rooms these are.
    account: Option<BareJid>,
    /// It has had no session yet.
    is_first: bool,
    /// Keeps that account's rooms in the store.
    keeping: Option<Keeping>,
    /// Which rooms are being entered.
    turnstile: Turnstile,
    /// When to look after which room.
    schedule: Schedule,
    /// What the user shows to everybody.
    shown: Shown,
}

impl MucActor {
    pub(crate) fn new(api: Api, me: Spawned<Self>, registry: Arc<Registry>) -> Self {
        let schedule = Schedule::new(&api);
        Self {
            api,
            me,
            registry,
            session: None,
            account: None,
            is_first: false,
            keeping: None,
            turnstile: Turnstile::default(),
            schedule,
            shown: Shown::default(),
        }
    }
}

// 1 events heard

impl Hears<SessionStateChanged> for MucActor {
    /// Who logs in has his rooms before there is a session: what is said in them waits for it.
    async fn hear(&mut self, event: Arc<SessionStateChanged>) -> Handled {
        if let SessionState::Connecting { .. } = event.state
            && let Some(account) = self.api.session().account()
        {
            self.take_account(account).await;
        }
        Ok(())
    }
}

impl Hears<SessionStarted> for MucActor {
    /// A room knows nothing of a new session: it must be entered again. A resumed one goes on, and nothing is asked again,
    /// unless the process is a new one: who is in a room went with the one before.
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        self.session = Some(event.session);
        self.take_account(event.jid.to_bare()).await;
        let is_new = std::mem::take(&mut self.is_first);
        if !event.begins_empty() {
            for room in self.registry.all() {
                self.handle(&room).come_back();
                // What comes on both connections may come in another order than the archive has it.
                room.any().talk.archive.followed.hear(None);
            }
            return Ok(());
        }
        self.api.publish(RoomsPanelRendered {});
        if is_new {
            self.join_by_itself().await;
        }
        for room in self.registry.all() {
            let comes_back = {
                let state = room.any();
                // The setting may have had it entered just now.
                let is_new = is_new && state.status == ConnectionStatus::Connecting;
                state.joining.rejoins && !is_new
            };
            if comes_back {
                self.queue(&room, false, false);
            }
        }
        self.let_in().await;
        Ok(())
    }
}

impl Hears<Disconnected> for MucActor {
    async fn hear(&mut self, _: Arc<Disconnected>) -> Handled {
        self.turnstile.clear();
        for room in self.registry.all() {
            let changed = {
                let mut state = room.any();
                let before = state.status;
                state.lose_session();
                before != state.status
            };
            self.schedule.set(&room.jid, None);
            if changed {
                self.announce_status(&room);
            }
        }
        // Maybe there is no other time to write what waits.
        if let Some(keeping) = &self.keeping {
            report(keeping.shelf().write().await);
        }
        Ok(())
    }
}

// 2 requests answered: see the modules

// 3 private

impl MucActor {
    fn handle(&self, room: &Arc<Opened>) -> Room {
        Room::new(&self.api, Arc::clone(room))
    }

    fn check_online(&self) -> Result<(), MucError> {
        if self.api.session().is_online() {
            Ok(())
        } else {
            Err(MucError::NotConnected)
        }
    }

    /// Announces the status, and sees to what follows from it: somebody else's turn to enter, another attempt later, a look whether
    /// the user is still in the room.
    fn tell_status(&mut self, room: &Arc<Opened>) {
        let due = {
            let mut state = room.any();
            if state.status != ConnectionStatus::Connecting {
                self.turnstile.leave(&room.jid);
            }
            if state.status == ConnectionStatus::Entered {
                state.enter_in(self.session);
            }
            let is_out = !matches!(
                state.status,
                ConnectionStatus::Entered | ConnectionStatus::Connecting
            );
            if is_out && self.api.session().is_online() {
                let jitter = self.api.environment().random.fraction();
                state.joining.retry_later(Instant::now(), jitter);
            }
            state.joining.due
        };
        self.schedule.set(&room.jid, due);
        self.announce_status(room);
        self.handle(room).wake();
    }

    /// Announces the status, also to those who wait for it.
    fn announce_status(&self, room: &Arc<Opened>) {
        let chatbox = self.handle(room);
        let (status, error) = {
            let mut state = room.any();
            if state.status != ConnectionStatus::Entered {
                chatbox.stop_catching_up(&mut state);
            }
            (state.status, state.joining.error.clone())
        };
        self.registry.touch(&chatbox);
        self.api.publish(RoomStatusChanged {
            chatbox,
            status,
            error,
        });
        self.private_status(room);
        room.tell_status(status);
    }

    /// Forgets a room; the address at which the user is in it, or may soon be.
    fn close(&mut self, room: &Arc<Opened>) -> Option<FullJid> {
        let there = {
            let state = room.any();
            let nick = match state.status {
                ConnectionStatus::Entered => state.nick.as_deref(),
                _ => state.joining.requested(),
            };
            nick.and_then(|nick| address(&room.jid, nick).ok())
        };
        self.handle(room).stop_catching_up(&mut room.any());
        self.handle(room).note();
        if !self.registry.close(room) {
            return None;
        }
        self.turnstile.leave(&room.jid);
        self.schedule.set(&room.jid, None);
        self.close_private(room);
        self.api.publish(RoomClosed {
            chatbox: self.handle(room),
        });
        there
    }

    /// Tells a room that the user is not there (any more), if there is somebody to tell it to.
    async fn tell_leave(&self, there: &FullJid) {
        if self.api.session().state().is_active()
            && let Err(error) = self.api.send_untracked(crate::wire::leave(there)).await
        {
            tracing::debug!(%error, "a room could not be told that the user leaves");
        }
    }
}

/// Where somebody of that nick is.
pub(crate) fn address(room: &BareJid, nick: &str) -> Result<FullJid, MucError> {
    room.with_resource_str(nick).map_err(|_| MucError::BadNick)
}

/// The nick as it is in an address.
fn normal(room: &BareJid, nick: &str) -> Result<String, Error> {
    Ok(address(room, nick)?.resource().as_str().to_owned())
}
