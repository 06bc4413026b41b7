//! SCRAM as the server speaks it (RFC 5802 §5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use xmpp_parsers::sasl::DefinedCondition;

use super::{Hash, ITERATIONS, Keys, Verifier};

/// The first message of the client.
pub(in super::super) struct First {
    /// The user name, unescaped.
    pub(in super::super) user: String,
    /// The authorization identity, or nothing.
    pub(in super::super) authzid: String,
    /// What the client repeats at the end: channel binding flag and authorization identity.
    gs2: String,
    nonce: String,
    bare: String,
}

/// A running exchange, after the challenge was sent.
pub(in super::super) struct Scram {
    keys: Keys,
    binding: String,
    nonce: String,
    bare: String,
    challenge: String,
}

impl Scram {
    /// Reads the first message. Channel binding is not offered, so a client that insists on it fails here (RFC 5802 §6).
    pub(in super::super) fn first(message: &[u8]) -> Result<First, DefinedCondition> {
        let malformed = DefinedCondition::MalformedRequest;
        let text = std::str::from_utf8(message).map_err(|_| malformed.clone())?;
        let (flag, rest) = text.split_once(',').ok_or(malformed.clone())?;
        let (authzid, bare) = rest.split_once(',').ok_or(malformed.clone())?;
        if flag.starts_with("p=") {
            return Err(DefinedCondition::InvalidMechanism);
        }
        if !matches!(flag, "n" | "y") {
            return Err(malformed);
        }
        let mut fields = bare.split(',');
        let user = fields.next().and_then(|field| field.strip_prefix("n="));
        let nonce = fields.next().and_then(|field| field.strip_prefix("r="));
        let (Some(user), Some(nonce)) = (user, nonce) else {
            return Err(malformed);
        };
        if nonce.is_empty() || !nonce.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) {
            return Err(malformed);
        }
        let authzid = match authzid.strip_prefix("a=") {
            Some(name) => unescape(name).ok_or(malformed.clone())?,
            None if authzid.is_empty() => String::new(),
            None => return Err(malformed),
        };
        Ok(First {
            user: unescape(user)
                .filter(|user| !user.is_empty())
                .ok_or(malformed)?,
            authzid,
            gs2: text[..text.len() - bare.len()].to_owned(),
            nonce: nonce.to_owned(),
            bare: bare.to_owned(),
        })
    }

    /// Goes on with what the server knows of the user; gives the challenge as well.
    pub(in super::super) fn challenge(
        first: First,
        hash: Hash,
        verifier: &Verifier,
        server_nonce: &str,
    ) -> (Self, Vec<u8>) {
        let nonce = first.nonce + server_nonce;
        let salt = BASE64.encode(verifier.salt);
        let challenge = format!("r={nonce},s={salt},i={ITERATIONS}");
        let scram = Self {
            keys: verifier.keys(hash).clone(),
            binding: BASE64.encode(first.gs2),
            nonce,
            bare: first.bare,
            challenge: challenge.clone(),
        };
        (scram, challenge.into_bytes())
    }

    /// Checks the proof; gives the server's own signature.
    pub(in super::super) fn finish(self, message: &[u8]) -> Result<Vec<u8>, DefinedCondition> {
        let malformed = DefinedCondition::MalformedRequest;
        let text = std::str::from_utf8(message).map_err(|_| malformed.clone())?;
        let (without_proof, proof) = text.rsplit_once(",p=").ok_or(malformed.clone())?;
        let proof = BASE64.decode(proof).map_err(|_| malformed.clone())?;
        let expected = format!("c={},r={}", self.binding, self.nonce);
        let extended = without_proof.strip_prefix(expected.as_str());
        if !extended.is_some_and(|rest| rest.is_empty() || rest.starts_with(',')) {
            return Err(DefinedCondition::NotAuthorized);
        }
        let Self {
            keys,
            bare,
            challenge,
            ..
        } = self;
        let message = format!("{bare},{challenge},{without_proof}");
        let signature = keys.hash.sign(&keys.stored, message.as_bytes());
        if proof.len() != signature.len() {
            return Err(DefinedCondition::NotAuthorized);
        }
        let client: Vec<u8> = proof.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
        if keys.hash.digest(&client) != keys.stored {
            return Err(DefinedCondition::NotAuthorized);
        }
        let signature = keys.hash.sign(&keys.server, message.as_bytes());
        Ok(format!("v={}", BASE64.encode(signature)).into_bytes())
    }
}

/// Undoes the escapes of a `saslname`.
fn unescape(name: &str) -> Option<String> {
    let mut parts = name.split('=');
    let mut plain = parts.next()?.to_owned();
    for part in parts {
        let (escaped, rest) = (part.get(..2)?, part.get(2..)?);
        plain.push(match escaped {
            "2C" => ',',
            "3D" => '=',
            _ => return None,
        });
        plain.push_str(rest);
    }
    Some(plain)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    /// The exchange of RFC 7677 §3.
    #[test]
    fn the_example_of_rfc_7677_succeeds() {
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let verifier = Verifier::new("pencil", salt.try_into().unwrap());
        let first = Scram::first(b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
            .ok()
            .unwrap();
        assert_eq!(first.user, "user");
        let nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let (scram, challenge) = Scram::challenge(first, Hash::Sha256, &verifier, nonce);
        assert_eq!(
            String::from_utf8(challenge).unwrap(),
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
        );
        let answer = scram.finish(
            b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        );
        assert_eq!(
            answer.unwrap(),
            b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        );
    }

    #[test]
    fn broken_first_messages_are_refused() {
        for message in [
            "",
            "n",
            "n,,",
            "n,,n=,r=x",
            "n,,n=a",
            "n,,n=a=2,r=x",
            "z,,n=a,r=x",
            "n,,m=x,n=a,r=x",
        ] {
            let refused = Scram::first(message.as_bytes()).err();
            assert_eq!(
                refused,
                Some(DefinedCondition::MalformedRequest),
                "{message}"
            );
        }
        let bound = Scram::first(b"p=tls-unique,,n=a,r=x").err();
        assert_eq!(bound, Some(DefinedCondition::InvalidMechanism));
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescape("a=2Cb=3Dc").as_deref(), Some("a,b=c"));
        assert_eq!(unescape("a=é"), None);
    }
}
