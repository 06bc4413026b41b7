//! Events: every documented name can be heard, and the core's arrive with their payload.

use std::collections::HashMap;
use std::sync::Mutex;

use converse::core::bus::HandlerFailed;
use converse::core::session::event::{Logout, NoResumeableSession, SessionStateChanged};
use converse::prelude::*;
use converse_testkit::loopback::Loopback;
use serde_json::Value;

use crate::server::{OWN, account, instance, online_with};
use crate::support::{Heard, hear, state, within};

/// Every heading of the 3.2 document's list of events, and `message`, which is missing from it.
const DOCUMENTED: [&str; 41] = [
    "afterMessagesFetched",
    "cachedRoster",
    "callButtonClicked",
    "chatBoxesFetched",
    "chatBoxInitialized",
    "chatBoxOpened",
    "chatRoomOpened",
    "chatBoxClosed",
    "chatBoxFocused",
    "chatBoxToggled",
    "connected",
    "contactRequest",
    "contactRemoved",
    "contactStatusChanged",
    "contactStatusMessageChanged",
    "discoInitialized",
    "disconnected",
    "initialized",
    "logout",
    "messageAdded",
    "message",
    "messageSend",
    "noResumeableSession",
    "pluginsInitialized",
    "reconnecting",
    "reconnected",
    "roomInviteSent",
    "roomInviteReceived",
    "roomsPanelRendered",
    "roster",
    "rosterContactsFetched",
    "rosterGroupsFetched",
    "rosterInitialized",
    "rosterPush",
    "rosterReadyAfterReconnection",
    "statusInitialized",
    "statusChanged",
    "statusMessageChanged",
    "serviceDiscovered",
    "windowStateChanged",
    "chatBoxScrolledDown",
];

#[actix::test]
async fn api_204_every_documented_name_can_be_heard_and_fired_by_the_application() {
    let (converse, _server) = instance();
    let api = converse.start(settings! {}).await.unwrap();
    for name in DOCUMENTED {
        let heard = Heard::default();
        let into = heard.clone();
        api.listen().on_sync(name, move |event| {
            into.add(format!("{}{}", event.name, event.arg(0)["n"]));
            Ok(())
        });
        api.emit(name, json!({ "n": 1 })).await.unwrap();
        assert_eq!(heard.list(), [format!("{name}1")]);
    }
}

/// What was heard by name, newest last.
type Payloads = Arc<Mutex<HashMap<String, Vec<Vec<Value>>>>>;

fn record(api: &Api, names: &[&'static str]) -> Payloads {
    let payloads = Payloads::default();
    for name in names {
        let into = Arc::clone(&payloads);
        api.listen().on_sync(*name, move |event| {
            let mut into = into.lock().unwrap();
            into.entry(event.name.as_ref().to_owned())
                .or_default()
                .push(event.args.clone());
            Ok(())
        });
    }
    payloads
}

fn of(payloads: &Payloads, name: &str) -> Vec<Vec<Value>> {
    let payloads = payloads.lock().unwrap();
    payloads.get(name).cloned().unwrap_or_default()
}

#[actix::test]
async fn api_204_the_events_of_the_session_arrive_with_their_payload() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let names = [
        "sessionStarted",
        "connected",
        "initialized",
        "reconnecting",
        "reconnected",
        "logout",
        "disconnected",
        "sessionStateChanged",
    ];
    let payloads = record(&api, &names);
    let line = server.serve(&api).await;
    api.bus().settle().await;
    assert_eq!(of(&payloads, "connected"), [[json!({ "jid": OWN })]]);
    assert_eq!(of(&payloads, "initialized"), [[json!({})]]);
    let started = &of(&payloads, "sessionStarted")[0][0];
    assert_eq!(started["jid"], OWN);
    assert_eq!(started["resumed"], false);
    assert_eq!(started["reconnected"], false);
    assert_eq!(
        started["stream_features"],
        json!(["urn:ietf:params:xml:ns:xmpp-bind"])
    );

    drop(line);
    let mut line = server.accept().await;
    line.log_in("").await;
    state(&api, |state| state.is_online()).await;
    api.bus().settle().await;
    assert_eq!(of(&payloads, "reconnecting"), [[json!({ "attempt": 0 })]]);
    let reconnected = json!({ "jid": OWN, "resumed": false });
    assert_eq!(of(&payloads, "reconnected"), [[reconnected]]);

    let user = api.user();
    let (ended, _) = tokio::join!(user.logout(), line.farewell());
    ended.unwrap();
    api.bus().settle().await;
    assert_eq!(of(&payloads, "logout"), [[json!({})]]);
    let quiet = json!({ "reason": null, "text": null });
    assert_eq!(of(&payloads, "disconnected"), [[quiet]]);
    let states: Vec<String> = of(&payloads, "sessionStateChanged")
        .iter()
        .map(|args| args[0]["state"]["state"].as_str().unwrap().to_owned())
        .collect();
    let login = ["connecting", "authenticating", "binding", "online"];
    let expected = login
        .into_iter()
        .chain(["suspended"])
        .chain(login)
        .chain(["disconnected"]);
    assert_eq!(states, expected.collect::<Vec<_>>());
}

#[actix::test]
async fn api_204_a_refused_login_announces_disconnected_with_the_reason() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let payloads = record(&api, &["disconnected"]);
    let user = api.user();
    let (login, ()) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        line.auth().await;
        line.send("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>")
            .await;
    });
    assert_eq!(login.unwrap_err().kind(), ErrorKind::AuthFailed);
    api.bus().settle().await;
    let disconnected = &of(&payloads, "disconnected")[0][0];
    assert_eq!(disconnected["reason"], "authFailed");
    assert!(
        disconnected["text"]
            .as_str()
            .unwrap()
            .contains("not-authorized")
    );
}

#[actix::test]
async fn api_204_the_same_events_arrive_as_types() {
    tokio::time::pause();
    let heard = Heard::default();
    let (api, _server, mut line) = online_with(account(), |api| {
        let into = heard.clone();
        api.listen().subscribe_sync::<Connected, _>(move |event| {
            into.add(format!("Connected {}", event.jid));
            Ok(())
        });
        let into = heard.clone();
        api.listen()
            .subscribe_sync::<SessionStateChanged, _>(move |event| {
                into.add(event.state.to_string());
                Ok(())
            });
        let into = heard.clone();
        api.listen().subscribe_sync::<Logout, _>(move |_| {
            into.add("Logout");
            Ok(())
        });
        let into = heard.clone();
        api.listen()
            .subscribe_sync::<HandlerFailed, _>(move |event| {
                into.add(format!("failed {} {}", event.owner, event.event));
                Ok(())
            });
        api.listen()
            .subscribe_sync::<Logout, _>(|_| Err("no goodbye".into()));
        Ok(())
    })
    .await;
    let user = api.user();
    let (ended, _) = tokio::join!(user.logout(), line.farewell());
    ended.unwrap();
    api.bus().settle().await;
    let expected = [
        "connecting",
        "authenticating",
        "binding a resource",
        "online",
        "Connected mara@kestrel.example/desk",
        "disconnected",
        "Logout",
        "failed application logout",
    ];
    assert_eq!(heard.list(), expected);
}

#[actix::test]
async fn api_204_a_session_that_cannot_be_resumed_says_so() {
    tokio::time::pause();
    let heard = Heard::default();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let into = heard.clone();
    api.listen()
        .subscribe_sync::<NoResumeableSession, _>(move |_| {
            into.add("typed");
            Ok(())
        });
    let by_name = hear(&api, &["noResumeableSession"]);
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
    drop(line);
    let mut line = server.accept().await;
    line.authenticate().await;
    line.features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>")
        .await;
    assert!(line.element().await.is("resume", "urn:xmpp:sm:3"));
    line.send(
        "<failed xmlns='urn:xmpp:sm:3'>\
         <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
    )
    .await;
    line.bound().await;
    line.element().await;
    line.send("<enabled xmlns='urn:xmpp:sm:3' id='s2' resume='true'/>")
        .await;
    state(&api, |state| state.is_online()).await;
    api.bus().settle().await;
    assert_eq!(heard.list(), ["typed"]);
    assert_eq!(by_name.list(), ["noResumeableSession"]);
}

#[actix::test]
async fn api_205_a_message_comes_with_its_stanza_and_its_chat() {
    let server = Loopback::builder("localhost")
        .account("mara", "secret")
        .account("otto", "secret")
        .subscribed("mara", "otto")
        .start()
        .await
        .unwrap();
    let at = |user: &str| {
        settings! {
            "jid": format!("{user}@localhost"),
            "password": "secret",
            "server": server.addr().to_string(),
            "security": "plaintext_loopback",
        }
    };
    let mara = within(Converse::initialize(at("mara"))).await.unwrap();
    let otto = within(Converse::initialize(at("otto"))).await.unwrap();
    within(mara.wait_until("rosterContactsFetched"))
        .await
        .unwrap();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    mara.listen().on_sync("message", move |event| {
        tell.send(event.arg(0).clone())?;
        Ok(())
    });
    otto.send(
        "<message to='mara@localhost' type='chat' id='m1'><body>Hi &lt;you&gt;</body></message>",
    )
    .await
    .unwrap();
    let message = within(told.recv()).await.unwrap();
    let stanza = Element::parse(message["stanza"].as_str().unwrap()).unwrap();
    assert_eq!(stanza.attr("id").as_deref(), Some("m1"));
    assert_eq!(
        stanza.child("body", "jabber:client").unwrap().text(),
        "Hi <you>"
    );
    assert_eq!(message["chatbox"]["jid"], "otto@localhost");
    mara.stop().await;
    otto.stop().await;
    server.stop().await;
}

#[actix::test]
async fn api_206_connected_and_initialized_come_once_and_reconnected_later() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let heard = hear(&api, &["connected", "initialized", "reconnected"]);
    let mut line = server.serve(&api).await;
    for _ in 0..3 {
        drop(line);
        line = server.accept().await;
        line.log_in("").await;
        state(&api, |state| state.is_online()).await;
    }
    api.bus().settle().await;
    let expected = [
        "connected",
        "initialized",
        "reconnected",
        "reconnected",
        "reconnected",
    ];
    assert_eq!(heard.list(), expected);
}

#[actix::test]
async fn api_207_invitations_have_the_names_of_the_headings() {
    assert!(DOCUMENTED.contains(&"roomInviteSent"));
    let (converse, _server) = instance();
    let api = converse.start(settings! {}).await.unwrap();
    let heard = hear(
        &api,
        &["roomInvite", "roomInviteSent", "roomInviteReceived"],
    );
    api.emit("roomInviteSent", ()).await.unwrap();
    api.emit("roomInviteReceived", ()).await.unwrap();
    assert_eq!(heard.list(), ["roomInviteSent", "roomInviteReceived"]);
}

/// A handler of the session's first events may ask the server and wait, however small its inbox is.
#[actix::test]
async fn a_handler_that_asks_the_server_does_not_hold_up_the_login() {
    tokio::time::pause();
    let mut settings = account();
    settings.insert("inbox_capacity", json!(1));
    let heard = Heard::default();
    let (converse, mut server) = instance();
    let api = converse.start(settings).await.unwrap();
    let listen = api.listen().together();
    for name in ["sessionStateChanged", "connected", "initialized"] {
        let (api, into) = (api.clone(), heard.clone());
        listen.on(name, move |event| {
            let (api, into) = (api.clone(), into.clone());
            async move {
                let ping = "<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>";
                if event.arg(0)["state"]["state"] == "connecting" {
                    api.iq(ping).await?;
                }
                into.add(&*event.name);
                Ok(())
            }
        });
    }
    let user = api.user();
    let before = tokio::time::Instant::now();
    let (login, _line) = tokio::join!(user.login(()), async {
        let mut line = server.accept().await;
        line.log_in("").await;
        let ping = line.element().await;
        line.result(&ping, "").await;
        line
    });
    login.unwrap();
    within(api.bus().settle()).await;
    let expected = [
        &["sessionStateChanged"; 4][..],
        &["connected", "initialized"],
    ];
    assert_eq!(heard.list(), expected.concat());
    assert!(before.elapsed() < std::time::Duration::from_secs(1));
}
