//! Where a connection goes, and how safe it has to be.

use std::time::Duration;

use super::{TlsSettings, TransportError};
use crate::xml::Limits;

/// How the connection is protected. There is no value for "encrypt if possible".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Security {
    /// STARTTLS (RFC 6120 §5), which must succeed.
    StartTls,
    /// TLS from the first byte (XEP-0368).
    DirectTls,
    /// Whichever of the two the domain's records prefer.
    #[default]
    Either,
    /// No encryption, and therefore only to addresses of this machine.
    PlaintextLoopback,
}

/// How long things may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlines {
    /// One host: its addresses, TCP, STARTTLS and the TLS handshake (15 s).
    pub candidate: Duration,
    /// All hosts together, and the lookup of which there are (60 s).
    pub total: Duration,
    /// From the start of one TCP connection to that of the next one to the same host (250 ms, RFC 8305 §8).
    pub stagger: Duration,
    /// For what is still queued when a transport shuts down (2 s).
    pub shutdown: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            candidate: Duration::from_secs(15),
            total: Duration::from_secs(60),
            stagger: Duration::from_millis(250),
            shutdown: Duration::from_secs(2),
        }
    }
}

/// What to connect to.
///
/// ```
/// use converse_core::transport::{Security, Target};
///
/// let mut target = Target::new("kestrel.example");
/// target.security = Security::DirectTls;
/// let elsewhere = target.redirected("cm9.kestrel.example:5223")?;
/// assert_eq!(elsewhere.explicit, Some(("cm9.kestrel.example".to_owned(), 5223)));
/// assert_eq!(elsewhere.domain, "kestrel.example");
/// # Ok::<(), converse_core::transport::TransportError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Target {
    /// The domain of the account's address. Whatever host is connected to: the certificate is checked for this one.
    pub domain: String,
    /// Host and port to use instead of the domain's SRV records.
    pub explicit: Option<(String, u16)>,
    /// How the connection is protected.
    pub security: Security,
    /// Whom to trust.
    pub tls: TlsSettings,
    /// How large the elements that arrive may be.
    pub limits: Limits,
    /// How long things may take.
    pub deadlines: Deadlines,
    /// The language for the texts of the server (`xml:lang` of the stream header), as `en`.
    pub lang: Option<String>,
}

impl Target {
    /// The domain by its SRV records, with TLS in either way, trusting whom the platform trusts.
    pub fn new(domain: impl Into<String>) -> Self {
        Self {
            domain: domain.into(),
            explicit: None,
            security: Security::default(),
            tls: TlsSettings::default(),
            limits: Limits::default(),
            deadlines: Deadlines::default(),
            lang: None,
        }
    }

    /// The same account at the host that a `<see-other-host/>` names (RFC 6120 §4.9.3.19): `host`, `host:port`,
    /// `[IPv6]` or `[IPv6]:port`. Protection and certificate check stay as they are. Counting the hops is the caller's.
    ///
    /// # Errors
    /// [`TransportError::InvalidHost`] if it is none of these.
    pub fn redirected(&self, other_host: &str) -> Result<Self, TransportError> {
        let (host, port) = parse_host(other_host.trim())
            .ok_or_else(|| TransportError::InvalidHost(shorten(other_host)))?;
        let mut target = self.clone();
        let default_port = match self.security {
            Security::DirectTls => 5223,
            _ => 5222,
        };
        target.explicit = Some((host, port.unwrap_or(default_port)));
        Ok(target)
    }

    /// The domain as DNS and TLS spell it (RFC 5890, A-labels).
    pub(super) fn ascii_domain(&self) -> Result<String, TransportError> {
        ascii(&self.domain)
    }
}

/// A host name in ASCII, without a final dot.
pub(super) fn ascii(host: &str) -> Result<String, TransportError> {
    let name = host.trim_end_matches('.');
    let bare = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'));
    if let Some(Ok(address)) = bare.map(str::parse::<std::net::Ipv6Addr>) {
        return Ok(address.to_string());
    }
    if name.parse::<std::net::IpAddr>().is_ok() {
        return Ok(name.to_owned());
    }
    idna::domain_to_ascii(name)
        .ok()
        .filter(|ascii| !ascii.is_empty() && ascii.len() <= 253)
        .ok_or_else(|| TransportError::InvalidHost(shorten(host)))
}

fn parse_host(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        let port = match rest {
            "" => None,
            rest => Some(rest.strip_prefix(':')?),
        };
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, port)
    } else if text.parse::<std::net::Ipv6Addr>().is_ok() {
        (text, None)
    } else {
        match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        }
    };
    let port = match port {
        Some(port) => Some(port.parse().ok().filter(|port| *port != 0)?),
        None => None,
    };
    let plausible = |c: char| !c.is_whitespace() && !c.is_control() && !"/@\\".contains(c);
    (!host.is_empty() && host.chars().all(plausible)).then(|| (host.to_owned(), port))
}

/// A name from outside, fit for an error message.
fn shorten(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(253).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_hosts_are_names_or_addresses_with_or_without_a_port() {
        let parse = |text| parse_host(text).map(|(host, port)| (host, port.unwrap_or(0)));
        let host = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(parse("a.example"), host("a.example", 0));
        assert_eq!(parse("a.example:5223"), host("a.example", 5223));
        assert_eq!(parse("[2001:db8::1]:9222"), host("2001:db8::1", 9222));
        assert_eq!(parse("[2001:db8::1]"), host("2001:db8::1", 0));
        assert_eq!(parse("2001:db8::1"), host("2001:db8::1", 0));
        for bad in [
            "", ":1", "a:b", "a:0", "a:70000", "[a]:1", "[::1]x", "a b", "a/b:1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_are_spelt_in_ascii() {
        assert_eq!(
            ascii("m\u{fc}nchen.example").ok().as_deref(),
            Some("xn--mnchen-3ya.example")
        );
        assert_eq!(
            ascii("kestrel.example.").ok().as_deref(),
            Some("kestrel.example")
        );
        assert_eq!(ascii("127.0.0.1").ok().as_deref(), Some("127.0.0.1"));
        assert_eq!(ascii("[::1]").ok().as_deref(), Some("::1"));
        assert!(ascii("").is_err());
        assert!(ascii(&"a".repeat(300)).is_err());
    }
}
