//! One connection, as the server sees it: a task that reads and writes, and is told what to do.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use converse_core::transport::ByteStream;
use converse_core::xml::{Framer, Limits};
use rustls::ServerConfig;
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::sync::{mpsc, oneshot};
use tokio_rustls::LazyConfigAcceptor;

use super::server::Shared;

/// More parts of something large, one after the other.
pub(super) type Parts = Box<dyn Iterator<Item = Vec<u8>> + Send>;

/// What a connection is told to do.
pub(super) enum Order {
    Write(Vec<u8>),
    /// To be written without ever holding all of it; told when the last part is on its way.
    WriteParts(Parts, oneshot::Sender<()>),
    /// A TLS handshake, with what came of it.
    Secure(Arc<ServerConfig>, oneshot::Sender<Result<Hello, String>>),
    /// The client's stream starts anew.
    Restart,
    /// Ends our side once everything is written.
    Shut,
    /// Ends the connection now.
    Drop,
    /// Takes nothing and gives nothing, and does not say so.
    Freeze,
    /// Listens, but neither does nor says anything.
    Mute,
}

/// What the client said at the start of a TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Hello {
    /// The name it asked for.
    pub server_name: Option<String>,
    /// The protocols it offered.
    pub alpn: Vec<String>,
}

pub(super) type Orders = mpsc::UnboundedReceiver<Order>;

enum Turn {
    Read(io::Result<usize>),
    Wrote(io::Result<()>),
    Order(Option<Order>),
}

/// What the task keeps.
pub(super) struct Link {
    shared: Arc<Shared>,
    id: usize,
    stream: Box<dyn ByteStream>,
    framer: Framer,
    queue: VecDeque<u8>,
    parts: Option<(Parts, Option<oneshot::Sender<()>>)>,
    encrypted: bool,
    /// The client waits for TLS: what comes next is not XML.
    awaits_tls: bool,
    shut: bool,
    frozen: bool,
    muted: bool,
}

impl Link {
    pub(super) fn new(shared: Arc<Shared>, id: usize, stream: Box<dyn ByteStream>) -> Self {
        Self {
            shared,
            id,
            stream,
            framer: Framer::new(Limits::default()),
            queue: VecDeque::new(),
            parts: None,
            encrypted: false,
            awaits_tls: false,
            shut: false,
            frozen: false,
            muted: false,
        }
    }

    /// Until the connection ends.
    pub(super) async fn run(mut self, mut orders: Orders) {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let turn = self.turn(&mut orders, &mut buffer).await;
            match turn {
                Turn::Read(Ok(0) | Err(_)) | Turn::Wrote(Err(_)) => break,
                Turn::Read(Ok(count)) => self.take_in(&buffer[..count]),
                Turn::Wrote(Ok(())) => {}
                Turn::Order(None | Some(Order::Drop)) => break,
                Turn::Order(Some(order)) => self.obey(order).await,
            }
        }
        self.shared.ended(self.id);
    }

    async fn turn(&mut self, orders: &mut Orders, buffer: &mut [u8]) -> Turn {
        tokio::select! {
            biased;
            order = orders.recv() => Turn::Order(order),
            turn = poll_fn(|cx| self.poll_io(cx, buffer)) => turn,
        }
    }

    fn poll_io(&mut self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<Turn> {
        if self.frozen {
            return Poll::Pending;
        }
        if let Poll::Ready(wrote) = self.poll_write(cx) {
            return Poll::Ready(Turn::Wrote(wrote));
        }
        if self.awaits_tls {
            return Poll::Pending;
        }
        let mut read = ReadBuf::new(buffer);
        Pin::new(&mut self.stream)
            .poll_read(cx, &mut read)
            .map(|result| Turn::Read(result.map(|()| read.filled().len())))
    }

    /// Ready when something was written; pending when there is nothing to write or no room.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.queue.is_empty()
            && let Some((parts, done)) = &mut self.parts
        {
            match parts.next() {
                Some(part) => self.queue.extend(part),
                None => {
                    if let Some(done) = done.take() {
                        // Whoever waited may be gone.
                        let _ = done.send(());
                    }
                    self.parts = None;
                }
            }
        }
        if self.queue.is_empty() {
            return match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                _ if self.shut => match Pin::new(&mut self.stream).poll_shutdown(cx) {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    _ => Poll::Pending,
                },
                _ => Poll::Pending,
            };
        }
        let (front, _) = self.queue.as_slices();
        match Pin::new(&mut self.stream).poll_write(cx, front) {
            Poll::Ready(Ok(count)) => {
                self.queue.drain(..count);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn take_in(&mut self, mut bytes: &[u8]) {
        self.shared.heard_bytes(self.id, bytes, self.encrypted);
        // The framer takes a bounded number of bytes at a time.
        while !bytes.is_empty() {
            let part = bytes.len().min(4096);
            self.framer.push(&bytes[..part]);
            bytes = &bytes[part..];
            while !self.awaits_tls {
                match self.framer.next_frame() {
                    Ok(Some(frame)) if self.muted => self.shared.overheard(self.id, frame),
                    Ok(Some(frame)) => {
                        self.awaits_tls = self.shared.heard(self.id, frame);
                    }
                    Ok(None) => break,
                    Err(error) => {
                        self.shared.broken(self.id, &error.to_string());
                        return;
                    }
                }
            }
        }
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Write(bytes) => {
                if !self.shut && !self.muted {
                    self.queue.extend(bytes);
                }
            }
            Order::WriteParts(parts, done) => self.parts = Some((parts, Some(done))),
            Order::Secure(config, outcome) => self.secure(config, outcome).await,
            Order::Restart => self.framer.restart(),
            Order::Shut => self.shut = true,
            Order::Freeze => self.frozen = true,
            Order::Mute => self.muted = true,
            Order::Drop => {}
        }
    }

    /// The handshake; afterwards the stream starts anew inside TLS, or is of no use.
    async fn secure(
        &mut self,
        config: Arc<ServerConfig>,
        outcome: oneshot::Sender<Result<Hello, String>>,
    ) {
        if let Err(error) = self.drain().await {
            let _ = outcome.send(Err(error.to_string()));
            return;
        }
        let (nothing, _) = tokio::io::duplex(1);
        let plain = std::mem::replace(&mut self.stream, Box::new(nothing));
        let mut hello = Hello::default();
        let accepted = async {
            let start = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), plain).await?;
            let said = start.client_hello();
            hello.server_name = said.server_name().map(ToOwned::to_owned);
            hello.alpn = said
                .alpn()
                .into_iter()
                .flatten()
                .map(|name| String::from_utf8_lossy(name).into_owned())
                .collect();
            start.into_stream(config).await
        }
        .await;
        let told = match accepted {
            Ok(stream) => {
                self.stream = Box::new(stream);
                self.framer = Framer::new(Limits::default());
                self.encrypted = true;
                self.awaits_tls = false;
                self.shared.secured(self.id, hello.clone());
                Ok(hello)
            }
            Err(error) => {
                self.awaits_tls = false;
                self.shared.refused_tls(self.id, hello);
                Err(error.to_string())
            }
        };
        // Whoever asked may not want to know.
        let _ = outcome.send(told);
    }

    async fn drain(&mut self) -> io::Result<()> {
        poll_fn(|cx| {
            loop {
                match self.poll_write(cx) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                    Poll::Pending if self.queue.is_empty() => return Poll::Ready(Ok(())),
                    Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }
}
