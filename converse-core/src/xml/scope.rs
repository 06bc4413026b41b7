use crate::ns;

/// A namespace by a small number: first the well-known ones, then those that the stream header
/// declares, then those of the document itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NsId(pub(super) u32);

impl NsId {
    /// No namespace at all.
    pub(super) const NONE: Self = Self(0);
    /// That of the prefix `xml`.
    pub(super) const XML: Self = Self(1);
    /// That of stanzas.
    pub(super) const CLIENT: Self = Self(2);
}

/// Namespaces that cost nothing to name, the most frequent first.
pub(super) static WELL_KNOWN: [&str; 24] = [
    "",
    ns::XML,
    ns::CLIENT,
    ns::SID,
    ns::DELAY,
    ns::FORWARD,
    ns::CHAT_STATES,
    ns::RECEIPTS,
    ns::HINTS,
    ns::MUC_USER,
    ns::CAPS,
    ns::ROSTER,
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::CARBONS,
    ns::SM,
    ns::CSI,
    ns::STREAM,
    ns::STANZA_ERRORS,
    ns::PING,
    ns::SASL,
    ns::TLS,
    ns::BIND,
    ns::SESSION,
];

/// The number of a well-known namespace.
pub(super) fn well_known(name: &str) -> Option<NsId> {
    let at = WELL_KNOWN.iter().position(|known| *known == name)?;
    u32::try_from(at).ok().map(NsId)
}

/// What a document inherits from where it stands: on a stream, from the stream header.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Declared prefixes, the innermost last.
    pub(super) prefixes: Vec<(Box<str>, NsId)>,
    /// The default namespace.
    pub(super) default: Option<NsId>,
    /// Names of the namespaces in `prefixes` and `default` that are not well-known.
    pub(super) namespaces: Vec<Box<str>>,
    /// The language in force (`xml:lang`).
    pub(super) lang: Option<Box<str>>,
}

impl Scope {
    /// A place with nothing declared but the content namespace of a client's stream.
    pub(super) fn client() -> Self {
        Self {
            default: Some(NsId::CLIENT),
            ..Self::default()
        }
    }

    /// The number of `name` if it is well-known or declared here.
    pub(super) fn find(&self, name: &str) -> Option<NsId> {
        well_known(name).or_else(|| {
            let at = self.namespaces.iter().position(|known| **known == *name)?;
            u32::try_from(WELL_KNOWN.len() + at).ok().map(NsId)
        })
    }

    /// The number of `name`, which is remembered if it is new.
    pub(super) fn intern(&mut self, name: &str) -> NsId {
        self.find(name).unwrap_or_else(|| {
            self.namespaces.push(name.into());
            NsId((WELL_KNOWN.len() + self.namespaces.len() - 1) as u32)
        })
    }
}
