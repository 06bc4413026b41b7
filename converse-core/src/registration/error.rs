//! Why a registration, or a change of an account, did not come about.

use crate::forms::Form;
use crate::router::{Condition, StanzaError};
use crate::{Error, ErrorKind};

/// Why the server did not do what it was asked for. It is the [`cause`](Error::cause) of the [`Error`] of the calls; what was
/// answered to the server is never part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistrationError {
    /// The server does not let anybody register over XMPP.
    #[error("`{domain}` offers no registration over XMPP")]
    NotOffered {
        /// The server.
        domain: String,
    },
    /// The server wants its users to register elsewhere (XEP-0077 §5).
    #[error("the server wants its users to register elsewhere{}", at(.url.as_deref()))]
    Elsewhere {
        /// Where.
        url: Option<String>,
    },
    /// Somebody else has the user name.
    #[error("the user name is taken; choose another one")]
    Conflict(#[source] StanzaError),
    /// Something is missing, or the server's rules do not allow it: a weak password, a wrong answer to a CAPTCHA.
    #[error("the server does not accept the answers")]
    NotAcceptable(#[source] StanzaError),
    /// The server does not allow it, to this user or to anybody.
    #[error("the server does not allow it")]
    NotAllowed(#[source] StanzaError),
    /// The server has too much to do, or has seen too many registrations.
    #[error("the server takes no more registrations for now; try again later")]
    ResourceConstraint(#[source] StanzaError),
    /// The server wants to know more (XEP-0077 §3.2, §3.3): fill out the form and submit it.
    #[error("the server wants a form to be filled out first")]
    FormRequired {
        /// The form.
        form: Box<Form>,
        /// What it answered.
        source: StanzaError,
    },
    /// The server has another form than the one that was filled out, because its connection had ended.
    #[error(
        "the server has a new form, and the answers to the old one do not fit; fill it out again"
    )]
    FormChanged,
    /// Another refusal.
    #[error("the server refused")]
    Refused(#[source] StanzaError),
    /// The server's answer is not one.
    #[error("the answer to the registration cannot be read")]
    InvalidAnswer,
    /// The connection was lost after the request had been sent and before the answer came.
    #[error("the connection was lost before the answer came: it may have been done, or not")]
    Unanswered(#[source] Error),
}

fn at(url: Option<&str>) -> String {
    url.map_or_else(String::new, |url| format!(": {}", url.escape_debug()))
}

impl RegistrationError {
    /// What a refusal means.
    pub(crate) fn refused(error: StanzaError) -> Self {
        match error.condition {
            Condition::Conflict => Self::Conflict(error),
            Condition::NotAcceptable | Condition::BadRequest | Condition::JidMalformed => {
                Self::NotAcceptable(error)
            }
            Condition::NotAllowed | Condition::Forbidden | Condition::NotAuthorized => {
                Self::NotAllowed(error)
            }
            Condition::ResourceConstraint => Self::ResourceConstraint(error),
            _ => Self::Refused(error),
        }
    }
}

impl From<RegistrationError> for Error {
    fn from(error: RegistrationError) -> Self {
        let kind = match &error {
            RegistrationError::NotOffered { .. } | RegistrationError::Elsewhere { .. } => {
                ErrorKind::Unsupported
            }
            RegistrationError::InvalidAnswer => ErrorKind::InvalidResponse,
            RegistrationError::FormChanged => ErrorKind::Timeout,
            RegistrationError::Unanswered(_) => ErrorKind::Disconnected,
            _ => ErrorKind::Stanza,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
