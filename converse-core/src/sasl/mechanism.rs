//! The mechanisms this client can do, and how they compare.

use ring::{digest, hmac, pbkdf2};

/// The hash function of a SCRAM mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// SHA-1 (RFC 5802); its use in HMAC and PBKDF2 is not broken, only old.
    Sha1,
    /// SHA-256 (RFC 7677).
    Sha256,
    /// SHA-512, named by the same rule (RFC 5802 §4).
    Sha512,
}

impl Hash {
    pub(super) fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha512 => &digest::SHA512,
        }
    }

    pub(super) fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    pub(super) fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Self::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        }
    }
}

/// A SASL mechanism (RFC 4422 §3.1) that this client can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// Salted challenge and response (RFC 5802): the server never sees the password and proves that it knows it too.
    Scram {
        /// The hash function.
        hash: Hash,
        /// Whether the login is bound to the TLS connection (`-PLUS`).
        plus: bool,
    },
    /// The client certificate of the TLS connection (RFC 4422 appendix A, XEP-0178).
    External,
    /// The password itself (RFC 4616).
    Plain,
    /// No identity at all (RFC 4505).
    Anonymous,
}

const NAMES: [(&str, Mechanism); 9] = [
    ("SCRAM-SHA-512-PLUS", scram(Hash::Sha512, true)),
    ("SCRAM-SHA-256-PLUS", scram(Hash::Sha256, true)),
    ("SCRAM-SHA-1-PLUS", scram(Hash::Sha1, true)),
    ("SCRAM-SHA-512", scram(Hash::Sha512, false)),
    ("SCRAM-SHA-256", scram(Hash::Sha256, false)),
    ("SCRAM-SHA-1", scram(Hash::Sha1, false)),
    ("EXTERNAL", Mechanism::External),
    ("PLAIN", Mechanism::Plain),
    ("ANONYMOUS", Mechanism::Anonymous),
];

const fn scram(hash: Hash, plus: bool) -> Mechanism {
    Mechanism::Scram { hash, plus }
}

impl Mechanism {
    /// Every mechanism, strongest first: a login bound to the TLS connection beats any hash function without it,
    /// because it is what an attacker in the middle cannot relay.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(_, mechanism)| *mechanism)
    }

    /// The mechanism with this registered name; `None` if this client cannot do it. Names are case-sensitive.
    ///
    /// ```
    /// use converse_core::sasl::{Hash, Mechanism};
    ///
    /// let mechanism = Mechanism::from_name("SCRAM-SHA-256-PLUS");
    /// assert_eq!(mechanism, Some(Mechanism::Scram { hash: Hash::Sha256, plus: true }));
    /// assert_eq!(Mechanism::from_name("DIGEST-MD5"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, mechanism)| *mechanism)
    }

    /// The registered name, as it goes into `<auth mechanism='…'/>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, mechanism)| *mechanism == self)
            .map_or("", |(name, _)| name)
    }

    /// Whether a login by this mechanism is at least as strong as one by `other`.
    #[must_use]
    pub fn is_at_least(self, other: Self) -> bool {
        self.rank() <= other.rank()
    }

    /// The place among all mechanisms, `0` being the strongest.
    fn rank(self) -> usize {
        NAMES
            .iter()
            .position(|(_, mechanism)| *mechanism == self)
            .unwrap_or(NAMES.len())
    }
}

impl std::fmt::Display for Mechanism {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
