//! The pipe between a client and the scripted server, and what can go wrong with it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

/// What a pipe holds before a writer has to wait.
const CAPACITY: usize = 64 * 1024;

/// How the pipes of a server behave, and how many of their client ends are open.
#[derive(Debug)]
pub(super) struct Pipe {
    /// After so many bytes, either way, the pipe that carries them is cut; negative for never.
    pub(super) cut_after: AtomicI64,
    /// The most bytes one read gives to the client; 0 for any number.
    pub(super) max_read: AtomicUsize,
    pub(super) open: AtomicUsize,
}

impl Default for Pipe {
    fn default() -> Self {
        Self {
            cut_after: AtomicI64::new(-1),
            max_read: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
        }
    }
}

impl Pipe {
    /// How many bytes may pass before the cut.
    fn room(&self) -> usize {
        usize::try_from(self.cut_after.load(Ordering::Relaxed)).unwrap_or(usize::MAX)
    }

    fn passed(&self, count: usize) {
        let left = self.cut_after.load(Ordering::Relaxed);
        if left >= 0 {
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            self.cut_after
                .store((left - count).max(0), Ordering::Relaxed);
        }
    }
}

/// The client's end.
#[derive(Debug)]
pub(super) struct ClientEnd {
    /// `None` once it is cut.
    stream: Option<DuplexStream>,
    pipe: Arc<Pipe>,
}

impl ClientEnd {
    pub(super) fn pair(pipe: Arc<Pipe>) -> (Self, DuplexStream) {
        let (stream, server) = tokio::io::duplex(CAPACITY);
        pipe.open.fetch_add(1, Ordering::Relaxed);
        let end = Self {
            stream: Some(stream),
            pipe,
        };
        (end, server)
    }
}

impl Drop for ClientEnd {
    fn drop(&mut self) {
        self.pipe.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ClientEnd {
    /// The stream, and how many bytes may still pass; the cut happens here, once.
    fn open(&mut self) -> Option<(&mut DuplexStream, usize)> {
        let room = self.pipe.room();
        if room == 0 && self.stream.take().is_some() {
            // The next connection is whole.
            self.pipe.cut_after.store(-1, Ordering::Relaxed);
        }
        self.stream.as_mut().map(|stream| (stream, room))
    }
}

impl AsyncRead for ClientEnd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let pipe = Arc::clone(&self.pipe);
        let Some((stream, room)) = self.open() else {
            // As a FIN.
            return Poll::Ready(Ok(()));
        };
        let stream = Pin::new(stream);
        let max = match pipe.max_read.load(Ordering::Relaxed) {
            0 => room,
            max => max.min(room),
        };
        if max >= buf.remaining() {
            let before = buf.filled().len();
            let polled = stream.poll_read(cx, buf);
            pipe.passed(buf.filled().len() - before);
            return polled;
        }
        let mut bytes = [0; 1024];
        let mut part = ReadBuf::new(&mut bytes[..max.min(1024)]);
        let polled = stream.poll_read(cx, &mut part);
        if let Poll::Ready(Ok(())) = polled {
            pipe.passed(part.filled().len());
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
        let pipe = Arc::clone(&self.pipe);
        let Some((stream, room)) = self.open() else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        let polled = Pin::new(stream).poll_write(cx, &bytes[..bytes.len().min(room)]);
        if let Poll::Ready(Ok(count)) = polled {
            pipe.passed(count);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_flush(cx),
            None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }
}
