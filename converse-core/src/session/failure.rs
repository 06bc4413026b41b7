//! Why an attempt or a session ended, and what follows from it.

use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::sasl::SaslError;
use crate::session::state::Terminal;
use crate::transport::TransportError;
use crate::xml::ElementRef;

/// The end of an attempt or of a session.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Trying again would not help.
    Terminal(Terminal, Error),
    /// Try again after a while.
    Retry(Error),
    /// Try again elsewhere (RFC 6120 §4.9.3.19).
    SeeOther(String, Option<u16>),
}

impl Failure {
    pub(crate) fn retry(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::Retry(Error::new(kind, message))
    }

    pub(crate) fn protocol(message: impl Into<String>) -> Self {
        Self::retry(ErrorKind::Protocol, message)
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
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

/// A stream error of the server's (RFC 6120 §4.9.3).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the server ended the stream: {condition}{}", text.as_deref().map(|text| format!(" ({})", text.escape_debug())).unwrap_or_default())]
pub struct StreamError {
    /// The condition's name.
    pub condition: String,
    /// What the server says about it.
    pub text: Option<String>,
}

impl Failure {
    /// What a `<stream:error/>` means for this session.
    pub(crate) fn from_stream_error(element: ElementRef<'_>) -> Self {
        let condition = element
            .children()
            .find(|child| child.ns() == ns::STREAM_ERRORS && child.name() != "text");
        let name = condition.map_or("undefined-condition", |condition| condition.name());
        let text = element.child("text", ns::STREAM_ERRORS).map(|text| clip(&text.text()));
        let error = StreamError { condition: clip(name), text };
        let wrap = |kind| {
            Error::new(kind, format!("the server ended the stream with `{}`", error.condition.escape_debug()))
                .with_source(error.clone())
        };
        match name {
            "see-other-host" => {
                let target = condition.map(|condition| condition.text().trim().to_owned());
                match target.as_deref().and_then(split_host) {
                    Some((host, port)) => Self::SeeOther(host, port),
                    None => Self::Retry(wrap(ErrorKind::Protocol)),
                }
            }
            "conflict" => Self::Terminal(Terminal::Conflict, wrap(ErrorKind::Conflict)),
            "host-unknown" | "host-gone" => {
                Self::Terminal(Terminal::HostUnknown, wrap(ErrorKind::ConnectFailed))
            }
            "not-authorized" | "policy-violation" | "invalid-from" | "improper-addressing"
            | "unsupported-version" | "unsupported-feature" => {
                Self::Terminal(Terminal::Refused, wrap(ErrorKind::Protocol))
            }
            _ => Self::Retry(wrap(ErrorKind::Protocol)),
        }
    }
}

fn clip(text: &str) -> String {
    text[..text.floor_char_boundary(text.len().min(256))].to_owned()
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`.
pub(crate) fn split_host(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            (host, rest.strip_prefix(':'))
        }
        None => match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') => (host, Some(port)),
            _ => (text, None),
        },
    };
    let host_is_fit = !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte));
    if !host_is_fit {
        return None;
    }
    match port {
        Some(port) => Some((host.to_owned(), Some(port.parse().ok()?))),
        None => Some((host.to_owned(), None)),
    }
}

#[cfg(test)]
mod tests {
    use super::split_host;

    #[test]
    fn hosts_with_and_without_port() {
        assert_eq!(split_host("a.example:5222"), Some(("a.example".into(), Some(5222))));
        assert_eq!(split_host("a.example"), Some(("a.example".into(), None)));
        assert_eq!(split_host("[2001:db8::1]:5222"), Some(("2001:db8::1".into(), Some(5222))));
        assert_eq!(split_host("2001:db8::1"), Some(("2001:db8::1".into(), None)));
        assert_eq!(split_host("a b"), None);
        assert_eq!(split_host("a:99999"), None);
        assert_eq!(split_host(""), None);
    }
}
