//! Another nick in a room (XEP-0045 §7.6).

use converse_core::Error;
use converse_core::bus::Answers;
use tokio::sync::oneshot;

use super::{MucActor, address};
use crate::error::MucError;
use crate::message::ChangeNick;
use crate::model::{ConnectionStatus, Renaming};
use crate::wire;

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
            if state.is_renaming() {
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
