//! Hashes of what an entity says about itself (XEP-0115 §5, XEP-0390 §4).
//!
//! ```
//! use converse_core::disco::caps::{self, Algorithm};
//! use converse_core::disco::{Identity, Info};
//!
//! // XEP-0115 §5.2
//! let mut exodus = Info::default();
//! exodus.identities = vec![Identity::new("client", "pc").named("Exodus 0.9.1")];
//! for feature in ["caps", "disco#info", "disco#items", "muc"] {
//!     exodus.features.insert(format!("http://jabber.org/protocol/{feature}"));
//! }
//! assert_eq!(caps::verification_string(&exodus, Algorithm::Sha1), "QgayPKawpkPSDYmwT/WM94uAlu0=");
//! ```

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;
use sha3::Digest as _;

use super::form::FORM_TYPE;
use super::info::{Identity, Info, Lang, Reading, read};
use crate::ns;
use crate::xml::{Element, ElementBuilder, ElementRef};

/// A hash function that is known here, by its name in the registry (XEP-0300 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// `sha-1`, which XEP-0115 demands; nothing else uses it.
    Sha1,
    /// `sha-256`
    Sha256,
    /// `sha-512`
    Sha512,
    /// `sha3-256`
    Sha3_256,
    /// `sha3-512`
    Sha3_512,
}

impl Algorithm {
    /// The function of that name, if it is known.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [
            Self::Sha1,
            Self::Sha256,
            Self::Sha512,
            Self::Sha3_256,
            Self::Sha3_512,
        ];
        all.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha-1",
            Self::Sha256 => "sha-256",
            Self::Sha512 => "sha-512",
            Self::Sha3_256 => "sha3-256",
            Self::Sha3_512 => "sha3-512",
        }
    }

    /// The hash of `input`, in Base64.
    fn hash(self, input: &[u8]) -> String {
        let by_ring = |algorithm| STANDARD.encode(digest::digest(algorithm, input));
        match self {
            Self::Sha1 => by_ring(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            Self::Sha256 => by_ring(&digest::SHA256),
            Self::Sha512 => by_ring(&digest::SHA512),
            Self::Sha3_256 => STANDARD.encode(sha3::Sha3_256::digest(input)),
            Self::Sha3_512 => STANDARD.encode(sha3::Sha3_512::digest(input)),
        }
    }
}

/// The verification string of XEP-0115 §5.1.
#[must_use]
pub fn verification_string(info: &Info, algorithm: Algorithm) -> String {
    algorithm.hash(&input_1(info))
}

/// The hash of XEP-0390 §4, in Base64.
#[must_use]
pub fn capability_hash(info: &Info, algorithm: Algorithm) -> String {
    algorithm.hash(&input_2(info))
}

/// What XEP-0115 §5.1 hashes.
fn input_1(info: &Info) -> Vec<u8> {
    let mut input = Vec::with_capacity(2_048);
    let mut push = |parts: &[&str], end: &str| {
        input.extend_from_slice(parts.join("/").as_bytes());
        input.extend_from_slice(end.as_bytes());
    };
    // §5.1, 2: by category, type and language; the name decides where these do not.
    let mut identities: Vec<[&str; 4]> = info.identities.iter().map(parts).collect();
    identities.sort_unstable();
    for identity in identities {
        push(&identity, "<");
    }
    for feature in &info.features {
        push(&[feature], "<");
    }
    let mut forms: Vec<_> = info.forms.iter().collect();
    forms.sort_unstable();
    for form in forms {
        push(&[&form.form_type], "<");
        for (var, values) in &form.fields {
            push(&[var], "<");
            let mut values: Vec<&String> = values.iter().collect();
            values.sort_unstable();
            for value in values {
                push(&[value], "<");
            }
        }
    }
    input
}

fn parts(identity: &Identity) -> [&str; 4] {
    let lang = identity.lang.as_deref().unwrap_or_default();
    let name = identity.name.as_deref().unwrap_or_default();
    [&identity.category, &identity.type_, lang, name]
}

/// What ends a list of lists, a list of fields, a field and a text (XEP-0390 §4.1).
const SEPARATORS: [u8; 4] = [0x1c, 0x1d, 0x1e, 0x1f];

/// What XEP-0390 §4.1 hashes.
fn input_2(info: &Info) -> Vec<u8> {
    let [end_of_part, end_of_form, end_of_field, end_of_text] = SEPARATORS;
    let text = |text: &str| [text.as_bytes(), &[end_of_text]].concat();
    let features = info.features.iter().map(|feature| text(feature));
    let identities = info.identities.iter().map(|identity| {
        let mut octets = parts(identity).map(text).concat();
        octets.push(end_of_field);
        octets
    });
    let field = |var: &str, values: &[String]| {
        let values = values.iter().map(|value| text(value));
        [text(var), sorted(values), vec![end_of_field]].concat()
    };
    let forms = info.forms.iter().map(|form| {
        let fields = form.fields.iter().map(|(var, values)| field(var, values));
        let kind = field(FORM_TYPE, std::slice::from_ref(&form.form_type));
        let mut octets = sorted(fields.chain([kind]));
        octets.push(end_of_form);
        octets
    });
    let parts = [sorted(features), sorted(identities), sorted(forms)];
    parts
        .into_iter()
        .flat_map(|part| part.into_iter().chain([end_of_part]))
        .collect()
}

fn sorted(octets: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut octets: Vec<Vec<u8>> = octets.collect();
    octets.sort_unstable();
    octets.concat()
}

/// Which specification a hash is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Method {
    /// XEP-0115.
    One,
    /// XEP-0390.
    Two,
}

/// A hash that somebody announces: the key of what it stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    pub(super) method: Method,
    pub(super) algorithm: Algorithm,
    /// The hash, in Base64 as it was announced.
    pub(super) hash: Box<str>,
}

impl Key {
    fn of(info: &Info, method: Method, algorithm: Algorithm) -> Self {
        let hash = match method {
            Method::One => verification_string(info, algorithm),
            Method::Two => capability_hash(info, algorithm),
        };
        Self {
            method,
            algorithm,
            hash: hash.into(),
        }
    }

    /// Whether the key is the hash of `info`.
    pub(super) fn stands_for(&self, info: &Info) -> bool {
        is_unambiguous(info, self.method) && *self == Self::of(info, self.method, self.algorithm)
    }

    /// What the answer says, if the key vouches for it; nothing is left of what it does not cover.
    pub(super) fn verify(&self, query: ElementRef<'_>) -> Result<Info, &'static str> {
        let mut reason = "its hash is another one";
        // Who announces a hash may or may not have taken the language of the stream for its own.
        for lang in [Lang::Written, Lang::Inherited] {
            let Reading {
                info,
                flaw,
                foreign,
            } = read(query, lang);
            if let Some(flaw) = flaw {
                return Err(flaw);
            }
            if foreign && self.method == Method::Two {
                return Err("it has something in it that is not hashed");
            }
            if self.stands_for(&info) {
                return Ok(info);
            }
            if !is_unambiguous(&info, self.method) {
                reason = "what it says could be read in another way";
            }
        }
        Err(reason)
    }

    /// The node at which the hash is asked for (XEP-0390 §4.3).
    pub(super) fn node(&self) -> String {
        let Self {
            algorithm, hash, ..
        } = self;
        format!("{}#{}.{hash}", ns::CAPS_2, algorithm.name())
    }
}

/// The key in a store.
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = match self.method {
            Method::One => 1,
            Method::Two => 2,
        };
        write!(f, "{number} {} {}", self.algorithm.name(), self.hash)
    }
}

/// Whether what XEP-0115 hashes can be read in one way only, as far as that can be had: its separators are legal in what they
/// separate (XEP-0115 §9.3). XEP-0390 has not got that fault.
fn is_unambiguous(info: &Info, method: Method) -> bool {
    if method == Method::Two {
        return true;
    }
    let identities = info.identities.iter().all(|identity| {
        let [category, type_, lang, name] = parts(identity);
        let words = [category, type_, lang];
        words.iter().all(|word| !word.contains(['/', '<'])) && !name.contains('<')
    });
    let forms = info.forms.iter().flat_map(|form| {
        let fields = form.fields.iter();
        let texts = fields.flat_map(|(var, values)| std::iter::once(var).chain(values));
        std::iter::once(&form.form_type).chain(texts)
    });
    let mut texts = info.features.iter().chain(forms);
    identities && texts.all(|text| !text.contains('<'))
}

/// What goes into presence: the hashes of `info`, and the nodes at which it is asked for.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub(super) info: Info,
    pub(super) nodes: BTreeSet<String>,
    node: String,
    ver: String,
    hashes: Vec<Key>,
}

impl Own {
    /// The hashes of what this client says; `node` names the program.
    pub(super) fn of(info: Info, node: &str) -> Self {
        let ver = verification_string(&info, Algorithm::Sha1);
        let hashes = [Algorithm::Sha256, Algorithm::Sha3_256];
        let hashes = hashes.map(|algorithm| Key::of(&info, Method::Two, algorithm));
        let mut nodes: BTreeSet<String> = hashes.iter().map(Key::node).collect();
        nodes.insert(format!("{node}#{ver}"));
        Self {
            nodes,
            node: node.to_owned(),
            ver,
            hashes: hashes.into(),
            info,
        }
    }

    /// Whether `node` names the program in it.
    pub(super) fn is_of(&self, node: &str) -> bool {
        self.node == node
    }

    /// `<c/>` of XEP-0115 §6.1
    pub(super) fn element_1(&self) -> ElementBuilder {
        Element::builder("c", ns::CAPS)
            .attr("hash", Algorithm::Sha1.name())
            .attr("node", &self.node)
            .attr("ver", &self.ver)
    }

    /// `<c/>` of XEP-0390 §5.4
    pub(super) fn element_2(&self) -> ElementBuilder {
        let hashes = self.hashes.iter().map(|key| {
            Element::builder("hash", ns::HASHES)
                .attr("algo", key.algorithm.name())
                .text(&*key.hash)
        });
        Element::builder("c", ns::CAPS_2).children(hashes)
    }
}

#[cfg(test)]
mod tests;
