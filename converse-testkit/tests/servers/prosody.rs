//! Prosody starts, and is what its documentation promises.

use std::time::Duration;

use converse_testkit::servers::{
    Certificate, Installation, Options, Prosody, ServerKind, Storage, or_skip, unique_user,
};

use crate::probe::{Probe, direct_tls};

#[tokio::test]
async fn prosody_greets_and_lets_in_whom_it_knows() {
    let Some(mut server) = or_skip(Prosody::start(Options::default()).await).unwrap() else {
        return;
    };
    assert_eq!(server.kind(), ServerKind::Prosody);

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

    // A user made while it runs can log in, with any password; a stranger cannot.
    let (user, password) = (unique_user("romeo"), "a\"b\\c é");
    server.add_user(&user, password).await.unwrap();
    server.add_user(&user, "again").await.unwrap_err();
    let mut probe = probe.starttls(&server, "localhost", None).await.unwrap();
    assert!(probe.read().contains("SCRAM-SHA-256"), "{}", probe.read());
    assert!(probe.plain(&user, password).await, "{}", server.log());
    let mut probe = direct_tls(&server).await;
    assert!(!probe.plain("stranger", "secret").await);

    // The host without TLS.
    let domain = server.plain_domain();
    server.add_user_at(&domain, &user, password).await.unwrap();
    let mut probe = Probe::open(server.plain_addr(), &domain).await;
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

    // The host for client certificates.
    let (domain, certificate) = (
        server.host("cert"),
        server.client_certificate(&user).unwrap(),
    );
    let probe = Probe::open(server.starttls_addr(), &domain).await;
    let mut probe = probe
        .starttls(&server, &domain, Some(certificate))
        .await
        .unwrap();
    assert!(probe.read().contains("EXTERNAL"), "{}", probe.read());
    assert!(probe.authenticate("EXTERNAL", "").await, "{}", server.log());

    // A crash: nobody answers, and after a new start the accounts are still there.
    server.stop().await;
    tokio::net::TcpStream::connect(server.starttls_addr())
        .await
        .unwrap_err();
    server.start_again().await.unwrap();
    assert!(direct_tls(&server).await.plain(&user, password).await);
}

#[tokio::test]
async fn prosody_presents_a_certificate_for_another_name() {
    refused(Certificate::WrongName, "NotValidForName").await;
}

#[tokio::test]
async fn prosody_presents_an_expired_certificate() {
    refused(Certificate::Expired, "Expired").await;
}

async fn refused(certificate: Certificate, why: &str) {
    let options = Options {
        certificate,
        ..Options::default()
    };
    let Some(server) = or_skip(Prosody::start(options).await).unwrap() else {
        return;
    };
    let probe = Probe::open(server.starttls_addr(), "localhost").await;
    let error = probe
        .starttls(&server, "localhost", None)
        .await
        .err()
        .expect("refused");
    assert!(format!("{error:?}").contains(why), "{error:?}");
}

#[tokio::test]
async fn prosody_newer_offers_sasl2() {
    let options = Options {
        installation: Installation::Newer,
        ..Options::default()
    };
    let Some(server) = or_skip(Prosody::start(options).await).unwrap() else {
        return;
    };
    let user = unique_user("juliet");
    server.add_user(&user, "secret").await.unwrap();
    let mut probe = direct_tls(&server).await;
    assert!(probe.read().contains("urn:xmpp:sasl:2"), "{}", probe.read());
    assert!(
        probe.read().contains("urn:xmpp:sasl-cb:0"),
        "{}",
        probe.read()
    );
    assert!(probe.plain(&user, "secret").await, "{}", server.log());
}

#[tokio::test]
async fn prosody_takes_its_other_options() {
    let options = Options {
        domain: "capulet.example".to_owned(),
        storage: Storage::Memory,
        hibernation: Duration::from_secs(1),
        ..Options::default()
    };
    let Some(server) = or_skip(Prosody::start(options).await).unwrap() else {
        return;
    };
    let user = unique_user("juliet");
    server.add_user(&user, "secret").await.unwrap();
    let mut probe = direct_tls(&server).await;
    assert!(probe.plain(&user, "secret").await, "{}", server.log());
    probe.restart("capulet.example").await;
    assert!(probe.read().contains("urn:xmpp:sm:3"), "{}", probe.read());
}
