//! What can go wrong between a domain name and an open stream.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use super::StreamError;
use crate::xml::XmlError;
use crate::{BoxError, Error, ErrorKind};

/// Why there is no connection, or no longer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The domain, host or redirect is not a name that can be connected to.
    #[error("`{0}` is not a host name or address")]
    InvalidHost(String),
    /// The TLS settings cannot be used.
    #[error("the TLS settings cannot be used: {what}")]
    TlsSettings {
        /// Which part of them.
        what: &'static str,
        /// Why.
        #[source]
        source: Option<BoxError>,
    },
    /// The name could not be looked up.
    #[error("`{name}` could not be looked up")]
    Lookup {
        /// The name.
        name: String,
        /// Why.
        #[source]
        source: BoxError,
    },
    /// The name has no address.
    #[error("`{0}` has no address")]
    NoAddress(String),
    /// The domain says that it has no XMPP service (a target of `.`, RFC 2782).
    #[error("`{0}` says that it offers no XMPP service for clients")]
    NotOffered(String),
    /// No TCP connection.
    #[error("no connection to {address}")]
    Connect {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Plain text was asked for, but the address is not on this machine.
    #[error("plain text to {0} refused: it is allowed to this machine only")]
    PlaintextRefused(SocketAddr),
    /// The server does not offer STARTTLS, or somebody removed the offer.
    #[error("the server offers no encryption (STARTTLS); nothing more was sent")]
    TlsUnavailable,
    /// The server answered `<starttls/>` with `<failure/>`.
    #[error("the server failed to begin encryption (STARTTLS)")]
    TlsFailure,
    /// Something was sent in plain text behind `<proceed/>`, to be taken for what comes encrypted.
    #[error("plain text was injected behind the server's consent to encryption")]
    Injection,
    /// The TLS handshake failed.
    #[error("no secure connection: {reason}")]
    Tls {
        /// What to tell the user.
        reason: TlsReason,
        /// What exactly happened.
        #[source]
        source: BoxError,
    },
    /// The server ended the stream with an error (RFC 6120 §4.9).
    #[error("the server ended the stream: {0}")]
    Stream(StreamError),
    /// What arrived is not XML that a stream may hold. The server was told.
    #[error("the stream is not valid")]
    Xml(#[source] XmlError),
    /// The server sent something else than the protocol calls for.
    #[error("the server did not send {0}")]
    Unexpected(&'static str),
    /// Nothing came in time.
    #[error("no answer in time while waiting for {0}")]
    Timeout(&'static str),
    /// The connection ended.
    #[error("the server closed the connection")]
    Closed,
    /// The connection broke.
    #[error("the connection broke")]
    Io(#[source] io::Error),
    /// Every way to the server failed.
    #[error("no connection to `{domain}`:{}", Listed(failures))]
    Unreachable {
        /// The domain.
        domain: String,
        /// What was tried, in order.
        failures: Vec<Failure>,
    },
}

/// One failed attempt.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Host and port that were tried.
    pub target: String,
    /// Why it failed.
    pub error: TransportError,
}

impl Failure {
    pub(super) fn new(target: impl fmt::Display, error: TransportError) -> Self {
        Self {
            target: target.to_string(),
            error,
        }
    }
}

/// The attempts in one line, each with its causes: this is the text that a user gets to see.
struct Listed<'a>(&'a [Failure]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, failure) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { ";" };
            write!(f, "{separator} {}: {}", failure.target, failure.error)?;
            let mut source = std::error::Error::source(&failure.error);
            while let Some(cause) = source {
                write!(f, ": {cause}")?;
                source = cause.source();
            }
        }
        Ok(())
    }
}

/// Why a TLS handshake failed, in the terms in which a person can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsReason {
    /// The certificate is past its date.
    Expired,
    /// The certificate is not valid yet; the clock of this machine may be wrong.
    NotYetValid,
    /// The certificate is for another domain than the account's.
    WrongHost,
    /// The certificate was not issued by anybody who is trusted here.
    UnknownIssuer,
    /// The certificate was revoked.
    Revoked,
    /// Something else about the certificate.
    BadCertificate,
    /// The server ended the handshake: it has no version or cipher in common, or wants a client certificate.
    RefusedByServer,
    /// The other end does not speak TLS as it should, or the connection broke.
    Handshake,
}

impl TlsReason {
    /// Whether it is about the server's certificate.
    #[must_use]
    pub fn is_certificate(self) -> bool {
        !matches!(self, Self::RefusedByServer | Self::Handshake)
    }
}

impl fmt::Display for TlsReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the server's certificate has expired",
            Self::NotYetValid => "the server's certificate is not valid yet",
            Self::WrongHost => "the server's certificate is for another domain",
            Self::UnknownIssuer => "the server's certificate is not from a trusted issuer",
            Self::Revoked => "the server's certificate was revoked",
            Self::BadCertificate => "the server's certificate is not acceptable",
            Self::RefusedByServer => "the server refused the TLS handshake",
            Self::Handshake => "the TLS handshake failed",
        })
    }
}

impl TransportError {
    /// Whether trying again without a change by a person is useless or dangerous: an unacceptable certificate,
    /// missing encryption, a domain without the service, unusable settings.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::InvalidHost(_)
            | Self::TlsSettings { .. }
            | Self::NotOffered(_)
            | Self::PlaintextRefused(_)
            | Self::TlsUnavailable
            | Self::Injection => true,
            Self::Tls { reason, .. } => reason.is_certificate(),
            Self::Stream(error) => error.is_terminal(),
            _ => false,
        }
    }

    /// Whether the server names another host to connect to (RFC 6120 §4.9.3.19).
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        matches!(self, Self::Stream(error) if error.other_host.is_some())
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidHost(_) | Self::TlsSettings { .. } | Self::PlaintextRefused(_) => {
                ErrorKind::Config
            }
            Self::Stream(error) if error.condition == "conflict" => ErrorKind::Conflict,
            Self::Injection | Self::Unexpected(_) | Self::Stream(_) => ErrorKind::Protocol,
            Self::Xml(_) => ErrorKind::Xml,
            Self::Timeout(_) => ErrorKind::Timeout,
            Self::Closed | Self::Io(_) => ErrorKind::Disconnected,
            _ => ErrorKind::ConnectFailed,
        }
    }
}

impl From<io::Error> for TransportError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::Io(error),
        }
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self::new(error.kind(), error.to_string()).with_source(error)
    }
}
