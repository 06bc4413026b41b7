//! A scripted server with an archive, and an instance that is logged in to it.

use std::time::Duration;

use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Captures, Plan, Server};
use serde_json::Value;

pub(crate) const MAM: &str = "urn:xmpp:mam:2";
pub(crate) const OWN: &str = "mara@kestrel.example";
pub(crate) const ROOM: &str = "atrium@rooms.kestrel.example";
/// Any query.
pub(crate) const QUERY: &str =
    "<iq type='set' id='{{i}}'><query xmlns='urn:xmpp:mam:2' queryid='{{q}}'/></iq>";
const DISCO: &str =
    "<iq type='get' id='{{d}}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) api: Api,
}

impl Scene {
    /// The account has an archive.
    pub(crate) async fn new() -> Self {
        Self::of(
            |plan| plan.account_features.push(MAM.to_owned()),
            settings! {},
        )
        .await
    }

    pub(crate) async fn of(change: impl FnOnce(&mut Plan), more: SettingsMap) -> Self {
        let mut plan = Plan::new("kestrel.example");
        change(&mut plan);
        let says_what_it_can = plan.auto.contains("disco");
        let server = Server::new(plan);
        let account = settings! {
            "jid": format!("{OWN}/desk"),
            "password": "secret",
            "security": "plaintext_loopback",
        };
        let api = Converse::new()
            .with_network(server.network())
            .with_environment(clock::environment(1))
            .start(more.over(account))
            .await
            .unwrap();
        // What is asked at the start of the session is no business of the tests, unless they are to answer it.
        tokio::time::sleep(Duration::from_millis(100)).await;
        if says_what_it_can {
            server.forget_sent();
        }
        Self { server, api }
    }

    /// The query that the client sends.
    pub(crate) async fn asked(&self) -> (Element, Captures) {
        self.asked_like(QUERY).await
    }

    pub(crate) async fn asked_like(&self, pattern: &str) -> (Element, Captures) {
        let mut names = Captures::default();
        let element = self.server.expect(pattern, &mut names).await.unwrap();
        (element, names)
    }

    /// A message of the archive `from`.
    pub(crate) async fn give(&self, names: &Captures, from: &str, id: &str, inner: &str) {
        let xml = format!(
            "<message {from} to='{OWN}/desk'><result xmlns='{MAM}' queryid='{{{{q}}}}' id='{id}'>\
             <forwarded xmlns='urn:xmpp:forward:0'>\
             <delay xmlns='urn:xmpp:delay' stamp='2026-01-10T08:00:00Z'/>{inner}\
             </forwarded></result></message>"
        );
        self.send(names, &xml).await;
    }

    /// A message from otto in the own archive.
    pub(crate) async fn give_own(&self, names: &Captures, id: &str) {
        let inner = chat(id);
        self.give(names, &format!("from='{OWN}'"), id, &inner).await;
    }

    /// The end of a query, from the own account.
    pub(crate) async fn end(&self, names: &Captures, fin: &str) {
        self.end_from(names, "", fin).await;
    }

    pub(crate) async fn end_from(&self, names: &Captures, from: &str, fin: &str) {
        let xml = format!("<iq type='result' id='{{{{i}}}}' {from} to='{OWN}/desk'>{fin}</iq>");
        self.send(names, &xml).await;
    }

    pub(crate) async fn send(&self, names: &Captures, xml: &str) {
        self.server.send(&names.fill(xml).unwrap()).await.unwrap();
    }

    /// Answers the question what `from` can.
    pub(crate) async fn describe(&self, from: &str, feature: &str) {
        let pattern = DISCO.replace("type=", &format!("to='{from}' type="));
        let (_, names) = self.asked_like(&pattern).await;
        let xml = format!(
            "<iq type='result' id='{{{{d}}}}' from='{from}'>\
             <query xmlns='http://jabber.org/protocol/disco#info'><feature var='{feature}'/></query></iq>"
        );
        self.send(&names, &xml).await;
    }

    /// The error of a query for which nothing may be sent.
    pub(crate) async fn refused(&self, query: Value) -> Error {
        let error = self.api.archive().query(query).await.unwrap_err();
        clock::settle().await;
        assert!(
            self.server.sent().is_empty(),
            "{}",
            self.server.unexpected()
        );
        error
    }
}

/// The query that the client sends for this, answered with an empty page.
pub(crate) async fn written(query: Value) -> String {
    let scene = Scene::new().await;
    let archive = scene.api.archive();
    let (page, element) = tokio::join!(archive.query(query), async {
        let (element, names) = scene.asked().await;
        scene.end(&names, &fin("complete='true'", "")).await;
        element
    });
    assert!(page.unwrap().messages.is_empty());
    element.to_xml()
}

pub(crate) fn chat(id: &str) -> String {
    format!(
        "<message xmlns='jabber:client' from='otto@heron.example/oar' to='{OWN}/desk' type='chat' id='m-{id}'>\
         <body>text {id}</body></message>"
    )
}

pub(crate) fn fin(attributes: &str, set: &str) -> String {
    format!(
        "<fin xmlns='{MAM}' {attributes}><set xmlns='http://jabber.org/protocol/rsm'>{set}</set></fin>"
    )
}

pub(crate) fn ids(page: &Page) -> Vec<&str> {
    let ids = page.messages.iter();
    ids.map(|message| message.archive_id.as_str()).collect()
}
