//! Opening and closing rooms, for the application, for other groupings, and by itself.

use std::sync::Arc;

use converse_core::Error;
use converse_core::bus::Answers;
use converse_core::contract::{EnterRoom, LeaveRoom};
use jid::BareJid;

use super::{MucActor, normal};
use crate::error::MucError;
use crate::message::{ChatRoomOpened, CloseRoom, JoinRoom, OpenRoom};
use crate::model::{AutoJoin, ConnectionStatus, MAX_ROOMS, Opened, RoomOptions};
use crate::settings::{ALLOW_MUC, AUTO_JOIN_ROOMS, MUC_NICKNAME_FROM_JID};

impl Answers<OpenRoom> for MucActor {
    async fn answer(&mut self, request: OpenRoom) -> Result<Arc<Opened>, Error> {
        let room = self.open(request.jid, request.options, true).await?;
        self.let_in().await;
        self.keep(&room.jid).await;
        Ok(room)
    }
}

impl Answers<JoinRoom> for MucActor {
    async fn answer(&mut self, request: JoinRoom) -> Result<(), Error> {
        let JoinRoom { room, options } = request;
        let options = checked(&room.jid, options)?;
        drop(room.open()?);
        self.check_online()?;
        if !is_there(&room) {
            self.choose(&room, options)?;
            self.queue(&room, true, true);
            self.let_in().await;
        }
        Ok(())
    }
}

impl Answers<CloseRoom> for MucActor {
    async fn answer(&mut self, CloseRoom { room }: CloseRoom) {
        // What waits to be said there is not said.
        self.handle(&room).drop_unsent();
        if let Some(there) = self.close(&room) {
            self.tell_leave(&there).await;
        }
        self.let_in().await;
        self.keep(&room.jid).await;
    }
}

impl Answers<EnterRoom> for MucActor {
    async fn answer(&mut self, request: EnterRoom) -> Result<(), Error> {
        let jid = request.jid.clone();
        self.open(jid, request.into(), false).await?;
        self.let_in().await;
        Ok(())
    }
}

impl Answers<LeaveRoom> for MucActor {
    async fn answer(&mut self, request: LeaveRoom) -> Result<(), Error> {
        if let Some(room) = self.registry.get(&request.jid) {
            self.answer(CloseRoom { room }).await;
        }
        Ok(())
    }
}

impl MucActor {
    /// Enters the rooms of the setting `auto_join_rooms`, for a user who was not logged in before.
    pub(super) async fn join_by_itself(&mut self) {
        let rooms = match self.api.settings().read(&AUTO_JOIN_ROOMS) {
            Ok(rooms) => rooms,
            Err(error) => {
                tracing::warn!(%error, "no room is entered by itself");
                return;
            }
        };
        for AutoJoin { jid, options } in rooms {
            if let Err(error) = self.open(jid.clone(), options, false).await {
                tracing::warn!(room = %jid, %error, "a room cannot be entered by itself");
            }
        }
    }

    /// A room, opened if it is not open, that the user is in or on the way in.
    async fn open(
        &mut self,
        jid: BareJid,
        mut options: RoomOptions,
        is_asked_for: bool,
    ) -> Result<Arc<Opened>, Error> {
        if !self.api.settings().read(&ALLOW_MUC)? {
            return Err(MucError::NotAllowed.into());
        }
        if jid.node().is_none() {
            let call = "rooms.open";
            return Err(MucError::NoRoom { call, jid }.into());
        }
        options = checked(&jid, options)?;
        self.check_online()?;
        let maximize = options.maximize;
        let room = match self.registry.get(&jid) {
            Some(room) => {
                if !is_there(&room) {
                    self.choose(&room, options)?;
                    self.queue(&room, is_asked_for, false);
                } else if is_asked_for {
                    self.turnstile.hurry(&room.jid);
                }
                room
            }
            None => self.open_new(jid, options, is_asked_for).await?,
        };
        if maximize {
            self.handle(&room).maximize()?;
        }
        Ok(room)
    }

    async fn open_new(
        &mut self,
        jid: BareJid,
        options: RoomOptions,
        is_asked_for: bool,
    ) -> Result<Arc<Opened>, Error> {
        let room = self.opened(jid).await;
        self.choose(&room, options)?;
        if !self.registry.add(Arc::clone(&room), self.handle(&room)) {
            return Err(MucError::TooMany { max: MAX_ROOMS }.into());
        }
        self.handle(&room).reopen();
        self.api.publish(ChatRoomOpened {
            chatbox: self.handle(&room),
        });
        self.queue(&room, is_asked_for, false);
        Ok(room)
    }

    /// Which nick and password to enter with, and what becomes of the room if it is new. What was chosen before stays, unless
    /// something else is.
    fn choose(&self, room: &Opened, mut options: RoomOptions) -> Result<(), Error> {
        let from_jid = self.api.settings().read(&MUC_NICKNAME_FROM_JID)?;
        let own = self.api.session().bare_jid();
        let own = own.as_ref().and_then(|jid| jid.node()).filter(|_| from_jid);
        let mut state = room.any();
        state.creation.take(&mut options);
        let joining = &mut state.joining;
        if let Some(nick) = options.nick {
            joining.wanted_nick = Some(nick);
        } else if joining.wanted_nick.is_none() {
            joining.wanted_nick = own.map(|own| own.as_str().to_owned());
        }
        if options.password.is_some() {
            joining.password = options.password;
        }
        Ok(())
    }
}

fn is_there(room: &Opened) -> bool {
    let status = room.any().status;
    matches!(
        status,
        ConnectionStatus::Entered | ConnectionStatus::Connecting
    )
}

/// Options whose nick can be one, as it is in an address.
fn checked(room: &BareJid, mut options: RoomOptions) -> Result<RoomOptions, Error> {
    if let Some(nick) = &options.nick {
        options.nick = Some(normal(room, nick)?);
    }
    Ok(options)
}
