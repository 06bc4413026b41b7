//! How a room is entered: it is asked what it is, and maybe for a nick, and then told that the user comes.

use std::sync::Arc;
use std::time::Duration;

use converse_core::disco::Info;
use converse_core::router::StanzaError;
use converse_core::session::IqResult;
use converse_core::settings::keys::IQ_TIMEOUT;
use converse_core::{Error, ErrorKind};
use converse_messages::sync::has_archives;
use tokio::time::Instant;

use super::asking::Asked;
use super::{MucActor, address};
use crate::error::JoinError;
use crate::managing;
use crate::message::RoomInfoChanged;
use crate::model::{Attempt, ConnectionStatus, Opened, RoomFeature, RoomInfo, Step};
use crate::settings::{MUC_HISTORY_MAX_STANZAS, MUC_NICKNAME_FROM_JID, NICKNAME};
use crate::wire;

impl MucActor {
    /// Begins an attempt to enter, which waits for its turn: [`let_in`](Self::let_in). A room that `is_known` is not asked again what
    /// it is, if it told before.
    pub(super) fn queue(&mut self, room: &Arc<Opened>, is_asked_for: bool, is_known: bool) {
        {
            let mut state = room.any();
            state.begin();
            state.joining.is_known = is_known && state.info.is_some();
        }
        // Whatever is left of an attempt before has no place any more.
        self.turnstile.leave(&room.jid);
        self.turnstile.queue(room.jid.clone(), is_asked_for);
        self.tell_status(room);
    }

    /// Sets out for the rooms whose turn it is.
    pub(super) async fn let_in(&mut self) {
        while let Some(jid) = self.turnstile.next() {
            let room = self.registry.get(&jid);
            match room.filter(|room| room.any().joining.step == Step::Queued) {
                Some(room) => {
                    if let Err(error) = self.set_out(&room).await {
                        tracing::warn!(room = %jid, %error, "a room cannot be entered");
                        self.give_up(&room, JoinError::NotSent);
                    }
                }
                None => self.turnstile.leave(&jid),
            }
        }
    }

    /// Asks the room what it is (XEP-0045 §6.4), if it has not told.
    async fn set_out(&mut self, room: &Arc<Opened>) -> Result<(), Error> {
        let is_known = {
            let mut state = room.any();
            state.joining.step = Step::Asking;
            state.joining.is_known
        };
        if is_known {
            return self.enter_or_ask_nick(room).await;
        }
        let asked = Asked::Info(Attempt::of(room));
        if !self.ask(asked, wire::ask_info(&room.jid)).await {
            self.lose(room);
        }
        Ok(())
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
                let chatbox = self.handle(room);
                self.registry.touch(&chatbox);
                self.api.publish(RoomInfoChanged { chatbox });
            }
            Err(error) => {
                tracing::debug!(room = %room.jid, %error, "a room does not say what it is");
            }
        }
    }

    pub(super) async fn enter_or_ask_nick(&mut self, room: &Arc<Opened>) -> Result<(), Error> {
        let nick = room.any().joining.wanted_nick.clone();
        if let Some(nick) = nick {
            return self.enter(room, &nick).await;
        }
        let asked = Asked::ReservedNick(Attempt::of(room));
        if !self.ask(asked, wire::ask_reserved_nick(&room.jid)).await {
            self.lose(room);
        }
        Ok(())
    }

    pub(super) async fn take_reserved_nick(
        &mut self,
        room: &Arc<Opened>,
        answer: IqResult,
    ) -> Result<(), Error> {
        let reserved = answer
            .ok()
            .and_then(|answer| wire::read_reserved_nick(&answer, &room.jid));
        let nick = match reserved {
            Some(nick) => Some(nick),
            None => self.api.settings().read(&NICKNAME)?,
        };
        match nick {
            Some(nick) => self.enter(room, &nick).await?,
            None => self.give_up(room, JoinError::NickMissing),
        }
        Ok(())
    }

    /// Sends the presence that enters the room (XEP-0045 §7.2).
    async fn enter(&mut self, room: &Arc<Opened>, nick: &str) -> Result<(), Error> {
        let Ok(me) = address(&room.jid, nick) else {
            self.give_up(room, JoinError::NickMalformed);
            return Ok(());
        };
        let most = self.api.settings().read(&MUC_HISTORY_MAX_STANZAS)?;
        let patience = self.patience()?;
        let (stanza, due) = {
            let mut state = room.any();
            let info = state.info.as_ref();
            let offered = info.is_some_and(|info| info.has(RoomFeature::AffiliationVersions));
            let is_archived = info.is_some_and(|info| info.has(RoomFeature::MamEnabled))
                && has_archives(&self.api)
                && !state.talk.archive.is_refused();
            let lists = room.lists.ask(offered).map(managing::wire::ask_lists);
            let joining = &mut state.joining;
            joining.knock(me.resource().as_str().to_owned(), Instant::now(), patience);
            joining.is_archived = is_archived;
            let password = joining.password.as_ref().map(|password| password.expose());
            let history = if is_archived {
                wire::Wanted::NOTHING
            } else {
                wire::Wanted {
                    most,
                    since: joining.last_seen,
                }
            };
            (wire::enter(&me, password, history, lists), joining.due)
        };
        self.schedule.set(&room.jid, due);
        let stanza = self.showing_in(room, stanza);
        match self.api.send_untracked(stanza).await {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::Disconnected => self.lose(room),
            // The same would fail again.
            Err(error) => {
                tracing::warn!(room = %room.jid, %error, "a room could not be entered");
                self.give_up(room, JoinError::NotSent);
            }
        }
        Ok(())
    }

    /// With the setting `muc_nickname_from_jid` the next number is tried, else somebody has to choose.
    pub(super) async fn try_next_nick(
        &mut self,
        room: &Arc<Opened>,
        error: StanzaError,
    ) -> Result<(), Error> {
        let numbered = self.api.settings().read(&MUC_NICKNAME_FROM_JID)?;
        let next = room.any().joining.next_nick(numbered);
        if let Some(nick) = next {
            return self.enter(room, &nick).await;
        }
        room.any().refuse(error, None);
        self.tell_status(room);
        Ok(())
    }

    pub(super) fn give_up(&mut self, room: &Arc<Opened>, error: JoinError) {
        room.any().give_up(error);
        self.tell_status(room);
    }

    /// There is no session; the next one sees another attempt.
    pub(super) fn lose(&mut self, room: &Arc<Opened>) {
        let changed = {
            let mut state = room.any();
            let before = state.status;
            state.lose_session();
            before != ConnectionStatus::Disconnected
        };
        self.turnstile.leave(&room.jid);
        self.schedule.set(&room.jid, None);
        if changed {
            self.announce_status(room);
        }
    }

    /// How long a room may take to answer.
    pub(super) fn patience(&self) -> Result<Duration, Error> {
        let seconds = self.api.settings().read(&IQ_TIMEOUT)?;
        Ok(Duration::from_secs(seconds))
    }
}
