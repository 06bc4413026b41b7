//! What can go wrong with running a room.

use converse_core::forms::FormError;
use converse_core::router::StanzaError;
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use crate::error::MucError;

/// Why a room was not changed. It is the [`cause`](Error::cause) of the errors of the calls, except where the room refused:
/// then that is the [`StanzaError`], and where it did not answer: then it is [`MucError::NoAnswer`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManagingError {
    /// A map was wanted.
    #[error("the configuration of a room is a map of fields and their values")]
    NotAMap,
    /// A value that no field can have.
    #[error("the configuration of a room: `{}` must be a text, a number, a yes or no, or a list of these", .name.escape_debug())]
    WrongValue {
        /// The field.
        name: String,
    },
    /// Of who is nothing there is no list.
    #[error("there are no lists of those who have no role or no affiliation")]
    NoList,
    /// The address is the room's, or that of an occupant: affiliations belong to people's own addresses.
    #[error("the address is that of the room; give the person's own one")]
    NotAPerson,
    /// The room has nothing that can be configured (XEP-0045 §10.1.3).
    #[error("the room has nothing that can be configured")]
    NothingToConfigure,
    /// What the room has for its configuration cannot be read.
    #[error("the room's configuration form cannot be read")]
    BadConfiguration {
        /// What is wrong with it.
        source: Option<FormError>,
    },
    /// What the room answered about registration cannot be read.
    #[error("what the room says about registration cannot be read")]
    BadRegistration {
        /// What is wrong with its form.
        source: Option<FormError>,
    },
    /// The room has no form for those who want to register: the user is registered, or cannot be.
    #[error("the room has no registration form for the user, who may be registered already")]
    NoRegistrationForm,
    /// What is wanted does not fit the room's form, or the form wants more.
    #[error("the answers do not fit the room's form: {source}")]
    Unfit {
        /// What is wrong.
        source: FormError,
    },
}

impl From<ManagingError> for Error {
    fn from(error: ManagingError) -> Self {
        let kind = match &error {
            ManagingError::NotAMap
            | ManagingError::WrongValue { .. }
            | ManagingError::NoList
            | ManagingError::NotAPerson
            | ManagingError::Unfit { .. } => ErrorKind::InvalidArgument,
            ManagingError::NothingToConfigure | ManagingError::NoRegistrationForm => {
                ErrorKind::Unsupported
            }
            ManagingError::BadConfiguration { .. } | ManagingError::BadRegistration { .. } => {
                ErrorKind::InvalidResponse
            }
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

/// An answer to what `call` asked a room for: a refusal says what was refused, and silence who was silent.
pub(crate) fn in_call<T>(
    call: &'static str,
    room: &BareJid,
    answer: Result<T, Error>,
) -> Result<T, Error> {
    answer.map_err(|error| match error.cause::<StanzaError>().cloned() {
        Some(refusal) => Error::new(
            ErrorKind::Stanza,
            format!("{call}: the room refused: {refusal}"),
        )
        .with_source(refusal),
        None if error.kind() == ErrorKind::Timeout => {
            MucError::NoAnswer { jid: room.clone() }.into()
        }
        None => error,
    })
}
