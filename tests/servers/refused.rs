//! Ways in that lead nowhere: each is tried once, named, and gives nothing away.

use std::net::SocketAddr;

use converse::core::ErrorKind;
use converse::core::session::{SessionState, Terminal};
use converse::prelude::*;
use converse_testkit::servers::{Certificate, Options, Server};
use serde_json::Value;

use crate::client::{Client, PASSWORD, account, settings};
use crate::tap::Tap;
use crate::{on_prosody, on_prosody_with};

/// What is left of a login that failed.
struct Refusal {
    error: Error,
    reason: Terminal,
    text: String,
    sent: Vec<Vec<u8>>,
}

/// Logs in through a tap, with everything on that would try again, and comes back with a refusal.
async fn refusal(server: &Server, addr: SocketAddr, jid: &str, more: Value) -> Refusal {
    let tap = Tap::start(addr).await;
    let client = Client::new(settings(server, tap.addr, jid, more)).await;
    let error = client.login().await.unwrap_err();
    let SessionState::Failed { reason, text } = client.api.connection().state() else {
        panic!("{:?} is not the end", client.api.connection().state());
    };
    // Nobody who asks finds a session on its way.
    let sent = client.api.send_untracked("<presence/>").await;
    assert_eq!(sent.unwrap_err().kind(), ErrorKind::Disconnected);
    client.stop().await;
    let sent = tap.sent();
    assert_eq!(sent.len(), 1, "it was tried again");
    Refusal {
        error,
        reason,
        text,
        sent,
    }
}

/// A wrong password is not tried a second time: accounts are locked for less.
pub(crate) async fn wrong_password(server: &Server) {
    let jid = account(server, "romeo").await;
    let more = json!({ "password": "wrong" });
    let refusal = refusal(server, server.starttls_addr(), &jid, more).await;
    assert_eq!(refusal.error.kind(), ErrorKind::AuthFailed);
    assert_eq!(refusal.reason, Terminal::AuthFailed);
    let shown = format!("{:?} {}", refusal.error, refusal.text);
    assert!(!shown.contains("wrong\""), "{shown}");
}

/// Without an offer of TLS nothing is sent but the stream header, whatever mechanisms are offered (RFC 6120 §5.3.1).
pub(crate) async fn no_tls(server: &Server) {
    let jid = format!("romeo@{}", server.plain_domain());
    let refusal = refusal(server, server.plain_addr(), &jid, json!({})).await;
    assert_eq!(refusal.reason, Terminal::TlsRefused, "{}", refusal.text);
    let sent = String::from_utf8(refusal.sent.concat()).unwrap();
    assert!(
        sent.starts_with("<?xml version='1.0'?><stream:stream "),
        "{sent}"
    );
    for given_away in ["<auth", "romeo", PASSWORD] {
        assert!(!sent.contains(given_away), "{sent}");
    }
}

/// An authority that nobody told us to trust.
pub(crate) async fn unknown_authority(server: &Server) {
    certificate_is_refused(
        server,
        "localhost",
        json!({ "tls_roots": [] }),
        "trusted issuer",
    )
    .await;
}

/// The certificate is good, but not for the host that was asked for. By STARTTLS the server says itself that it does not
/// know that host; Prosody says so in the TLS handshake too.
pub(crate) async fn certificate_for_another_host(server: &Server) {
    let reason = "another domain";
    certificate_is_refused_at_once(server, "verona.example", json!({}), reason).await;
}

/// Refused by STARTTLS and by TLS from the first byte.
async fn certificate_is_refused(server: &Server, domain: &str, more: Value, reason: &str) {
    let jid = format!("romeo@{domain}");
    let refusal = refusal(server, server.starttls_addr(), &jid, more.clone()).await;
    assert_refused(&refusal, reason);
    certificate_is_refused_at_once(server, domain, more, reason).await;
}

/// Refused without a byte behind the handshake.
async fn certificate_is_refused_at_once(
    server: &Server,
    domain: &str,
    mut more: Value,
    reason: &str,
) {
    more["security"] = json!("direct_tls");
    let jid = format!("romeo@{domain}");
    let refusal = refusal(server, server.direct_tls_addr(), &jid, more).await;
    assert_refused(&refusal, reason);
    assert_only_an_alert(&refusal.sent.concat());
}

fn assert_refused(refusal: &Refusal, reason: &str) {
    assert_eq!(refusal.reason, Terminal::TlsRefused, "{}", refusal.text);
    assert!(refusal.text.contains(reason), "{}", refusal.text);
    let error = &refusal.error;
    assert!(error.to_string().contains(reason), "{error:?}");
}

/// Behind the client's hello there is one alert, encrypted or not: in records of TLS that hold less than a stream header.
fn assert_only_an_alert(mut sent: &[u8]) {
    let mut behind = 0;
    let mut records = 0;
    while let [_, _, _, high, low, rest @ ..] = sent {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        records += 1;
        behind += if records > 1 { length } else { 0 };
        sent = rest.get(length..).unwrap_or_default();
    }
    assert!(
        records > 1 && behind < 40,
        "{behind} bytes in {records} records"
    );
}

async fn expired(server: &Server) {
    certificate_is_refused(server, "localhost", json!({}), "expired").await;
}

#[actix::test]
async fn prosody_refuses_a_wrong_password_once() {
    on_prosody(wrong_password).await;
}

#[actix::test]
async fn prosody_without_tls_gets_no_password() {
    on_prosody(no_tls).await;
}

#[actix::test]
async fn prosody_of_an_unknown_authority_is_refused() {
    on_prosody(unknown_authority).await;
}

#[actix::test]
async fn prosody_with_a_certificate_for_another_name_is_refused() {
    let options = Options {
        certificate: Certificate::WrongName,
        ..Options::default()
    };
    on_prosody_with(options, async |server| {
        certificate_is_refused(server, "localhost", json!({}), "another domain").await;
    })
    .await;
}

#[actix::test]
async fn prosody_with_an_expired_certificate_is_refused() {
    let options = Options {
        certificate: Certificate::Expired,
        ..Options::default()
    };
    on_prosody_with(options, expired).await;
}
