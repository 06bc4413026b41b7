//! The fields of a form.

use std::fmt;

use jid::Jid;

/// What a field asks for, or holds (XEP-0004 §3.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldKind {
    /// Yes or no.
    Boolean,
    /// Text for people, to be shown between the other fields.
    Fixed,
    /// Not shown, and sent back as it came.
    Hidden,
    /// Any number of addresses.
    JidMulti,
    /// An address.
    JidSingle,
    /// Any number of the [options](Field::options).
    ListMulti,
    /// One of the [options](Field::options).
    ListSingle,
    /// Lines of text.
    TextMulti,
    /// A line of text that must not be seen.
    TextPrivate,
    /// A line of text; fields of kinds that XEP-0004 does not know are taken for this.
    #[default]
    TextSingle,
}

impl FieldKind {
    const ALL: [Self; 10] = [
        Self::Boolean,
        Self::Fixed,
        Self::Hidden,
        Self::JidMulti,
        Self::JidSingle,
        Self::ListMulti,
        Self::ListSingle,
        Self::TextMulti,
        Self::TextPrivate,
        Self::TextSingle,
    ];

    /// The attribute's value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Fixed => "fixed",
            Self::Hidden => "hidden",
            Self::JidMulti => "jid-multi",
            Self::JidSingle => "jid-single",
            Self::ListMulti => "list-multi",
            Self::ListSingle => "list-single",
            Self::TextMulti => "text-multi",
            Self::TextPrivate => "text-private",
            Self::TextSingle => "text-single",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether a field of this kind can have more than one value.
    #[must_use]
    pub fn is_multi(self) -> bool {
        matches!(
            self,
            Self::JidMulti | Self::ListMulti | Self::TextMulti | Self::Hidden
        )
    }
}

/// One of the answers that a field of kind [`ListSingle`](FieldKind::ListSingle) or [`ListMulti`](FieldKind::ListMulti) offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldOption {
    /// What to answer.
    pub value: String,
    /// What to show instead.
    pub label: Option<String>,
}

/// Where to find a picture or a sound that belongs to a field (XEP-0221), such as that of a CAPTCHA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The address; with the scheme `cid:`, the data came along with the form (XEP-0231).
    pub uri: String,
    /// The media type, as `image/png`.
    pub type_: String,
}

/// A field of a form. `Debug` names it and leaves its values out: they may be private.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name; empty only for fields of kind [`Fixed`](FieldKind::Fixed).
    pub var: String,
    /// What it asks for. In results, which need not say so, text where nothing is known.
    pub kind: FieldKind,
    /// What to show as its name.
    pub label: Option<String>,
    /// What to show as an explanation.
    pub description: Option<String>,
    /// Whether the form cannot be submitted without an answer to it.
    pub required: bool,
    /// What it holds: in a form to fill out, the answer that the other side suggests.
    pub values: Vec<String>,
    /// What there is to choose from.
    pub options: Vec<FieldOption>,
    /// Whether other answers than the [`options`](Self::options) are welcome too (XEP-0122 §3.2.2).
    pub open: bool,
    /// What to show with it.
    pub media: Vec<Media>,
}

impl Field {
    /// The first value.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.values.first().map(String::as_str)
    }

    /// All values as lines of one text.
    #[must_use]
    pub fn text(&self) -> String {
        self.values.join("\n")
    }

    /// The value as a yes or no; `None` when it is neither.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        self.value().and_then(parse_bool)
    }

    /// The first value as an address; `None` when it is none.
    #[must_use]
    pub fn as_jid(&self) -> Option<Jid> {
        self.value().and_then(|value| Jid::new(value.trim()).ok())
    }

    /// The values that are addresses, each once.
    #[must_use]
    pub fn as_jids(&self) -> Vec<Jid> {
        let mut jids = Vec::new();
        let valid = self.values.iter().filter_map(|text| Jid::new(text).ok());
        for jid in valid {
            if !jids.contains(&jid) {
                jids.push(jid);
            }
        }
        jids
    }

    /// What to show as the field's name: its label, else its name.
    #[must_use]
    pub fn title(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.var)
    }

    /// Whether it holds something.
    pub(super) fn is_answered(&self) -> bool {
        self.values.iter().any(|value| !value.is_empty())
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field")
            .field("var", &self.var)
            .field("kind", &self.kind)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}

pub(super) fn parse_bool(text: &str) -> Option<bool> {
    match text.trim() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}
