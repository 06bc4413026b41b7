//! The client's side of SCRAM (RFC 5802 §3, §5).

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};

use super::credentials::wipe;
use super::mechanism::Hash;
use super::message::{ServerFirst, server_signature};
use super::prep::prepare;
use super::{Offer, SaslError, Secret};
use crate::env::RandomSource;

/// Fewer iterations than this are refused (RFC 5802 §5.1, RFC 7677 §4).
pub const MIN_ITERATIONS: u32 = 4096;
/// More iterations than this are refused: about a second of work, and far above what any server is configured to.
pub const MAX_ITERATIONS: u32 = 1_000_000;
/// From this count on a key derivation takes long enough to be moved off the thread that runs the session.
pub const HEAVY_ITERATIONS: u32 = 20_000;

/// What the first message says about channel binding (RFC 5802 §6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Binding {
    /// `p=`: in use.
    Used { name: &'static str, data: Vec<u8> },
    /// `y`: this connection could, but the server did not announce it.
    NotOffered,
    /// `n`: this connection cannot, or not with what the server announced.
    Unsupported,
    /// `n`, and the server has to prove by XEP-0474 that its announcement arrived whole.
    UnsupportedIfProven,
}

impl Binding {
    fn flag(&self) -> String {
        match self {
            Self::Used { name, .. } => format!("p={name}"),
            Self::NotOffered => "y".to_owned(),
            Self::Unsupported | Self::UnsupportedIfProven => "n".to_owned(),
        }
    }

    fn data(&self) -> &[u8] {
        match self {
            Self::Used { data, .. } => data,
            _ => &[],
        }
    }
}

/// One login: what was sent, and what the next message is checked against.
#[derive(Debug)]
pub(super) struct Scram {
    hash: Hash,
    binding: Binding,
    gs2_header: String,
    user: String,
    password: Secret,
    nonce: String,
    announced: String,
    pending: Option<Pending>,
    server_key: Option<ServerProof>,
}

/// Between the server's first message and the derived key.
#[derive(Debug)]
struct Pending {
    server_first: String,
    nonce: String,
}

/// What the server's signature is checked with.
#[derive(Debug)]
struct ServerProof {
    key: hmac::Key,
    auth_message: String,
}

impl Scram {
    pub(super) fn new(
        hash: Hash,
        binding: Binding,
        authzid: Option<&str>,
        user: &str,
        password: &Secret,
        random: &dyn RandomSource,
    ) -> Result<Self, SaslError> {
        let authzid = match authzid {
            Some(authzid) => format!("a={}", escape(&prepare(authzid, "address to act as")?)),
            None => String::new(),
        };
        let mut nonce = [0; 18];
        random.fill(&mut nonce);
        Ok(Self {
            hash,
            gs2_header: format!("{},{authzid},", binding.flag()),
            binding,
            user: escape(&prepare(user, "user name")?),
            password: Secret::new(prepare(password.expose(), "password")?),
            nonce: STANDARD.encode(nonce),
            announced: String::new(),
            pending: None,
            server_key: None,
        })
    }

    /// Remembers what the server announced, for the check of XEP-0474.
    pub(super) fn protected_by(mut self, offer: &Offer) -> Self {
        self.announced = offer.downgrade_text();
        self
    }

    pub(super) fn with_nonce(mut self, nonce: &str) -> Self {
        nonce.clone_into(&mut self.nonce);
        self
    }

    /// `client-first-message`.
    pub(super) fn client_first(&self) -> Vec<u8> {
        format!("{}{}", self.gs2_header, self.client_first_bare()).into_bytes()
    }

    fn client_first_bare(&self) -> String {
        format!("n={},r={}", self.user, self.nonce)
    }

    /// Reads `server-first-message` and says which key has to be derived.
    pub(super) fn server_first(&mut self, message: &[u8]) -> Result<KeyDerivation, SaslError> {
        let first = ServerFirst::parse(message, &self.nonce)?;
        self.check_downgrade(first.downgrade_hash)?;
        self.pending = Some(Pending {
            server_first: String::from_utf8_lossy(message).into_owned(),
            nonce: first.nonce.to_owned(),
        });
        Ok(KeyDerivation {
            hash: self.hash,
            password: self.password.clone(),
            salt: first.salt,
            iterations: first.iterations,
        })
    }

    /// XEP-0474 §3.2. A forged hash does not help an attacker: it is part of what the proof signs.
    fn check_downgrade(&self, sent: Option<&str>) -> Result<(), SaslError> {
        let Some(sent) = sent else {
            return match self.binding {
                Binding::UnsupportedIfProven => Err(SaslError::Downgrade(
                    "no channel binding type that every server must have",
                )),
                _ => Ok(()),
            };
        };
        let seen = digest::digest(self.hash.digest(), self.announced.as_bytes());
        if STANDARD.encode(seen) == sent {
            Ok(())
        } else {
            Err(SaslError::Downgrade(
                "its hash (XEP-0474) does not match what arrived",
            ))
        }
    }

    /// `client-final-message`.
    pub(super) fn client_final(&mut self, derived: &DerivedKey) -> Result<Vec<u8>, SaslError> {
        let pending = self
            .pending
            .take()
            .ok_or(SaslError::Malformed("key without a challenge"))?;
        let hmac = self.hash.hmac();
        let salted = hmac::Key::new(hmac, &derived.salted_password);
        let client_key = hmac::sign(&salted, b"Client Key");
        let stored_key = digest::digest(self.hash.digest(), client_key.as_ref());
        let server_key = hmac::sign(&salted, b"Server Key");

        let mut binding = self.gs2_header.clone().into_bytes();
        binding.extend_from_slice(self.binding.data());
        let without_proof = format!("c={},r={}", STANDARD.encode(binding), pending.nonce);
        let auth_message = format!(
            "{},{},{without_proof}",
            self.client_first_bare(),
            pending.server_first
        );
        let signature = hmac::sign(
            &hmac::Key::new(hmac, stored_key.as_ref()),
            auth_message.as_bytes(),
        );
        let proof: Vec<u8> = client_key
            .as_ref()
            .iter()
            .zip(signature.as_ref())
            .map(|(key, signature)| key ^ signature)
            .collect();
        self.server_key = Some(ServerProof {
            key: hmac::Key::new(hmac, server_key.as_ref()),
            auth_message,
        });
        Ok(format!("{without_proof},p={}", STANDARD.encode(proof)).into_bytes())
    }

    /// Checks `server-final-message`, in constant time.
    pub(super) fn server_final(&self, message: &[u8]) -> Result<(), SaslError> {
        let signature = server_signature(message)?;
        let proof = self
            .server_key
            .as_ref()
            .ok_or(SaslError::NoServerSignature)?;
        hmac::verify(&proof.key, proof.auth_message.as_bytes(), &signature)
            .map_err(|_| SaslError::ServerSignature)
    }
}

/// `saslname` (RFC 5802 §5.1).
fn escape(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// The slow step of SCRAM, apart from the rest so that it can run on another thread.
///
/// The caller asks [`is_heavy`](Self::is_heavy) and either [`run`](Self::run)s it in place or hands it to a blocking thread.
pub struct KeyDerivation {
    hash: Hash,
    password: Secret,
    salt: Vec<u8>,
    iterations: u32,
}

impl std::fmt::Debug for KeyDerivation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyDerivation")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

impl KeyDerivation {
    /// The number of iterations the server asks for, from [`MIN_ITERATIONS`] to [`MAX_ITERATIONS`].
    #[must_use]
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Whether this takes so long that it should not hold up other work ([`HEAVY_ITERATIONS`]).
    #[must_use]
    pub fn is_heavy(&self) -> bool {
        self.iterations >= HEAVY_ITERATIONS
    }

    /// `Hi(password, salt, iterations)` (RFC 5802 §2.2), which is PBKDF2.
    #[must_use]
    pub fn run(self) -> DerivedKey {
        let mut salted_password = vec![0; self.hash.digest().output_len()];
        pbkdf2::derive(
            self.hash.pbkdf2(),
            NonZeroU32::new(self.iterations).unwrap_or(NonZeroU32::MIN),
            &self.salt,
            self.password.expose().as_bytes(),
            &mut salted_password,
        );
        DerivedKey { salted_password }
    }
}

/// What [`KeyDerivation::run`] leaves; as good as the password, and overwritten when dropped.
pub struct DerivedKey {
    salted_password: Vec<u8>,
}

impl std::fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DerivedKey")
    }
}

impl Drop for DerivedKey {
    fn drop(&mut self) {
        wipe(&mut self.salted_password);
    }
}
