//! What can be wrong with a change of the roster before anything is sent.

use converse_core::{Error, ErrorKind};

/// Why a call of the grouping was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RosterError {
    /// The address is not one that can be a contact.
    #[error("{call}: invalid jid: {reason}")]
    InvalidJid {
        /// The call, such as `contacts.add`.
        call: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The address is the user's own.
    #[error("{call}: `{jid}` is the own address, which cannot be a contact")]
    Own {
        /// The call.
        call: &'static str,
        /// The address.
        jid: jid::BareJid,
    },
    /// The address is not a contact's.
    #[error("{call}: `{jid}` is no contact; add it first")]
    NoContact {
        /// The call.
        call: &'static str,
        /// The address.
        jid: jid::BareJid,
    },
    /// A text cannot be sent.
    #[error("{call}: invalid {argument}: {reason}")]
    InvalidText {
        /// The call.
        call: &'static str,
        /// The argument, such as `name`.
        argument: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The server takes no approvals of requests that have not been made.
    #[error("{call}: the server does not offer it; wait for the request and accept that")]
    NoPreApproval {
        /// The call.
        call: &'static str,
    },
    /// Contact requests are turned off.
    #[error("{call}: the setting `allow_contact_requests` is off")]
    RequestsNotAllowed {
        /// The call.
        call: &'static str,
    },
}

impl From<RosterError> for Error {
    fn from(error: RosterError) -> Self {
        let kind = match &error {
            RosterError::RequestsNotAllowed { .. } | RosterError::NoPreApproval { .. } => {
                ErrorKind::Unsupported
            }
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
