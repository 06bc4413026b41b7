//! What the handle asks of the session's task.

use tokio::sync::oneshot;

use crate::bus::Bus;
use crate::error::Error;
use crate::router::{Outcome, Outgoing};
use crate::session::iq::ReplyTo;
use crate::session::login::Login;
use crate::session::sm::StreamManagementStatus;
use crate::settings::Secret;

/// Told once how it ended.
pub(crate) type Done = oneshot::Sender<Result<(), Error>>;

/// Everybody who asked for the end of a session while it was on its way there.
pub(crate) type Ends = Vec<(Purpose, Done)>;

/// Why a session is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The application wants no connection.
    Disconnect,
    /// The user logs out.
    LogOut,
    /// The account is gone.
    Deleted,
    /// The instance ends.
    Stop,
}

/// What an application or a plugin wants of the session.
#[derive(Debug)]
pub(crate) enum Command {
    /// Open a session and keep it.
    Login(Login, Done),
    /// End the session.
    End(Purpose, Done),
    /// The network changed: do not wait for a time-out to find out, and do not wait to try again.
    NetworkChanged,
    /// The password was changed.
    NewPassword(Secret),
    /// The password may be changed, and this be the new one; or it is not.
    PasswordMayBe(Option<Secret>),
    /// The account is about to be deleted; tell when it is gone.
    ExpectDeletion(oneshot::Sender<()>),
    /// Keep a note with the session, or none any more.
    Note(&'static str, Option<String>),
    /// Tell about stream management.
    Status(oneshot::Sender<Status>),
    /// For tests of the 2³² boundary.
    PresetCounters { received: u32, sent: u32 },
}

/// The inside of the session, for diagnostics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Stream management (XEP-0198).
    pub stream_management: StreamManagementStatus,
    /// Requests that wait for their answer.
    pub pending_requests: usize,
}

/// What goes out.
#[derive(Debug)]
pub(crate) enum Post {
    /// A stanza.
    Stanza(Outgoing),
    /// A request whose answer is awaited.
    Request(Outgoing, ReplyTo),
}

impl Post {
    /// The post will never go out.
    pub(crate) fn fail(self, bus: &Bus, error: impl Fn() -> Error) {
        match self {
            Self::Stanza(mut stanza) => stanza.settle(Outcome::NotSent(error())),
            Self::Request(mut stanza, reply) => {
                stanza.settle(Outcome::NotSent(error()));
                reply.deliver(bus, Err(error()));
            }
        }
    }
}
