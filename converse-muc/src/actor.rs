//! The actor: enters rooms and leaves them, and puts what comes from them into their state.

mod stanzas;

use std::sync::Arc;

use converse_core::api::{Api, HearsAnswers};
use converse_core::bus::{Answers, Handled, Hears, Spawned};
use converse_core::disco::Info;
use converse_core::session::IqResult;
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::xml::ElementBuilder;
use converse_core::{Error, ErrorKind};
use jid::{BareJid, FullJid};
use tokio::sync::oneshot;

use crate::api::Room;
use crate::error::MucError;
use crate::message::{
    ChangeNick, ChatRoomOpened, CloseRoom, JoinRoom, OpenRoom, RoomClosed, RoomInfoChanged,
    RoomStatusChanged, RoomsPanelRendered,
};
use crate::model::{
    Attempt, ConnectionStatus, MAX_ROOMS, Opened, Registry, Renaming, RoomInfo, RoomOptions,
};
use crate::settings::{ALLOW_MUC, MUC_HISTORY_MAX_STANZAS, MUC_NICKNAME_FROM_JID, NICKNAME};
use crate::wire;

/// How many nicks are tried when one after the other is taken.
const MAX_CONFLICTS: u32 = 10;

pub(crate) struct MucActor {
    api: Api,
    me: Spawned<Self>,
    registry: Arc<Registry>,
    /// Whose rooms these are.
    account: Option<BareJid>,
}

impl MucActor {
    pub(crate) fn new(api: Api, me: Spawned<Self>, registry: Arc<Registry>) -> Self {
        Self {
            api,
            me,
            registry,
            account: None,
        }
    }
}

/// What a room is asked.
pub(crate) enum Asked {
    /// What it is, before it is entered.
    Info(Attempt),
    /// Which nick it keeps for the user.
    ReservedNick(Attempt),
    /// What it is now, because it has changed.
    News(Arc<Opened>),
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
        self.api.send_untracked(wire::rename(&me)).await?;
        Ok(answer)
    }
}

// 3 answers of rooms

impl HearsAnswers<Asked> for MucActor {
    async fn hear_answer(&mut self, asked: Asked, answer: IqResult) -> Handled {
        let session_ended =
            matches!(&answer, Err(error) if error.kind() == ErrorKind::Disconnected);
        let (room, is_late) = match &asked {
            Asked::Info(attempt) | Asked::ReservedNick(attempt) => {
                let late = attempt.room.any().attempt != attempt.number;
                (&attempt.room, late)
            }
            Asked::News(room) => (room, false),
        };
        // The next session begins anew; a closed room has no business any more.
        if is_late || session_ended || room.open().is_err() {
            return Ok(());
        }
        match &asked {
            Asked::Info(attempt) => {
                self.take_info(&attempt.room, answer);
                self.enter_or_ask_nick(attempt).await?;
            }
            Asked::ReservedNick(attempt) => self.take_reserved_nick(attempt, answer).await?,
            Asked::News(room) => self.take_info(room, answer),
        }
        Ok(())
    }
}

// 4 private

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
        self.api.publish(RoomStatusChanged {
            chatbox: self.handle(room),
            status,
        });
        room.tell_status(status);
    }

    /// Which nick and password to enter with. What was chosen before stays, unless something else is.
    fn choose(&self, room: &Opened, options: RoomOptions) -> Result<(), Error> {
        let from_jid = self.api.settings().read(&MUC_NICKNAME_FROM_JID)?;
        let own = self.api.session().bare_jid();
        let own = own.as_ref().and_then(|jid| jid.node()).filter(|_| from_jid);
        let mut state = room.any();
        if let Some(nick) = options.nick {
            state.wanted_nick = Some(nick);
        } else if state.wanted_nick.is_none() {
            state.wanted_nick = own.map(|own| own.as_str().to_owned());
        }
        if options.password.is_some() {
            state.password = options.password;
        }
        Ok(())
    }

    /// Begins to enter: first the room is asked what it is (XEP-0045 §6.4).
    async fn start(&self, room: &Arc<Opened>) {
        let attempt = self.begin(room);
        let question = wire::ask_info(&room.jid);
        self.ask(Asked::Info(attempt), question).await;
    }

    /// Begins to enter a room that has been asked already, if it has answered.
    async fn try_again(&self, room: &Arc<Opened>) -> Result<(), Error> {
        if room.any().info.is_none() {
            self.start(room).await;
            return Ok(());
        }
        let attempt = self.begin(room);
        self.enter_or_ask_nick(&attempt).await
    }

    fn begin(&self, room: &Arc<Opened>) -> Attempt {
        let number = room.any().begin();
        self.tell_status(room);
        Attempt {
            room: Arc::clone(room),
            number,
        }
    }

    async fn ask(&self, asked: Asked, question: ElementBuilder) {
        // Without a session there is nobody to ask, and the next one begins anew.
        if let Err(error) = self.api.iq_in_order(&self.me, asked, question).await {
            tracing::debug!(%error, "a room could not be asked");
        }
    }

    /// A room that does not tell is entered all the same.
    fn take_info(&self, room: &Arc<Opened>, answer: IqResult) {
        let read = answer.and_then(|answer| {
            let info = Info::from_answer(&answer)?;
            Ok(RoomInfo::new(&info, wire::description(&answer)))
        });
        match read {
            Ok(info) => {
                room.any().info = Some(info);
                self.api.publish(RoomInfoChanged {
                    chatbox: self.handle(room),
                });
            }
            Err(error) => {
                tracing::debug!(room = %room.jid, %error, "a room does not say what it is");
            }
        }
    }

    async fn enter_or_ask_nick(&self, attempt: &Attempt) -> Result<(), Error> {
        let nick = attempt.room.any().wanted_nick.clone();
        match nick {
            Some(nick) => self.enter(&attempt.room, &nick).await,
            None => {
                let question = wire::ask_reserved_nick(&attempt.room.jid);
                self.ask(Asked::ReservedNick(attempt.clone()), question)
                    .await;
                Ok(())
            }
        }
    }

    async fn take_reserved_nick(&self, attempt: &Attempt, answer: IqResult) -> Result<(), Error> {
        let room = &attempt.room;
        let info = answer.and_then(|answer| Info::from_answer(&answer)).ok();
        let reserved = info
            .as_ref()
            .and_then(|info| info.name("conference"))
            .filter(|nick| address(&room.jid, nick).is_ok())
            .map(ToOwned::to_owned);
        let nick = match reserved {
            Some(nick) => Some(nick),
            None => self.api.settings().read(&NICKNAME)?,
        };
        match nick {
            Some(nick) => self.enter(room, &nick).await,
            None => {
                self.need_nick(room);
                Ok(())
            }
        }
    }

    fn need_nick(&self, room: &Arc<Opened>) {
        {
            let mut state = room.any();
            state.status = ConnectionStatus::NicknameRequired;
            state.rejoins = false;
        }
        self.tell_status(room);
    }

    /// Sends the presence that enters the room (XEP-0045 §7.2).
    async fn enter(&self, room: &Arc<Opened>, nick: &str) -> Result<(), Error> {
        let Ok(me) = address(&room.jid, nick) else {
            self.need_nick(room);
            return Ok(());
        };
        let history = self.api.settings().read(&MUC_HISTORY_MAX_STANZAS)?;
        let stanza = {
            let mut state = room.any();
            state.requested = Some(me.resource().as_str().to_owned());
            state.status = ConnectionStatus::Connecting;
            let password = state.password.as_ref().map(|password| password.expose());
            wire::enter(&me, password, history)
        };
        if let Err(error) = self.api.send_untracked(stanza).await {
            tracing::debug!(%error, "a room could not be entered");
            let disconnected = error.kind() == ErrorKind::Disconnected;
            {
                let mut state = room.any();
                state.lose_session();
                // Else the same would fail again.
                state.rejoins = disconnected;
            }
            self.tell_status(room);
        }
        Ok(())
    }

    /// With the setting `muc_nickname_from_jid` the next number is tried, else somebody has to choose.
    async fn try_next_nick(&self, room: &Arc<Opened>) -> Result<(), Error> {
        let numbered = self.api.settings().read(&MUC_NICKNAME_FROM_JID)?;
        let next = {
            let mut state = room.any();
            state.conflicts += 1;
            let number = state.conflicts + 1;
            let nick = state.wanted_nick.as_ref();
            nick.filter(|_| numbered && number <= MAX_CONFLICTS)
                .map(|nick| format!("{nick}-{number}"))
        };
        match next {
            Some(nick) => {
                {
                    let mut state = room.any();
                    state.disconnection = None;
                    state.rejoins = true;
                }
                self.enter(room, &nick).await
            }
            None => {
                self.tell_status(room);
                Ok(())
            }
        }
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
fn address(room: &BareJid, nick: &str) -> Result<FullJid, MucError> {
    room.with_resource_str(nick).map_err(|_| MucError::BadNick)
}
