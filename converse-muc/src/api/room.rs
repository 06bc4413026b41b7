//! The handle of a room.

mod attention;
mod attributes;
mod catching_up;
mod changing;
mod commanding;
mod composer;
mod configuring;
mod folding;
mod hearing;
mod managing;
mod messages;
mod occupants;
mod older;
mod registering;
mod searching;
mod sending;
mod signalling;
mod subject;
mod voice;

use std::fmt;
use std::sync::Arc;

use converse_core::api::Api;
use converse_core::{Error, ErrorKind};
use jid::BareJid;
use serde::{Serialize, Serializer};

pub use composer::RoomComposer;
pub use messages::RoomMessages;
pub use occupants::Occupants;

use super::patience;
use crate::error::{JoinError, MucError};
use crate::message::{ChangeNick, CloseRoom, JoinRoom};
use crate::model::{
    Affiliation, ConnectionStatus, Disconnection, Occupant, Opened, Role, RoomInfo, RoomOptions,
    Subject,
};
use crate::wire;

/// An open room; cheap to clone. Once the room is closed, every method fails with
/// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), also if it is opened again.
#[derive(Clone)]
pub struct Room {
    pub(crate) api: Api,
    pub(crate) opened: Arc<Opened>,
}

impl Room {
    pub(crate) fn new(api: &Api, opened: Arc<Opened>) -> Self {
        Self {
            api: api.clone(),
            opened,
        }
    }

    pub(crate) fn api(&self) -> &Api {
        &self.api
    }

    pub(crate) fn opened(&self) -> &Arc<Opened> {
        &self.opened
    }

    /// The room's address.
    #[must_use]
    pub fn jid(&self) -> &BareJid {
        &self.opened.jid
    }

    /// Whether the user is in the room.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn connection_status(&self) -> Result<ConnectionStatus, Error> {
        Ok(self.opened.open()?.status)
    }

    /// Waits until the room has let the user in; at once if the user is in it.
    ///
    /// It is always decided: each of the two or three things that a room is asked on the way in has the time of the setting
    /// `iq_timeout`. When many rooms are entered at once, a few are at a time, and the others wait their turn.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) with [`MucError::NotEntered`] as its cause when
    /// the user is not in the room and is not on the way in, where the [`JoinError`] is the cause of that if the room refused the user,
    /// [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout) with [`JoinError::NoAnswer`] when the room did not answer, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn entered(&self) -> Result<(), Error> {
        Ok(self.opened.decided().await?)
    }

    /// Why the last attempt to enter failed, if it did. What may pass (no answer, a server that cannot be reached, an error to wait
    /// after) is tried again by itself, later each time, until the room is closed; what somebody has to do something about is not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn join_error(&self) -> Result<Option<JoinError>, Error> {
        Ok(self.opened.open()?.joining.error.clone())
    }

    /// Asks the room which nick it keeps for the user (XEP-0045 §7.12); `None` if it keeps none, or knows nothing of such nicks.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout) and
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) when there is no answer, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn reserved_nick(&self) -> Result<Option<String>, Error> {
        drop(self.opened.open()?);
        match self.api.iq(wire::ask_reserved_nick(self.jid())).await {
            Ok(answer) => Ok(wire::read_reserved_nick(&answer, self.jid())),
            Err(error) if error.kind() == ErrorKind::Stanza => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Tries again to enter, with another nick or a password if they are given; does nothing if the user is in the room or
    /// on the way in.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a nick that cannot be one,
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) without a session, and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn join(&self, options: impl Into<RoomOptions>) -> Result<(), Error> {
        let request = JoinRoom {
            room: Arc::clone(&self.opened),
            options: options.into(),
        };
        self.api.bus().call(request).await?
    }

    /// Leaves the room and forgets it. What was said in it stays in the store, if one keeps messages, and is there again when the
    /// room is opened again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed) if it is closed already.
    pub async fn close(&self) -> Result<(), Error> {
        drop(self.opened.open()?);
        let room = Arc::clone(&self.opened);
        Ok(self.api.bus().call(CloseRoom { room }).await?)
    }

    /// The own nick in the room, or the last one; `None` before the first visit.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn nick(&self) -> Result<Option<String>, Error> {
        Ok(self.opened.open()?.nick.clone())
    }

    /// Takes another nick and waits for the room's answer (XEP-0045 §7.6).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Conflict`](converse_core::ErrorKind::Conflict) when it is taken, or another change is under way,
    /// [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) for other refusals,
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a nick that cannot be one,
    /// [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout) after the setting `iq_timeout`,
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) when the user is not in the room (any more), and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn set_nick(&self, nick: impl Into<String>) -> Result<(), Error> {
        let request = ChangeNick {
            room: Arc::clone(&self.opened),
            nick: nick.into(),
        };
        let answer = self.api.bus().call(request).await??;
        match tokio::time::timeout(patience(&self.api)?, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => {
                let status = self.opened.open()?.status;
                Err(self.opened.not_entered(status).into())
            }
            Err(_) => Err(MucError::NoAnswer {
                jid: self.jid().clone(),
            }
            .into()),
        }
    }

    /// The own role.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn role(&self) -> Result<Role, Error> {
        Ok(self.opened.open()?.role)
    }

    /// The own affiliation.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn affiliation(&self) -> Result<Affiliation, Error> {
        Ok(self.opened.open()?.affiliation)
    }

    /// Who is in the room, the user included.
    #[must_use]
    pub fn occupants(&self) -> Occupants {
        Occupants::new(self.clone())
    }

    /// The occupant of that nick: short for [`Occupants::get`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn occupant(&self, nick: &str) -> Result<Option<Occupant>, Error> {
        self.occupants().get(nick)
    }

    /// What the room said about itself; `None` if it did not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn info(&self) -> Result<Option<RoomInfo>, Error> {
        Ok(self.opened.open()?.info.clone())
    }

    /// What the room is about at the moment; `None` until it told.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn subject(&self) -> Result<Option<Subject>, Error> {
        Ok(self.opened.open()?.subject.clone())
    }

    /// Why the user is not in the room, if there is a reason.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn disconnection(&self) -> Result<Option<Disconnection>, Error> {
        Ok(self.opened.open()?.disconnection.clone())
    }

    /// Where the room went, if it is gone and said so. Nobody follows by itself.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn moved_jid(&self) -> Result<Option<BareJid>, Error> {
        Ok(self.opened.open()?.moved_jid.clone())
    }

    /// What is said in the room, to be read and followed.
    #[must_use]
    pub fn messages(&self) -> RoomMessages {
        RoomMessages::new(self.clone())
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Room").field(&self.jid().as_str()).finish()
    }
}

/// Two handles are equal when they stand for the same room.
impl PartialEq for Room {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.opened, &other.opened)
    }
}

impl Eq for Room {}

/// A room by name is its attributes.
impl Serialize for Room {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.opened.attributes().serialize(serializer)
    }
}
