//! What is sent is kept until the server has it.

mod archived;
mod changes;
mod pinned;
mod restarts;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_core::store::{AccountStore, Change, MemoryStore, Namespace, Scan, Store};
use converse_testkit::clock;
use converse_testkit::scripted::{Plan, Rule};

use crate::scene::Scene;

/// What the outbox keeps.
const OUTBOX: Namespace = Namespace::new("outbox", 4_000);

/// With stream management that nothing is resumed with, and a server that acknowledges only when it is told to.
fn plan() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.stream_management = true;
    plan.resumable = false;
    plan.acknowledge_after = None;
    plan
}

async fn scene(more: SettingsMap) -> Scene {
    Scene::new(plan(), more, true).await
}

async fn otto(it: &Scene) -> Chat {
    it.api.chats().open("otto@heron.example").await.unwrap()
}

impl Scene {
    /// The connection is lost, and none can be made.
    async fn go_offline(&self) {
        self.server.answer_connects(Rule::Refuse);
        self.server.drop_connection();
        clock::settle().await;
        assert!(!self.api.session().is_online());
    }

    async fn go_online(&self) {
        self.server.answer_connects(Rule::Accept);
        self.api.session().network_changed().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(self.api.session().is_online());
    }

    /// The texts of the messages that went out, with whether they say that they are late.
    fn wire(&self) -> Vec<(String, bool)> {
        let sent = self.server.sent();
        let sent = sent.iter().filter_map(|sent| sent.element());
        let bodies = sent.filter_map(|sent| {
            let body = sent.child_text("body", "jabber:client")?.into_owned();
            Some((body, sent.child("delay", "urn:xmpp:delay").is_some()))
        });
        bodies.collect()
    }
}

fn deliveries(chat: &Chat) -> Vec<Delivery> {
    let all = chat.messages().all().unwrap().into_iter();
    all.map(|message| message.delivery.unwrap()).collect()
}

/// What a store has when the process is killed now.
async fn killed(store: &Arc<MemoryStore>) -> Arc<MemoryStore> {
    let own: BareJid = "mara@kestrel.example".parse().unwrap();
    let before = AccountStore::new(Arc::clone(store) as Arc<dyn Store>, own.clone());
    let after = Arc::new(MemoryStore::new());
    let page = before.scan(OUTBOX, Scan::all()).await.unwrap();
    let puts = page.entries.into_iter();
    let puts = puts.map(|entry| Change::put(OUTBOX, entry.key, entry.value));
    let copy = AccountStore::new(Arc::clone(&after) as Arc<dyn Store>, own);
    copy.write(puts.collect()).await.unwrap();
    after
}

async fn kept(store: &Arc<MemoryStore>) -> usize {
    let own: BareJid = "mara@kestrel.example".parse().unwrap();
    let store = AccountStore::new(Arc::clone(store) as Arc<dyn Store>, own);
    store.count(OUTBOX).await.unwrap()
}

#[test]
fn what_is_sent_while_offline_goes_out_in_order_with_all_that_is_about_it() {
    clock::run(async {
        let it = scene(settings! {}).await;
        let chat = otto(&it).await;
        it.go_offline().await;
        let first = chat.send_message("one").await.unwrap();
        chat.send_message("two").await.unwrap();
        chat.correct(&first, "won").await.unwrap();
        chat.react(&first, ["👍"]).await.unwrap();
        assert_eq!(deliveries(&chat), [Delivery::Queued; 2]);
        // It shows at once.
        assert_eq!(chat.messages().all().unwrap()[0].body, "won");
        assert_eq!(chat.outbox().unwrap().list().await.unwrap().len(), 4);
        it.forget().await;
        it.go_online().await;
        let bodies: Vec<_> = it.wire().into_iter().map(|(body, _)| body).collect();
        assert_eq!(bodies, ["one", "two", "won"]);
        assert_eq!(deliveries(&chat), [Delivery::Sent; 2]);
        it.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        assert_eq!(deliveries(&chat), [Delivery::Acknowledged; 2]);
        assert!(chat.outbox().unwrap().list().await.unwrap().is_empty());
    });
}

#[test]
fn conversations_do_not_wait_for_each_other() {
    clock::run(async {
        let it = scene(settings! {}).await;
        let (otto, ines) = (
            otto(&it).await,
            it.api.chats().open("ines@heron.example").await.unwrap(),
        );
        it.go_offline().await;
        for n in 0..20 {
            otto.send_message(format!("o{n}")).await.unwrap();
            ines.send_message(format!("i{n}")).await.unwrap();
        }
        it.forget().await;
        it.go_online().await;
        for prefix in ["o", "i"] {
            let bodies = it.wire().into_iter().map(|(body, _)| body);
            let own: Vec<_> = bodies.filter(|body| body.starts_with(prefix)).collect();
            let wanted: Vec<_> = (0..20).map(|n| format!("{prefix}{n}")).collect();
            assert_eq!(own, wanted);
        }
    });
}

#[test]
fn a_message_whose_acknowledgement_is_lost_goes_out_again_as_the_same() {
    clock::run(async {
        let mut it = scene(settings! {}).await;
        let chat = otto(&it).await;
        let id = chat.send_message("maybe").await.unwrap();
        it.expect("<message id='{{m}}'><body>maybe</body></message>")
            .await;
        clock::settle().await;
        assert_eq!(deliveries(&chat), [Delivery::Sent]);
        it.go_offline().await;
        assert_eq!(deliveries(&chat), [Delivery::Queued]);
        chat.send_message("later").await.unwrap();
        it.forget().await;
        it.go_online().await;
        let again = it
            .expect("<message id='{{m}}'><body>maybe</body><origin-id xmlns='urn:xmpp:sid:0' id='{{m}}'/><delay xmlns='urn:xmpp:delay' from='mara@kestrel.example/desk' stamp='2026-03-01T00:00:00Z'/></message>")
            .await;
        assert_eq!(again.attr("id").as_deref(), Some(id.as_str()));
        assert_eq!(
            it.wire(),
            [("maybe".to_owned(), true), ("later".to_owned(), false)]
        );
        assert_eq!(chat.messages().count().unwrap(), 2);
        let changes = it.payloads("messageDeliveryChanged").await;
        let told: Vec<_> = changes
            .iter()
            .filter(|change| change["message"]["id"] == json!(id))
            .map(|change| change["message"]["delivery"].clone())
            .collect();
        assert_eq!(told, [json!("sent")]);
    });
}

#[test]
fn a_message_that_somebody_has_received_is_not_sent_again() {
    clock::run(async {
        let mut it = scene(settings! {}).await;
        let chat = otto(&it).await;
        chat.send_message("there").await.unwrap();
        it.expect("<message id='{{m}}'><body>there</body></message>")
            .await;
        it.recv("<message from='otto@heron.example/oar' id='r1'><received xmlns='urn:xmpp:receipts' id='{{m}}'/></message>").await;
        it.go_offline().await;
        it.forget().await;
        it.go_online().await;
        assert!(it.wire().is_empty());
        assert_eq!(deliveries(&chat), [Delivery::Delivered]);
        assert!(chat.outbox().unwrap().list().await.unwrap().is_empty());
    });
}

#[test]
fn a_resumed_session_needs_no_second_try() {
    clock::run(async {
        let mut plan = plan();
        plan.resumable = true;
        let mut it = Scene::new(plan, settings! { "reconnect_min": 1 }, true).await;
        let chat = otto(&it).await;
        chat.send_message("once").await.unwrap();
        it.expect("<message><body>once</body></message>").await;
        it.forget().await;
        it.server.drop_connection();
        it.expect("<resume xmlns='urn:xmpp:sm:3'/>").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        it.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        assert!(it.wire().iter().all(|(_, is_late)| !is_late));
        assert_eq!(deliveries(&chat), [Delivery::Acknowledged]);
    });
}

#[test]
fn a_bounce_fails_only_what_was_sent_to_who_says_so() {
    clock::run(async {
        let mut it = scene(settings! {}).await;
        let chat = otto(&it).await;
        chat.send_message("left").await.unwrap();
        it.expect("<message id='{{left}}'><body>left</body></message>")
            .await;
        it.go_offline().await;
        let waits = chat.send_message("waits").await.unwrap();
        it.go_online().await;
        it.forget().await;
        let bounce = |from: &str, id: &str| {
            format!(
                "<message type='error' from='{from}' id='{id}'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            )
        };
        // Somebody else, and something that nobody has sent.
        it.recv(&bounce("vex@mallard.example/x9", "{{left}}")).await;
        it.recv(&bounce("otto@heron.example", "no-such-id")).await;
        assert!(it.events().await.is_empty());
        it.recv(&bounce("otto@heron.example", "{{left}}")).await;
        assert_eq!(it.events().await, ["messageDeliveryChanged"]);
        assert_eq!(deliveries(&chat), [Delivery::Failed, Delivery::Sent]);
        // What was given up is not sent again by itself, but when somebody wants it.
        it.go_offline().await;
        it.forget().await;
        it.go_online().await;
        assert_eq!(it.wire(), [("waits".to_owned(), true)]);
        let outbox = chat.outbox().unwrap();
        assert_eq!(
            outbox.retry(&waits).await.unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        let left = it.captures.get("left").unwrap().to_owned();
        outbox.retry(&left).await.unwrap();
        it.expect("<message id='{{left}}'><body>left</body></message>")
            .await;
        clock::settle().await;
        assert_eq!(deliveries(&chat)[0], Delivery::Sent);
    });
}

#[test]
fn what_bounces_after_the_server_had_it_can_be_tried_again() {
    clock::run(async {
        let mut it = scene(settings! {}).await;
        let chat = otto(&it).await;
        let id = chat.send_message("again").await.unwrap();
        it.expect("<message id='{{m}}'><body>again</body></message>")
            .await;
        it.server.acknowledge(None).await.unwrap();
        it.recv("<message type='error' from='otto@heron.example' id='{{m}}'><error type='wait'><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>").await;
        assert_eq!(deliveries(&chat), [Delivery::Failed]);
        chat.outbox().unwrap().retry(&id).await.unwrap();
        it.expect("<message id='{{m}}'><body>again</body><origin-id xmlns='urn:xmpp:sid:0' id='{{m}}'/></message>").await;
        clock::settle().await;
        assert_eq!(deliveries(&chat), [Delivery::Sent]);
        assert_eq!(chat.messages().count().unwrap(), 1);
    });
}

#[test]
fn without_an_account_nothing_can_be_queued() {
    clock::run(async {
        let it = scene(settings! {}).await;
        let chat = otto(&it).await;
        it.api.user().logout().await.unwrap();
        let error = chat.send_message("to whom").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        assert_eq!(chat.messages().count().unwrap(), 0);
    });
}
