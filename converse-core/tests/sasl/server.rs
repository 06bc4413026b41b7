//! The server's side of SCRAM, written from RFC 5802 §3 and apart from the client's.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use converse_core::env::SystemRandom;
use converse_core::sasl::{
    self, ChannelBindings, Credentials, Exchange, Offer, Policy, Protection, SaslError, Step,
};
use ring::{digest, hmac, pbkdf2};

pub(crate) const PASSWORD: &str = "tidewrack77";

pub(crate) fn bindings() -> ChannelBindings {
    let mut bindings = ChannelBindings::default();
    bindings.tls_exporter = Some(vec![7; 32]);
    bindings.tls_server_end_point = Some(vec![9; 32]);
    bindings
}

pub(crate) fn login(offer: &Offer, policy: &Policy) -> Result<Exchange, SaslError> {
    sasl::select(
        offer,
        &Credentials::password("mara", PASSWORD),
        Protection::Tls(&bindings()),
        policy,
        &SystemRandom::new(),
    )
}

pub(crate) fn first(exchange: &Exchange) -> String {
    String::from_utf8(exchange.initial()).unwrap()
}

/// The response to a challenge, with the key derived in place.
pub(crate) fn answer(exchange: &mut Exchange, challenge: &str) -> Result<String, SaslError> {
    let response = match exchange.challenge(challenge.as_bytes())? {
        Step::Derive(work) => exchange.derived(&work.run())?,
        Step::Respond(response) => response,
    };
    Ok(String::from_utf8(response).unwrap())
}

pub(crate) struct Server {
    pub(crate) extension: String,
    pub(crate) iterations: u32,
    client_first: String,
    server_first: String,
}

impl Server {
    pub(crate) fn new(exchange: &Exchange) -> Self {
        Self {
            extension: String::new(),
            iterations: 4096,
            client_first: first(exchange),
            server_first: String::new(),
        }
    }

    fn bare(&self) -> &str {
        let start = self.client_first.find("n=").unwrap();
        &self.client_first[start..]
    }

    pub(crate) fn challenge(&mut self) -> String {
        let nonce = self.bare().split_once(",r=").unwrap().1;
        self.server_first = format!(
            "r={nonce}-server,s={},i={}{}",
            STANDARD.encode("kestrel-salt-016"),
            self.iterations,
            self.extension
        );
        self.server_first.clone()
    }

    /// Checks the proof (SHA-256) and the channel binding; gives `server-final-message`.
    pub(crate) fn finish(&self, client_final: &str, binding: &[u8]) -> String {
        let (without_proof, proof) = client_final.rsplit_once(",p=").unwrap();
        let header = &self.client_first[..self.client_first.len() - self.bare().len()];
        let bound = STANDARD.encode([header.as_bytes(), binding].concat());
        assert!(without_proof.starts_with(&format!("c={bound},r=")));

        let mut salted = [0; 32];
        pbkdf2::derive(
            pbkdf2::PBKDF2_HMAC_SHA256,
            NonZeroU32::new(self.iterations).unwrap(),
            b"kestrel-salt-016",
            PASSWORD.as_bytes(),
            &mut salted,
        );
        let sign = |key: &[u8], text: &[u8]| {
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text)
                .as_ref()
                .to_vec()
        };
        let stored = digest::digest(&digest::SHA256, &sign(&salted, b"Client Key"));
        let auth = format!("{},{},{without_proof}", self.bare(), self.server_first);
        let signature = sign(stored.as_ref(), auth.as_bytes());
        let proof = STANDARD.decode(proof).unwrap();
        let key: Vec<u8> = proof.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        assert_eq!(
            digest::digest(&digest::SHA256, &key).as_ref(),
            stored.as_ref(),
            "the client does not know the password"
        );
        let signature = sign(&sign(&salted, b"Server Key"), auth.as_bytes());
        format!("v={}", STANDARD.encode(signature))
    }
}
