//! What rooms are asked, and what becomes of the answers.

use std::sync::Arc;

use converse_core::ErrorKind;
use converse_core::api::HearsAnswers;
use converse_core::bus::Handled;
use converse_core::session::IqResult;
use converse_core::xml::ElementBuilder;

use super::MucActor;
use crate::model::{Attempt, Opened};

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
                (&attempt.room, attempt.is_over())
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
                self.enter_or_ask_nick(&attempt.room).await?;
            }
            Asked::ReservedNick(attempt) => self.take_reserved_nick(&attempt.room, answer).await?,
            Asked::News(room) => self.take_info(room, answer),
            Asked::SelfPing(attempt) => self.take_pong(&attempt.room, &answer),
        }
        self.let_in().await;
        Ok(())
    }
}

impl MucActor {
    /// Asks; `false` if there is nobody to ask. Without a session the next one begins anew.
    pub(super) async fn ask(&self, asked: Asked, question: ElementBuilder) -> bool {
        let outcome = self.api.iq_in_order(&self.me, asked, question).await;
        if let Err(error) = &outcome {
            tracing::debug!(%error, "a room could not be asked");
        }
        outcome.is_ok()
    }
}
