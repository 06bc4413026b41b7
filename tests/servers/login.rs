//! Ways in: by STARTTLS (RFC 6120 §5) and TLS from the first byte (XEP-0368), with each SASL mechanism (RFC 6120 §6).

use converse::core::session::SessionState;
use converse::prelude::*;
use converse_testkit::servers::{Installation, Options, Server, unique_user};

use crate::client::{Client, account, settings};
use crate::{on_prosody, on_prosody_with};

/// Logs in as a new account with more settings.
async fn log_in(server: &Server, more: serde_json::Value) -> Client {
    let client = Client::log_in_through(server, server.starttls_addr(), "romeo", more).await;
    assert_eq!(client.api.connection().state(), SessionState::Online);
    client
}

/// The server insists on TLS: being in means that its certificate, signed by a private authority, was accepted.
pub(crate) async fn by_starttls(server: &Server) {
    let jid = account(server, "romeo").await;
    let client = Client::new(settings(server, server.starttls_addr(), &jid, json!({}))).await;
    client.login().await.unwrap();
    assert_eq!(client.jid().to_bare().as_str(), jid);
    assert!(client.jid().resource().is_some());
    client.stop().await;
}

pub(crate) async fn by_direct_tls(server: &Server) {
    let addr = server.direct_tls_addr();
    let more = json!({ "security": "direct_tls" });
    let client = Client::log_in_through(server, addr, "romeo", more).await;
    client.round_trip().await;
    client.stop().await;
}

/// A mechanism that is the only one allowed is the one that was used.
pub(crate) async fn with_each_scram(server: &Server, mechanisms: &[&str]) {
    for mechanism in mechanisms {
        let more = json!({ "sasl_mechanisms": [mechanism] });
        log_in(server, more).await.stop().await;
    }
}

/// PLAIN is for connections that nobody else can read (RFC 4616 §4); [`refused`](crate::refused) shows the others.
pub(crate) async fn plain_under_tls(server: &Server) {
    let more = json!({ "sasl_mechanisms": ["PLAIN"] });
    log_in(server, more).await.stop().await;
}

/// RFC 6120 §7.7.
pub(crate) async fn with_the_resource_that_was_asked_for(server: &Server) {
    let client = log_in(server, json!({ "resource": "balcony" })).await;
    assert_eq!(client.jid().resource().unwrap().as_str(), "balcony");
    client.stop().await;
}

/// XEP-0175: no account, and an address that the server invents.
pub(crate) async fn anonymously(server: &Server) {
    let more = json!({ "authentication": "anonymous", "password": null });
    let domain = server.host("anon");
    let client = Client::new(settings(server, server.starttls_addr(), &domain, more)).await;
    client.login().await.unwrap();
    assert_eq!(client.jid().domain().as_str(), domain);
    assert!(client.jid().node().is_some());
    client.round_trip().await;
    client.stop().await;
}

/// XEP-0178: the certificate of the TLS connection is the proof.
async fn with_a_client_certificate(server: &Server) {
    let user = unique_user("romeo");
    let certificate = server.client_certificate(&user).unwrap();
    let jid = format!("{user}@{}", server.host("cert"));
    let more = json!({
        "authentication": "external",
        "password": null,
        "tls_client_certificate": certificate.certificate.to_string_lossy(),
        "tls_client_key": certificate.key.to_string_lossy(),
    });
    let client = Client::new(settings(server, server.starttls_addr(), &jid, more)).await;
    client.login().await.unwrap();
    assert_eq!(client.jid().to_bare().as_str(), jid);
    client.stop().await;
}

/// A server that has nothing but PLAIN and no stream management is good enough under TLS.
async fn to_a_poor_server(server: &Server) {
    let (user, domain) = (unique_user("romeo"), server.host("bare"));
    let password = crate::client::PASSWORD;
    server.add_user_at(&domain, &user, password).await.unwrap();
    let jid = format!("{user}@{domain}");
    let mut client = Client::new(settings(server, server.starttls_addr(), &jid, json!({}))).await;
    client.login().await.unwrap();
    let status = client.api.connection().status().await.unwrap();
    assert!(!status.stream_management.enabled);
    let own = client.jid();
    client.say(&own, "to myself").await;
    assert_eq!(client.message().await.body().unwrap(), "to myself");
    client.stop().await;
}

#[actix::test]
async fn prosody_login_by_starttls() {
    on_prosody(by_starttls).await;
}

#[actix::test]
async fn prosody_login_by_direct_tls() {
    on_prosody(by_direct_tls).await;
}

#[actix::test]
async fn prosody_login_with_each_scram() {
    on_prosody(async |server| with_each_scram(server, &["SCRAM-SHA-1", "SCRAM-SHA-256"]).await)
        .await;
}

/// Channel binding (RFC 5929, RFC 9266) with the types that the server announces (XEP-0440).
#[actix::test]
async fn prosody_newer_login_binds_the_channel() {
    let options = Options {
        installation: Installation::Newer,
        ..Options::default()
    };
    on_prosody_with(options, async |server| {
        with_each_scram(server, &["SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"]).await;
    })
    .await;
}

#[actix::test]
async fn prosody_login_with_plain_under_tls() {
    on_prosody(plain_under_tls).await;
}

#[actix::test]
async fn prosody_login_with_the_resource_that_was_asked_for() {
    on_prosody(with_the_resource_that_was_asked_for).await;
}

#[actix::test]
async fn prosody_login_anonymously() {
    on_prosody(anonymously).await;
}

#[actix::test]
async fn prosody_login_with_a_client_certificate() {
    on_prosody(with_a_client_certificate).await;
}

#[actix::test]
async fn prosody_login_to_a_poor_server() {
    on_prosody(to_a_poor_server).await;
}
