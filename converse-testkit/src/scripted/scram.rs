//! SCRAM as an honest server speaks it (RFC 5802), and as a dishonest one might.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::{digest, hmac, pbkdf2};

use super::ScriptError;

const SALT: &[u8; 18] = b"salt of a tidepool";
const ITERATIONS: u32 = 4096;

/// What is wrong with the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It asks for so few rounds that a listener could guess the password.
    Iterations(u32),
    /// Its challenge has no salt.
    MissingSalt,
    /// Its challenge says something twice.
    DuplicateAttribute,
    /// Its challenge asks for an extension that nobody knows (`m=`, RFC 5802 §5.1).
    MandatoryExtension,
    /// Its nonce is not the client's continued.
    ForeignNonce,
    /// It says success without having proved that it knows the password.
    NoSignature,
    /// Its proof is wrong.
    WrongSignature,
    /// Its word about which mechanisms it announced does not fit what arrived (XEP-0474).
    Announced(Vec<String>),
}

/// How the exchange goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    Challenge(String),
    Success(Option<String>),
    Failure(&'static str),
}

/// One exchange.
#[derive(Debug, Clone)]
pub(super) struct Scram {
    hash: Hash,
    password: String,
    gs2: String,
    client_bare: String,
    server_first: String,
    nonce: String,
    fault: Option<Fault>,
}

#[derive(Debug, Clone, Copy)]
struct Hash {
    hmac: fn() -> hmac::Algorithm,
    digest: fn() -> &'static digest::Algorithm,
    pbkdf2: fn() -> pbkdf2::Algorithm,
}

impl Hash {
    fn of(mechanism: &str) -> Option<Self> {
        match mechanism.trim_end_matches("-PLUS") {
            "SCRAM-SHA-1" => Some(Self {
                hmac: || hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                digest: || &digest::SHA1_FOR_LEGACY_USE_ONLY,
                pbkdf2: || pbkdf2::PBKDF2_HMAC_SHA1,
            }),
            "SCRAM-SHA-256" => Some(Self {
                hmac: || hmac::HMAC_SHA256,
                digest: || &digest::SHA256,
                pbkdf2: || pbkdf2::PBKDF2_HMAC_SHA256,
            }),
            "SCRAM-SHA-512" => Some(Self {
                hmac: || hmac::HMAC_SHA512,
                digest: || &digest::SHA512,
                pbkdf2: || pbkdf2::PBKDF2_HMAC_SHA512,
            }),
            _ => None,
        }
    }

    fn sign(self, key: &[u8], message: &[u8]) -> Vec<u8> {
        let key = hmac::Key::new((self.hmac)(), key);
        hmac::sign(&key, message).as_ref().to_vec()
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        digest::digest((self.digest)(), bytes).as_ref().to_vec()
    }

    fn salted(self, password: &str) -> Vec<u8> {
        let mut key = vec![0; (self.digest)().output_len()];
        let rounds = NonZeroU32::new(ITERATIONS).unwrap_or(NonZeroU32::MIN);
        pbkdf2::derive((self.pbkdf2)(), rounds, SALT, password.as_bytes(), &mut key);
        key
    }
}

impl Scram {
    /// Reads the client's first message; gives the challenge.
    pub(super) fn start(
        mechanism: &str,
        payload: &str,
        password: &str,
        fault: Option<Fault>,
    ) -> Result<(Self, Reply), ScriptError> {
        let unreadable = || ScriptError::new("the client's first message of SCRAM cannot be read");
        let hash = Hash::of(mechanism)
            .ok_or_else(|| ScriptError::new(format!("`{mechanism}` is not SCRAM")))?;
        let message = BASE64.decode(payload).map_err(|_| unreadable())?;
        let message = String::from_utf8(message).map_err(|_| unreadable())?;
        let mut parts = message.splitn(3, ',');
        let (flag, authzid, bare) = (parts.next(), parts.next(), parts.next());
        let (Some(flag), Some(authzid), Some(bare)) = (flag, authzid, bare) else {
            return Err(unreadable());
        };
        let client_nonce = bare.split(',').find_map(|field| field.strip_prefix("r="));
        let client_nonce = client_nonce.ok_or_else(unreadable)?;
        let nonce = match fault {
            Some(Fault::ForeignNonce) => "somebody-else-entirely".to_owned(),
            _ => format!("{client_nonce}-and-the-servers"),
        };
        let mut scram = Self {
            hash,
            password: password.to_owned(),
            gs2: format!("{flag},{authzid},"),
            client_bare: bare.to_owned(),
            server_first: String::new(),
            nonce,
            fault,
        };
        scram.server_first = scram.challenge();
        let challenge = BASE64.encode(&scram.server_first);
        Ok((scram, Reply::Challenge(challenge)))
    }

    fn challenge(&self) -> String {
        let (nonce, salt) = (&self.nonce, BASE64.encode(SALT));
        match &self.fault {
            Some(Fault::Iterations(count)) => format!("r={nonce},s={salt},i={count}"),
            Some(Fault::MissingSalt) => format!("r={nonce},i={ITERATIONS}"),
            Some(Fault::DuplicateAttribute) => {
                format!("r={nonce},s={salt},s={salt},i={ITERATIONS}")
            }
            Some(Fault::MandatoryExtension) => format!("m=x,r={nonce},s={salt},i={ITERATIONS}"),
            Some(Fault::Announced(names)) => {
                let mut names = names.clone();
                names.sort();
                let hash = BASE64.encode(self.hash.digest(names.join("\u{1e}").as_bytes()));
                format!("r={nonce},s={salt},i={ITERATIONS},h={hash}")
            }
            _ => format!("r={nonce},s={salt},i={ITERATIONS}"),
        }
    }

    /// Reads the client's proof.
    pub(super) fn finish(&self, payload: &str) -> Reply {
        if self.fault == Some(Fault::NoSignature) {
            return Reply::Success(None);
        }
        self.verify(payload)
            .map_or(Reply::Failure("not-authorized"), |signature| {
                Reply::Success(Some(signature))
            })
    }

    fn verify(&self, payload: &str) -> Option<String> {
        let message = String::from_utf8(BASE64.decode(payload).ok()?).ok()?;
        let (without_proof, proof) = message.rsplit_once(",p=")?;
        let proof = BASE64.decode(proof).ok()?;
        let binding = without_proof.strip_prefix("c=")?.split(',').next()?;
        let binding = BASE64.decode(binding).ok()?;
        if !binding.starts_with(self.gs2.as_bytes()) {
            return None;
        }
        let salted = self.hash.salted(&self.password);
        let client_key = self.hash.sign(&salted, b"Client Key");
        let stored = self.hash.digest(&client_key);
        let auth = format!("{},{},{without_proof}", self.client_bare, self.server_first);
        let signature = self.hash.sign(&stored, auth.as_bytes());
        let claimed: Vec<u8> = proof.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        if proof.len() != signature.len() || claimed != client_key {
            return None;
        }
        let server_key = self.hash.sign(&salted, b"Server Key");
        let mut signature = self.hash.sign(&server_key, auth.as_bytes());
        if self.fault == Some(Fault::WrongSignature)
            && let Some(first) = signature.first_mut()
        {
            *first ^= 1;
        }
        Some(BASE64.encode(format!("v={}", BASE64.encode(signature))))
    }
}
