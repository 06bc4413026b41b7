//! Start tags: names, attributes and namespaces (Namespaces in XML 1.0).

use std::borrow::Cow;

use super::XmlError;
use super::chars::{CLASSES, Class, NAME_BYTES, is_name_char, is_name_start};
use super::document::{AttrEntry, Kind, NodeEntry, NsName, ns_name, slice};
use super::index::{Binding, CONTROL, Open, Pass};
use super::scope::{NsId, WELL_KNOWN};
use super::unescape;
use crate::ns;

/// The namespace of the prefix `xmlns`, which nothing may be bound to.
pub(super) const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// Up to this many attributes are compared each with each.
const FEW_ATTRIBUTES: usize = 12;
/// So many namespaces of a document are searched before one is taken for new.
const SEARCHED_NAMESPACES: usize = 16;

/// A qualified name by its places in the text.
#[derive(Clone, Copy)]
struct QName {
    start: usize,
    local: usize,
    end: usize,
}

impl QName {
    fn has_prefix(self) -> bool {
        self.local > self.start
    }
}

/// An attribute value by its place in the text.
#[derive(Clone, Copy)]
struct Value {
    start: usize,
    end: usize,
    dirty: bool,
}

/// What has been read of a start tag.
struct Tag {
    attrs: usize,
    prefixes: usize,
    default: Option<NsId>,
}

impl<'a> Pass<'a> {
    pub(super) fn start_tag(&mut self) -> Result<(), XmlError> {
        if self.to.open.len() >= self.limits.max_depth {
            return Err(XmlError::Limit {
                what: "elements within each other",
                limit: self.limits.max_depth,
            });
        }
        let start = self.at;
        self.at += 1;
        let name = self.qname()?;
        let mut tag = Tag {
            attrs: self.to.attrs.len(),
            prefixes: self.to.prefixes.len(),
            default: None,
        };
        let empty = loop {
            let spaced = self.skip_space();
            match self.peek() {
                Some(b'>') => break false,
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'>') => break true,
                Some(_) if spaced => self.attribute(&mut tag)?,
                Some(_) => return Err(self.malformed("no white space before an attribute")),
                None => return Err(self.malformed("the text ends inside of a tag")),
            }
        };
        self.at += if empty { 2 } else { 1 };
        self.open(start, name, &tag)?;
        if empty {
            self.close();
        }
        Ok(())
    }

    /// Resolves the names of a start tag and enters the element into the index.
    fn open(&mut self, start: usize, name: QName, tag: &Tag) -> Result<(), XmlError> {
        let parent = self.to.open.last().copied();
        let inherited = parent.map_or(self.scope.default.unwrap_or(NsId::NONE), |p| p.default);
        let default = tag.default.unwrap_or(inherited);
        if parent.is_none() {
            self.to.root_default = tag.default;
        }
        let ns = if name.has_prefix() {
            self.resolve(name.start, name.local - 1)?
        } else {
            default
        };
        self.resolve_attributes(tag.attrs)?;
        let node = self.to.nodes.len() as u32;
        self.push(NodeEntry {
            kind: Kind::Element,
            dirty: false,
            start: start as u32,
            end: 0,
            local: name.local as u32,
            name_end: name.end as u32,
            ns,
            parent: parent.map_or(0, |p| p.node),
            next: 0,
            attrs: tag.attrs as u32,
            attrs_end: self.to.attrs.len() as u32,
        })?;
        self.to.open.push(Open {
            node,
            default,
            prefixes: tag.prefixes,
        });
        Ok(())
    }

    fn attribute(&mut self, tag: &mut Tag) -> Result<(), XmlError> {
        let name = self.qname()?;
        self.skip_space();
        if self.peek() != Some(b'=') {
            return Err(self.malformed("an attribute without a value"));
        }
        self.at += 1;
        self.skip_space();
        let value = self.value()?;
        let prefix = &self.bytes[name.start..name.local.max(name.start + 1) - 1];
        if prefix == b"xmlns" {
            self.declare_prefix(name, value, tag)?;
        } else if &self.bytes[name.start..name.end] == b"xmlns" {
            self.declare_default(value, tag)?;
        } else {
            self.to.attrs.push(AttrEntry {
                dirty: value.dirty,
                name: name.start as u32,
                local: name.local as u32,
                name_end: name.end as u32,
                value: value.start as u32,
                value_end: value.end as u32,
                ns: NsId::NONE,
            });
        }
        let declared = self.to.prefixes.len() - tag.prefixes + usize::from(tag.default.is_some());
        if self.to.attrs.len() - tag.attrs + declared > self.limits.max_attributes {
            return Err(XmlError::Limit {
                what: "attributes of one element",
                limit: self.limits.max_attributes,
            });
        }
        Ok(())
    }

    /// The value of an attribute and its quotes.
    fn value(&mut self) -> Result<Value, XmlError> {
        let quote = match self.peek() {
            Some(quote @ (b'"' | b'\'')) => quote,
            _ => return Err(self.malformed("an attribute value without quotes")),
        };
        self.at += 1;
        let start = self.at;
        let mut dirty = false;
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(self.malformed("the text ends inside of an attribute value"));
            };
            match CLASSES[byte as usize] {
                Class::Plain | Class::Bracket => {}
                Class::Quote if byte == quote => break,
                Class::Quote => {}
                Class::Space | Class::Return => dirty = true,
                Class::Ampersand => {
                    dirty = true;
                    self.reference()?;
                    continue;
                }
                Class::Less => return Err(self.malformed("`<` in an attribute value")),
                Class::Noncharacter => self.check_character()?,
                Class::Illegal => return Err(self.malformed(CONTROL)),
            }
            self.at += 1;
        }
        let end = self.at;
        self.at += 1;
        Ok(Value { start, end, dirty })
    }

    fn qname(&mut self) -> Result<QName, XmlError> {
        let start = self.at;
        self.ncname()?;
        let mut local = start;
        if self.peek() == Some(b':') {
            self.at += 1;
            local = self.at;
            self.ncname()?;
            if self.peek() == Some(b':') {
                return Err(self.malformed("a name with two colons"));
            }
        }
        Ok(QName {
            start,
            local,
            end: self.at,
        })
    }

    fn ncname(&mut self) -> Result<(), XmlError> {
        let start = self.at;
        while let Some(byte) = self.peek() {
            let first = self.at == start;
            if byte < 0x80 {
                match NAME_BYTES[byte as usize] {
                    0 => break,
                    2 if first => break,
                    _ => self.at += 1,
                }
            } else {
                let c = self.text[self.at..].chars().next().unwrap_or_default();
                if !(is_name_start(c) || (!first && is_name_char(c))) {
                    break;
                }
                self.at += c.len_utf8();
            }
        }
        if self.at == start {
            Err(self.malformed("a name was expected"))
        } else {
            Ok(())
        }
    }

    fn declare_default(&mut self, value: Value, tag: &mut Tag) -> Result<(), XmlError> {
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

    fn declare_prefix(&mut self, name: QName, value: Value, tag: &Tag) -> Result<(), XmlError> {
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
    fn resolve(&self, start: usize, end: usize) -> Result<NsId, XmlError> {
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
    fn resolve_attributes(&mut self, first: usize) -> Result<(), XmlError> {
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
                earlier.any(|other| self.expanded(attr) == self.expanded(other))
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
