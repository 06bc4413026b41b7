//! Whether what is sent gets to the room.

use converse_core::session::SessionNumber;

use super::room::State;
use super::status::ConnectionStatus;

/// Whether what is sent gets to the room.
#[derive(Debug, Default)]
pub(crate) struct Way {
    /// The session in which the user has come into the room: the room knows of no other.
    pub(crate) session: Option<SessionNumber>,
    /// The room, or its archive, has told what was said before: what was sent and is not among it has not arrived.
    pub(crate) is_told: bool,
    /// The room did not know who sent something, and is asked whether it knows the user.
    pub(crate) is_doubted: bool,
}

impl State {
    /// The user is in the room, in this session. Whether it has told already what was said before.
    pub(crate) fn enter_in(&mut self, session: Option<SessionNumber>) {
        let is_new = self.way.session != session;
        self.way.session = session;
        self.way.is_told &= !is_new;
        self.way.is_doubted = false;
    }

    /// Whether the user is in the room, or will be again without doing anything for it: then what is sent can wait for that.
    pub(crate) fn comes_back(&self) -> bool {
        match self.status {
            ConnectionStatus::Entered | ConnectionStatus::Connecting => true,
            ConnectionStatus::Disconnected => self.joining.rejoins || self.is_withdrawn,
            _ => false,
        }
    }
}
