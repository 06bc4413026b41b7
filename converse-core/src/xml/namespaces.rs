//! Namespaces of a start tag (Namespaces in XML 1.0).

use std::borrow::Cow;

use super::XmlError;
use super::document::{AttrEntry, NsName, ns_name, slice};
use super::index::{Binding, Pass};
use super::scope::{NsId, WELL_KNOWN};
use super::tag::{QName, Tag, Value};
use super::unescape;
use crate::ns;

/// The namespace of the prefix `xmlns`, which nothing may be bound to.
pub(super) const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// Up to this many attributes are compared each with each.
const FEW_ATTRIBUTES: usize = 12;
/// So many namespaces of a document are searched before one is taken for new.
const SEARCHED_NAMESPACES: usize = 16;

impl<'a> Pass<'a> {
    pub(super) fn declare_default(&mut self, value: Value, tag: &mut Tag) -> Result<(), XmlError> {
        if tag.default.is_some() {
            return Err(self.malformed("an attribute twice in one element"));
        }
        let name = self.ns_value(value);
        if name == ns::XML || name == XMLNS {
            return Err(self.prefix_error("a reserved namespace as default namespace"));
        }
        tag.default = Some(self.intern(&name, value));
        Ok(())
    }

    pub(super) fn declare_prefix(
        &mut self,
        name: QName,
        value: Value,
        tag: &Tag,
    ) -> Result<(), XmlError> {
        let prefix = &self.text[name.local..name.end];
        let declared = &self.to.prefixes[tag.prefixes..];
        if declared
            .iter()
            .any(|binding| slice(self.text, binding.start, binding.end) == prefix)
        {
            return Err(self.malformed("an attribute twice in one element"));
        }
        let uri = self.ns_value(value);
        if uri.is_empty() {
            return Err(self.prefix_error("a prefix declared as no namespace"));
        }
        if prefix == "xmlns" || uri == XMLNS || (prefix == "xml") != (uri == ns::XML) {
            return Err(self.prefix_error("`xml` and `xmlns` cannot be declared anew"));
        }
        if self.to.prefixes.len() >= self.limits.max_prefixes {
            return Err(XmlError::Limit {
                what: "namespace prefixes in scope",
                limit: self.limits.max_prefixes,
            });
        }
        let ns = self.intern(&uri, value);
        self.to.prefixes.push(Binding {
            start: name.local as u32,
            end: name.end as u32,
            ns,
        });
        Ok(())
    }

    fn ns_value(&self, value: Value) -> Cow<'a, str> {
        let raw = &self.text[value.start..value.end];
        if value.dirty {
            unescape::attribute(raw)
        } else {
            Cow::Borrowed(raw)
        }
    }

    fn intern(&mut self, name: &str, value: Value) -> NsId {
        if let Some(id) = self.scope.find(name) {
            return id;
        }
        let first = WELL_KNOWN.len() + self.scope.namespaces.len();
        let known = &self.to.namespaces[..self.to.namespaces.len().min(SEARCHED_NAMESPACES)];
        let found = known.iter().position(|known| match known {
            NsName::Span(start, end) => slice(self.text, *start, *end) == name,
            NsName::Owned(known) => **known == *name,
        });
        let at = found.unwrap_or_else(|| {
            self.to.namespaces.push(if value.dirty {
                NsName::Owned(name.into())
            } else {
                NsName::Span(value.start as u32, value.end as u32)
            });
            self.to.namespaces.len() - 1
        });
        NsId((first + at) as u32)
    }

    /// What the prefix at `start..end` stands for.
    pub(super) fn resolve(&self, start: usize, end: usize) -> Result<NsId, XmlError> {
        let prefix = &self.text[start..end];
        if prefix == "xml" {
            return Ok(NsId::XML);
        }
        let bindings = self.to.prefixes.iter().rev();
        let mut found = bindings
            .filter(|binding| slice(self.text, binding.start, binding.end) == prefix)
            .map(|binding| binding.ns);
        let inherited = || {
            let mut prefixes = self.scope.prefixes.iter();
            prefixes
                .find(|(known, _)| **known == *prefix)
                .map(|(_, ns)| *ns)
        };
        found
            .next()
            .or_else(inherited)
            .ok_or_else(|| self.prefix_error("a prefix is not declared"))
    }

    /// Resolves the attributes from `first` on, and refuses one that is there twice.
    pub(super) fn resolve_attributes(&mut self, first: usize) -> Result<(), XmlError> {
        for at in first..self.to.attrs.len() {
            let attr = self.to.attrs[at];
            if attr.local > attr.name {
                self.to.attrs[at].ns = self.resolve(attr.name as usize, attr.local as usize - 1)?;
            }
        }
        let attrs = &self.to.attrs[first..];
        let twice = if attrs.len() <= FEW_ATTRIBUTES {
            attrs.iter().enumerate().any(|(at, attr)| {
                let mut earlier = attrs[..at].iter();
                let length = attr.name_end - attr.local;
                earlier.any(|other| {
                    other.name_end - other.local == length
                        && self.expanded(attr) == self.expanded(other)
                })
            })
        } else {
            let mut sorted = std::mem::take(&mut self.to.sorted);
            sorted.clear();
            sorted.extend(first as u32..self.to.attrs.len() as u32);
            let key = |at: u32| self.expanded(&self.to.attrs[at as usize]);
            sorted.sort_unstable_by(|a, b| key(*a).cmp(&key(*b)));
            let twice = sorted.windows(2).any(|pair| key(pair[0]) == key(pair[1]));
            self.to.sorted = sorted;
            twice
        };
        if twice {
            return Err(self.malformed("an attribute twice in one element"));
        }
        Ok(())
    }

    /// The expanded name of an attribute.
    fn expanded(&self, attr: &AttrEntry) -> (&str, &str) {
        let local = slice(self.text, attr.local, attr.name_end);
        let ns = ns_name(self.text, &self.to.namespaces, self.scope, attr.ns);
        (local, ns)
    }

    fn prefix_error(&self, what: &'static str) -> XmlError {
        XmlError::Prefix {
            what,
            offset: self.at,
        }
    }
}
