//! What the server offers, what the connection can give, and what the user wants.

use super::Mechanism;
use super::mechanism::Hash;

/// Names longer or more numerous than these are no SASL mechanisms or channel binding types.
const MAX_NAMES: usize = 128;
const MAX_NAME_LEN: usize = 64;

/// The login mechanisms and channel binding types that the server announced in its stream features.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    pub(super) mechanisms: Vec<String>,
    pub(super) channel_bindings: Option<Vec<String>>,
    pub(super) sasl2: bool,
}

impl Offer {
    /// The mechanisms as announced, known or not: the whole list is what downgrade protection (XEP-0474) looks at.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(mechanisms: I) -> Self {
        Self {
            mechanisms: bounded(mechanisms),
            ..Self::default()
        }
    }

    /// The channel binding types the server announced (XEP-0440). Leave it out if it announced none at all.
    #[must_use]
    pub fn with_channel_bindings<I: IntoIterator<Item = S>, S: Into<String>>(
        mut self,
        types: I,
    ) -> Self {
        self.channel_bindings = Some(bounded(types));
        self
    }

    /// Says that the mechanisms are those of SASL2 (XEP-0388), where XEP-0440 is stricter.
    #[must_use]
    pub fn for_sasl2(mut self) -> Self {
        self.sasl2 = true;
        self
    }

    /// Whether the server announced this mechanism.
    #[must_use]
    pub fn has(&self, mechanism: Mechanism) -> bool {
        self.mechanisms.iter().any(|name| name == mechanism.name())
    }

    /// Whether a mechanism with channel binding is announced, also one that this client cannot do.
    pub(super) fn has_plus(&self) -> bool {
        self.mechanisms.iter().any(|name| name.ends_with("-PLUS"))
    }

    /// Whether a SCRAM mechanism without channel binding is announced.
    pub(super) fn has_scram(&self) -> bool {
        [Hash::Sha1, Hash::Sha256, Hash::Sha512]
            .into_iter()
            .any(|hash| self.has(Mechanism::Scram { hash, plus: false }))
    }

    pub(super) fn announces_binding(&self, name: &str) -> bool {
        self.channel_bindings
            .iter()
            .flatten()
            .any(|known| known == name)
    }

    /// The text whose hash the server may send as `h=` (XEP-0474 §3.1).
    pub(super) fn downgrade_text(&self) -> String {
        let mut text = sorted(&self.mechanisms);
        if let Some(types) = &self.channel_bindings {
            text.push('\u{1f}');
            text.push_str(&sorted(types));
        }
        text
    }
}

/// A list cut short fails a downgrade check, should there be one; no honest server has one that long.
fn bounded<I: IntoIterator<Item = S>, S: Into<String>>(names: I) -> Vec<String> {
    names
        .into_iter()
        .take(MAX_NAMES)
        .map(Into::into)
        .filter(|name| name.len() <= MAX_NAME_LEN)
        .collect()
}

fn sorted(names: &[String]) -> String {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.join("\u{1e}")
}

/// What a TLS connection can be recognised by from both ends (RFC 5056).
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelBindings {
    /// `tls-exporter` (RFC 9266): 32 bytes; only from TLS 1.3, or 1.2 with extended master secret.
    pub tls_exporter: Option<Vec<u8>>,
    /// `tls-server-end-point` (RFC 5929 §4): the hash of the server's certificate.
    pub tls_server_end_point: Option<Vec<u8>>,
}

impl std::fmt::Debug for ChannelBindings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelBindings")
            .field("tls_exporter", &self.tls_exporter.is_some())
            .field("tls_server_end_point", &self.tls_server_end_point.is_some())
            .finish()
    }
}

impl ChannelBindings {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tls_exporter.is_none() && self.tls_server_end_point.is_none()
    }

    /// The strongest one that the server announced too (XEP-0440 §3 rule 7).
    pub(super) fn common(&self, offer: &Offer) -> Option<(&'static str, &[u8])> {
        [
            ("tls-exporter", self.tls_exporter.as_deref()),
            ("tls-server-end-point", self.tls_server_end_point.as_deref()),
        ]
        .into_iter()
        .filter(|(name, _)| offer.announces_binding(name))
        .find_map(|(name, data)| data.map(|data| (name, data)))
    }
}

/// What keeps others from reading the login. There is no value for an open connection: nobody logs in over one.
#[derive(Debug, Clone, Copy)]
pub enum Protection<'a> {
    /// The stream is inside TLS (or `wss:`), with these channel bindings.
    Tls(&'a ChannelBindings),
    /// The stream does not leave this machine, and the user explicitly wants it in plain text.
    PlaintextLoopback,
}

/// What the user and the past say about mechanisms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// Only these; `None` allows all.
    pub allow: Option<Vec<Mechanism>>,
    /// Nothing weaker than this: a configured minimum, or what the last login at this server used.
    pub at_least: Option<Mechanism>,
    /// Overrides [`at_least`](Self::at_least) and those checks of XEP-0440 that a broken server can trip.
    pub allow_weaker: bool,
}

impl Policy {
    pub(super) fn allows(&self, mechanism: Mechanism) -> bool {
        self.allow
            .as_ref()
            .is_none_or(|allow| allow.contains(&mechanism))
    }

    /// The mechanism that `mechanism` falls short of.
    pub(super) fn shortfall(&self, mechanism: Mechanism) -> Option<Mechanism> {
        self.at_least
            .filter(|required| !self.allow_weaker && !mechanism.is_at_least(*required))
    }
}
