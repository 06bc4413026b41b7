//! How sessions end, and how they come back when it was the server that ended.

use converse::core::session::{SessionState, Terminal};
use converse::prelude::*;
use converse_testkit::servers::{Options, Prosody, Proxy, Server, or_skip};

use crate::client::{Client, Heard, account, chat, settings, within};
use crate::on_prosody;

/// What was sent before `disconnect` arrives; then the stream is closed, in order, and stays closed.
pub(crate) async fn disconnecting_sends_what_was_sent(server: &Server) {
    let proxy = Proxy::start(server.starttls_addr()).await.unwrap();
    let mut romeo = Client::log_in_through(server, proxy.addr(), "romeo", json!({})).await;
    let mut juliet = Client::log_in(server, "juliet").await;
    let mut sent = Vec::new();
    for number in 0..50 {
        let message = chat(&juliet.jid(), &number.to_string());
        sent.push(romeo.api.send(message).await.unwrap());
    }
    within("the end", romeo.api.connection().disconnect())
        .await
        .unwrap();
    for acknowledgement in sent {
        acknowledgement.acknowledged().await.unwrap();
    }
    for number in 0..50 {
        assert_eq!(juliet.message().await.body().unwrap(), number.to_string());
    }
    assert_eq!(romeo.api.connection().state(), SessionState::Disconnected);
    let last = romeo.heard().pop();
    assert!(
        matches!(last, Some(Heard::State(SessionState::Disconnected))),
        "{last:?}"
    );
    assert_eq!(proxy.connections(), 1);
    romeo.stop().await;
    juliet.stop().await;
}

/// What was handled is acknowledged with the end (XEP-0198 §4), so that the server does not keep it for the next session.
pub(crate) async fn disconnecting_keeps_what_was_handled(server: &Server) {
    let jid = account(server, "romeo").await;
    let settings = settings(server, server.starttls_addr(), &jid, json!({}));
    let mut romeo = Client::new(settings.clone()).await;
    romeo.login().await.unwrap();
    romeo.api.send("<presence/>").await.unwrap();
    romeo.round_trip().await;
    let juliet = Client::log_in(server, "juliet").await;
    juliet.say(&romeo.jid(), "once").await;
    assert_eq!(romeo.message().await.body().unwrap(), "once");
    romeo.stop().await;

    // What comes in between is kept, and nothing else.
    let away = Jid::new(&jid).unwrap();
    juliet.say(&away, "meanwhile").await;
    let mut romeo = Client::new(settings).await;
    romeo.login().await.unwrap();
    romeo.api.send("<presence/>").await.unwrap();
    assert_eq!(romeo.message().await.body().unwrap(), "meanwhile");
    romeo.round_trip().await;
    let more = romeo.heard();
    let is_message =
        |heard: &Heard| matches!(heard, Heard::Stanza(stanza) if stanza.body().is_some());
    assert!(!more.iter().any(is_message), "{more:?}");
    romeo.stop().await;
    juliet.stop().await;
}

/// Two clients with one resource would throw each other out for ever: the first one gives up (RFC 6120 §7.7.2.2).
pub(crate) async fn resource_taken_by_another(server: &Server) {
    let jid = account(server, "romeo").await + "/balcony";
    let settings = settings(server, server.starttls_addr(), &jid, json!({}));
    let mut first = Client::new(settings.clone()).await;
    first.login().await.unwrap();
    let second = Client::new(settings).await;
    second.login().await.unwrap();
    let reason = first
        .until("the end of the first", |heard| match heard {
            Heard::State(SessionState::Failed { reason, .. }) => Some(*reason),
            _ => None,
        })
        .await;
    assert_eq!(reason, Terminal::Conflict);
    assert!(second.api.connection().connected());
    second.round_trip().await;
    first.stop().await;
    second.stop().await;
}

/// The server dies and is started again: the client is back without anybody's help, in a new session.
#[actix::test]
async fn prosody_comes_back() {
    let Some(mut server) = or_skip(Prosody::start(Options::default()).await).unwrap() else {
        return;
    };
    let mut client = Client::log_in(&server, "romeo").await;
    assert!(!client.session().await);
    server.stop().await;
    client
        .until("the loss", |heard| match heard {
            Heard::State(SessionState::Suspended { .. }) => Some(()),
            _ => None,
        })
        .await;
    server.start_again().await.unwrap();
    assert!(
        !client.session().await,
        "a new server cannot know the session"
    );
    client.round_trip().await;
    client.stop().await;
}

#[actix::test]
async fn prosody_gets_what_was_sent_before_the_end() {
    on_prosody(disconnecting_sends_what_was_sent).await;
}

#[actix::test]
async fn prosody_does_not_keep_what_was_handled() {
    on_prosody(disconnecting_keeps_what_was_handled).await;
}

#[actix::test]
async fn prosody_gives_the_resource_to_the_last() {
    on_prosody(resource_taken_by_another).await;
}
