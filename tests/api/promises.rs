//! Promises over the sessions of an instance.

use converse::prelude::*;

use crate::server::{account, instance, online};
use crate::support::within;

/// Promises of the 3.2 document that are kept anew in each session.
const OF_A_SESSION: [&str; 7] = [
    "cachedRoster",
    "chatBoxesFetched",
    "roster",
    "rosterContactsFetched",
    "rosterGroupsFetched",
    "rosterInitialized",
    "statusInitialized",
];

#[actix::test]
async fn api_054_the_promises_of_the_document_are_known_before_the_login() {
    let (converse, _server) = instance();
    let api = converse.start(settings! {}).await.unwrap();
    for name in OF_A_SESSION.iter().chain(&["pluginsInitialized"]) {
        assert!(api.promises().is_known(name), "{name}");
    }
}

#[actix::test]
async fn api_056_a_logout_cancels_who_waits_for_the_session() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    api.emit("roster", ()).await.unwrap();
    within(api.wait_until("roster")).await.unwrap();
    let waiting: Vec<_> = OF_A_SESSION
        .iter()
        .filter(|name| **name != "roster")
        .map(|name| api.wait_until(name))
        .collect();
    let user = api.user();
    let (ended, _) = tokio::join!(user.logout(), line.farewell());
    ended.unwrap();
    for waiting in waiting {
        let error = Error::from(within(waiting).await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Disconnected);
    }
}

#[actix::test]
async fn api_056_after_a_logout_the_next_session_keeps_them_anew() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    api.emit("roster", ()).await.unwrap();
    let user = api.user();
    let (ended, _) = tokio::join!(user.logout(), line.farewell());
    ended.unwrap();
    assert!(!api.promises().is_resolved("roster"));
    assert!(api.promises().is_resolved("initialized"), "of the instance");
    let _line = server.serve(&api).await;
    let waiting = api.wait_until("roster");
    api.emit("roster", ()).await.unwrap();
    within(waiting).await.unwrap();
}

#[actix::test]
async fn api_056_so_it_is_when_the_session_ends_in_any_other_way() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    api.emit("roster", ()).await.unwrap();
    let waiting = api.wait_until("rosterContactsFetched");
    let connection = api.connection();
    let (ended, _) = tokio::join!(connection.disconnect(), line.farewell());
    ended.unwrap();
    assert!(within(waiting).await.is_err());
    assert!(!api.promises().is_resolved("roster"));

    let mut line = server.serve(&api).await;
    api.emit("roster", ()).await.unwrap();
    let waiting = api.wait_until("rosterContactsFetched");
    line.send(
        "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    )
    .await;
    assert!(within(waiting).await.is_err());
    assert!(!api.promises().is_resolved("roster"));
}

#[actix::test]
async fn api_056_a_reconnection_keeps_them() {
    tokio::time::pause();
    let (api, mut server, line) = online(account()).await;
    api.emit("roster", ()).await.unwrap();
    let waiting = api.wait_until("rosterContactsFetched");
    drop(line);
    let mut line = server.accept().await;
    line.log_in("").await;
    crate::support::state(&api, |state| state.is_online()).await;
    assert!(api.promises().is_resolved("roster"));
    api.emit("rosterContactsFetched", ()).await.unwrap();
    within(waiting).await.unwrap();
}

#[actix::test]
async fn api_056_a_stop_cancels_for_good() {
    let (converse, _server) = instance();
    let api = converse.start(settings! {}).await.unwrap();
    let waiting = api.wait_until("roster");
    converse.stop().await;
    assert!(within(waiting).await.is_err());
    assert!(within(api.wait_until("roster")).await.is_err());
}
