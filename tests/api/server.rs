//! The server's side of the stream, word by word: it says and checks what the test says.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use converse::prelude::*;
use converse::xml::{Frame, Framer, Limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;

use crate::network::{Watched, lines};
use crate::support::within;

/// The full JID that [`Line::log_in`] binds.
pub(crate) const OWN: &str = "mara@kestrel.example/desk";

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='kestrel.example' version='1.0'>";

/// Where the client's connections come out.
pub(crate) struct Server {
    connections: mpsc::UnboundedReceiver<(SocketAddr, DuplexStream)>,
    watched: Arc<Watched>,
}

/// A connection.
pub(crate) struct Line {
    stream: DuplexStream,
    framer: Framer,
    /// Where the client connected to.
    pub(crate) address: SocketAddr,
}

/// An instance without linked plugins, and the server that it reaches.
pub(crate) fn instance() -> (Converse, Server) {
    let (lines, connections, watched) = lines();
    let converse = Converse::new().with_network(lines).without_linked_plugins();
    let server = Server {
        connections,
        watched,
    };
    (converse, server)
}

/// What logs in at [`instance`]'s server, when it is asked to.
pub(crate) fn account() -> SettingsMap {
    settings! {
        "jid": OWN,
        "password": "secret",
        "server": "127.0.0.1:5222",
        "security": "plaintext_loopback",
        "auto_login": false,
    }
}

/// An instance with a session, and the server's end of it.
pub(crate) async fn online(settings: SettingsMap) -> (Api, Server, Line) {
    online_with(settings, |_| Ok(())).await
}

/// The same with something that is set up before the login.
pub(crate) async fn online_with(
    settings: SettingsMap,
    set_up: impl FnOnce(&Api) -> Result<(), Error>,
) -> (Api, Server, Line) {
    let (converse, mut server) = instance();
    let api = converse.start(settings).await.unwrap();
    set_up(&api).unwrap();
    let line = server.serve(&api).await;
    (api, server, line)
}

impl Server {
    /// How many connections were tried.
    pub(crate) fn tried(&self) -> usize {
        self.watched.tried.load(Ordering::SeqCst)
    }

    /// Whether connections are refused from now on.
    pub(crate) fn down(&self, down: bool) {
        self.watched.down.store(down, Ordering::SeqCst);
    }

    /// The next connection.
    pub(crate) async fn accept(&mut self) -> Line {
        let (address, stream) = within(self.connections.recv()).await.expect("a connection");
        Line {
            stream,
            framer: Framer::new(Limits::default()),
            address,
        }
    }

    /// Logs the client in.
    pub(crate) async fn serve(&mut self, api: &Api) -> Line {
        let user = api.user();
        let (login, line) = tokio::join!(user.login(()), async {
            let mut line = self.accept().await;
            line.log_in("").await;
            line
        });
        login.unwrap();
        line
    }
}

impl Line {
    /// The next frame; `None` at the end of the connection.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        within(async {
            loop {
                if let Some(frame) = self.framer.next_frame().expect("valid XML") {
                    return Some(frame);
                }
                let stream = &mut self.stream;
                let framer = &mut self.framer;
                let read = std::future::poll_fn(|cx| {
                    framer.poll_read_from(std::pin::Pin::new(&mut *stream), cx)
                });
                // A reset is an end too.
                if read.await.unwrap_or(0) == 0 {
                    return None;
                }
            }
        })
        .await
    }

    /// The next element.
    pub(crate) async fn element(&mut self) -> Element {
        match self.frame().await {
            Some(Frame::Element(element)) => element,
            other => panic!("not an element: {other:?}"),
        }
    }

    pub(crate) async fn send(&mut self, xml: &str) {
        self.send_bytes(xml.as_bytes()).await;
    }

    /// Writes some of it and says how much; nothing if the client has closed the connection.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> usize {
        self.stream.write(bytes).await.unwrap_or(0)
    }

    /// Reads at most so many bytes, whatever they are, and says how many.
    pub(crate) async fn read_some(&mut self, count: usize) -> usize {
        let mut bytes = vec![0; count];
        within(self.stream.read(&mut bytes)).await.unwrap_or(0)
    }

    /// Writes as much as the client takes before it closes the connection.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = within(self.stream.write_all(bytes)).await;
    }

    /// Takes the client's header and says for which domain it is.
    pub(crate) async fn header(&mut self) -> String {
        match self.frame().await {
            Some(Frame::Open(header)) => header.to.expect("a domain"),
            other => panic!("not a stream header: {other:?}"),
        }
    }

    /// Takes the client's header and answers with these features.
    pub(crate) async fn features(&mut self, features: &str) {
        self.header().await;
        let xml = format!("{HEADER}<stream:features>{features}</stream:features>");
        self.send(&xml).await;
    }

    /// Offers PLAIN and takes the client's `<auth/>`.
    pub(crate) async fn auth(&mut self) -> Element {
        self.features(
            "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
             <mechanism>PLAIN</mechanism></mechanisms>",
        )
        .await;
        let auth = self.element().await;
        assert!(auth.is("auth", "urn:ietf:params:xml:ns:xmpp-sasl"));
        auth
    }

    /// Authenticates whoever comes.
    pub(crate) async fn authenticate(&mut self) {
        self.auth().await;
        self.authenticated().await;
    }

    /// Says that the login succeeded; a new stream follows.
    pub(crate) async fn authenticated(&mut self) {
        self.send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
            .await;
        self.framer.restart();
    }

    /// Authenticates and binds [`OWN`]; `features` are offered beside resource binding.
    pub(crate) async fn log_in(&mut self, features: &str) {
        self.authenticate().await;
        self.bind(features).await;
    }

    /// Offers resource binding and these features, and binds [`OWN`].
    pub(crate) async fn bind(&mut self, features: &str) {
        let bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
        self.features(&format!("{bind}{features}")).await;
        self.bound().await;
    }

    /// Answers the request to bind a resource.
    pub(crate) async fn bound(&mut self) {
        let request = self.element().await;
        assert!(
            request
                .child("bind", "urn:ietf:params:xml:ns:xmpp-bind")
                .is_some()
        );
        let payload =
            format!("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{OWN}</jid></bind>");
        self.result(&request, &payload).await;
    }

    /// Answers a request.
    pub(crate) async fn result(&mut self, request: &Element, payload: &str) {
        let id = request.attr("id").expect("a request has an id");
        self.send(&format!("<iq type='result' id='{id}'>{payload}</iq>"))
            .await;
    }

    /// Everything until the client ends the connection, as text.
    pub(crate) async fn rest(&mut self) -> String {
        let mut text = self.framer.buffered().to_vec();
        // A reset is an end too.
        let _ = within(self.stream.read_to_end(&mut text)).await;
        String::from_utf8(text).unwrap()
    }

    /// The name of the stream error that the client ends the stream with (RFC 6120 §4.9).
    pub(crate) async fn stream_error(&mut self) -> String {
        loop {
            match self.frame().await {
                Some(Frame::Element(element))
                    if element.is("error", "http://etherx.jabber.org/streams") =>
                {
                    let condition = element.children().next().expect("a condition");
                    assert_eq!(condition.ns(), "urn:ietf:params:xml:ns:xmpp-streams");
                    let name = condition.name().to_owned();
                    assert!(matches!(self.frame().await, Some(Frame::Close)));
                    return name;
                }
                Some(_) => {}
                None => panic!("no stream error, but {:?}", self.framer.buffered()),
            }
        }
    }

    /// Plays the other side of an orderly end.
    pub(crate) async fn farewell(&mut self) -> Vec<Element> {
        let mut before = Vec::new();
        loop {
            match self.frame().await {
                Some(Frame::Element(element)) => before.push(element),
                Some(Frame::Close) => {
                    self.send("</stream:stream>").await;
                    return before;
                }
                other => panic!("not an orderly end: {other:?}"),
            }
        }
    }
}
