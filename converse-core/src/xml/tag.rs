//! Start tags: names, attributes and their values (XML 1.0 §3.1).

use super::XmlError;
use super::chars::{CLASSES, Class, NAME_BYTES, is_name_char, is_name_start};
use super::document::{AttrEntry, Kind, NodeEntry};
use super::index::{CONTROL, Open, Pass};
use super::scope::NsId;

/// A qualified name by its places in the text.
#[derive(Clone, Copy)]
pub(super) struct QName {
    pub(super) start: usize,
    pub(super) local: usize,
    pub(super) end: usize,
}

impl QName {
    fn has_prefix(self) -> bool {
        self.local > self.start
    }
}

/// An attribute value by its place in the text.
#[derive(Clone, Copy)]
pub(super) struct Value {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) dirty: bool,
}

/// What has been read of a start tag.
pub(super) struct Tag {
    pub(super) attrs: usize,
    pub(super) prefixes: usize,
    pub(super) default: Option<NsId>,
}

impl Pass<'_> {
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
}
