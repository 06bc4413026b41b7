//! ejabberd starts, and is what its documentation promises.

use converse_testkit::servers::{
    Certificate, Ejabberd, Installation, Options, ServerKind, or_skip, unique_user,
};

use crate::probe::{Probe, direct_tls};

#[tokio::test]
async fn ejabberd_greets_and_lets_in_whom_it_knows() {
    let Some(mut server) = or_skip(Ejabberd::start(Options::default()).await).unwrap() else {
        return;
    };
    assert_eq!(server.kind(), ServerKind::Ejabberd);

    // The greeting: STARTTLS is required, and no mechanism is offered before it.
    let probe = Probe::open(server.starttls_addr(), "localhost").await;
    assert!(
        probe.read().contains("from='localhost'"),
        "{}",
        probe.read()
    );
    assert!(
        probe.read().contains("urn:ietf:params:xml:ns:xmpp-tls"),
        "{}",
        probe.read()
    );
    assert!(probe.read().contains("<required/>"), "{}", probe.read());
    assert!(!probe.read().contains("<mechanism>"), "{}", probe.read());

    // A user made while it runs can log in; a stranger cannot.
    let (user, password) = (unique_user("romeo"), "a\"b\\c é");
    server.add_user(&user, password).await.unwrap();
    server.add_user(&user, "again").await.unwrap_err();
    let mut probe = probe.starttls(&server, "localhost", None).await.unwrap();
    assert!(probe.read().contains("SCRAM-SHA-256"), "{}", probe.read());
    assert!(probe.plain(&user, password).await, "{}", server.log());
    let mut probe = direct_tls(&server).await;
    assert!(!probe.plain("stranger", "secret").await);

    // Without TLS.
    let mut probe = Probe::open(server.plain_addr(), &server.plain_domain()).await;
    assert!(!probe.read().contains("starttls"), "{}", probe.read());
    assert!(probe.plain(&user, password).await, "{}", server.log());

    // The anonymous host.
    let domain = server.host("anon");
    let probe = Probe::open(server.starttls_addr(), &domain).await;
    let mut probe = probe.starttls(&server, &domain, None).await.unwrap();
    assert!(
        probe.authenticate("ANONYMOUS", "").await,
        "{}",
        server.log()
    );

    // A crash: nobody answers, and after a new start it is there again.
    server.stop().await;
    tokio::net::TcpStream::connect(server.starttls_addr())
        .await
        .unwrap_err();
    server.start_again().await.unwrap();
    server
        .add_user(&unique_user("romeo"), password)
        .await
        .unwrap();
}

#[tokio::test]
async fn ejabberd_presents_an_expired_certificate() {
    let options = Options {
        certificate: Certificate::Expired,
        ..Options::default()
    };
    let Some(server) = or_skip(Ejabberd::start(options).await).unwrap() else {
        return;
    };
    let probe = Probe::open(server.starttls_addr(), "localhost").await;
    let error = probe
        .starttls(&server, "localhost", None)
        .await
        .err()
        .expect("refused");
    assert!(format!("{error:?}").contains("Expired"), "{error:?}");
}

#[tokio::test]
async fn ejabberd_newer_offers_channel_bindings() {
    let options = Options {
        installation: Installation::Newer,
        ..Options::default()
    };
    let Some(server) = or_skip(Ejabberd::start(options).await).unwrap() else {
        return;
    };
    let user = unique_user("juliet");
    server.add_user(&user, "secret").await.unwrap();
    let mut probe = direct_tls(&server).await;
    assert!(
        probe.read().contains("urn:xmpp:sasl-cb:0"),
        "{}",
        probe.read()
    );
    assert!(probe.plain(&user, "secret").await, "{}", server.log());
}
