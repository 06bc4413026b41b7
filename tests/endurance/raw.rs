//! A server of a few lines over plain loopback: it lets anybody in and then does what a test says, at any speed.

use std::net::SocketAddr;

use converse::prelude::*;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::client::within;

pub(crate) const JID: &str = "romeo@localhost/endurance";

const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' id='raw' from='localhost' version='1.0'>";

pub(crate) struct RawServer {
    listener: TcpListener,
}

/// A client that has logged in, with stream management.
pub(crate) struct Peer {
    pub(crate) from: Incoming,
    pub(crate) to: OwnedWriteHalf,
}

/// What the client sends.
pub(crate) struct Incoming {
    from: OwnedReadHalf,
    text: String,
}

impl RawServer {
    pub(crate) fn start() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // The less the system keeps for the client, the more of a flood waits until the client takes it.
        socket.set_send_buffer_size(64 * 1024).unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(8).unwrap();
        Self { listener }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// Lets the next client in.
    pub(crate) async fn let_in(&self) -> Peer {
        let mut peer = self.authenticated().await;
        peer.bind().await;
        peer.from.empty_element("enable").await;
        peer.send("<enabled xmlns='urn:xmpp:sm:3' id='raw-session' resume='true'/>")
            .await;
        peer
    }

    /// Lets the next client in as far as the features after the login.
    pub(crate) async fn authenticated(&self) -> Peer {
        let (stream, _) = within("a client", self.listener.accept()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (from, to) = stream.into_split();
        let mut peer = Peer {
            from: Incoming {
                from,
                text: String::new(),
            },
            to,
        };
        peer.from.until("version='1.0'>").await;
        let mechanisms = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
            <mechanism>PLAIN</mechanism></mechanisms>";
        peer.send(&format!(
            "{HEADER}<stream:features>{mechanisms}</stream:features>"
        ))
        .await;
        peer.from.until("</auth>").await;
        peer.send("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
            .await;
        peer.from.until("version='1.0'>").await;
        peer.send(&format!(
            "{HEADER}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
             <sm xmlns='urn:xmpp:sm:3'/></stream:features>"
        ))
        .await;
        peer
    }
}

impl Peer {
    pub(crate) async fn send(&mut self, text: &str) {
        within("room to write", self.to.write_all(text.as_bytes()))
            .await
            .unwrap();
    }

    /// Binds the resource that the client asks for.
    pub(crate) async fn bind(&mut self) {
        let request = self.from.until("</iq>").await;
        let id = attribute(&request, "id").unwrap();
        self.send(&format!(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <jid>{JID}</jid></bind></iq>"
        ))
        .await;
    }

    /// Closes the connection without a word.
    pub(crate) fn vanish(self) {
        let stream: TcpStream = self.from.from.reunite(self.to).unwrap();
        stream.set_zero_linger().unwrap();
    }
}

impl Incoming {
    /// Everything up to and including `end`.
    pub(crate) async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some(at) = self.text.find(end) {
                let rest = self.text.split_off(at + end.len());
                return std::mem::replace(&mut self.text, rest);
            }
            let more = within(end, self.read()).await;
            assert!(more, "the client closed before `{end}`: {}", self.text);
        }
    }

    /// Reads some more; `false` at the end.
    async fn read(&mut self) -> bool {
        let mut bytes = vec![0; 64 * 1024];
        let count = self.from.read(&mut bytes).await.unwrap_or(0);
        // What the client sends in these tests is ASCII.
        self.text
            .push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        count > 0
    }

    /// The next top-level element; `None` at the end of the stream.
    pub(crate) async fn element(&mut self) -> Option<String> {
        loop {
            if self.text.starts_with("</stream:stream>") {
                return None;
            }
            if let Some(length) = element_length(&self.text) {
                let rest = self.text.split_off(length);
                return Some(std::mem::replace(&mut self.text, rest));
            }
            if !self.read().await {
                return None;
            }
        }
    }

    /// The next element without content, like `<a h='1'/>`; stanzas before it are passed over.
    pub(crate) async fn empty_element(&mut self, name: &str) -> String {
        let start = format!("<{name} ");
        self.until(&start).await;
        start + &self.until("/>").await
    }
}

/// How long the element is with which `text` begins, if it is complete. No element here holds another of its name.
fn element_length(text: &str) -> Option<usize> {
    let tag = text.find('>')? + 1;
    if text[..tag].ends_with("/>") {
        return Some(tag);
    }
    let name = text[1..tag].split([' ', '>']).next()?;
    let end = format!("</{name}>");
    Some(text.find(&end)? + end.len())
}

/// The value of an attribute of the last element that has it.
pub(crate) fn attribute(xml: &str, name: &str) -> Option<String> {
    [('\'', format!(" {name}='")), ('"', format!(" {name}=\""))]
        .into_iter()
        .find_map(|(quote, start)| {
            let value = &xml[xml.rfind(&start)? + start.len()..];
            Some(value[..value.find(quote)?].to_owned())
        })
}

/// The settings of a client of this server.
pub(crate) fn settings(addr: SocketAddr) -> Value {
    json!({
        "jid": JID,
        "password": "secret",
        "server": addr.to_string(),
        "security": "plaintext_loopback",
        "sasl_mechanisms": ["PLAIN"],
        "whitelisted_plugins": ["witness"],
        "auto_login": false,
        "reconnect_min": 10,
        "reconnect_max": 20,
    })
}
