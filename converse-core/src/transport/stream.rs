//! An XML stream over bytes (RFC 6120 §4).

use std::fmt;
use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::Sleep;

use super::{ByteStream, Deadlines, OpenHeader, Transport, TransportError};
use crate::ns;
use crate::xml::{Frame, Framer, Limits, XmlError};

/// A queue that grew beyond this is given back once it has been written.
const KEPT: usize = 64 * 1024;

/// [`Transport`] over any [`ByteStream`].
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
/// use converse_core::transport::{OpenHeader, StreamTransport, Transport};
/// use converse_core::xml::Limits;
/// use tokio::io::AsyncReadExt as _;
///
/// let (ours, mut theirs) = tokio::io::duplex(1024);
/// let mut stream: Box<dyn Transport> = Box::new(StreamTransport::new(ours, Limits::default()));
/// stream.open(&OpenHeader::new("kestrel.example"));
/// stream.flush().await?;
///
/// let mut sent = [0; 100];
/// let count = theirs.read(&mut sent).await?;
/// assert!(sent[..count].starts_with(b"<?xml version='1.0'?><stream:stream "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct StreamTransport<S> {
    stream: S,
    framer: Framer,
    queue: String,
    written: usize,
    output: Output,
    /// The connection must be flushed: a TLS layer may hold what was written.
    unflushed: bool,
    end: Option<End>,
    secure: bool,
    shutdown_after: Duration,
    shutdown_timer: Option<Pin<Box<Sleep>>>,
}

/// How far our side of the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Output {
    /// Nothing was sent; the XML declaration belongs in front of the header.
    Fresh,
    /// This connection has had a declaration, but this stream no header.
    Declared,
    Open,
    Closed,
}

/// Why nothing more arrives.
#[derive(Debug)]
enum End {
    /// The server closed the stream, or the connection ended.
    Closed,
    /// What arrived is not valid.
    Invalid(XmlError),
}

impl<S> fmt::Debug for StreamTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTransport")
            .field("output", &self.output)
            .field("queued", &(self.queue.len() - self.written))
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl<S: ByteStream> StreamTransport<S> {
    /// A stream over a connection that others can read, as far as this knows: headers do not say who we are.
    pub fn new(stream: S, limits: Limits) -> Self {
        Self {
            stream,
            framer: Framer::new(limits),
            queue: String::new(),
            written: 0,
            output: Output::Fresh,
            unflushed: false,
            end: None,
            secure: false,
            shutdown_after: Deadlines::default().shutdown,
            shutdown_timer: None,
        }
    }

    /// Says that the connection is encrypted, so that headers may carry `from` (RFC 6120 §4.7.1).
    #[must_use]
    pub fn secure(mut self) -> Self {
        self.secure = true;
        self
    }

    /// How long [`poll_shutdown`](Transport::poll_shutdown) may take; 2 s otherwise.
    #[must_use]
    pub fn shutdown_within(mut self, deadline: Duration) -> Self {
        self.shutdown_after = deadline;
        self
    }

    /// Says that the XML declaration was sent before STARTTLS; servers exist that do not bear a second one.
    pub(super) fn declared(mut self) -> Self {
        self.output = Output::Declared;
        self
    }

    /// The connection, for TLS to go on with.
    ///
    /// # Errors
    /// [`TransportError::Injection`] if something arrived that would be lost.
    pub(super) fn into_inner(self) -> Result<S, TransportError> {
        if self.framer.buffered().is_empty() {
            Ok(self.stream)
        } else {
            Err(TransportError::Injection)
        }
    }

    /// Takes the frames out of what has been read.
    fn take_frames(&mut self, batch: &mut Vec<Frame>, max: usize) -> usize {
        let mut count = 0;
        while count < max && self.end.is_none() {
            match self.framer.next_frame() {
                Ok(Some(frame)) => {
                    if matches!(frame, Frame::Close) {
                        self.end = Some(End::Closed);
                    }
                    batch.push(frame);
                    count += 1;
                }
                Ok(None) => break,
                Err(error) => {
                    self.fail(error.condition());
                    self.end = Some(End::Invalid(error));
                }
            }
        }
        count
    }

    fn poll_write_queue(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.queue.len() {
            let bytes = &self.queue.as_bytes()[self.written..];
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
            self.unflushed = true;
        }
        self.written = 0;
        self.queue.clear();
        self.queue.shrink_to(KEPT);
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_queue(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: ByteStream> Transport for StreamTransport<S> {
    fn open(&mut self, header: &OpenHeader) {
        match self.output {
            Output::Closed => return,
            Output::Fresh => self.queue.push_str("<?xml version='1.0'?>"),
            Output::Declared => {}
            Output::Open => self.framer.restart(),
        }
        self.output = Output::Open;
        header.write_to(&mut self.queue, self.secure);
    }

    fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        batch: &mut Vec<Frame>,
        max: usize,
    ) -> Poll<Result<(), TransportError>> {
        loop {
            if self.take_frames(batch, max.max(1)) > 0 {
                return Poll::Ready(Ok(()));
            }
            match &self.end {
                None => {}
                Some(End::Closed) => return Poll::Ready(Err(TransportError::Closed)),
                Some(End::Invalid(error)) => {
                    return Poll::Ready(Err(TransportError::Xml(error.clone())));
                }
            }
            let stream = Pin::new(&mut self.stream);
            if ready!(self.framer.poll_read_from(stream, cx))? == 0 {
                self.end = Some(End::Closed);
            }
        }
    }

    fn send(&mut self, xml: &str) {
        if self.output != Output::Closed {
            self.queue.push_str(xml);
        }
    }

    fn queued(&self) -> usize {
        self.queue.len() - self.written
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.poll_write_queue(cx).map_err(TransportError::from)
    }

    fn send_whitespace(&mut self) {
        self.send(" ");
    }

    fn close(&mut self) {
        if self.output == Output::Open {
            self.queue.push_str("</stream:stream>");
        }
        self.output = Output::Closed;
    }

    fn fail(&mut self, condition: &str) {
        if self.output == Output::Open {
            self.queue.push_str("<stream:error><");
            self.queue.push_str(condition);
            self.queue.push_str(" xmlns='");
            self.queue.push_str(ns::STREAM_ERRORS);
            self.queue.push_str("'/></stream:error>");
        }
        self.close();
    }

    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(result) = self.poll_finish(cx) {
            return Poll::Ready(result);
        }
        let after = self.shutdown_after;
        let timer = self
            .shutdown_timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(after)));
        timer
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}
