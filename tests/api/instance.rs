//! The end of an instance.

use converse::prelude::*;

use crate::server::{account, instance};
use crate::support::{hear, within};

#[actix::test]
async fn a_stop_while_a_disconnect_is_under_way_ends_both() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let mut line = server.serve(&api).await;
    let connection = api.connection();
    let (ended, (), _) = tokio::join!(
        within(connection.disconnect()),
        within(converse.stop()),
        line.farewell()
    );
    ended.unwrap();
    assert!(api.bus().is_stopped());
    let error = within(api.user().login(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[actix::test]
async fn several_disconnects_at_once_all_return_when_it_is_over() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let mut line = server.serve(&api).await;
    let heard = hear(&api, &["logout", "disconnected"]);
    let (connection, user) = (api.connection(), api.user());
    let disconnected = async {
        connection.disconnect().await.unwrap();
        assert!(!connection.connected());
    };
    let logged_out = async {
        user.logout().await.unwrap();
        assert!(!connection.connected());
    };
    tokio::join!(disconnected, logged_out, line.farewell());
    api.bus().settle().await;
    assert_eq!(heard.count("disconnected"), 1);
    assert_eq!(heard.count("logout"), 1);
}

#[actix::test]
async fn a_stop_without_a_start_does_nothing() {
    let converse = Converse::new();
    converse.stop().await;
    converse.stop().await;
}
