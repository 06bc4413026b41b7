//! How a room is entered: it is asked what it is, and maybe for a nick, and then told that the user comes.

use std::sync::Arc;

use converse_core::api::HearsAnswers;
use converse_core::bus::Handled;
use converse_core::disco::Info;
use converse_core::router::{Condition, StanzaError};
use converse_core::session::IqResult;
use converse_core::xml::ElementBuilder;
use converse_core::{Error, ErrorKind};

use super::{MucActor, address};
use crate::message::RoomInfoChanged;
use crate::model::{Attempt, ConnectionStatus, Opened, RoomInfo, RoomOptions};
use crate::settings::{MUC_HISTORY_MAX_STANZAS, MUC_NICKNAME_FROM_JID, NICKNAME};
use crate::wire;

/// How many nicks are tried when one after the other is taken.
const MAX_CONFLICTS: u32 = 10;

/// What a room is asked.
pub(crate) enum Asked {
    /// What it is, before it is entered.
    Info(Attempt),
    /// Which nick it keeps for the user.
    ReservedNick(Attempt),
    /// What it is now, because it has changed.
    News(Arc<Opened>),
    /// Whether the user is still in it (XEP-0410).
    SelfPing(Attempt),
}

impl HearsAnswers<Asked> for MucActor {
    async fn hear_answer(&mut self, asked: Asked, answer: IqResult) -> Handled {
        let session_ended =
            matches!(&answer, Err(error) if error.kind() == ErrorKind::Disconnected);
        let (room, is_late) = match &asked {
            Asked::Info(attempt) | Asked::ReservedNick(attempt) | Asked::SelfPing(attempt) => {
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
            Asked::SelfPing(attempt) => self.take_pong(&attempt.room, answer).await?,
        }
        Ok(())
    }
}

impl MucActor {
    /// A room that does not know the user any more, after it was restarted maybe, says so when the user pings himself
    /// (XEP-0410 §3.1); then he enters again. Any other answer decides nothing.
    pub(crate) async fn ping_self(&self, room: &Arc<Opened>) {
        let (attempt, me) = {
            let state = room.any();
            let attempt = Attempt {
                room: Arc::clone(room),
                number: state.attempt,
            };
            let nick = state.nick.as_ref();
            (attempt, nick.and_then(|nick| address(&room.jid, nick).ok()))
        };
        if let Some(me) = me {
            self.ask(Asked::SelfPing(attempt), wire::ping(&me)).await;
        }
    }

    async fn take_pong(&self, room: &Arc<Opened>, answer: IqResult) -> Result<(), Error> {
        let is_outside = answer.is_err_and(|error| {
            let source = std::error::Error::source(&error);
            source
                .and_then(|source| source.downcast_ref::<StanzaError>())
                .is_some_and(|error| error.condition == Condition::NotAcceptable)
        });
        if is_outside && room.any().status == ConnectionStatus::Entered {
            self.try_again(room).await?;
        }
        Ok(())
    }

    /// Which nick and password to enter with. What was chosen before stays, unless something else is.
    pub(super) fn choose(&self, room: &Opened, options: RoomOptions) -> Result<(), Error> {
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
    pub(super) async fn start(&self, room: &Arc<Opened>) {
        let attempt = self.begin(room);
        let question = wire::ask_info(&room.jid);
        self.ask(Asked::Info(attempt), question).await;
    }

    /// Begins to enter a room that has been asked already, if it has answered.
    pub(super) async fn try_again(&self, room: &Arc<Opened>) -> Result<(), Error> {
        if room.any().info.is_none() {
            self.start(room).await;
            return Ok(());
        }
        let attempt = self.begin(room);
        self.enter_or_ask_nick(&attempt).await
    }

    pub(super) fn begin(&self, room: &Arc<Opened>) -> Attempt {
        let number = room.any().begin();
        self.tell_status(room);
        Attempt {
            room: Arc::clone(room),
            number,
        }
    }

    pub(super) async fn ask(&self, asked: Asked, question: ElementBuilder) {
        // Without a session there is nobody to ask, and the next one begins anew.
        if let Err(error) = self.api.iq_in_order(&self.me, asked, question).await {
            tracing::debug!(%error, "a room could not be asked");
        }
    }

    /// A room that does not tell is entered all the same.
    pub(super) fn take_info(&self, room: &Arc<Opened>, answer: IqResult) {
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

    pub(super) async fn enter_or_ask_nick(&self, attempt: &Attempt) -> Result<(), Error> {
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

    pub(super) async fn take_reserved_nick(
        &self,
        attempt: &Attempt,
        answer: IqResult,
    ) -> Result<(), Error> {
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

    pub(super) fn need_nick(&self, room: &Arc<Opened>) {
        {
            let mut state = room.any();
            state.status = ConnectionStatus::NicknameRequired;
            state.rejoins = false;
        }
        self.tell_status(room);
    }

    /// Sends the presence that enters the room (XEP-0045 §7.2).
    pub(super) async fn enter(&self, room: &Arc<Opened>, nick: &str) -> Result<(), Error> {
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
        let stanza = self.showing_in(room, stanza);
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
    pub(super) async fn try_next_nick(&self, room: &Arc<Opened>) -> Result<(), Error> {
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
}
