//! The error that every public call of the framework returns.
//!
//! Each subsystem has an error enum of its own beside its code; it becomes the [`source`](std::error::Error::source)
//! of an [`Error`], whose [`kind`](Error::kind) tells an application what it can do about it.

use std::fmt;

/// Any error a handler or a plugin may return.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong, in the terms in which an application reacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument of the call is not usable; nothing was sent.
    InvalidArgument,
    /// The server, the build or a setting does not offer this.
    Unsupported,
    /// The other side answered with a stanza error (RFC 6120 §8.3).
    Stanza,
    /// No answer came within the deadline.
    Timeout,
    /// There is no session, or it ended before the call was answered.
    Disconnected,
    /// The server refused the credentials; a retry with the same ones is useless.
    AuthFailed,
    /// A setting is missing, unknown, of the wrong type or contradicts another.
    Config,
    /// No connection to the server could be made.
    ConnectFailed,
    /// Another client took this session's resource.
    Conflict,
    /// The other side broke the protocol.
    Protocol,
    /// Plain text was to be sent where end-to-end encryption was asked for.
    E2eeRequired,
    /// The answer came, but could not be read.
    InvalidResponse,
    /// A plugin failed, is missing or is not allowed to run.
    Plugin,
    /// A named promise is unknown or can no longer be kept.
    Promise,
    /// The handle outlived the thing it stands for.
    Closed,
    /// Text is not well-formed XML or exceeds a limit.
    Xml,
    /// The store could not read or write.
    Store,
}

impl ErrorKind {
    /// The name of this kind in `snake_case`, as logs and test cases spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Unsupported => "unsupported",
            Self::Stanza => "stanza_error",
            Self::Timeout => "timeout",
            Self::Disconnected => "disconnected",
            Self::AuthFailed => "auth_failed",
            Self::Config => "config",
            Self::ConnectFailed => "connect_failed",
            Self::Conflict => "conflict",
            Self::Protocol => "protocol",
            Self::E2eeRequired => "e2ee_required",
            Self::InvalidResponse => "invalid_response",
            Self::Plugin => "plugin",
            Self::Promise => "promise",
            Self::Closed => "closed",
            Self::Xml => "xml",
            Self::Store => "store",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error with its kind, a sentence for people, and its cause.
///
/// ```
/// use converse_core::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::InvalidArgument, "contacts.add: `invalid jid` is not a JID");
/// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
/// assert_eq!(error.to_string(), "contacts.add: `invalid jid` is not a JID");
/// ```
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<BoxError>,
}

impl Error {
    /// An error of `kind`; `message` says what failed and what to do about it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What an application can react to.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message with those of its causes that it does not say itself, for people who see only this one line.
    ///
    /// ```
    /// use converse_core::{Error, ErrorKind};
    ///
    /// let cause = std::io::Error::other("connection reset");
    /// let error = Error::new(ErrorKind::Disconnected, "the connection broke").with_source(cause);
    /// assert_eq!(error.to_line(), "the connection broke: connection reset");
    /// ```
    #[must_use]
    pub fn to_line(&self) -> String {
        let mut line = self.message.clone();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            let text = cause.to_string();
            if !line.contains(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            source = cause.source();
        }
        line
    }

    /// The first of its causes that is a `T`: what caused it, what caused that, and so on.
    ///
    /// ```
    /// use converse_core::{Error, ErrorKind};
    ///
    /// let cause = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    /// let lost = Error::new(ErrorKind::Disconnected, "the connection broke").with_source(cause);
    /// let unsent = Error::new(ErrorKind::Disconnected, "nothing was sent").with_source(lost);
    /// assert!(unsent.cause::<std::io::Error>().is_some());
    /// ```
    #[must_use]
    pub fn cause<T: std::error::Error + 'static>(&self) -> Option<&T> {
        let first = std::error::Error::source(self);
        std::iter::successors(first, |cause| cause.source()).find_map(|cause| cause.downcast_ref())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)?;
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            write!(f, "\n  caused by: {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
