//! Finds where the next part of a stream ends, without reading a byte twice.

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3, memmem};

use super::chars::is_space;
use super::{Limits, XmlError};

const CDATA: &[u8] = b"<![CDATA[";
const XML_DECLARATION: &[u8] = b"<?xml";
/// Bytes that an XML declaration may take.
const MAX_DECLARATION: usize = 256;

/// A part of the stream that is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `<?xml …?>`.
    Declaration,
    /// The start tag of the stream; if `closed`, it is its end as well.
    Open { closed: bool },
    /// A child of the stream with all that is in it.
    Element,
    /// The end tag of the stream.
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Before the `<` of a part.
    #[default]
    Between,
    /// After a `<` of which it is not yet known what it starts.
    Markup,
    StartTag,
    /// In an attribute value within these quotes.
    Quoted(u8),
    EndTag,
    Text,
    Cdata,
    Declaration,
}

/// Where the search stands. Positions count from the start of the part.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    state: State,
    at: usize,
    /// Where the name of the tag that is being read starts.
    name: usize,
    /// The names of the elements that are open, as ranges of the part.
    open: Vec<Range<usize>>,
    attributes: usize,
    /// The stream header has been read.
    pub(super) in_stream: bool,
    /// Nothing at all has been read of this stream.
    pub(super) fresh: bool,
}

impl Scanner {
    /// A scanner for the start of a stream.
    pub(super) fn new() -> Self {
        Self {
            fresh: true,
            ..Self::default()
        }
    }

    /// The next part of `data` and its length, if it is complete.
    ///
    /// `data` starts where the last part ended, and grows between two calls that found nothing.
    pub(super) fn find(
        &mut self,
        data: &[u8],
        limits: &Limits,
    ) -> Result<Option<(Part, usize)>, XmlError> {
        let found = self.search(data, limits)?;
        // What was searched without finding an end belongs to the part as well.
        let length = found.map_or(data.len(), |(_, length)| length);
        if length > limits.element_bytes() {
            return Err(XmlError::Limit {
                what: "bytes in one element",
                limit: limits.element_bytes(),
            });
        }
        if found.is_some() {
            let mut open = std::mem::take(&mut self.open);
            open.clear();
            *self = Self {
                in_stream: self.in_stream,
                open,
                ..Self::default()
            };
        }
        Ok(found)
    }

    /// Whether no part has been started.
    pub(super) fn is_between(&self) -> bool {
        self.state == State::Between
    }

    fn search(&mut self, data: &[u8], limits: &Limits) -> Result<Option<(Part, usize)>, XmlError> {
        loop {
            let rest = &data[self.at..];
            let Some(&byte) = rest.first() else {
                return Ok(None);
            };
            match self.state {
                State::Between => {
                    if byte != b'<' {
                        return Err(self.stray(byte));
                    }
                    self.enter(State::Markup, 1);
                }
                State::Markup => {
                    if !self.markup(&data[self.at - 1..])? {
                        return Ok(None);
                    }
                }
                State::StartTag => match memchr3(b'>', b'"', b'\'', rest) {
                    None => self.at = data.len(),
                    Some(at) if rest[at] == b'>' => {
                        let closed = data[self.at + at - 1] == b'/';
                        self.enter(State::Text, at + 1);
                        if let Some(part) = self.end_of_start_tag(data, closed, limits)? {
                            return Ok(Some((part, self.at)));
                        }
                    }
                    Some(at) => {
                        self.count_attribute(limits)?;
                        self.enter(State::Quoted(rest[at]), at + 1);
                    }
                },
                State::Quoted(quote) => match memchr2(quote, b'<', rest) {
                    None => self.at = data.len(),
                    Some(at) if rest[at] == b'<' => {
                        self.at += at;
                        return Err(self.malformed("`<` in an attribute value"));
                    }
                    Some(at) => self.enter(State::StartTag, at + 1),
                },
                State::EndTag => match memchr(b'>', rest) {
                    None => self.at = data.len(),
                    Some(at) => {
                        self.enter(State::Text, at + 1);
                        if let Some(part) = self.end_of_end_tag(data)? {
                            return Ok(Some((part, self.at)));
                        }
                    }
                },
                State::Text => match memchr(b'<', rest) {
                    None => self.at = data.len(),
                    Some(at) => self.enter(State::Markup, at + 1),
                },
                State::Cdata => match memmem::find(rest, b"]]>") {
                    None => return Ok(self.wait_for(data, 2)),
                    Some(at) => self.enter(State::Text, at + 3),
                },
                State::Declaration => match memmem::find(rest, b"?>") {
                    Some(at) if self.at + at < MAX_DECLARATION => {
                        return Ok(Some((Part::Declaration, self.at + at + 2)));
                    }
                    None if data.len() < MAX_DECLARATION => return Ok(self.wait_for(data, 1)),
                    _ => return Err(self.malformed("the XML declaration does not end")),
                },
            }
        }
    }

    /// What `<` starts; `false` if that cannot be told yet.
    fn markup(&mut self, markup: &[u8]) -> Result<bool, XmlError> {
        match markup.get(1) {
            None => return Ok(false),
            Some(b'/') => {
                self.enter(State::EndTag, 1);
                self.name = self.at;
            }
            Some(b'!') => return self.bang(markup),
            Some(b'?') => {
                let known = markup.len().min(XML_DECLARATION.len());
                if !self.fresh || markup[..known] != XML_DECLARATION[..known] {
                    return Err(self.restricted("processing instructions"));
                }
                let Some(after) = markup.get(XML_DECLARATION.len()) else {
                    return Ok(false);
                };
                if !is_space(*after) {
                    return Err(self.restricted("processing instructions"));
                }
                self.enter(State::Declaration, XML_DECLARATION.len() - 1);
            }
            Some(0) if self.fresh => return Err(XmlError::UnsupportedEncoding),
            Some(_) => {
                self.attributes = 0;
                self.name = self.at;
                self.enter(State::StartTag, 0);
            }
        }
        Ok(true)
    }

    /// What `<!` starts: nothing but a CDATA section inside of an element is allowed.
    fn bang(&mut self, markup: &[u8]) -> Result<bool, XmlError> {
        let known = markup.len().min(CDATA.len());
        if markup[..known] == CDATA[..known] && !self.open.is_empty() {
            if known < CDATA.len() {
                return Ok(false);
            }
            self.enter(State::Cdata, CDATA.len() - 1);
            return Ok(true);
        }
        match markup.get(2) {
            None => Ok(false),
            Some(b'-') => Err(self.restricted("comments")),
            Some(b'D') => Err(self.restricted("document type declarations")),
            Some(_) => Err(self.malformed("`<!` that starts no CDATA section")),
        }
    }

    fn end_of_start_tag(
        &mut self,
        data: &[u8],
        closed: bool,
        limits: &Limits,
    ) -> Result<Option<Part>, XmlError> {
        if !self.in_stream {
            return Ok(Some(Part::Open { closed }));
        }
        if self.open.len() >= limits.max_depth {
            return Err(XmlError::Limit {
                what: "elements within each other",
                limit: limits.max_depth,
            });
        }
        if !closed {
            let tag = &data[self.name..self.at - 1];
            let length = tag.iter().position(|byte| is_space(*byte));
            self.open
                .push(self.name..self.name + length.unwrap_or(tag.len()));
        }
        Ok(self.open.is_empty().then_some(Part::Element))
    }

    /// An end tag that closes another element than the one that is open would leave the stream open for ever.
    fn end_of_end_tag(&mut self, data: &[u8]) -> Result<Option<Part>, XmlError> {
        match self.open.pop() {
            Some(open) => {
                let name = data[self.name..self.at - 1].trim_ascii_end();
                if data[open] != *name {
                    return Err(self.malformed("an end tag that closes another element"));
                }
            }
            None if self.in_stream => return Ok(Some(Part::Close)),
            None => return Err(self.malformed("an end tag without a start tag")),
        }
        Ok(self.open.is_empty().then_some(Part::Element))
    }

    fn count_attribute(&mut self, limits: &Limits) -> Result<(), XmlError> {
        self.attributes += 1;
        if self.attributes > limits.max_attributes {
            return Err(XmlError::Limit {
                what: "attributes of one element",
                limit: limits.max_attributes,
            });
        }
        Ok(())
    }

    fn enter(&mut self, state: State, step: usize) {
        self.state = state;
        self.at += step;
    }

    /// Everything but the last `kept` bytes need not be searched again.
    fn wait_for<T>(&mut self, data: &[u8], kept: usize) -> Option<T> {
        self.at = self.at.max(data.len().saturating_sub(kept));
        None
    }

    /// What a part cannot start with.
    fn stray(&self, byte: u8) -> XmlError {
        match byte {
            // The start of a byte order mark, or of text in UTF-16 or UTF-32.
            0x00 | 0xfe | 0xff if self.fresh => XmlError::UnsupportedEncoding,
            _ => XmlError::StrayText,
        }
    }

    fn malformed(&self, what: &'static str) -> XmlError {
        XmlError::NotWellFormed {
            what,
            offset: self.at,
        }
    }

    fn restricted(&self, what: &'static str) -> XmlError {
        XmlError::Restricted {
            what,
            offset: self.at,
        }
    }
}
