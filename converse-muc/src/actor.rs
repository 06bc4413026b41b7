//! The actor: enters rooms and leaves them, and puts what comes from them into their state.

mod availability;
mod creating;
mod entering;
mod stanzas;

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::bus::{Answers, Handled, Hears, Spawned};
use converse_core::session::event::{Disconnected, SessionStarted};
use jid::{BareJid, FullJid};
use tokio::sync::oneshot;

use availability::Shown;

use crate::api::Room;
use crate::error::MucError;
use crate::message::{
    ChangeNick, ChatRoomOpened, CloseRoom, JoinRoom, OpenRoom, RoomClosed, RoomStatusChanged,
    RoomsPanelRendered,
};
use crate::model::{ConnectionStatus, MAX_ROOMS, Opened, Registry, Renaming, RoomOptions};
use crate::settings::ALLOW_MUC;
use crate::wire;

pub(crate) struct MucActor {
    pub(crate) api: Api,
    me: Spawned<Self>,
    pub(crate) registry: Arc<Registry>,
    /// Whose rooms these are.
    account: Option<BareJid>,
    shown: Shown,
}

impl MucActor {
    pub(crate) fn new(api: Api, me: Spawned<Self>, registry: Arc<Registry>) -> Self {
        Self {
            api,
            me,
            registry,
            account: None,
            shown: Shown::default(),
        }
    }
}

// 1 events heard

impl Hears<SessionStarted> for MucActor {
    /// A room knows nothing of a new session: it must be entered again. A resumed one goes on.
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if event.resumed {
            return Ok(());
        }
        let account = event.jid.to_bare();
        if self.account.as_ref().is_some_and(|last| *last != account) {
            for room in self.registry.all() {
                self.close(&room);
            }
        }
        self.account = Some(account);
        self.api.publish(RoomsPanelRendered {});
        for room in self.registry.all() {
            if room.any().rejoins {
                self.start(&room).await;
            }
        }
        Ok(())
    }
}

impl Hears<Disconnected> for MucActor {
    async fn hear(&mut self, _: Arc<Disconnected>) -> Handled {
        for room in self.registry.all() {
            let changed = {
                let mut state = room.any();
                let before = state.status;
                state.lose_session();
                before != state.status
            };
            if changed {
                self.tell_status(&room);
            }
        }
        Ok(())
    }
}

// 2 requests answered

impl Answers<OpenRoom> for MucActor {
    async fn answer(&mut self, request: OpenRoom) -> Result<Arc<Opened>, Error> {
        if !self.api.settings().read(&ALLOW_MUC)? {
            return Err(MucError::NotAllowed.into());
        }
        let OpenRoom { jid, options } = request;
        let options = checked(&jid, options)?;
        self.check_online()?;
        if let Some(room) = self.registry.get(&jid) {
            let is_there = matches!(
                room.any().status,
                ConnectionStatus::Entered | ConnectionStatus::Connecting
            );
            if !is_there {
                self.choose(&room, options)?;
                self.start(&room).await;
            }
            return Ok(room);
        }
        let room = Arc::new(Opened::new(jid));
        self.choose(&room, options)?;
        if !self.registry.add(Arc::clone(&room)) {
            return Err(MucError::TooMany { max: MAX_ROOMS }.into());
        }
        self.api.publish(ChatRoomOpened {
            chatbox: self.handle(&room),
        });
        self.start(&room).await;
        Ok(room)
    }
}

impl Answers<JoinRoom> for MucActor {
    async fn answer(&mut self, request: JoinRoom) -> Result<(), Error> {
        let JoinRoom { room, options } = request;
        let options = checked(&room.jid, options)?;
        let status = room.open()?.status;
        self.check_online()?;
        if !matches!(
            status,
            ConnectionStatus::Entered | ConnectionStatus::Connecting
        ) {
            self.choose(&room, options)?;
            self.try_again(&room).await?;
        }
        Ok(())
    }
}

impl Answers<CloseRoom> for MucActor {
    async fn answer(&mut self, CloseRoom { room }: CloseRoom) {
        let there = self.close(&room);
        if let Some(there) = there
            && self.api.session().state().is_active()
            && let Err(error) = self.api.send_untracked(wire::leave(&there)).await
        {
            tracing::debug!(%error, "a room could not be told that the user leaves");
        }
    }
}

impl Answers<ChangeNick> for MucActor {
    async fn answer(
        &mut self,
        request: ChangeNick,
    ) -> Result<oneshot::Receiver<Result<(), Error>>, Error> {
        let ChangeNick { room, nick } = request;
        let me = address(&room.jid, &nick)?;
        self.check_online()?;
        let (done, answer) = oneshot::channel();
        {
            let mut state = room.open()?;
            if state.status != ConnectionStatus::Entered {
                let status = state.status;
                drop(state);
                return Err(room.not_entered(status).into());
            }
            let nick = me.resource().as_str().to_owned();
            if state.nick.as_ref() == Some(&nick) {
                let _ = done.send(Ok(()));
                return Ok(answer);
            }
            let busy = state.renaming.as_ref();
            if busy.is_some_and(|busy| !busy.done.is_closed()) {
                return Err(MucError::NickBusy.into());
            }
            state.renaming = Some(Renaming { nick, done });
        }
        self.api
            .send_untracked(self.showing(wire::rename(&me)))
            .await?;
        Ok(answer)
    }
}

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

    /// Announces the status, also to those who wait for it.
    fn tell_status(&self, room: &Arc<Opened>) {
        let status = room.any().status;
        if status != ConnectionStatus::Entered {
            // Nobody says any more who goes.
            self.api.disco().forget_resources(&room.jid);
        }
        self.api.publish(RoomStatusChanged {
            chatbox: self.handle(room),
            status,
        });
        room.tell_status(status);
    }

    /// Forgets a room; the address at which the user is in it, or may soon be.
    fn close(&self, room: &Arc<Opened>) -> Option<FullJid> {
        let there = {
            let state = room.any();
            let nick = match state.status {
                ConnectionStatus::Entered => state.nick.as_ref(),
                _ => state.requested.as_ref(),
            };
            nick.and_then(|nick| address(&room.jid, nick).ok())
        };
        if !self.registry.close(room) {
            return None;
        }
        self.api.disco().forget_resources(&room.jid);
        self.close_private(room);
        self.api.publish(RoomClosed {
            chatbox: self.handle(room),
        });
        there
    }
}

/// Options whose nick can be one.
fn checked(room: &BareJid, options: RoomOptions) -> Result<RoomOptions, MucError> {
    if let Some(nick) = &options.nick {
        address(room, nick)?;
    }
    Ok(options)
}

/// Where somebody of that nick is.
pub(crate) fn address(room: &BareJid, nick: &str) -> Result<FullJid, MucError> {
    room.with_resource_str(nick).map_err(|_| MucError::BadNick)
}
