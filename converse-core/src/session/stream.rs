//! The transport as an awaitable sequence of frames, for the part of a session's life that asks and waits.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::Poll;

use crate::ns;
use crate::session::failure::Failure;
use crate::transport::{OpenHeader, Transport};
use crate::xml::{Element, Frame};

/// A transport with the frames that were read and not yet looked at.
pub(crate) struct Stream {
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) frames: VecDeque<Frame>,
    /// Stanzas that came before the session was ready for them.
    pub(crate) early: Vec<Element>,
    batch: Vec<Frame>,
}

impl Stream {
    /// How many frames are taken from the transport at once while negotiating.
    const BATCH: usize = 16;

    /// How many stanzas are kept for the session that is being set up.
    const MAX_EARLY: usize = 1000;

    pub(crate) fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            transport,
            frames: VecDeque::new(),
            early: Vec::new(),
            batch: Vec::new(),
        }
    }

    /// Opens the stream, or opens it again after authentication, and reads the features that follow (RFC 6120 §4.3).
    pub(crate) async fn open(&mut self, header: &OpenHeader) -> Result<Element, Failure> {
        self.frames.clear();
        self.transport.open(header);
        loop {
            match self.next().await? {
                Frame::Open(_) => {}
                Frame::Element(element) if element.is("features", ns::STREAM) => {
                    return Ok(element);
                }
                Frame::Element(element) => return Err(unexpected(&element)),
                Frame::Close => return Err(Failure::Closed),
            }
        }
    }

    pub(crate) fn send(&mut self, xml: &str) {
        self.transport.send(xml);
    }

    /// The next element; whitespace and the like are gone already.
    pub(crate) async fn element(&mut self) -> Result<Element, Failure> {
        match self.next().await? {
            Frame::Element(element) if element.is("error", ns::STREAM) => {
                Err(Failure::from_stream_error(&element))
            }
            Frame::Element(element) => Ok(element),
            Frame::Open(_) => Err(Failure::protocol("the server opened the stream twice")),
            Frame::Close => Err(Failure::Closed),
        }
    }

    /// Keeps a stanza for the session: the server may send some as soon as the resource is bound.
    pub(crate) fn keep(&mut self, stanza: Element) -> Result<(), Failure> {
        self.early.push(stanza);
        if self.early.len() > Self::MAX_EARLY {
            return Err(Failure::protocol(
                "the server sent stanzas instead of an answer to the login",
            ));
        }
        Ok(())
    }

    /// Writes what is queued and reads the next frame.
    async fn next(&mut self) -> Result<Frame, Failure> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                if let Frame::Element(element) = &frame
                    && element.is("error", ns::STREAM)
                {
                    return Err(Failure::from_stream_error(element));
                }
                return Ok(frame);
            }
            let (transport, batch) = (&mut self.transport, &mut self.batch);
            poll_fn(|cx| {
                if let Poll::Ready(Err(error)) = transport.poll_flush(cx) {
                    return Poll::Ready(Err(error));
                }
                transport.poll_recv(cx, batch, Self::BATCH)
            })
            .await?;
            self.frames.extend(self.batch.drain(..));
        }
    }
}

pub(crate) fn unexpected(element: &Element) -> Failure {
    if element.is("error", ns::STREAM) {
        return Failure::from_stream_error(element);
    }
    Failure::protocol(format!(
        "the server sent `{}` of `{}` where something else had to come",
        element.name().escape_debug(),
        element.ns().escape_debug()
    ))
}
