use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

use super::buffer::Buffer;
use super::chars::is_space;
use super::declaration;
use super::index::Indexer;
use super::scan::{Part, Scanner};
use super::scope::Scope;
use super::{Element, Limits, StreamHeader, XmlError};

/// A complete part of an XMPP stream.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Frame {
    /// The start tag of the stream.
    Open(StreamHeader),
    /// A stanza or another child of the stream.
    Element(Element),
    /// The end tag of the stream.
    Close,
}

/// Cuts the bytes of an XMPP stream into [`Frame`]s.
///
/// Bytes are read into the framer's own buffer and taken out as frames. A byte is looked at once
/// however the network cut the stream, memory stays within the [`Limits`], and what RFC 6120 §11.1
/// forbids is refused before anything is parsed. After an error the stream is lost: every further
/// call returns it again.
///
/// ```
/// use converse_core::xml::{Frame, Framer, Limits};
///
/// let mut framer = Framer::new(Limits::default());
/// framer.push(b"<stream:stream xmlns='jabber:client' id='1' version='1.0'");
/// framer.push(b" xmlns:stream='http://etherx.jabber.org/streams'><presence/>");
///
/// assert!(matches!(framer.next_frame()?, Some(Frame::Open(header)) if header.is_version_1()));
/// assert!(matches!(framer.next_frame()?, Some(Frame::Element(e)) if e.name() == "presence"));
/// assert!(framer.next_frame()?.is_none());
/// # Ok::<(), converse_core::xml::XmlError>(())
/// ```
#[derive(Debug)]
pub struct Framer {
    limits: Limits,
    buffer: Buffer,
    scanner: Scanner,
    indexer: Indexer,
    /// What the stream header declares.
    scope: Arc<Scope>,
    /// The name in the start tag of the stream, with its prefix.
    root: Vec<u8>,
    end: End,
    failed: Option<XmlError>,
}

/// How far the end of the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Not in sight.
    Open,
    /// The start tag was the end tag as well, and the latter is still to be told.
    Pending,
    /// Passed.
    Passed,
}

impl Framer {
    /// A framer at the start of a stream.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            buffer: Buffer::default(),
            scanner: Scanner::new(),
            indexer: Indexer::default(),
            scope: Arc::new(Scope::default()),
            root: Vec::new(),
            end: End::Open,
            failed: None,
        }
    }

    /// Where the next bytes of the stream go: some initialised memory, usually 64 KiB and never
    /// empty. [`advance`](Self::advance) tells how much of it was used.
    ///
    /// Take out all frames before: what has been read without making a frame is kept.
    pub fn buffer(&mut self) -> &mut [u8] {
        self.buffer.space(self.limits.element_bytes())
    }

    /// Takes the first `count` bytes of the last [`buffer`](Self::buffer) as read.
    pub fn advance(&mut self, count: usize) {
        self.buffer.advance(count);
    }

    /// Reads once from `reader`; zero bytes mean that it has ended.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    pub fn poll_read_from<R: AsyncRead + ?Sized>(
        &mut self,
        reader: Pin<&mut R>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut space = ReadBuf::new(self.buffer());
        ready!(reader.poll_read(cx, &mut space))?;
        let count = space.filled().len();
        self.advance(count);
        Poll::Ready(Ok(count))
    }

    /// Takes `bytes` as read.
    pub fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let space = self.buffer();
            let count = space.len().min(bytes.len());
            space[..count].copy_from_slice(&bytes[..count]);
            self.advance(count);
            bytes = &bytes[count..];
        }
    }

    /// The next complete part of the stream; `None` if more must be read first.
    ///
    /// # Errors
    ///
    /// [`XmlError`]; its [`condition`](XmlError::condition) is the stream error to send.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, XmlError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let result = self.advance_frame();
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        result
    }

    /// Expects a new stream, as after STARTTLS and SASL (RFC 6120 §4.3.3).
    ///
    /// Bytes that are buffered stay: [`buffered`](Self::buffered) tells of them. Before TLS is
    /// negotiated there must be none, or somebody else put them there.
    pub fn restart(&mut self) {
        self.skip_space();
        self.scanner = Scanner::new();
        self.scope = Arc::new(Scope::default());
        self.root.clear();
        self.end = End::Open;
        self.failed = None;
    }

    /// Bytes that have been read and belong to no frame yet.
    #[must_use]
    pub fn buffered(&self) -> &[u8] {
        self.buffer.data()
    }

    /// Memory that the buffer takes up, in bytes.
    #[must_use]
    pub fn buffer_capacity(&self) -> usize {
        self.buffer.capacity()
    }

    fn advance_frame(&mut self) -> Result<Option<Frame>, XmlError> {
        if self.end == End::Pending {
            self.end = End::Passed;
            return Ok(Some(Frame::Close));
        }
        loop {
            if self.scanner.is_between() && self.skip_space() > 0 {
                self.scanner.fresh = false;
            }
            if self.end == End::Passed && !self.buffer.data().is_empty() {
                return Err(XmlError::StrayText);
            }
            let Some((part, length)) = self.scanner.find(self.buffer.data(), &self.limits)? else {
                return Ok(None);
            };
            let frame = self.frame(part, length)?;
            self.buffer.consume(length);
            if let Some(frame) = frame {
                return Ok(Some(frame));
            }
        }
    }

    fn frame(&mut self, part: Part, length: usize) -> Result<Option<Frame>, XmlError> {
        let bytes = &self.buffer.data()[..length];
        if part == Part::Declaration {
            declaration::check(bytes)?;
            return Ok(None);
        }
        let text = str::from_utf8(bytes).map_err(|error| XmlError::InvalidUtf8 {
            offset: error.valid_up_to(),
        })?;
        Ok(Some(match part {
            Part::Element => {
                let document = self.indexer.index(text, &self.scope, &self.limits)?;
                Frame::Element(Element::new(document))
            }
            Part::Open { closed } => {
                let (header, scope) = StreamHeader::read(text, &mut self.indexer, &self.limits)?;
                let name =
                    text[1..].split(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
                self.root = name.take(1).collect::<String>().into_bytes();
                self.scope = Arc::new(scope);
                self.scanner.in_stream = true;
                if closed {
                    self.end = End::Pending;
                }
                Frame::Open(header)
            }
            Part::Close | Part::Declaration => {
                let name = text[2..text.len() - 1].trim_end_matches([' ', '\t', '\r', '\n']);
                if name.as_bytes() != self.root {
                    return Err(XmlError::NotWellFormed {
                        what: "an end tag does not match its start tag",
                        offset: 0,
                    });
                }
                self.end = End::Passed;
                Frame::Close
            }
        }))
    }

    /// White space between stanzas keeps a connection alive and says nothing (RFC 6120 §4.6.1).
    fn skip_space(&mut self) -> usize {
        let space = self.buffer.data().iter();
        let count = space.take_while(|byte| is_space(**byte)).count();
        self.buffer.consume(count);
        count
    }
}
