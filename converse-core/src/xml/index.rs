//! One pass over the text of an element: well-formedness, namespaces, limits and the index of nodes.
//!
//! The tokenizer is our own. Nothing but the grammar of a document without prolog is left to read
//! once RFC 6120 §11.1 is obeyed, and a general tokenizer checks neither names nor characters nor
//! references, so that each of them would need a pass of its own.

use std::sync::Arc;

use memchr::memmem;

use super::XmlError;
use super::chars::{CLASSES, Class, is_noncharacter, is_space};
use super::document::{AttrEntry, Document, Kind, NodeEntry, NsName};
use super::limits::Limits;
use super::scope::{NsId, Scope};
use super::unescape;

/// Above this many entries the scratch memory is given back after use.
const KEPT_ENTRIES: usize = 1024;

/// Makes documents; keeps its scratch memory from one to the next.
#[derive(Debug, Default)]
pub(super) struct Indexer {
    pub(super) nodes: Vec<NodeEntry>,
    pub(super) attrs: Vec<AttrEntry>,
    pub(super) namespaces: Vec<NsName>,
    /// Prefixes in scope; those of the top-level element stay until the next document.
    pub(super) prefixes: Vec<Binding>,
    pub(super) open: Vec<Open>,
    /// Attributes of one element sorted by name, to find duplicates.
    pub(super) sorted: Vec<u32>,
    /// The default namespace that the top-level element declares.
    pub(super) root_default: Option<NsId>,
}

/// A prefix, by its place in the text, and what it stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binding {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) ns: NsId,
}

/// An element whose end tag is still to come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) node: u32,
    pub(super) default: NsId,
    /// How many prefixes were in scope outside of it.
    pub(super) prefixes: usize,
}

impl Indexer {
    /// The document that `text` is: one element, without anything before or after it.
    pub(super) fn index(
        &mut self,
        text: &str,
        scope: &Arc<Scope>,
        limits: &Limits,
    ) -> Result<Document, XmlError> {
        if text.len() > limits.element_bytes() {
            return Err(XmlError::Limit {
                what: "bytes in one element",
                limit: limits.element_bytes(),
            });
        }
        self.nodes.clear();
        self.attrs.clear();
        self.namespaces.clear();
        self.prefixes.clear();
        self.open.clear();
        self.root_default = None;
        let mut pass = Pass {
            text,
            bytes: text.as_bytes(),
            at: 0,
            scope,
            limits,
            to: self,
        };
        let result = pass.document();
        let document = result.map(|()| Document {
            text: text.into(),
            nodes: self.nodes.as_slice().into(),
            attrs: self.attrs.as_slice().into(),
            namespaces: self.namespaces.as_slice().into(),
            scope: Arc::clone(scope),
        });
        if self.nodes.capacity() + self.attrs.capacity() > KEPT_ENTRIES {
            self.nodes = Vec::new();
            self.attrs = Vec::new();
            self.namespaces = Vec::new();
        }
        document
    }
}

/// The state of one pass.
pub(super) struct Pass<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) scope: &'a Scope,
    pub(super) limits: &'a Limits,
    pub(super) to: &'a mut Indexer,
}

impl Pass<'_> {
    fn document(&mut self) -> Result<(), XmlError> {
        if self.peek() != Some(b'<') {
            return Err(self.malformed("an element starts with `<`"));
        }
        loop {
            match self.bytes.get(self.at + 1) {
                Some(b'/') => self.end_tag()?,
                Some(b'!') => self.declaration()?,
                Some(b'?') => return Err(self.restricted("processing instructions")),
                _ => self.start_tag()?,
            }
            if self.to.open.is_empty() {
                break;
            }
            self.content()?;
        }
        if self.at == self.bytes.len() {
            Ok(())
        } else {
            Err(self.malformed("there is something after the end of the element"))
        }
    }

    /// Text up to the next `<`.
    fn content(&mut self) -> Result<(), XmlError> {
        let start = self.at;
        let mut dirty = false;
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(self.malformed("the text ends inside of an element"));
            };
            match CLASSES[byte as usize] {
                Class::Plain | Class::Space | Class::Quote => {}
                Class::Less => break,
                Class::Return => dirty = true,
                Class::Ampersand => {
                    dirty = true;
                    self.reference()?;
                    continue;
                }
                Class::Bracket => {
                    if self.bytes[self.at..].starts_with(b"]]>") {
                        return Err(self.malformed("`]]>` in text"));
                    }
                }
                Class::Noncharacter => self.check_character()?,
                Class::Illegal => return Err(self.malformed(CONTROL)),
            }
            self.at += 1;
        }
        if self.at > start {
            self.push_text(Kind::Text, start, self.at, dirty)?;
        }
        Ok(())
    }

    /// What starts with `<!`: only CDATA sections are allowed.
    fn declaration(&mut self) -> Result<(), XmlError> {
        const OPEN: &[u8] = b"<![CDATA[";
        let rest = &self.bytes[self.at..];
        if !rest.starts_with(OPEN) || self.to.open.is_empty() {
            return Err(match rest.get(2) {
                Some(b'-') => self.restricted("comments"),
                Some(b'D') => self.restricted("document type declarations"),
                _ => self.malformed("`<!` that starts no CDATA section"),
            });
        }
        let start = self.at + OPEN.len();
        let Some(length) = memmem::find(&self.bytes[start..], b"]]>") else {
            return Err(self.malformed("a CDATA section does not end"));
        };
        let mut dirty = false;
        self.at = start;
        while self.at < start + length {
            match CLASSES[self.bytes[self.at] as usize] {
                Class::Return => dirty = true,
                Class::Noncharacter => self.check_character()?,
                Class::Illegal => return Err(self.malformed(CONTROL)),
                _ => {}
            }
            self.at += 1;
        }
        self.at += 3;
        if length > 0 {
            self.push_text(Kind::Cdata, start, start + length, dirty)?;
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), XmlError> {
        let Some(open) = self.to.open.last() else {
            return Err(self.malformed("an end tag without a start tag"));
        };
        let node = self.to.nodes[open.node as usize];
        let name = &self.bytes[node.start as usize + 1..node.name_end as usize];
        self.at += 2;
        if !self.bytes[self.at..].starts_with(name) {
            return Err(self.malformed("an end tag does not match its start tag"));
        }
        self.at += name.len();
        self.skip_space();
        if self.peek() != Some(b'>') {
            return Err(self.malformed("an end tag does not match its start tag"));
        }
        self.at += 1;
        self.close();
        Ok(())
    }

    /// Ends the innermost open element at the current place.
    pub(super) fn close(&mut self) {
        let next = self.to.nodes.len() as u32;
        if let Some(open) = self.to.open.pop() {
            let node = &mut self.to.nodes[open.node as usize];
            node.end = self.at as u32;
            node.next = next;
            if !self.to.open.is_empty() {
                self.to.prefixes.truncate(open.prefixes);
            }
        }
    }

    fn push_text(
        &mut self,
        kind: Kind,
        start: usize,
        end: usize,
        dirty: bool,
    ) -> Result<(), XmlError> {
        let node = self.to.nodes.len() as u32;
        self.push(NodeEntry {
            kind,
            dirty,
            start: start as u32,
            end: end as u32,
            local: 0,
            name_end: 0,
            ns: NsId::NONE,
            parent: self.to.open.last().map_or(0, |open| open.node),
            next: node + 1,
            attrs: 0,
            attrs_end: 0,
        })
    }

    pub(super) fn push(&mut self, node: NodeEntry) -> Result<(), XmlError> {
        if self.to.nodes.len() + self.to.attrs.len() >= self.limits.max_nodes {
            return Err(XmlError::Limit {
                what: "nodes and attributes in one element",
                limit: self.limits.max_nodes,
            });
        }
        self.to.nodes.push(node);
        Ok(())
    }

    /// Steps over a reference, which must be one that needs no declaration.
    pub(super) fn reference(&mut self) -> Result<(), XmlError> {
        let name = &self.bytes[self.at + 1..];
        let in_name =
            |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b"#:_-.".contains(byte);
        let length = name.iter().take_while(|byte| in_name(byte)).count();
        if length == 0 || name.get(length) != Some(&b';') {
            return Err(self.malformed("`&` that starts no reference"));
        }
        let name = &self.text[self.at + 1..self.at + 1 + length];
        if unescape::reference(name).is_none() {
            return Err(if name.starts_with('#') {
                self.malformed("a reference to something that is no character of XML")
            } else {
                self.restricted("entities other than the predefined ones")
            });
        }
        self.at += length + 2;
        Ok(())
    }

    pub(super) fn check_character(&self) -> Result<(), XmlError> {
        if is_noncharacter(self.bytes, self.at) {
            Err(self.malformed("U+FFFE or U+FFFF"))
        } else {
            Ok(())
        }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether there was any white space to step over.
    pub(super) fn skip_space(&mut self) -> bool {
        let start = self.at;
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        self.at > start
    }

    pub(super) fn malformed(&self, what: &'static str) -> XmlError {
        XmlError::NotWellFormed {
            what,
            offset: self.at,
        }
    }

    pub(super) fn restricted(&self, what: &'static str) -> XmlError {
        XmlError::Restricted {
            what,
            offset: self.at,
        }
    }
}

/// Said of a character below U+0020.
pub(super) const CONTROL: &str = "a control character";
