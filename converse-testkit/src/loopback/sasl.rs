//! The server side of SASL: what an account keeps of its password, and the exchanges (RFC 5802, RFC 7677, RFC 4616, RFC 4505).

mod scram;

use std::num::NonZeroU32;
use std::sync::OnceLock;

use ring::{hmac, pbkdf2};
use xmpp_parsers::sasl::DefinedCondition;

pub(super) use scram::Scram;

/// Rounds of PBKDF2, the least RFC 7677 allows.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).unwrap();

/// The hash functions of the SCRAM mechanisms, strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hash {
    Sha512,
    Sha256,
    Sha1,
}

impl Hash {
    pub(super) const ALL: [Hash; 3] = [Hash::Sha512, Hash::Sha256, Hash::Sha1];

    pub(super) fn mechanism(self) -> &'static str {
        match self {
            Hash::Sha512 => "SCRAM-SHA-512",
            Hash::Sha256 => "SCRAM-SHA-256",
            Hash::Sha1 => "SCRAM-SHA-1",
        }
    }

    fn hmac(self) -> hmac::Algorithm {
        match self {
            Hash::Sha512 => hmac::HMAC_SHA512,
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
            Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Hash::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
        }
    }

    fn sign(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(self.hmac(), key), message)
            .as_ref()
            .to_vec()
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        ring::digest::digest(self.hmac().digest_algorithm(), bytes)
            .as_ref()
            .to_vec()
    }
}

/// What proves who logs in: one salt, and the two keys of RFC 5802 §3 for each hash function. They are derived when they are
/// needed, as deriving is slow on purpose and a test has no time for what it does not use.
pub(super) struct Verifier {
    password: Option<String>,
    salt: [u8; 16],
    keys: [OnceLock<Keys>; 3],
}

#[derive(Clone)]
struct Keys {
    hash: Hash,
    stored: Vec<u8>,
    server: Vec<u8>,
}

impl Keys {
    fn derive(hash: Hash, password: &str, salt: &[u8]) -> Self {
        let mut salted = vec![0; hash.hmac().digest_algorithm().output_len()];
        pbkdf2::derive(
            hash.pbkdf2(),
            ITERATIONS,
            salt,
            password.as_bytes(),
            &mut salted,
        );
        Self {
            hash,
            stored: hash.digest(&hash.sign(&salted, b"Client Key")),
            server: hash.sign(&salted, b"Server Key"),
        }
    }
}

impl Verifier {
    pub(super) fn new(password: &str, salt: [u8; 16]) -> Self {
        Self {
            password: Some(prepared(password)),
            salt,
            keys: Default::default(),
        }
    }

    /// Something to try a password against for a user who does not exist: always the same salt, never the right keys.
    pub(super) fn decoy(secret: &str, user: &str) -> Self {
        let mut salt = [0; 16];
        let hash = Hash::Sha256.sign(secret.as_bytes(), user.as_bytes());
        salt.copy_from_slice(&hash[..16]);
        Self {
            password: None,
            salt,
            keys: Default::default(),
        }
    }

    /// Whether this is the password.
    pub(super) fn accepts(&self, password: &str) -> bool {
        // Signatures of both are compared, so that the time taken says nothing about where they differ.
        let sign = |text: &str| Hash::Sha256.sign(&self.salt, text.as_bytes());
        self.password
            .as_deref()
            .is_some_and(|own| sign(own) == sign(&prepared(password)))
    }

    fn keys(&self, hash: Hash) -> &Keys {
        self.keys[hash as usize].get_or_init(|| match &self.password {
            Some(password) => Keys::derive(hash, password, &self.salt),
            None => Keys {
                hash,
                stored: Vec::new(),
                server: Vec::new(),
            },
        })
    }
}

/// A password as SASLprep makes it comparable (RFC 4013); one it forbids is what it is.
fn prepared(password: &str) -> String {
    stringprep::saslprep(password).map_or_else(|_| password.to_owned(), Into::into)
}

/// Splits the PLAIN message into authorization identity, user name and password (RFC 4616 §2).
pub(super) fn plain(message: &[u8]) -> Result<(&str, &str, &str), DefinedCondition> {
    let text = std::str::from_utf8(message).map_err(|_| DefinedCondition::MalformedRequest)?;
    let mut parts = text.split('\0');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(authzid), Some(user), Some(password), None) if !user.is_empty() => {
            Ok((authzid, user, password))
        }
        _ => Err(DefinedCondition::MalformedRequest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_messages_have_three_parts() {
        assert_eq!(plain(b"\0romeo\0secret"), Ok(("", "romeo", "secret")));
        for broken in [
            &b""[..],
            b"romeo\0secret",
            b"\0\0secret",
            b"\0a\0b\0c",
            b"\0\xff\0b",
        ] {
            assert_eq!(plain(broken), Err(DefinedCondition::MalformedRequest));
        }
    }

    #[test]
    fn a_verifier_knows_its_password() {
        let verifier = Verifier::new("secret", [7; 16]);
        assert!(verifier.accepts("secret"));
        assert!(!verifier.accepts("Secret"));
        assert!(Verifier::new("\u{2168}", [7; 16]).accepts("IX"));
        assert!(!Verifier::decoy("x", "romeo").accepts(""));
    }
}
