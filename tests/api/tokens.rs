//! `tokens`.

use converse::prelude::*;

use crate::server::{account, instance, online};

const ASKED: [&str; 7] = ["rid", "sid", "RID", "SID", "Rid", "foo", ""];

#[actix::test]
async fn api_200_tokens_are_not_exposed_unless_asked_for() {
    let (converse, _server) = instance();
    let given = settings! { "sid": "s", "rid": 7 };
    let api = converse.start(given).await.unwrap();
    for id in ASKED {
        assert_eq!(api.tokens().get(id), None, "{id}");
    }
}

#[actix::test]
async fn api_202_and_over_tcp_there_are_none() {
    tokio::time::pause();
    let mut settings = account();
    settings.insert("expose_rid_and_sid", json!(true));
    let (api, _server, _line) = online(settings).await;
    for id in ASKED {
        assert_eq!(api.tokens().get(id), None, "{id}");
    }
}

#[actix::test]
async fn api_203_other_ids_are_none() {
    let (converse, _server) = instance();
    let given = settings! { "expose_rid_and_sid": true };
    let api = converse.start(given).await.unwrap();
    for id in ["foo", "", "rid ", "jid", "password"] {
        assert_eq!(api.tokens().get(id), None, "{id}");
    }
}
