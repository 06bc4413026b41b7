//! The attribute lists that SCRAM sends (RFC 5802 §5.1, §7).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::printable;
use super::{MAX_ITERATIONS, MIN_ITERATIONS, SaslError};

const MAX_MESSAGE: usize = 8 * 1024;
const MAX_NONCE: usize = 1024;
const MAX_SALT: usize = 1024;

/// `server-first-message`.
pub(super) struct ServerFirst<'a> {
    pub(super) nonce: &'a str,
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u32,
    /// The hash of what the server announced (XEP-0474).
    pub(super) downgrade_hash: Option<&'a str>,
}

impl<'a> ServerFirst<'a> {
    pub(super) fn parse(message: &'a [u8], client_nonce: &str) -> Result<Self, SaslError> {
        let (attributes, rest) = attributes(message, ['r', 's', 'i'])?;
        let [nonce, salt, iterations] = attributes;
        let added = nonce.strip_prefix(client_nonce).ok_or(SaslError::Nonce)?;
        if added.is_empty() {
            return Err(SaslError::Nonce);
        }
        if nonce.len() > MAX_NONCE || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SaslError::Malformed("nonce"));
        }
        Ok(Self {
            nonce,
            salt: decode_salt(salt)?,
            iterations: parse_iterations(iterations)?,
            downgrade_hash: rest
                .into_iter()
                .find(|(name, _)| *name == 'h')
                .map(|(_, value)| value),
        })
    }
}

/// The signature in `server-final-message`.
pub(super) fn server_signature(message: &[u8]) -> Result<Vec<u8>, SaslError> {
    let ([signature], _) = attributes(message, ['v'])?;
    STANDARD
        .decode(signature)
        .map_err(|_| SaslError::Malformed("signature is not base64"))
}

type Attribute<'a> = (char, &'a str);

/// The values of the attributes that must come first, in this order, and the extensions behind them, none of them twice.
fn attributes<const N: usize>(
    message: &[u8],
    required: [char; N],
) -> Result<([&str; N], Vec<Attribute<'_>>), SaslError> {
    if message.len() > MAX_MESSAGE {
        return Err(SaslError::Malformed("message too long"));
    }
    let message = std::str::from_utf8(message).map_err(|_| SaslError::Malformed("not UTF-8"))?;
    let mut all: Vec<Attribute<'_>> = Vec::new();
    for part in message.split(',') {
        let (name, value) = attribute(part)?;
        match name {
            'e' if all.is_empty() => return Err(SaslError::Server(printable(value))),
            'm' => return Err(SaslError::MandatoryExtension),
            _ if all.iter().any(|(known, _)| *known == name) => {
                return Err(SaslError::Malformed("attribute twice"));
            }
            _ => all.push((name, value)),
        }
    }
    if all.len() < N {
        return Err(SaslError::Malformed("attribute missing"));
    }
    let extensions = all.split_off(N);
    let mut values = [""; N];
    for ((slot, wanted), (name, value)) in values.iter_mut().zip(required).zip(all) {
        if name != wanted {
            return Err(SaslError::Malformed("attribute missing or out of order"));
        }
        *slot = value;
    }
    Ok((values, extensions))
}

/// `attr-val = ALPHA "=" value`, where a value is not empty and has no NUL.
fn attribute(part: &str) -> Result<Attribute<'_>, SaslError> {
    let mut chars = part.chars();
    match (chars.next(), chars.next(), chars.as_str()) {
        (Some(name), Some('='), value)
            if name.is_ascii_alphabetic() && !value.is_empty() && !value.contains('\0') =>
        {
            Ok((name, value))
        }
        _ => Err(SaslError::Malformed("not an attribute")),
    }
}

fn decode_salt(text: &str) -> Result<Vec<u8>, SaslError> {
    match STANDARD.decode(text) {
        Ok(salt) if (1..=MAX_SALT).contains(&salt.len()) => Ok(salt),
        _ => Err(SaslError::Malformed("salt")),
    }
}

/// `posit-number = %x31-39 *DIGIT`, in the bounds this client accepts.
fn parse_iterations(text: &str) -> Result<u32, SaslError> {
    if text.starts_with('0') || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SaslError::Malformed("iteration count"));
    }
    let iterations = text.parse().unwrap_or(u32::MAX);
    if (MIN_ITERATIONS..=MAX_ITERATIONS).contains(&iterations) {
        Ok(iterations)
    } else {
        Err(SaslError::Iterations(iterations))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(message: &str) -> Result<(), SaslError> {
        ServerFirst::parse(message.as_bytes(), "abc").map(drop)
    }

    #[test]
    fn accepts_what_the_grammar_allows() {
        assert_eq!(check("r=abcdef,s=c2FsdA==,i=4096"), Ok(()));
        assert_eq!(check("r=abcdef,s=c2FsdA==,i=4096,x=1,h=aGFzaA=="), Ok(()));
        assert_eq!(check("r=abcdef,s=c2FsdA==,i=1000000"), Ok(()));
    }

    #[test]
    fn refuses_what_it_does_not() {
        let malformed = [
            "",
            "r=abcdef",
            "r=abcdef,s=c2FsdA==",
            "r=abcdef,i=4096",
            "r=abcdef,i=4096,s=c2FsdA==",
            "s=c2FsdA==,r=abcdef,i=4096",
            "r=abcdef,r=abcdef,s=c2FsdA==,i=4096",
            "r=abcdef,s=c2FsdA==,i=4096,i=4096",
            "r=abcdef,s=c2FsdA==,i=4096,x=1,x=2",
            "r=abcdef,s=c2FsdA==,i=4096,",
            "r=abcdef,s=,i=4096",
            "r=abcdef,s=*,i=4096",
            "r=abcdef,s=c2FsdA==,i=",
            "r=abcdef,s=c2FsdA==,i=-4096",
            "r=abcdef,s=c2FsdA==,i=+4096",
            "r=abcdef,s=c2FsdA==,i=04096",
            "r=abcdef,s=c2FsdA==,i=4096,1=2",
            "r=abc\u{e9}f,s=c2FsdA==,i=4096",
        ];
        for message in malformed {
            assert!(
                matches!(check(message), Err(SaslError::Malformed(_))),
                "{message}: {:?}",
                check(message)
            );
        }
        for salt_len in [0, MAX_SALT + 1] {
            let salt = STANDARD.encode(vec![0; salt_len]);
            assert!(check(&format!("r=abcdef,s={salt},i=4096")).is_err());
        }
    }

    #[test]
    fn names_the_reason_where_there_is_one() {
        assert_eq!(check("r=abc,s=c2FsdA==,i=4096"), Err(SaslError::Nonce));
        assert_eq!(check("r=xyzdef,s=c2FsdA==,i=4096"), Err(SaslError::Nonce));
        let few = check("r=abcdef,s=c2FsdA==,i=4095");
        assert_eq!(few, Err(SaslError::Iterations(4095)));
        let many = check("r=abcdef,s=c2FsdA==,i=10000000");
        assert_eq!(many, Err(SaslError::Iterations(10_000_000)));
        let overflow = check("r=abcdef,s=c2FsdA==,i=99999999999999999999");
        assert_eq!(overflow, Err(SaslError::Iterations(u32::MAX)));
        let mandatory = check("m=new,r=abcdef,s=c2FsdA==,i=4096");
        assert_eq!(mandatory, Err(SaslError::MandatoryExtension));
        let late = check("r=abcdef,s=c2FsdA==,i=4096,m=new");
        assert_eq!(late, Err(SaslError::MandatoryExtension));
        let refused = check("e=unknown-user");
        assert_eq!(refused, Err(SaslError::Server("unknown-user".to_owned())));
    }
}
