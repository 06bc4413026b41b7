use std::borrow::Cow;
use std::sync::Arc;

use super::scope::{NsId, Scope, WELL_KNOWN};
use super::unescape;

/// The text of one top-level element and the index of what is in it.
pub(super) struct Document {
    pub(super) text: Box<str>,
    /// Elements and runs of text in document order; the first is the top-level element.
    pub(super) nodes: Box<[NodeEntry]>,
    pub(super) attrs: Box<[AttrEntry]>,
    /// Namespaces that neither are well-known nor come from the scope.
    pub(super) namespaces: Box<[NsName]>,
    pub(super) scope: Arc<Scope>,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Element,
    Text,
    Cdata,
}

/// An element or a run of text. Positions are bytes in the document's text.
#[derive(Debug, Clone, Copy)]
pub(super) struct NodeEntry {
    pub(super) kind: Kind,
    /// The text differs from what it says: references or ends of line.
    pub(super) dirty: bool,
    /// Of an element with its tags; of text what is said.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The local name of an element.
    pub(super) local: u32,
    pub(super) name_end: u32,
    pub(super) ns: NsId,
    /// The element this one is in; of the top-level element itself.
    pub(super) parent: u32,
    /// The first node after this one and all that is in it.
    pub(super) next: u32,
    /// The attributes of an element, namespace declarations left out.
    pub(super) attrs: u32,
    pub(super) attrs_end: u32,
}

/// An attribute.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttrEntry {
    /// The value differs from what it says: references or white space.
    pub(super) dirty: bool,
    /// Where the name starts; the same as `local` when there is no prefix.
    pub(super) name: u32,
    pub(super) local: u32,
    pub(super) name_end: u32,
    pub(super) value: u32,
    pub(super) value_end: u32,
    pub(super) ns: NsId,
}

/// The name of a namespace that a document declares.
#[derive(Debug, Clone)]
pub(super) enum NsName {
    /// As it stands in the text.
    Span(u32, u32),
    /// With its references replaced.
    Owned(Box<str>),
}

impl Document {
    pub(super) fn slice(&self, start: u32, end: u32) -> &str {
        slice(&self.text, start, end)
    }

    pub(super) fn node(&self, node: u32) -> &NodeEntry {
        &self.nodes[node as usize]
    }

    pub(super) fn name(&self, node: u32) -> &str {
        let entry = self.node(node);
        self.slice(entry.local, entry.name_end)
    }

    pub(super) fn attrs(&self, node: u32) -> &[AttrEntry] {
        let entry = self.node(node);
        self.attrs
            .get(entry.attrs as usize..entry.attrs_end as usize)
            .unwrap_or_default()
    }

    /// What the text of a node that is no element says.
    pub(super) fn text(&self, node: u32) -> Cow<'_, str> {
        let entry = self.node(node);
        let raw = self.slice(entry.start, entry.end);
        match entry.kind {
            _ if !entry.dirty => Cow::Borrowed(raw),
            Kind::Cdata => unescape::cdata(raw),
            Kind::Text | Kind::Element => unescape::text(raw),
        }
    }

    pub(super) fn attr_value(&self, attr: &AttrEntry) -> Cow<'_, str> {
        let raw = self.slice(attr.value, attr.value_end);
        if attr.dirty {
            unescape::attribute(raw)
        } else {
            Cow::Borrowed(raw)
        }
    }

    pub(super) fn ns(&self, id: NsId) -> &str {
        ns_name(&self.text, &self.namespaces, &self.scope, id)
    }
}

pub(super) fn slice(text: &str, start: u32, end: u32) -> &str {
    text.get(start as usize..end as usize).unwrap_or_default()
}

/// The name of namespace `id` in a document of these parts.
pub(super) fn ns_name<'a>(
    text: &'a str,
    namespaces: &'a [NsName],
    scope: &'a Scope,
    id: NsId,
) -> &'a str {
    let at = id.0 as usize;
    if let Some(known) = WELL_KNOWN.get(at) {
        return known;
    }
    let at = at - WELL_KNOWN.len();
    if let Some(inherited) = scope.namespaces.get(at) {
        return inherited;
    }
    match namespaces.get(at - scope.namespaces.len()) {
        Some(NsName::Span(start, end)) => slice(text, *start, *end),
        Some(NsName::Owned(name)) => name,
        None => "",
    }
}
