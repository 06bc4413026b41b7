//! What the session announces; names and meanings are those of converse.js 3.2 where it has them.

use std::collections::BTreeMap;

use jid::Jid;
use serde::Serialize;

use converse_macros::Event;

use crate::router::SessionNumber;
use crate::session::state::{SessionState, Terminal};
use crate::xml::Element;

/// A new session is bound, or a cut one goes on: groupings start their work with this.
///
/// It comes before [`Connected`] and [`Reconnected`].
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "sessionStarted")]
#[non_exhaustive]
pub struct SessionStarted {
    /// The full JID that the server bound.
    pub jid: Jid,
    /// The server kept the session (XEP-0198): presence, carbons and the like are as they were, and what was not delivered comes.
    pub resumed: bool,
    /// Which session it is: a resumed one is the same as before.
    pub session: SessionNumber,
    /// It is the session of an earlier process (setting `keepalive`): for the server it goes on, but this process knows nothing of
    /// it that is not in the store. Presence is not sent again and carbons are not enabled again; who keeps something only in
    /// memory has to ask for it, see [`begins_empty`](Self::begins_empty). Presences of others that stand come again by
    /// themselves, those of occupants of rooms do not: rooms are entered again.
    pub restarted: bool,
    /// There was a session before, since the login.
    pub reconnected: bool,
    /// Namespaces of the features that the server announced on the stream.
    pub stream_features: Vec<String>,
    /// The features themselves, as they were announced (RFC 6120 §4.3.2).
    #[serde(skip)]
    pub features: Element,
    /// What was [noted](crate::session::Session::note).
    #[serde(skip)]
    pub(crate) notes: BTreeMap<String, String>,
}

impl SessionStarted {
    /// What was [noted](crate::session::Session::note) about the session, if it was resumed and kept.
    #[must_use]
    pub fn note(&self, key: &str) -> Option<&str> {
        self.notes.get(key).map(String::as_str)
    }

    /// Whether nothing is known of the session but what is in the store: after all but a resumption within the process.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # fn run(api: Api) {
    /// api.listen().subscribe_sync::<SessionStarted, _>(|started| {
    ///     if started.begins_empty() {
    ///         // … asks the server for what this plugin keeps in memory …
    ///     }
    ///     Ok(())
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn begins_empty(&self) -> bool {
        self.restarted || !self.resumed
    }
}

/// The first session after a login is up.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "connected")]
#[non_exhaustive]
pub struct Connected {
    /// The full JID that the server bound.
    pub jid: Jid,
}

/// The framework is set up and the session is up; comes once after [`Connected`].
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "initialized", promise)]
#[non_exhaustive]
pub struct Initialized {}

/// The connection was lost and is up again.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "reconnected")]
#[non_exhaustive]
pub struct Reconnected {
    /// The full JID that the server bound.
    pub jid: Jid,
    /// The server kept the session, so nothing was missed.
    pub resumed: bool,
}

/// The connection is lost; an attempt to connect follows at once or after the wait.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "reconnecting")]
#[non_exhaustive]
pub struct Reconnecting {
    /// How many attempts failed before this one.
    pub attempt: u32,
}

/// A session that could be resumed is not there any more; a new one takes its place.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "noResumeableSession")]
#[non_exhaustive]
pub struct NoResumeableSession {}

/// The session ended and no attempt follows.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "disconnected")]
#[non_exhaustive]
pub struct Disconnected {
    /// Why, unless the application asked for it.
    pub reason: Option<Terminal>,
    /// The same for people.
    pub text: Option<String>,
}

/// The user logged out.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "logout")]
#[non_exhaustive]
pub struct Logout {}

/// The session's state changed.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "sessionStateChanged")]
#[non_exhaustive]
pub struct SessionStateChanged {
    /// The state now.
    pub state: SessionState,
}
