//! One line of an export.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jid::BareJid;
use serde::{Deserialize, Serialize};

/// Every line is an object with one member, whose name says what it is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line<'a> {
    Export(Header),
    #[serde(borrow)]
    Value(ValueLine<'a>),
    #[serde(borrow)]
    Record(RecordLine<'a>),
    #[serde(borrow)]
    Secret(SecretLine<'a>),
    End(End),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) account: BareJid,
    /// How many there are, about.
    pub(super) values: u64,
    pub(super) records: u64,
    /// Whether secrets are among the lines.
    pub(super) secrets: bool,
}

/// What can be read of the first line of any version.
#[derive(Debug, Deserialize)]
pub(super) struct AnyHeader {
    pub(super) export: AnyVersion,
}

#[derive(Debug, Deserialize)]
pub(super) struct AnyVersion {
    pub(super) version: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ValueLine<'a> {
    #[serde(borrow)]
    pub(super) namespace: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
    #[serde(flatten)]
    pub(super) value: Bytes<'a>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RecordLine<'a> {
    #[serde(borrow)]
    pub(super) log: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) names: Vec<String>,
    pub(super) micros: i64,
    pub(super) number: u32,
    /// What a search finds it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) found_by: Option<Cow<'a, str>>,
    #[serde(flatten)]
    pub(super) value: Bytes<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct SecretLine<'a> {
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    pub(super) base64: String,
}

impl std::fmt::Debug for SecretLine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the secret {:?}", self.name)
    }
}

#[derive(Debug, Serialize, Deserialize, PartialEq, Eq, Default)]
pub(super) struct End {
    pub(super) values: u64,
    pub(super) records: u64,
    pub(super) secrets: u64,
}

/// Bytes as text, if they are some.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bytes<'a> {
    Text(Cow<'a, str>),
    Base64(Cow<'a, str>),
}

impl<'a> Bytes<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(Cow::Borrowed(text)),
            Err(_) => Self::Base64(Cow::Owned(STANDARD.encode(bytes))),
        }
    }

    /// The bytes; `None` if they are not what they should be.
    pub(super) fn into_bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.into_owned().into_bytes()),
            Self::Base64(text) => decode(&text),
        }
    }
}

pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}
