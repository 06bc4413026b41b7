//! One pass over the text of an element: well-formedness, namespaces, limits and the index of nodes.
//!
//! The tokenizer is our own: it checks all that a document without prolog must obey in half the time
//! that `quick-xml` takes to find the tokens alone (`benches/xml.rs` measures both), and `quick-xml`
//! leaves names, characters and references to be checked in passes of their own. The tests compare
//! it with `rxml` on documents that are made up and on ones that are broken.

use std::sync::Arc;

use super::XmlError;
use super::chars::is_space;
use super::document::{AttrEntry, Document, NodeEntry, NsName};
use super::limits::Limits;
use super::scope::{NsId, Scope};

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
