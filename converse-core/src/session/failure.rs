//! Why an attempt or a session ended, and what follows from it.

use crate::error::{Error, ErrorKind};
use crate::sasl::SaslError;
use crate::session::state::Terminal;
use crate::transport::{StreamError, TransportError};
use crate::xml::Element;

/// The end of an attempt or of a session.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Trying again would not help.
    Terminal(Terminal, Error),
    /// Try again after a while.
    Retry(Error),
    /// The server closed the stream without an error; try again after a while.
    Closed,
    /// Try again elsewhere (RFC 6120 §4.9.3.19).
    SeeOther(String),
}

impl Failure {
    pub(crate) fn retry(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::Retry(Error::new(kind, message))
    }

    /// As an error, for who does not try again.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Terminal(_, error) | Self::Retry(error) => error,
            Self::Closed => Error::new(ErrorKind::Disconnected, "the server closed the stream"),
            Self::SeeOther(_) => Error::new(
                ErrorKind::ConnectFailed,
                "the server asked us to connect elsewhere",
            ),
        }
    }

    pub(crate) fn protocol(message: impl Into<String>) -> Self {
        Self::retry(ErrorKind::Protocol, message)
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        if let TransportError::Stream(error) = error {
            return Self::from_condition(error);
        }
        if error.is_terminal() {
            Self::Terminal(Terminal::TlsRefused, error.into())
        } else {
            Self::Retry(error.into())
        }
    }
}

impl From<SaslError> for Failure {
    fn from(error: SaslError) -> Self {
        Self::Terminal(Terminal::AuthFailed, error.into())
    }
}

impl Failure {
    /// What a `<stream:error/>` means for this session.
    pub(crate) fn from_stream_error(element: &Element) -> Self {
        match StreamError::from_element(element) {
            Some(error) => Self::from_condition(error),
            None => Self::protocol("the server sent a stream error that cannot be read"),
        }
    }

    fn from_condition(error: StreamError) -> Self {
        let wrap = |kind| {
            Error::new(kind, format!("the server ended the stream: {error}"))
                .with_source(TransportError::Stream(error.clone()))
        };
        match error.condition.as_str() {
            "see-other-host" => match &error.other_host {
                Some(host) => Self::SeeOther(host.clone()),
                None => Self::Retry(wrap(ErrorKind::Protocol)),
            },
            "conflict" => Self::Terminal(Terminal::Conflict, wrap(ErrorKind::Conflict)),
            "host-unknown" | "host-gone" => {
                Self::Terminal(Terminal::HostUnknown, wrap(ErrorKind::ConnectFailed))
            }
            "not-authorized"
            | "policy-violation"
            | "invalid-from"
            | "improper-addressing"
            | "unsupported-version"
            | "unsupported-feature" => Self::Terminal(Terminal::Refused, wrap(ErrorKind::Protocol)),
            _ => Self::Retry(wrap(ErrorKind::Protocol)),
        }
    }
}
