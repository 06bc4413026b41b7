//! The bytes below the stream, and what is read from it.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use xmpp_parsers::minidom::{Element, Node};
use xmpp_parsers::stream_error::DefinedCondition;
use xso::exports::rxml::{self, AttrMap, Event, Namespace, QName};
use xso::{FromEventsBuilder, FromXml};

/// Elements inside one another; deeper ones end the stream before their destructor runs out of stack.
const DEPTH: usize = 128;

/// A connection, encrypted or not.
pub(super) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    pub(super) fn tcp(&self) -> &TcpStream {
        match self {
            Wire::Plain(tcp) => tcp,
            Wire::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Wire::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Wire::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Wire::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Wire::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

/// A connection that stops giving bytes when one element has had too many.
pub(super) struct Metered {
    inner: BufReader<Wire>,
    used: AtomicUsize,
    limit: usize,
}

impl Metered {
    pub(super) fn new(wire: Wire, limit: usize) -> Self {
        Self {
            inner: BufReader::new(wire),
            used: AtomicUsize::new(0),
            limit,
        }
    }

    /// Starts counting anew, for the next element.
    pub(super) fn reset(&self) {
        self.used.store(0, Ordering::Relaxed);
    }

    /// Whether the reading ended because an element was too large.
    pub(super) fn is_exceeded(&self) -> bool {
        self.used.load(Ordering::Relaxed) > self.limit
    }

    pub(super) fn wire(&self) -> &Wire {
        self.inner.get_ref()
    }

    /// The connection without what was read ahead, as STARTTLS wants it (RFC 6120 §5.3.4).
    pub(super) fn into_wire(self) -> Wire {
        self.inner.into_inner()
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bytes = ready!(self.as_mut().poll_fill_buf(cx))?;
        let count = bytes.len().min(buf.remaining());
        buf.put_slice(&bytes[..count]);
        self.consume(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncBufRead for Metered {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        if self.is_exceeded() {
            let error = io::Error::new(io::ErrorKind::FileTooLarge, "the element is too large");
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.get_mut().inner).poll_fill_buf(cx)
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        self.used.fetch_add(amount, Ordering::Relaxed);
        Pin::new(&mut self.get_mut().inner).consume(amount);
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(cx)
    }
}

/// One stream-level element, whatever it is: what the server does not know passes through as it came.
#[derive(Debug)]
pub(super) enum Received {
    Element(Element),
    TooDeep,
}

/// Builds a tree without recursion.
pub(super) struct Builder {
    open: Vec<Element>,
}

impl FromXml for Received {
    type Builder = Builder;

    fn from_events(
        name: QName,
        mut attrs: AttrMap,
        ctx: &xso::Context<'_>,
    ) -> Result<Builder, xso::error::FromEventsError> {
        // A stanza without a language has the stream's (RFC 6120 §8.1.5).
        let lang = rxml::xml_ncname!("lang");
        let wanted = ctx.language().filter(|lang| !lang.is_empty());
        if let (Some(language), true) = (wanted, name.0 == xmpp_parsers::ns::JABBER_CLIENT)
            && !attrs.contains_key(Namespace::xml(), lang)
        {
            attrs.insert(Namespace::XML, lang.to_owned(), language.to_owned());
        }
        Ok(Builder {
            open: vec![start(name, attrs)],
        })
    }
}

fn start((namespace, name): QName, attrs: AttrMap) -> Element {
    let mut element = Element::bare(name.as_str(), namespace);
    *element.attrs_mut() = attrs;
    element
}

impl FromEventsBuilder for Builder {
    type Output = Received;

    fn feed(
        &mut self,
        event: Event,
        _: &xso::Context<'_>,
    ) -> Result<Option<Received>, xso::error::Error> {
        match event {
            Event::StartElement(_, name, attrs) => {
                if self.open.len() == DEPTH {
                    return Ok(Some(Received::TooDeep));
                }
                self.open.push(start(name, attrs));
            }
            Event::Text(_, text) => {
                if let Some(open) = self.open.last_mut() {
                    open.append_text(text);
                }
            }
            Event::EndElement(_) => {
                let closed = self.open.pop();
                match (self.open.last_mut(), closed) {
                    (Some(parent), Some(child)) => parent.append_node(Node::Element(child)),
                    (None, Some(whole)) => return Ok(Some(Received::Element(whole))),
                    (_, None) => {}
                }
            }
            Event::XmlDeclaration(..) => {}
        }
        Ok(None)
    }
}

/// The stream error for bytes that could not be read as a stream, if there is still somebody to tell (RFC 6120 §4.9.3).
pub(super) fn condition(error: &io::Error) -> Option<DefinedCondition> {
    if error.kind() == io::ErrorKind::FileTooLarge {
        return Some(DefinedCondition::PolicyViolation);
    }
    if error.kind() != io::ErrorKind::InvalidData {
        return None;
    }
    let inner = error.get_ref()?;
    Some(match inner.downcast_ref::<rxml::Error>() {
        Some(rxml::Error::InvalidEof(_)) => return None,
        Some(rxml::Error::RestrictedXml(_) | rxml::Error::UndeclaredEntity) => {
            DefinedCondition::RestrictedXml
        }
        Some(rxml::Error::InvalidUtf8Byte(_)) => DefinedCondition::UnsupportedEncoding,
        Some(rxml::Error::UndeclaredNamespacePrefix(_)) => DefinedCondition::BadNamespacePrefix,
        Some(_) => DefinedCondition::NotWellFormed,
        None => match inner.to_string() {
            text if text.starts_with("eof") => return None,
            text if text.contains("version") => DefinedCondition::UnsupportedVersion,
            text if text.contains("stream header") => DefinedCondition::InvalidNamespace,
            _ => DefinedCondition::BadFormat,
        },
    })
}
