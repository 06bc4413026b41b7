//! The pipe between a client and the scripted server, and what can go wrong with it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// What a pipe holds before a writer has to wait.
const CAPACITY: usize = 64 * 1024;

/// How the pipes of a server behave, and how many of their client ends are open.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    /// The most bytes one read gives to the client; 0 for any number.
    pub(super) max_read: AtomicUsize,
    pub(super) open: AtomicUsize,
}

/// The client's end.
#[derive(Debug)]
pub(super) struct ClientEnd {
    stream: DuplexStream,
    pipe: Arc<Pipe>,
}

impl ClientEnd {
    pub(super) fn pair(pipe: Arc<Pipe>) -> (Self, DuplexStream) {
        let (stream, server) = tokio::io::duplex(CAPACITY);
        pipe.open.fetch_add(1, Ordering::Relaxed);
        (Self { stream, pipe }, server)
    }
}

impl Drop for ClientEnd {
    fn drop(&mut self) {
        self.pipe.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl AsyncRead for ClientEnd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let max = self.pipe.max_read.load(Ordering::Relaxed);
        if max == 0 || max >= buf.remaining() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let mut bytes = [0; 64];
        let mut part = ReadBuf::new(&mut bytes[..max.min(64)]);
        let polled = Pin::new(&mut self.stream).poll_read(cx, &mut part);
        if let Poll::Ready(Ok(())) = polled {
            buf.put_slice(part.filled());
        }
        polled
    }
}

impl AsyncWrite for ClientEnd {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
