use std::sync::Arc;

use converse_core::transport::{
    Connected, OpenHeader, Security, Target, TlsReason, TlsSettings, TlsVersion, TransportError,
};
use ring::digest;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::{Authority, Leaf};
use crate::network::{DOMAIN, FakeNetwork, PROCEED, read_rest, read_to, starttls, try_connect};

fn target(security: Security, tls: TlsSettings) -> Target {
    let mut target = Target::new(DOMAIN);
    target.security = security;
    target.tls = tls;
    target
}

fn client_config(roots: rustls::RootCertStore) -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// A connection by direct TLS to this acceptor, from both ends.
async fn direct(tls: TlsSettings, acceptor: TlsAcceptor) -> (Connected, TlsStream<DuplexStream>) {
    let (network, mut connections) = FakeNetwork::with_server(5223);
    let target = target(Security::DirectTls, tls);
    let server = async {
        let stream = connections.recv().await.unwrap();
        acceptor.accept(stream).await.unwrap()
    };
    let (connected, stream) = tokio::join!(try_connect(&target, &network), server);
    (connected.unwrap(), stream)
}

/// Why a server with this certificate is refused, after which nothing but TLS alerts may be sent.
async fn refusal(leaf: &Leaf, tls: TlsSettings, security: Security) -> TlsReason {
    let port = if security == Security::DirectTls {
        5223
    } else {
        5222
    };
    let (network, connections) = FakeNetwork::with_server(port);
    let target = target(security, tls);
    let server = refused_by_client(connections, leaf.acceptor(), security);
    let (result, attempts) = tokio::join!(try_connect(&target, &network), server);
    assert_eq!(attempts, 1);
    let error = result.unwrap_err();
    assert!(error.is_terminal(), "{error}");
    match error {
        TransportError::Tls { reason, .. } => reason,
        error => panic!("{error}"),
    }
}

async fn refused_by_client(
    mut connections: mpsc::UnboundedReceiver<DuplexStream>,
    acceptor: TlsAcceptor,
    security: Security,
) -> usize {
    let mut stream = connections.recv().await.unwrap();
    if security == Security::StartTls {
        starttls(&mut stream, PROCEED).await;
    }
    // In TLS 1.3 the server may find its handshake done before the client's alert arrives.
    if let Ok(mut stream) = acceptor.accept(stream).await {
        assert_eq!(read_rest(&mut stream).await, b"");
    }
    1 + connections.len()
}

#[tokio::test(start_paused = true)]
async fn direct_tls_names_the_domain_and_the_protocol() {
    let authority = Authority::new();
    let acceptor = authority
        .leaf(DOMAIN)
        .acceptor_speaking(&[&rustls::version::TLS13], &["xmpp-client"]);
    let (connected, stream) = direct(authority.trusted(), acceptor).await;
    let session = stream.get_ref().1;
    assert_eq!(session.server_name(), Some(DOMAIN));
    assert_eq!(session.alpn_protocol(), Some(&b"xmpp-client"[..]));
    assert_eq!(connected.host, DOMAIN);
    assert_eq!(connected.address.to_string(), "192.0.2.1:5223");
}

#[tokio::test(start_paused = true)]
async fn starttls_leads_to_an_encrypted_stream_that_says_who_we_are() {
    let authority = Authority::new();
    let (network, mut connections) = FakeNetwork::with_server(5222);
    let acceptor = authority.leaf(DOMAIN).acceptor();
    let target = target(Security::StartTls, authority.trusted());
    let client = async {
        let mut connected = try_connect(&target, &network).await.unwrap();
        let header = OpenHeader::new(DOMAIN)
            .from("mara@kestrel.example")
            .lang("en");
        connected.transport.open(&header);
        connected.transport.flush().await.unwrap();
        connected
    };
    let server = async {
        let mut stream = connections.recv().await.unwrap();
        starttls(&mut stream, PROCEED).await;
        let mut stream = acceptor.accept(stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), None);
        read_to(&mut stream, ">").await
    };
    let (_connected, header) = tokio::join!(client, server);
    assert_eq!(
        header,
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         to='kestrel.example' from='mara@kestrel.example' version='1.0' xml:lang='en'>"
    );
}

#[tokio::test(start_paused = true)]
async fn bad_certificates_are_refused_and_nothing_is_sent() {
    let authority = Authority::new();
    let cases = [
        (
            authority.leaf("xmpp7.hosting.example"),
            TlsReason::WrongHost,
        ),
        (authority.dated(DOMAIN, 2000, 2001), TlsReason::Expired),
        (authority.dated(DOMAIN, 2080, 2090), TlsReason::NotYetValid),
        (
            Authority::named("other").leaf(DOMAIN),
            TlsReason::UnknownIssuer,
        ),
    ];
    for (leaf, expected) in cases {
        for security in [Security::StartTls, Security::DirectTls] {
            let reason = refusal(&leaf, authority.trusted(), security).await;
            assert_eq!(reason, expected, "{security:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_does_not_change_whose_certificate_is_needed() {
    let authority = Authority::new();
    let (mut network, connections) = FakeNetwork::new();
    network.host("cm9.mallard.example", &["192.0.2.7"]);
    network.answer("192.0.2.7:5223", crate::network::AT_ONCE);
    let target = target(Security::DirectTls, authority.trusted())
        .redirected("cm9.mallard.example:5223")
        .unwrap();
    let acceptor = authority.leaf("cm9.mallard.example").acceptor();
    let server = refused_by_client(connections, acceptor, Security::DirectTls);
    let (result, _) = tokio::join!(try_connect(&target, &network), server);
    let wrong_host = TlsReason::WrongHost;
    assert!(matches!(result, Err(TransportError::Tls { reason, .. }) if reason == wrong_host));
    assert_eq!(network.tried(), ["cm9.mallard.example:5223"]);
}

#[tokio::test(start_paused = true)]
async fn channel_bindings_are_the_same_at_both_ends() {
    let authority = Authority::new();
    let leaf = authority.leaf(DOMAIN);
    let (connected, stream) = direct(authority.trusted(), leaf.acceptor()).await;
    let info = connected.tls.unwrap();
    assert_eq!(info.version(), TlsVersion::V1_3);
    let theirs =
        stream
            .get_ref()
            .1
            .export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b""));
    assert_eq!(info.exporter(), Some(&theirs.unwrap()[..]));
    let hash = digest::digest(&digest::SHA256, &leaf.certificate);
    assert_eq!(info.server_end_point(), Some(hash.as_ref()));
    assert_eq!(
        info.channel_bindings().tls_exporter.as_deref(),
        info.exporter()
    );
}

#[tokio::test(start_paused = true)]
async fn tls_1_2_has_no_exporter_unless_its_secret_is_bound_to_the_session() {
    let authority = Authority::new();
    let acceptor = || {
        let leaf = authority.leaf(DOMAIN);
        leaf.acceptor_speaking(&[&rustls::version::TLS12], &[])
    };
    let (connected, _) = direct(authority.trusted(), acceptor()).await;
    let info = connected.tls.unwrap();
    assert_eq!(info.version(), TlsVersion::V1_2);
    assert_eq!(info.exporter(), None);
    assert!(info.server_end_point().is_some());

    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.certificate()).unwrap();
    let mut config = client_config(roots);
    config.require_ems = true;
    let insisting = TlsSettings::default().with_config(Arc::new(config));
    let (connected, _) = direct(insisting, acceptor()).await;
    assert!(connected.tls.unwrap().exporter().is_some());
}

#[tokio::test(start_paused = true)]
async fn the_end_point_hash_follows_the_certificates_signature() {
    let authority = Authority::signing_with("authority", &rcgen::PKCS_ECDSA_P384_SHA384);
    let leaf = authority.leaf(DOMAIN);
    let (connected, _) = direct(authority.trusted(), leaf.acceptor()).await;
    let hash = digest::digest(&digest::SHA384, &leaf.certificate);
    assert_eq!(
        connected.tls.unwrap().server_end_point(),
        Some(hash.as_ref())
    );

    let authority = Authority::signing_with("authority", &rcgen::PKCS_ED25519);
    let leaf = authority.leaf(DOMAIN);
    let (connected, _) = direct(authority.trusted(), leaf.acceptor()).await;
    assert_eq!(connected.tls.unwrap().server_end_point(), None);
}

#[tokio::test(start_paused = true)]
async fn a_client_certificate_is_shown_when_asked_for() {
    let authority = Authority::new();
    let client = authority.leaf("client.example");
    let settings = authority
        .trusted()
        .with_client_certificate(client.chain_pem.as_bytes(), client.key_pem.as_bytes())
        .unwrap();
    assert!(!format!("{settings:?}").contains("PRIVATE"));
    let acceptor = authority.acceptor_for_clients(&authority.leaf(DOMAIN));
    let (_connected, stream) = direct(settings, acceptor).await;
    let shown = stream.get_ref().1.peer_certificates().unwrap();
    assert_eq!(shown[0], client.certificate);
}

#[tokio::test(start_paused = true)]
async fn a_pinned_configuration_decides_alone() {
    let authority = Authority::new();
    let trusting = authority.trusted();
    let mut roots = rustls::RootCertStore::empty();
    let other = Authority::named("other").certificate();
    roots.add(other).unwrap();
    let pinned = trusting.with_config(Arc::new(client_config(roots)));
    let reason = refusal(&authority.leaf(DOMAIN), pinned, Security::DirectTls).await;
    assert_eq!(reason, TlsReason::UnknownIssuer);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_protocol_at_an_explicit_port_is_found_out() {
    let authority = Authority::new();
    let (network, mut connections) = FakeNetwork::with_server(7000);
    let mut target = target(Security::Either, authority.trusted());
    target.explicit = Some((DOMAIN.to_owned(), 7000));
    let acceptor = authority.leaf(DOMAIN).acceptor();
    let server = async {
        // A server of direct TLS cannot read a stream header, and says so by an alert.
        let first = connections.recv().await.unwrap();
        assert!(acceptor.accept(first).await.is_err());
        let second = connections.recv().await.unwrap();
        acceptor.accept(second).await.unwrap()
    };
    let (connected, stream) = tokio::join!(try_connect(&target, &network), server);
    assert!(connected.unwrap().tls.is_some());
    assert_eq!(stream.get_ref().1.alpn_protocol(), None);
}
