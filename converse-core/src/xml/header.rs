use std::sync::Arc;

use super::document::slice;
use super::index::Indexer;
use super::scope::Scope;
use super::{Element, Limits, XmlError};
use crate::ns;

/// What the start tag of a stream says (RFC 6120 §4.7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StreamHeader {
    /// Identifies the stream; given by the server (§4.7.3).
    pub id: Option<String>,
    /// Who speaks (§4.7.1).
    pub from: Option<String>,
    /// Who is spoken to (§4.7.2).
    pub to: Option<String>,
    /// The version of XMPP; a stream without one is older than RFC 3920 (§4.7.5).
    pub version: Option<String>,
    /// The default language of the stream (§4.7.4).
    pub lang: Option<String>,
    /// The default namespace that the header declares (§4.8.2).
    pub content_ns: Option<String>,
}

impl StreamHeader {
    /// Reads the start tag `tag`, and what it declares for the elements of the stream.
    pub(super) fn read(
        tag: &str,
        indexer: &mut Indexer,
        limits: &Limits,
    ) -> Result<(Self, Scope), XmlError> {
        let text = match tag.strip_suffix("/>") {
            Some(_) => tag.to_owned(),
            None => format!("{}/>", tag.strip_suffix('>').unwrap_or(tag)),
        };
        let document = indexer.index(&text, &Arc::new(Scope::default()), limits)?;
        let root = Element::new(document);
        if !root.is("stream", ns::STREAM) {
            return Err(XmlError::Namespace {
                what: "the stream element",
            });
        }
        let mut scope = Scope::default();
        for binding in &indexer.prefixes {
            let prefix = slice(&text, binding.start, binding.end);
            let ns = scope.intern(root.document.ns(binding.ns));
            scope.prefixes.push((prefix.into(), ns));
        }
        let content_ns = indexer.root_default.map(|id| root.document.ns(id));
        if !matches!(content_ns, None | Some("" | ns::CLIENT | ns::STREAM)) {
            return Err(XmlError::Namespace {
                what: "the content of the stream",
            });
        }
        scope.default = content_ns.map(|name| scope.intern(name));
        let lang = root.lang();
        scope.lang = lang.as_deref().map(Into::into);
        let attr = |name: &str| root.attr(name).map(|value| value.into_owned());
        let header = Self {
            id: attr("id"),
            from: attr("from"),
            to: attr("to"),
            version: attr("version"),
            lang: lang.as_deref().map(str::to_owned),
            content_ns: content_ns.map(str::to_owned),
        };
        Ok((header, scope))
    }

    /// Whether the stream follows RFC 6120, which means that stream features come next (§4.7.5).
    #[must_use]
    pub fn is_version_1(&self) -> bool {
        let major = self.version.as_deref().and_then(|v| v.split('.').next());
        major.and_then(|major| major.parse::<u32>().ok()) >= Some(1)
    }
}
