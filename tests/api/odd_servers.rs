//! Servers that keep to the letter of the protocol and still try a client's patience.

use std::time::Duration;

use converse::core::session::SessionState;
use converse::prelude::*;

use crate::server::{account, instance, online};
use crate::support::{Heard, state, within};

const PING: &str =
    "<iq type='get' id='p' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>";

/// RFC 3921 §3: the resource is bound, but the server wants a session to be asked for as well.
#[actix::test]
async fn what_comes_before_the_session_is_established_is_not_lost() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let heard = Heard::default();
    let into = heard.clone();
    api.hear_sync(Route::message(), move |stanza| {
        into.add(stanza.id().unwrap_or_default());
        Ok(())
    })
    .unwrap();
    let user = api.user();
    let (login, _line) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        line.log_in("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>")
            .await;
        let request = line.element().await;
        let session = "urn:ietf:params:xml:ns:xmpp-session";
        assert!(request.child("session", session).is_some());
        line.send("<message id='m1'/>").await;
        line.result(&request, "").await;
        line.send("<message id='m2'/>").await;
        line
    });
    login.unwrap();
    while heard.list().len() < 2 {
        within(tokio::task::yield_now()).await;
    }
    assert_eq!(heard.list(), ["m1", "m2"]);
}

#[actix::test]
async fn a_server_that_asks_and_does_not_read_is_not_read_without_end() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let pings = PING.repeat(1000);
    let mut taken = 0;
    loop {
        let write = line.write(&pings.as_bytes()[taken % pings.len()..]);
        match tokio::time::timeout(Duration::from_secs(5), write).await {
            Ok(0) | Err(_) => break,
            Ok(written) => taken += written,
        }
        assert!(taken < 16 << 20, "{taken} bytes of questions were taken");
    }
    let lost = state(&api, |state| !state.is_online()).await;
    assert!(lost.to_string().contains("takes nothing"), "{lost}");
}

/// An instance with stream management, and a server that has granted it.
async fn managed() -> (Api, crate::server::Server, crate::server::Line) {
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let user = api.user();
    let (login, line) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        line.log_in("<sm xmlns='urn:xmpp:sm:3'/>").await;
        line.element().await;
        line.send("<enabled xmlns='urn:xmpp:sm:3' id='s1' resume='true'/>")
            .await;
        line
    });
    login.unwrap();
    (api, server, line)
}

#[actix::test]
async fn a_server_that_talks_but_never_acknowledges_is_given_up() {
    tokio::time::pause();
    let (api, _server, mut line) = managed().await;
    api.send_untracked("<message id='m1'/>").await.unwrap();
    let talk = async {
        loop {
            line.send("<message from='otto@heron.example/oar'/>").await;
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    };
    let lost = tokio::select! {
        () = talk => unreachable!(),
        lost = state(&api, |state| !state.is_online()) => lost,
    };
    assert!(lost.to_string().contains("acknowledge"), "{lost}");
}

#[actix::test]
async fn answers_that_are_never_acknowledged_are_not_kept_without_end() {
    tokio::time::pause();
    let (api, mut server, mut line) = managed().await;
    let mut answered = 0;
    let pings = PING.repeat(100);
    while api.connection().connected() {
        line.send(&pings).await;
        for _ in 0..100 {
            if line.frame().await.is_none() {
                break;
            }
            answered += 1;
        }
        assert!(answered < 200_000, "every answer is kept");
    }
    let lost = api.connection().state();
    assert!(lost.to_string().contains("acknowledge"), "{lost}");
    let mut line = server.accept().await;
    line.log_in("").await;
    state(&api, SessionState::is_online).await;
}

/// A slow link is not a dead one.
#[actix::test]
async fn a_server_that_reads_slowly_but_steadily_is_kept() {
    tokio::time::pause();
    let (api, server, mut line) = online(account()).await;
    let size = 3_000_000;
    let message = format!("<message><body>{}</body></message>", "x".repeat(size));
    let receipt = api.send(&*message).await.unwrap();
    let (mut read, began) = (0, tokio::time::Instant::now());
    while read < size {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let some = line.read_some(20_000).await;
        assert!(some > 0, "the connection was given up");
        read += some;
    }
    assert!(began.elapsed() > Duration::from_secs(120));
    within(receipt.acknowledged()).await.unwrap();
    assert!(api.connection().connected());
    assert_eq!(server.tried(), 1);
}
