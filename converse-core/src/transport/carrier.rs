//! What the session needs from whatever carries its elements.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};

use super::{OpenHeader, TransportError};
use crate::xml::Frame;

/// Carries the elements of one session. Nothing is sent before it is flushed, so several stanzas leave in one write.
pub trait Transport: Send {
    /// Starts the stream, or starts it anew after SASL (RFC 6120 §4.3.3): queues the header.
    fn open(&mut self, header: &OpenHeader);

    /// Adds what has arrived to `batch`: at least one frame, at most `max` of them, as many as one read holds.
    ///
    /// # Errors
    /// After an error the transport is of no further use but for [`poll_shutdown`](Self::poll_shutdown).
    fn poll_recv(
        &mut self,
        cx: &mut Context<'_>,
        batch: &mut Vec<Frame>,
        max: usize,
    ) -> Poll<Result<(), TransportError>>;

    /// Queues a complete element. After [`close`](Self::close) and [`fail`](Self::fail) it is dropped.
    fn send(&mut self, xml: &str);

    /// Bytes queued and not yet written; the caller holds back while this is large.
    fn queued(&self) -> usize;

    /// Writes what is queued.
    ///
    /// # Errors
    /// [`TransportError::Closed`] or [`TransportError::Io`] if the connection is gone.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>>;

    /// Queues something that keeps the connection alive and says nothing (RFC 6120 §4.6.1). A transport with another
    /// way of its own need not do anything.
    fn send_whitespace(&mut self) {}

    /// Queues the end of the stream (RFC 6120 §4.4). What the server still sends can be received.
    fn close(&mut self);

    /// Queues a stream error with this condition and the end of the stream (RFC 6120 §4.9).
    fn fail(&mut self, condition: &str);

    /// Writes what is queued, as far as that is possible within the transport's deadline, and ends the connection.
    ///
    /// # Errors
    /// Those of the connection; it is gone in any case.
    fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

impl dyn Transport + '_ {
    /// [`poll_recv`](Transport::poll_recv) as a future.
    ///
    /// # Errors
    /// See there.
    pub async fn recv(&mut self, batch: &mut Vec<Frame>, max: usize) -> Result<(), TransportError> {
        poll_fn(|cx| self.poll_recv(cx, batch, max)).await
    }

    /// [`poll_flush`](Transport::poll_flush) as a future.
    ///
    /// # Errors
    /// See there.
    pub async fn flush(&mut self) -> Result<(), TransportError> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// [`poll_shutdown`](Transport::poll_shutdown) as a future.
    ///
    /// # Errors
    /// See there.
    pub async fn shutdown(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_shutdown(cx)).await
    }
}
