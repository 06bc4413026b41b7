//! The state of the scripted server, and the handle to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use converse_core::ns;
use converse_core::xml::{Element, Frame, StreamHeader};
use tokio::io::DuplexStream;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::link::{Hello, Link, Order};
use super::negotiation::Stage;
use super::network::{Reach, ScriptedNetwork};
use super::plan::Plan;
use super::resumption::Resumption;
use super::wire::Pipe;

/// How much of what went over the wire in plain text is kept for a look.
const KEPT_PLAINTEXT: usize = 256 * 1024;

/// Something that the client sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sent {
    /// Over which connection; they are numbered from 0.
    pub connection: usize,
    /// When, since the server started.
    pub at: Duration,
    /// What it was.
    pub what: What,
    /// Something has been expected and this was it.
    pub matched: bool,
}

/// What the client can send.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum What {
    /// The start tag of a stream, as an empty element.
    Open(Element),
    /// An element.
    Element(Element),
    /// The end tag of a stream.
    Close,
    /// The end of the connection.
    Ended,
    /// Something that is not XML.
    Broken(String),
}

/// One connection.
pub(super) struct Connection {
    pub(super) orders: mpsc::UnboundedSender<Order>,
    pub(super) stage: Stage,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) hello: Option<Hello>,
    pub(super) encrypted: bool,
    pub(super) closed: bool,
    pub(super) ended: bool,
    /// What came unencrypted, cut at a limit.
    pub(super) plaintext: Vec<u8>,
    pub(super) bytes: u64,
}

impl Connection {
    pub(super) fn order(&self, order: Order) {
        // A connection that has ended takes no more orders.
        let _ = self.orders.send(order);
    }

    pub(super) fn write(&self, xml: impl Into<String>) {
        self.order(Order::Write(xml.into().into_bytes()));
    }
}

pub(super) struct State {
    pub(super) start: Instant,
    pub(super) plan: Plan,
    pub(super) reach: Reach,
    pub(super) connections: Vec<Connection>,
    pub(super) sent: Vec<Sent>,
    pub(super) lookups: Vec<String>,
    pub(super) sm: Resumption,
}

pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) changes: Notify,
    pipe: Arc<Pipe>,
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn changed(&self) {
        self.changes.notify_waiters();
    }

    pub(super) fn pipe(&self) -> Arc<Pipe> {
        Arc::clone(&self.pipe)
    }

    /// A client has connected.
    pub(super) fn accept(self: &Arc<Self>, stream: DuplexStream, host: &str, port: u16) {
        let (orders, list) = mpsc::unbounded_channel();
        let mut state = self.state();
        let id = state.connections.len();
        state.connections.push(Connection {
            orders,
            stage: Stage::default(),
            host: host.to_owned(),
            port,
            hello: None,
            encrypted: false,
            closed: false,
            ended: false,
            plaintext: Vec::new(),
            bytes: 0,
        });
        if state.reach.is_direct_tls(host, port)
            && let Ok(config) = state.plan.certificate.config()
        {
            let (told, _) = tokio::sync::oneshot::channel();
            state.connections[id].order(Order::Secure(config, told));
        }
        drop(state);
        let link = Link::new(Arc::clone(self), id, Box::new(stream));
        tokio::spawn(link.run(list));
        self.changed();
    }

    pub(super) fn heard_bytes(&self, id: usize, bytes: &[u8], encrypted: bool) {
        let mut state = self.state();
        if let Some(connection) = state.connections.get_mut(id) {
            connection.bytes += bytes.len() as u64;
            if !encrypted {
                let room = KEPT_PLAINTEXT.saturating_sub(connection.plaintext.len());
                connection.plaintext.extend(&bytes[..bytes.len().min(room)]);
            }
        }
    }

    /// The client sent a frame; `true` if TLS follows.
    pub(super) fn heard(self: &Arc<Self>, id: usize, frame: Frame) -> bool {
        let mut state = self.state();
        let what = match frame {
            Frame::Open(header) => What::Open(open_tag(&header)),
            Frame::Element(element) => What::Element(element),
            _ => What::Close,
        };
        state.note(id, what.clone());
        let tls_follows =
            matches!(&what, What::Element(element) if element.is("starttls", ns::TLS));
        state.react(id, &what, self);
        drop(state);
        self.changed();
        tls_follows
    }

    /// The client sent a frame to a server that is not there any more.
    pub(super) fn overheard(&self, id: usize, frame: Frame) {
        if let Frame::Element(element) = frame {
            self.state().note(id, What::Element(element));
        }
    }

    pub(super) fn broken(&self, id: usize, why: &str) {
        self.state().note(id, What::Broken(why.to_owned()));
        self.changed();
    }

    pub(super) fn ended(&self, id: usize) {
        let mut state = self.state();
        if let Some(connection) = state.connections.get_mut(id) {
            connection.ended = true;
        }
        state.note(id, What::Ended);
        drop(state);
        self.changed();
    }

    pub(super) fn secured(&self, id: usize, hello: Hello) {
        let mut state = self.state();
        if let Some(connection) = state.connections.get_mut(id) {
            connection.hello = Some(hello);
            connection.encrypted = true;
            connection.stage.secured();
        }
        drop(state);
        self.changed();
    }

    pub(super) fn refused_tls(&self, id: usize, hello: Hello) {
        let mut state = self.state();
        if let Some(connection) = state.connections.get_mut(id) {
            connection.hello = Some(hello);
        }
        drop(state);
        self.changed();
    }
}

impl State {
    fn note(&mut self, connection: usize, what: What) {
        let at = self.start.elapsed();
        self.sent.push(Sent {
            connection,
            at,
            what,
            matched: false,
        });
    }

    /// The connection that was made last.
    pub(super) fn newest(&mut self) -> Option<&mut Connection> {
        self.connections.last_mut()
    }
}

/// A stream header as an element, so that patterns can be held against it.
fn open_tag(header: &StreamHeader) -> Element {
    let tag = Element::builder("stream", ns::STREAM)
        .attr_opt("to", header.to.as_deref())
        .attr_opt("from", header.from.as_deref())
        .attr_opt("version", header.version.as_deref());
    let tag = match &header.lang {
        Some(lang) => tag.lang(lang),
        None => tag,
    };
    // What was read as a header can be written as one.
    tag.build().unwrap_or_else(|_| empty_tag())
}

#[expect(clippy::expect_used, reason = "a constant")]
fn empty_tag() -> Element {
    Element::parse("<stream xmlns='http://etherx.jabber.org/streams'/>").expect("well-formed")
}

/// A server that a test speaks for; clones are the same server.
#[derive(Clone)]
pub struct Server {
    pub(super) shared: Arc<Shared>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.shared.state();
        f.debug_struct("Server")
            .field("domain", &state.plan.domain)
            .field("connections", &state.connections.len())
            .finish_non_exhaustive()
    }
}

impl Server {
    /// A server with this plan, to which nobody has connected.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let state = State {
            start: Instant::now(),
            plan,
            reach: Reach::new(),
            connections: Vec::new(),
            sent: Vec::new(),
            lookups: Vec::new(),
            sm: Resumption::default(),
        };
        let shared = Shared {
            state: Mutex::new(state),
            changes: Notify::new(),
            pipe: Arc::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The way to this server, for [`Converse::with_network`](converse_core::Converse::with_network).
    #[must_use]
    pub fn network(&self) -> ScriptedNetwork {
        ScriptedNetwork {
            shared: Arc::clone(&self.shared),
        }
    }

    /// Changes what the server does by itself from now on.
    pub fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.shared.state().plan);
    }
}
