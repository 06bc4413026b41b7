//! A network of which every name, address and delay is written down by the test.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::time::Duration;

use converse_core::env::RandomSource;
use converse_core::transport::{
    ByteStream, Connected, Network, SrvRecord, Target, TransportError, connect,
};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

pub(crate) const DOMAIN: &str = "kestrel.example";

/// What an address does when it is connected to. Those without any refuse.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    Accept { after: Duration },
    Refuse { after: Duration },
    Silence,
}

pub(crate) const AT_ONCE: Answer = Answer::Accept {
    after: Duration::ZERO,
};

#[derive(Debug)]
pub(crate) struct FakeNetwork {
    pub(crate) srv: HashMap<&'static str, Vec<SrvRecord>>,
    pub(crate) broken_srv: Vec<&'static str>,
    pub(crate) addresses: HashMap<&'static str, Vec<IpAddr>>,
    pub(crate) answers: HashMap<SocketAddr, Answer>,
    start: Instant,
    attempts: Mutex<Vec<(u128, String, SocketAddr)>>,
    accepted: mpsc::UnboundedSender<DuplexStream>,
}

impl FakeNetwork {
    /// The network, and the server's ends of the connections made in it.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<DuplexStream>) {
        let (accepted, connections) = mpsc::unbounded_channel();
        let network = Self {
            srv: HashMap::new(),
            broken_srv: Vec::new(),
            addresses: HashMap::new(),
            answers: HashMap::new(),
            start: Instant::now(),
            attempts: Mutex::default(),
            accepted,
        };
        (network, connections)
    }

    /// A network in which `DOMAIN` has one address that accepts at `port`.
    pub(crate) fn with_server(port: u16) -> (Self, mpsc::UnboundedReceiver<DuplexStream>) {
        let (mut network, connections) = Self::new();
        network.host(DOMAIN, &["192.0.2.1"]);
        network.answer(&format!("192.0.2.1:{port}"), AT_ONCE);
        (network, connections)
    }

    pub(crate) fn host(&mut self, name: &'static str, addresses: &[&str]) {
        let addresses = addresses.iter().map(|text| text.parse().unwrap());
        self.addresses.insert(name, addresses.collect());
    }

    pub(crate) fn answer(&mut self, address: &str, answer: Answer) {
        self.answers.insert(address.parse().unwrap(), answer);
    }

    /// `host:port` of every attempt, in order.
    pub(crate) fn tried(&self) -> Vec<String> {
        let attempts = self.attempts.lock().unwrap();
        let tried = attempts
            .iter()
            .map(|(_, host, address)| format!("{host}:{}", address.port()));
        tried.collect()
    }

    /// When each address was tried, in milliseconds.
    pub(crate) fn times(&self) -> Vec<(u128, String)> {
        let attempts = self.attempts.lock().unwrap();
        let times = attempts
            .iter()
            .map(|(at, _, address)| (*at, address.ip().to_string()));
        times.collect()
    }
}

impl Network for FakeNetwork {
    fn srv<'a>(
        &'a self,
        service: &'a str,
        domain: &'a str,
    ) -> BoxFuture<'a, Result<Vec<SrvRecord>, TransportError>> {
        async move {
            if self.broken_srv.contains(&service) {
                return Err(TransportError::Lookup {
                    name: domain.to_owned(),
                    source: "server failure".into(),
                });
            }
            Ok(self.srv.get(service).cloned().unwrap_or_default())
        }
        .boxed()
    }

    fn addresses<'a>(
        &'a self,
        host: &'a str,
    ) -> BoxFuture<'a, Result<Vec<IpAddr>, TransportError>> {
        async move { Ok(self.addresses.get(host).cloned().unwrap_or_default()) }.boxed()
    }

    fn connect<'a>(
        &'a self,
        host: &'a str,
        address: SocketAddr,
    ) -> BoxFuture<'a, io::Result<Box<dyn ByteStream>>> {
        async move {
            let at = self.start.elapsed().as_millis();
            let attempt = (at, host.to_owned(), address);
            self.attempts.lock().unwrap().push(attempt);
            match self.answers.get(&address) {
                Some(Answer::Accept { after }) => {
                    sleep(*after).await;
                    let (ours, theirs) = tokio::io::duplex(64 * 1024);
                    self.accepted.send(theirs).unwrap();
                    Ok(Box::new(ours) as Box<dyn ByteStream>)
                }
                Some(Answer::Refuse { after }) => {
                    sleep(*after).await;
                    Err(io::ErrorKind::ConnectionRefused.into())
                }
                Some(Answer::Silence) => std::future::pending().await,
                None => Err(io::ErrorKind::ConnectionRefused.into()),
            }
        }
        .boxed()
    }
}

/// Random numbers as the test lists them, then zeros.
#[derive(Debug, Default)]
pub(crate) struct Listed(Mutex<VecDeque<u64>>);

impl Listed {
    pub(crate) fn new(numbers: impl IntoIterator<Item = u64>) -> Self {
        Self(Mutex::new(numbers.into_iter().collect()))
    }
}

impl RandomSource for Listed {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.lock().unwrap().pop_front().unwrap_or(0);
        let digits = number.to_le_bytes().into_iter().chain(std::iter::repeat(0));
        for (byte, digit) in bytes.iter_mut().zip(digits) {
            *byte = digit;
        }
    }
}

pub(crate) async fn try_connect(
    target: &Target,
    network: &FakeNetwork,
) -> Result<Connected, TransportError> {
    connect(target, network, &Listed::default()).await
}

/// Reads until what was read ends with `end`; nothing beyond it may have been sent.
pub(crate) async fn read_to<S: ByteStream>(stream: &mut S, end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let byte = stream.read_u8().await;
        let so_far = String::from_utf8_lossy(&read).into_owned();
        read.push(byte.unwrap_or_else(|_| panic!("ended before `{end}`: {so_far}")));
    }
    String::from_utf8(read).unwrap()
}

/// Everything that still comes.
pub(crate) async fn read_rest<S: ByteStream>(stream: &mut S) -> Vec<u8> {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    rest
}

pub(crate) const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
     xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='kestrel.example' version='1.0'>";
pub(crate) const STARTTLS: &str = "<stream:features><starttls \
     xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";
pub(crate) const PROCEED: &str = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

/// The server's part of STARTTLS up to the handshake; gives what the client said.
pub(crate) async fn starttls<S: ByteStream>(stream: &mut S, answer: &str) -> String {
    let mut said = read_to(stream, ">").await;
    said += &read_to(stream, ">").await;
    stream
        .write_all(format!("{HEADER}{STARTTLS}").as_bytes())
        .await
        .unwrap();
    said += &read_to(stream, "/>").await;
    stream.write_all(answer.as_bytes()).await.unwrap();
    said
}
