//! Rooms that say nothing: those that do not let the user in, and those that the user may have fallen out of (XEP-0410).

use std::sync::Arc;
use std::time::Duration;

use converse_core::Error;
use converse_core::bus::Answers;
use converse_core::session::IqResult;
use tokio::time::Instant;

use super::asking::Asked;
use super::{MucActor, address};
use crate::error::JoinError;
use crate::message::Wake;
use crate::model::{Attempt, ConnectionStatus, Due, Opened, Verdict};
use crate::wire;

/// How long a room may take to answer: it may have to pass the question on to another client of the user, whose connection may be a bad
/// one (XEP-0410 §3.3). Nobody waits for the answer.
const PING_PATIENCE: Duration = Duration::from_secs(2 * 60);
/// While a lost connection is being replaced nothing is asked (XEP-0410 §5); then it is looked again after this time.
const OFFLINE: Duration = Duration::from_secs(60);

impl Answers<Wake> for MucActor {
    async fn answer(&mut self, _: Wake) -> Result<(), Error> {
        let now = Instant::now();
        for jid in self.schedule.take_due(now) {
            if let Some(room) = self.registry.get(&jid) {
                self.look_after(&room, now).await?;
            }
        }
        self.let_in().await;
        Ok(())
    }
}

impl MucActor {
    async fn look_after(&mut self, room: &Arc<Opened>, now: Instant) -> Result<(), Error> {
        if !self.api.session().is_online() {
            let later = now + OFFLINE;
            room.any().joining.due = Some(later);
            self.schedule.set(&room.jid, Some(later));
            return Ok(());
        }
        let patience = self.patience()?;
        let due = room.any().look(now, patience);
        match due {
            None => {}
            Some(Due::At(at)) => self.schedule.set(&room.jid, Some(at)),
            Some(Due::GiveUp(nick)) => {
                self.give_up(room, JoinError::NoAnswer);
                // Should it let the user in after all, it is to know that nobody is there.
                if let Ok(there) = address(&room.jid, &nick) {
                    self.tell_leave(&there).await;
                }
            }
            Some(Due::Ping) => self.ping_self(room).await,
            Some(Due::Retry) => self.queue(room, false, false),
        }
        Ok(())
    }

    /// Asks the room whether the user is in it (XEP-0410 §3.1), if that is not being asked already.
    pub(crate) async fn ping_self(&mut self, room: &Arc<Opened>) {
        let me = {
            let mut state = room.any();
            let is_entered = state.status == ConnectionStatus::Entered;
            // The answer would be about a nick that is just being given up (§5).
            if !is_entered || state.is_renaming() || !state.joining.attendance.ask() {
                return;
            }
            let nick = state.nick.as_ref();
            nick.and_then(|nick| address(&room.jid, nick).ok())
        };
        let asked = match me {
            Some(me) => {
                let (asked, ping) = (Asked::SelfPing(Attempt::of(room)), wire::ping(&me));
                let asked = self
                    .api
                    .iq_in_order_within(&self.me, asked, ping, PING_PATIENCE);
                asked.await.is_ok()
            }
            None => false,
        };
        if !asked {
            self.settle_ping(room, Verdict::Unknown);
        }
    }

    /// What the answer means for the user (XEP-0410 §3.2). Who fell out comes back.
    pub(super) fn take_pong(&mut self, room: &Arc<Opened>, answer: &IqResult) {
        let verdict = Verdict::of(answer);
        self.settle_ping(room, verdict);
        let is_entered = room.any().status == ConnectionStatus::Entered;
        if verdict == Verdict::Out && is_entered {
            tracing::info!(room = %room.jid, "the room does not know the user any more, who comes back");
            self.queue(room, false, true);
        }
    }

    fn settle_ping(&mut self, room: &Arc<Opened>, verdict: Verdict) {
        let next = {
            let mut state = room.any();
            state.way.is_doubted = false;
            let next = state.joining.attendance.settle(verdict, Instant::now());
            state.joining.due = Some(next);
            next
        };
        self.schedule.set(&room.jid, Some(next));
        if verdict != Verdict::Out {
            self.handle(room).wake();
        }
    }
}
