//! A client for tests: the initiating side of `tokio_xmpp::xmlstream`, and everything else by hand.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use converse_testkit::loopback::{Loopback, LoopbackBuilder};
use futures_util::{SinkExt as _, StreamExt as _};
use ring::{digest, hmac, pbkdf2};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite, BufStream};
use tokio::net::TcpStream;
use tokio_xmpp::xmlstream::{ReadError, StreamHeader, Timeouts, XmlStream, initiate_stream};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stream_features::StreamFeatures;

const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) trait Bytes: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Bytes for T {}

type Io = BufStream<Box<dyn Bytes>>;

/// A connection with an open stream.
pub(crate) struct Client {
    stream: XmlStream<Io, Element>,
    pub(crate) features: StreamFeatures,
    pub(crate) jid: String,
    pings: u32,
}

/// Romeo and Juliet, who see each other, and Tybalt, whom nobody knows.
pub(crate) async fn verona() -> Loopback {
    builder().start().await.unwrap()
}

/// The same, to be made otherwise.
pub(crate) fn builder() -> LoopbackBuilder {
    Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet", "secret")
        .account("tybalt", "secret")
        .subscribed("romeo", "juliet")
}

/// An element written down; stanzas need no namespace.
pub(crate) fn xml(text: &str) -> Element {
    format!("<x xmlns='jabber:client'>{text}</x>")
        .parse::<Element>()
        .unwrap()
        .children()
        .next()
        .unwrap()
        .clone()
}

impl Client {
    /// Opens a stream and reads the features.
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        let tcp = TcpStream::connect(addr).await.unwrap();
        Self::open(Box::new(tcp)).await
    }

    async fn open(io: Box<dyn Bytes>) -> Self {
        let header = StreamHeader {
            to: Some("localhost".into()),
            ..StreamHeader::default()
        };
        let opened = initiate_stream(
            BufStream::new(io),
            "jabber:client",
            header,
            Timeouts::tight(),
        );
        let pending = opened.await.unwrap();
        let (features, stream) = pending.recv_features().await.unwrap();
        Self {
            stream,
            features,
            jid: String::new(),
            pings: 0,
        }
    }

    /// Connects and encrypts.
    pub(crate) async fn encrypted(server: &Loopback) -> Self {
        let mut plain = Self::connect(server.addr()).await;
        assert!(plain.features.starttls.is_some());
        assert!(plain.features.sasl_mechanisms.is_empty());
        plain
            .send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            .await;
        assert_eq!(plain.recv().await.name(), "proceed");
        let mut roots = rustls::RootCertStore::empty();
        let pem = server.ca_pem().unwrap();
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let name = ServerName::try_from("localhost").unwrap();
        let io = plain.stream.into_inner().into_inner();
        Self::open(Box::new(connector.connect(name, io).await.unwrap())).await
    }

    /// Authenticates with a mechanism; gives the answer of the server if it refuses.
    pub(crate) async fn authenticate(
        mut self,
        mechanism: &str,
        user: &str,
        password: &str,
    ) -> Result<Self, (Element, Self)> {
        assert!(
            self.features.sasl_mechanisms.contains(mechanism),
            "{mechanism} is not offered"
        );
        let answer = match mechanism {
            "PLAIN" => {
                self.auth(mechanism, format!("\0{user}\0{password}").as_bytes())
                    .await;
                self.recv().await
            }
            "ANONYMOUS" => {
                self.auth(mechanism, b"").await;
                self.recv().await
            }
            _ => self.scram(mechanism, user, password).await,
        };
        if answer.name() != "success" {
            return Err((answer, self));
        }
        let header = StreamHeader {
            to: Some("localhost".into()),
            ..StreamHeader::default()
        };
        let pending = self
            .stream
            .initiate_reset()
            .send_header(header)
            .await
            .unwrap();
        let (features, stream) = pending.recv_features().await.unwrap();
        Ok(Self {
            stream,
            features,
            jid: String::new(),
            pings: 0,
        })
    }

    async fn auth(&mut self, mechanism: &str, data: &[u8]) {
        let data = match data {
            b"" => "=".to_owned(),
            data => BASE64.encode(data),
        };
        self.send(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{data}</auth>"
        ))
        .await;
    }

    /// SCRAM as RFC 5802 §3 writes it down.
    async fn scram(&mut self, mechanism: &str, user: &str, password: &str) -> Element {
        let (pbkdf2, hmac, digest) = match mechanism {
            "SCRAM-SHA-1" => (
                pbkdf2::PBKDF2_HMAC_SHA1,
                hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
                &digest::SHA1_FOR_LEGACY_USE_ONLY,
            ),
            "SCRAM-SHA-256" => (
                pbkdf2::PBKDF2_HMAC_SHA256,
                hmac::HMAC_SHA256,
                &digest::SHA256,
            ),
            "SCRAM-SHA-512" => (
                pbkdf2::PBKDF2_HMAC_SHA512,
                hmac::HMAC_SHA512,
                &digest::SHA512,
            ),
            other => panic!("{other}?"),
        };
        let sign = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac, key), text.as_bytes());
        let bare = format!("n={user},r=nonce");
        self.auth(mechanism, format!("n,,{bare}").as_bytes()).await;
        let challenge = self.recv().await;
        if challenge.name() != "challenge" {
            return challenge;
        }
        let challenge = String::from_utf8(BASE64.decode(challenge.text()).unwrap()).unwrap();
        let field = |name: &str| {
            let mut fields = challenge.split(',');
            fields
                .find_map(|field| field.strip_prefix(name))
                .unwrap()
                .to_owned()
        };
        let mut salted = vec![0; digest.output_len()];
        let rounds = field("i=").parse().unwrap();
        let salt = BASE64.decode(field("s=")).unwrap();
        pbkdf2::derive(pbkdf2, rounds, &salt, password.as_bytes(), &mut salted);
        let client = sign(&salted, "Client Key");
        let stored = digest::digest(digest, client.as_ref());
        let last = format!("c=biws,r={}", field("r="));
        let message = format!("{bare},{challenge},{last}");
        let signature = sign(stored.as_ref(), &message);
        let proof: Vec<u8> = client
            .as_ref()
            .iter()
            .zip(signature.as_ref())
            .map(|(a, b)| a ^ b)
            .collect();
        let last = BASE64.encode(format!("{last},p={}", BASE64.encode(proof)));
        let sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
        self.send(&format!("<response xmlns='{sasl}'>{last}</response>"))
            .await;
        let answer = self.recv().await;
        if answer.name() == "success" {
            let server = sign(sign(&salted, "Server Key").as_ref(), &message);
            let expected = format!("v={}", BASE64.encode(server.as_ref()));
            assert_eq!(BASE64.decode(answer.text()).unwrap(), expected.as_bytes());
        }
        answer
    }

    /// Logs in and binds.
    pub(crate) async fn login(server: &Loopback, jid: &str) -> Self {
        let (user, resource) = jid.split_once('/').unwrap();
        let mut client = Self::authenticated(server, user).await;
        client.bind(resource).await;
        client
    }

    /// Logs in and does not bind.
    pub(crate) async fn authenticated(server: &Loopback, user: &str) -> Self {
        let client = Self::connect(server.addr()).await;
        client
            .authenticate("PLAIN", user, "secret")
            .await
            .ok()
            .unwrap()
    }

    /// Binds a resource.
    pub(crate) async fn bind(&mut self, resource: &str) {
        self.send(&format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <resource>{resource}</resource></bind></iq>"
        ))
        .await;
        let answer = self.recv().await;
        assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
        let bind = answer.children().next().unwrap();
        self.jid = bind.children().next().unwrap().text();
    }

    /// Logs in, binds, gets the roster and is available.
    pub(crate) async fn online(server: &Loopback, jid: &str) -> Self {
        let mut client = Self::login(server, jid).await;
        client
            .request("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
        client.send("<presence/>").await;
        let own = client.recv().await;
        assert_eq!(own.attr("from"), Some(client.jid.as_str()));
        client
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.send(&xml(text)).await.unwrap();
    }

    /// Reads the next element.
    pub(crate) async fn recv(&mut self) -> Element {
        match self.next().await {
            Some(Ok(element)) => element,
            other => panic!("the stream ended: {other:?}"),
        }
    }

    async fn next(&mut self) -> Option<Result<Element, ReadError>> {
        tokio::time::timeout(DEADLINE, self.stream.next())
            .await
            .expect("nothing came")
    }

    /// Sends a request and reads its answer, which is the next thing that comes.
    pub(crate) async fn request(&mut self, text: &str) -> Element {
        self.send(text).await;
        let answer = self.recv().await;
        assert_eq!(answer.name(), "iq", "{answer:?}");
        assert_eq!(answer.attr("id"), xml(text).attr("id"), "{answer:?}");
        answer
    }

    /// Asserts that nothing has come for this client.
    pub(crate) async fn hears_nothing(&mut self) {
        self.pings += 1;
        let ping = format!(
            "<iq type='get' id='nothing{}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
            self.pings
        );
        assert_eq!(self.request(&ping).await.attr("type"), Some("result"));
    }

    /// Asserts that nothing but the client's own presence has come.
    pub(crate) async fn hears_own(&mut self) {
        let heard = self.drain().await;
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert_eq!(heard[0].attr("from"), Some(self.jid.as_str()));
    }

    /// Reads what has come so far.
    pub(crate) async fn drain(&mut self) -> Vec<Element> {
        self.pings += 1;
        let id = format!("drain{}", self.pings);
        self.send(&format!(
            "<iq type='get' id='{id}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>"
        ))
        .await;
        let mut heard = Vec::new();
        loop {
            let element = self.recv().await;
            if element.attr("id") == Some(id.as_str()) {
                return heard;
            }
            heard.push(element);
        }
    }

    /// Reads the stream error that ends the stream; gives its condition.
    pub(crate) async fn stream_error(&mut self) -> String {
        let error = self.recv().await;
        assert_eq!(error.name(), "error", "{error:?}");
        self.footer().await;
        error.children().next().unwrap().name().to_owned()
    }

    /// Reads what comes before the stream error, and the error; gives its condition.
    pub(crate) async fn drain_until_error(&mut self) -> String {
        loop {
            let element = self.recv().await;
            if element.is("error", "http://etherx.jabber.org/streams") {
                return element.children().next().unwrap().name().to_owned();
            }
        }
    }

    /// Reads the end of the stream.
    pub(crate) async fn footer(&mut self) {
        let end = self.next().await;
        assert!(
            matches!(end, Some(Err(ReadError::StreamFooterReceived))),
            "{end:?}"
        );
    }

    /// Reads until the connection breaks.
    pub(crate) async fn broken(&mut self) {
        loop {
            match self.next().await {
                Some(Ok(_)) => {}
                Some(Err(ReadError::HardError(_))) | None => return,
                other => panic!("{other:?}"),
            }
        }
    }

    /// Closes the stream in order.
    pub(crate) async fn close(mut self) {
        self.stream.shutdown().await.unwrap();
        while !matches!(self.next().await, None | Some(Err(_))) {}
    }

    /// Turns stream management on; gives what resumes the session.
    pub(crate) async fn manage(&mut self) -> String {
        self.send("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
            .await;
        let enabled = self.recv().await;
        assert_eq!(enabled.name(), "enabled", "{enabled:?}");
        enabled.attr("id").unwrap().to_owned()
    }
}

/// The condition of an error stanza.
pub(crate) fn condition(stanza: &Element) -> &str {
    assert_eq!(stanza.attr("type"), Some("error"), "{stanza:?}");
    let error = stanza.get_child("error", "jabber:client").unwrap();
    error.children().next().unwrap().name()
}
