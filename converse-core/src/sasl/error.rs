//! What can go wrong while logging in.

use super::{MAX_ITERATIONS, MIN_ITERATIONS, Mechanism};
use crate::{Error, ErrorKind};

/// Why a login failed. None of them carries a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SaslError {
    /// The server offers nothing that these credentials and the policy can use.
    #[error(
        "the server offers no usable login mechanism ({offered}); allow one of them or use other credentials"
    )]
    NoMechanism {
        /// What it offers, shortened.
        offered: String,
    },
    /// The server now offers only weaker mechanisms than the one used before.
    #[error(
        "the server offers {best} at most, but {required} was used or required before; \
             allow weaker mechanisms if the server really changed"
    )]
    Weaker {
        /// The strongest one that is on offer.
        best: Mechanism,
        /// The weakest one that is acceptable.
        required: Mechanism,
    },
    /// What the server offers was changed on its way: somebody sits in the middle of the connection.
    #[error("the server's list of login mechanisms was tampered with: {0}")]
    Downgrade(&'static str),
    /// The user name, password or address has characters that cannot be used in a login (RFC 4013).
    #[error("the {0} cannot be used in a login: it is empty or has prohibited characters")]
    Prohibited(&'static str),
    /// The payload is not what the mechanism calls for at this point.
    #[error("the server's login message is not valid: {0}")]
    Malformed(&'static str),
    /// The server asks for a SCRAM extension that this client does not know, and must therefore fail (RFC 5802 §5.1).
    #[error("the server requires an unknown extension of SCRAM")]
    MandatoryExtension,
    /// The server answered with a nonce that does not begin with ours: this is a replay.
    #[error("the server did not take up our nonce")]
    Nonce,
    /// An iteration count so low that the password could be guessed, or so high that it only burns time.
    #[error(
        "the server asks for {0} iterations; from {MIN_ITERATIONS} to {MAX_ITERATIONS} are acceptable"
    )]
    Iterations(u32),
    /// The server could not prove that it knows the password.
    #[error("the server's signature is wrong: it does not know the password")]
    ServerSignature,
    /// The server reported success before it proved that it knows the password.
    #[error("the server reported success without its signature")]
    NoServerSignature,
    /// The server reported a SCRAM error (RFC 5802 §7, `e=`).
    #[error("the server refused the login: {0}")]
    Server(String),
    /// The server sent `<failure/>` (RFC 6120 §6.5).
    #[error("the server refused the login: {condition}{}", text.as_deref().map(|text| format!(" ({text})")).unwrap_or_default())]
    Refused {
        /// The defined condition, as `not-authorized`.
        condition: String,
        /// What the server says about it.
        text: Option<String>,
    },
}

/// Long enough for every defined condition and a sentence; no server fills our logs.
const MAX_TEXT: usize = 256;

impl SaslError {
    /// The error for a `<failure/>` with this defined condition and text (RFC 6120 §6.5). Both are shortened and
    /// rid of control characters.
    #[must_use]
    pub fn refused(condition: &str, text: Option<&str>) -> Self {
        Self::Refused {
            condition: printable(condition),
            text: text.map(printable).filter(|text| !text.is_empty()),
        }
    }

    /// Whether the same login may succeed later. All others need a person: a retry would lock the account.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Refused { condition, .. } if condition == "temporary-auth-failure")
            || matches!(self, Self::Server(error) if error == "no-resources")
    }
}

/// Text from the wire, made fit for an error.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_TEXT)
        .collect()
}

impl From<SaslError> for Error {
    fn from(error: SaslError) -> Self {
        let kind = if error.is_temporary() {
            ErrorKind::ConnectFailed
        } else {
            ErrorKind::AuthFailed
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
