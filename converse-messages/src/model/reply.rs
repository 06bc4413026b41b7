//! What a message refers to.

use std::borrow::Cow;
use std::ops::Range;

use jid::{BareJid, Jid};
use serde::{Deserialize, Serialize};

use super::text::slice;

/// To which message another one answers (XEP-0461).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reply {
    /// The id of the message that is answered; it finds that one among the messages, if it is here.
    pub id: String,
    /// Who wrote it, as the sender says: it proves nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Jid>,
}

/// A place in the text that stands for something, or something that belongs to the whole (XEP-0372).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reference {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ReferenceKind,
    /// What is meant, as an URI; for a mention it is `xmpp:` and an address.
    pub uri: String,
    /// Where it stands in the text, in Unicode code points; always within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range<usize>>,
}

/// What a reference is (XEP-0372 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ReferenceKind {
    /// Somebody is meant.
    Mention,
    /// Something that can be fetched is meant.
    Data,
}

impl Reply {
    /// An answer to the message with that id, which somebody wrote.
    #[must_use]
    pub fn new(id: impl Into<String>, to: Option<Jid>) -> Self {
        Self { id: id.into(), to }
    }
}

impl ReferenceKind {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Data => "data",
        }
    }

    /// The one of that name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Mention, Self::Data]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

impl Reference {
    /// A mention of somebody: an account, or an occupant of a room.
    #[must_use]
    pub fn mention(jid: &Jid, range: Option<Range<usize>>) -> Self {
        let mut uri = String::from("xmpp:");
        escape(jid.to_bare().as_str(), &mut uri);
        if let Some(resource) = jid.resource() {
            uri.push('/');
            escape(resource.as_str(), &mut uri);
        }
        Self {
            kind: ReferenceKind::Mention,
            uri,
            range,
        }
    }

    /// Who is mentioned; `None` if it is no mention, or not of an address.
    #[must_use]
    pub fn mentioned(&self) -> Option<BareJid> {
        self.mentioned_address().map(Jid::into_bare)
    }

    /// Who is mentioned, with the resource: of an occupant of a room that is the nick.
    #[must_use]
    pub fn mentioned_address(&self) -> Option<Jid> {
        let scheme = self.uri.get(..5)?;
        if self.kind != ReferenceKind::Mention || !scheme.eq_ignore_ascii_case("xmpp:") {
            return None;
        }
        let address = self.uri.get(5..)?.split(['?', '#']).next()?;
        Jid::new(&unescape(address)?).ok()
    }

    /// The part of `body` that the reference stands for.
    #[must_use]
    pub fn text<'a>(&self, body: &'a str) -> Option<&'a str> {
        slice(body, self.range.clone()?)
    }
}

/// Writes what an URI may not hold as percent and two digits (RFC 5122 §2.2).
fn escape(text: &str, uri: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@!$'()*+,;=".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// The text that an URI stands for (RFC 3986 §2.1).
fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_mention_names_an_address() {
        let mentioned = |uri: &str| {
            let reference = Reference {
                kind: ReferenceKind::Mention,
                uri: uri.to_owned(),
                range: None,
            };
            reference.mentioned().map(|jid| jid.to_string())
        };
        let juliet = Some("juliet@capulet.example".to_owned());
        assert_eq!(mentioned("xmpp:juliet@capulet.example"), juliet);
        assert_eq!(
            mentioned("XMPP:juliet@capulet.example/balcony?message"),
            juliet
        );
        assert_eq!(mentioned("xmpp:jul%69et@capulet.example"), juliet);
        for uri in [
            "",
            "xmpp",
            "xmpp:",
            "https://x.example",
            "xmpp:%f",
            "xmpp:%ff@x",
            "ümpp:a@b",
        ] {
            assert_eq!(mentioned(uri), None, "{uri}");
        }
        for jid in [
            "juliet@capulet.example",
            "o%b=c@heron.example",
            "jülia@heron.example",
        ] {
            let jid: Jid = jid.parse().unwrap();
            let reference = Reference::mention(&jid, None);
            assert!(reference.uri.is_ascii());
            assert_eq!(reference.mentioned(), Some(jid.into_bare()));
        }
        let occupant: Jid = "atrium@rooms.kestrel.example/a/b?c#d %".parse().unwrap();
        let reference = Reference::mention(&occupant, None);
        assert_eq!(reference.mentioned_address(), Some(occupant));
    }
}
