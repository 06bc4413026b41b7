//! The states that an application can watch.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// Where the session is on its way to, or from, the server.
///
/// `Disconnected → Connecting → Authenticating → Binding | Resuming → Online → Suspended → Connecting → …`; a state that
/// [`is_terminal`](Self::is_terminal) is left only by another login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
#[non_exhaustive]
pub enum SessionState {
    /// No session, and none is wanted.
    Disconnected,
    /// Looking up the server, opening the connection and securing it.
    Connecting {
        /// How many attempts have failed since the last session, or since the login.
        attempt: u32,
    },
    /// Proving who we are (RFC 6120 §6).
    Authenticating,
    /// Asking for a resource (RFC 6120 §7).
    Binding,
    /// Taking up the session that was cut (XEP-0198 §5).
    Resuming,
    /// Stanzas flow.
    Online,
    /// The connection is lost; another attempt follows.
    Suspended {
        /// When the next attempt is made.
        retry_in: Duration,
        /// Why the connection was lost, or the last attempt failed.
        reason: String,
    },
    /// The end, with its reason; only another login leaves this state.
    Failed {
        /// What went wrong.
        reason: Terminal,
        /// The same for people.
        text: String,
    },
}

/// Why a session ended for good: trying again with the same settings would not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Terminal {
    /// The server refused the credentials.
    AuthFailed,
    /// Another client took the resource (`<conflict/>`).
    Conflict,
    /// The server's certificate is not acceptable, or it offers no TLS.
    TlsRefused,
    /// The server does not host this domain.
    HostUnknown,
    /// The server forbids the session (`not-authorized`, `policy-violation`).
    Refused,
    /// A setting makes a session impossible.
    Config,
    /// `auto_reconnect` is off and the connection was lost.
    ConnectionLost,
}

/// Whether somebody looks at what the client shows (XEP-0352).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClientState {
    /// Somebody does; each stream begins like this.
    #[default]
    Active,
    /// Nobody does: the server may hold back what can wait.
    Inactive,
}

impl ClientState {
    /// The element that tells the server (XEP-0352 §4).
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::Active => "<active xmlns='urn:xmpp:csi:0'/>",
            Self::Inactive => "<inactive xmlns='urn:xmpp:csi:0'/>",
        }
    }
}

impl SessionState {
    /// Whether stanzas flow.
    #[must_use]
    pub fn is_online(&self) -> bool {
        matches!(self, Self::Online)
    }

    /// Whether only another login leaves this state.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    /// Whether a session is up or being worked on.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !matches!(self, Self::Disconnected | Self::Failed { .. })
    }
}

impl fmt::Display for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disconnected => f.write_str("disconnected"),
            Self::Connecting { attempt: 0 } => f.write_str("connecting"),
            Self::Connecting { attempt } => {
                write!(f, "connecting (after {attempt} failed attempts)")
            }
            Self::Authenticating => f.write_str("authenticating"),
            Self::Binding => f.write_str("binding a resource"),
            Self::Resuming => f.write_str("resuming"),
            Self::Online => f.write_str("online"),
            Self::Suspended { retry_in, reason } => {
                write!(
                    f,
                    "suspended, next attempt in {:.1} s ({reason})",
                    retry_in.as_secs_f64()
                )
            }
            Self::Failed { reason, text } => write!(f, "failed: {reason:?} ({text})"),
        }
    }
}
