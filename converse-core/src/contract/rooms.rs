//! Rooms that one grouping wants entered, and another enters (XEP-0045).

use std::fmt;

use jid::BareJid;

use crate::bus::Request;
use crate::error::Error;

/// Enter a room, without anybody having asked for that room right now: the bookmarks of the user say so (XEP-0402 §3.2, §4).
///
/// The answer does not wait for the room: it says that the attempt is on its way, or why there will be none. Two hundred of these may
/// come at the start of a session; whoever answers lets them in a few at a time. A room in which the user is already, or which is being
/// entered, is left as it is.
///
/// ```
/// use converse_core::contract::EnterRoom;
///
/// let request = EnterRoom::new("theplay@conference.shakespeare.example".parse()?)
///     .nick("JC")
///     .password("wherefore");
/// assert!(!format!("{request:?}").contains("wherefore"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnterRoom {
    /// The room.
    pub jid: BareJid,
    /// The nick to ask for; without one the room or a setting is to say.
    pub nick: Option<String>,
    /// What a room that is protected with a password wants to hear. `Debug` does not show it.
    pub password: Option<String>,
}

impl EnterRoom {
    /// Enter `jid` under whatever nick the room or a setting says.
    #[must_use]
    pub fn new(jid: BareJid) -> Self {
        Self {
            jid,
            nick: None,
            password: None,
        }
    }

    /// Enter it under this nick.
    #[must_use]
    pub fn nick(mut self, nick: impl Into<String>) -> Self {
        self.nick = Some(nick.into());
        self
    }

    /// Say this password.
    #[must_use]
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }
}

impl fmt::Debug for EnterRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterRoom")
            .field("jid", &self.jid)
            .field("nick", &self.nick)
            .field("password", &self.password.as_ref().map(|_| "***"))
            .finish()
    }
}

impl Request for EnterRoom {
    type Response = Result<(), Error>;
}

/// Leave a room, and forget it: another client of the user's took back that it is to be entered (XEP-0402 §4).
///
/// A room that is not open, or was not entered yet, is no error; an attempt to enter it that waits its turn is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaveRoom {
    /// The room.
    pub jid: BareJid,
}

impl LeaveRoom {
    /// Leave `jid`.
    #[must_use]
    pub fn new(jid: BareJid) -> Self {
        Self { jid }
    }
}

impl Request for LeaveRoom {
    type Response = Result<(), Error>;
}
