//! Just enough of a client to look at a server: raw text over TCP and TLS.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use converse_testkit::servers::{ClientCertificate, Server};

/// A stream of text.
pub(crate) struct Probe<S> {
    stream: S,
    read: String,
}

impl Probe<TcpStream> {
    /// Connects and opens a stream; returns once the features have come.
    pub(crate) async fn open(addr: SocketAddr, domain: &str) -> Probe<TcpStream> {
        let stream = TcpStream::connect(addr).await.unwrap();
        let mut probe = Probe {
            stream,
            read: String::new(),
        };
        probe.restart(domain).await;
        probe
    }

    /// Asks for STARTTLS and negotiates it, trusting the server's authority only.
    pub(crate) async fn starttls(
        mut self,
        server: &Server,
        domain: &str,
        client: Option<ClientCertificate>,
    ) -> std::io::Result<Probe<TlsStream<TcpStream>>> {
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            .await;
        self.until("<proceed").await;
        let stream = tls(self.stream, server.ca_file(), domain, client).await?;
        let mut probe = Probe {
            stream,
            read: String::new(),
        };
        probe.restart(domain).await;
        Ok(probe)
    }
}

/// Connects with TLS from the first byte, and opens a stream.
pub(crate) async fn direct_tls(server: &Server) -> Probe<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.direct_tls_addr()).await.unwrap();
    let stream = tls(stream, server.ca_file(), server.domain(), None)
        .await
        .unwrap();
    let mut probe = Probe {
        stream,
        read: String::new(),
    };
    probe.restart(server.domain()).await;
    probe
}

impl<S: AsyncRead + AsyncWrite + Unpin> Probe<S> {
    /// Everything read since the stream was last (re)started.
    pub(crate) fn read(&self) -> &str {
        &self.read
    }

    pub(crate) async fn restart(&mut self, domain: &str) {
        self.read.clear();
        self.send(&format!(
            "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xml:lang='en' \
             xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
        ))
        .await;
        self.until("</stream:features>").await;
    }

    pub(crate) async fn send(&mut self, xml: &str) {
        self.stream.write_all(xml.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Reads until `text` has come.
    pub(crate) async fn until(&mut self, text: &str) {
        let mut buffer = [0; 4096];
        while !self.read.contains(text) {
            let count = self.stream.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "closed before {text:?} came: {}", self.read);
            self.read
                .push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
    }

    /// Authenticates with one message; whether the server accepted it.
    pub(crate) async fn authenticate(&mut self, mechanism: &str, initial: &str) -> bool {
        let initial = BASE64.encode(initial);
        let initial = if initial.is_empty() { "=" } else { &initial };
        self.send(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{initial}</auth>"
        ))
        .await;
        let mut buffer = [0; 4096];
        loop {
            if self.read.contains("<success") {
                return true;
            }
            if self.read.contains("<failure") {
                return false;
            }
            let count = self.stream.read(&mut buffer).await.unwrap();
            assert_ne!(count, 0, "closed while authenticating: {}", self.read);
            self.read
                .push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        }
    }

    pub(crate) async fn plain(&mut self, user: &str, password: &str) -> bool {
        self.authenticate("PLAIN", &format!("\0{user}\0{password}"))
            .await
    }
}

async fn tls(
    stream: TcpStream,
    ca_file: &Path,
    domain: &str,
    client: Option<ClientCertificate>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(ca_file).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let chain = vec![CertificateDer::from_pem_file(client.certificate).unwrap()];
            let key = PrivateKeyDer::from_pem_file(client.key).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let name = ServerName::try_from(domain.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}
