//! What the status announces and is asked. Names and payloads by name are those of converse.js 3.2.

use converse_core::Error;
use converse_core::bus::{Event, Request};
use jid::Jid;
use serde::Serialize;

use crate::model::Status;

pub use converse_core::contract::StatusInitialized;

/// The user's own status changed.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "statusChanged")]
#[serde(transparent)]
#[non_exhaustive]
pub struct StatusChanged {
    /// The status now.
    pub status: Status,
}

/// The user's own status text changed.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "statusMessageChanged")]
#[serde(transparent)]
#[non_exhaustive]
pub struct StatusMessageChanged {
    /// The text now; `None` if there is none any more.
    pub message: Option<String>,
}

/// Changes the own status, its text, or both.
pub(crate) struct SetStatus {
    /// `None` leaves it as it is.
    pub(crate) status: Option<Status>,
    /// `None` leaves it as it is, an empty one takes it away.
    pub(crate) message: Option<String>,
}

impl Request for SetStatus {
    type Response = Result<(), Error>;
}

/// Time has passed, or a setting changed.
#[derive(Debug)]
pub(crate) enum Wake {
    /// To look whether somebody is there.
    Look,
    /// To tell the presence if it is another one.
    Tell,
}

impl Request for Wake {
    type Response = Result<(), Error>;
}

/// Directed presence (RFC 6121 §4.6).
pub(crate) enum Show {
    /// From now on this one sees the presence.
    To(Jid),
    /// This one does not any more.
    NoLonger(Jid),
}

impl Request for Show {
    type Response = Result<(), Error>;
}
