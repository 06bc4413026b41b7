//! `connection`.

use converse::core::session::SessionState;
use converse::prelude::*;

use crate::server::{account, instance, online};
use crate::support::{hear, state};

#[actix::test]
async fn api_093_connected_is_true_between_bind_and_loss_only() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    assert!(!api.connection().connected());

    let line = server.serve(&api).await;
    assert!(api.connection().connected());

    server.down(true);
    drop(line);
    state(&api, |state| {
        matches!(state, SessionState::Suspended { .. })
    })
    .await;
    assert!(!api.connection().connected());
    server.down(false);
    let mut line = server.accept().await;
    assert!(!api.connection().connected(), "reconnecting");
    line.log_in("").await;
    state(&api, SessionState::is_online).await;
    assert!(api.connection().connected());
}

#[actix::test]
async fn api_094_connected_is_a_cheap_call_that_needs_no_await() {
    let (converse, _server) = instance();
    let connection = converse.start(settings! {}).await.unwrap().connection();
    let connected: bool = connection.connected();
    assert!(!connected);
    let from_elsewhere = std::thread::spawn(move || connection.connected());
    assert!(!from_elsewhere.join().unwrap());
}

#[actix::test]
async fn api_095_disconnect_closes_the_stream_and_stays_away() {
    tokio::time::pause();
    let (api, server, mut line) = online(account()).await;
    let heard = hear(&api, &["logout", "disconnected", "reconnecting"]);
    api.send("<message id='last'/>").await.unwrap();
    let (ended, before) = tokio::join!(
        async { api.connection().disconnect().await },
        line.farewell()
    );
    ended.unwrap();
    assert_eq!(before[0].attr("id").as_deref(), Some("last"));
    assert_eq!(api.connection().state(), SessionState::Disconnected);
    assert_eq!(line.rest().await, "");
    tokio::time::advance(std::time::Duration::from_secs(3600)).await;
    api.bus().settle().await;
    assert_eq!(heard.list(), ["disconnected"]);
    assert_eq!(server.tried(), 1);
}

#[actix::test]
async fn api_095_disconnect_does_not_wait_for_a_server_that_is_gone() {
    tokio::time::pause();
    let (api, _server, line) = online(account()).await;
    let before = tokio::time::Instant::now();
    crate::support::within(api.connection().disconnect())
        .await
        .unwrap();
    assert!(before.elapsed() <= std::time::Duration::from_secs(5));
    drop(line);
}

#[actix::test]
async fn api_096_disconnect_without_a_connection_is_no_error() {
    let (converse, _server) = instance();
    let api = converse.start(account()).await.unwrap();
    api.connection().disconnect().await.unwrap();
    api.connection().disconnect().await.unwrap();
}

#[actix::test]
async fn disconnect_ends_the_attempts_to_connect() {
    tokio::time::pause();
    let (converse, server) = instance();
    server.down(true);
    let api = converse.start(account()).await.unwrap();
    let (user, connection) = (api.user(), api.connection());
    let (login, ended) = tokio::join!(user.login(()), async {
        state(&api, |state| {
            matches!(state, SessionState::Suspended { .. })
        })
        .await;
        connection.disconnect().await
    });
    ended.unwrap();
    assert_eq!(login.unwrap_err().kind(), ErrorKind::Disconnected);
    assert_eq!(api.connection().state(), SessionState::Disconnected);
    let tried = server.tried();
    tokio::time::advance(std::time::Duration::from_secs(3600)).await;
    assert_eq!(server.tried(), tried);
}

#[actix::test]
async fn disconnect_interrupts_a_login_under_way() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let (user, connection) = (api.user(), api.connection());
    let (login, ()) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        line.auth().await;
        connection.disconnect().await.unwrap();
        assert_eq!(line.rest().await, "");
    });
    assert_eq!(login.unwrap_err().kind(), ErrorKind::Disconnected);
}
