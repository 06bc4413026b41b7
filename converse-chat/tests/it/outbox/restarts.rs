//! Another process goes on with what one has left.

use converse_testkit::scripted;

use super::*;

/// An instance with a store of somebody's.
async fn instance(store: &Arc<MemoryStore>, more: SettingsMap) -> scripted::Scene {
    scripted::Scene::of(plan())
        .settings(more)
        .store(Arc::clone(store) as Arc<dyn Store>)
        .recording(&["messageDeliveryChanged"])
        .start()
        .await
}

fn wire(scene: &scripted::Scene) -> Vec<(String, bool)> {
    let sent = scene.server.sent();
    let sent = sent.iter().filter_map(|sent| sent.element());
    let bodies = sent.filter_map(|sent| {
        let body = sent.child_text("body", "jabber:client")?.into_owned();
        Some((body, sent.child("delay", "urn:xmpp:delay").is_some()))
    });
    bodies.collect()
}

async fn offline(scene: &scripted::Scene) {
    scene.server.answer_connects(Rule::Refuse);
    scene.server.drop_connection();
    clock::settle().await;
}

#[test]
fn what_waits_survives_a_restart_in_order() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let first = instance(&store, settings! {}).await;
        offline(&first).await;
        let mut ids = Vec::new();
        for (jid, body) in [
            ("otto@heron.example", "one"),
            ("ines@heron.example", "two"),
            ("otto@heron.example", "three"),
        ] {
            ids.push(first.api.chats().send_message(jid, body).await.unwrap());
        }
        let left = killed(&store).await;
        first.api.stop().await;
        for store in [left, store] {
            let second = instance(&store, settings! {}).await;
            clock::settle().await;
            let bodies = wire(&second);
            assert_eq!(bodies.len(), 3);
            // It never left, so that it is not late, and is the same message.
            assert!(bodies.iter().all(|(_, is_late)| !is_late), "{bodies:?}");
            let chat = second
                .api
                .chats()
                .get("otto@heron.example")
                .unwrap()
                .unwrap();
            let shown = chat.messages().all().unwrap();
            let bodies: Vec<_> = shown.iter().map(|message| message.body.as_str()).collect();
            assert_eq!(bodies, ["one", "three"]);
            assert_eq!(shown[1].id.as_ref(), Some(&ids[2]));
            assert_eq!(deliveries(&chat), [Delivery::Sent; 2]);
            second.server.acknowledge(None).await.unwrap();
            clock::settle().await;
            assert_eq!(deliveries(&chat), [Delivery::Acknowledged; 2]);
            clock::settle().await;
            assert_eq!(kept(&store).await, 0);
            second.api.stop().await;
        }
    });
}

#[test]
fn what_may_have_left_goes_out_again_as_late_and_as_the_same() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let mut first = instance(&store, settings! {}).await;
        let id = first
            .api
            .chats()
            .send_message("otto@heron.example", "maybe")
            .await
            .unwrap();
        first.expect("<message><body>maybe</body></message>").await;
        let before_ack = killed(&store).await;
        first.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        clock::settle().await;
        let after_ack = killed(&store).await;
        first.api.stop().await;

        let mut second = instance(&before_ack, settings! {}).await;
        let again = second
            .expect("<message><body>maybe</body><delay xmlns='urn:xmpp:delay'/></message>")
            .await;
        assert_eq!(again.attr("id").as_deref(), Some(id.as_str()));
        second.api.stop().await;

        let third = instance(&after_ack, settings! {}).await;
        clock::settle().await;
        assert!(wire(&third).is_empty());
        third.api.stop().await;
    });
}

#[test]
fn what_was_taken_back_or_given_up_stays_so() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let more = || settings! { "outbox_timeout": 60 };
        let first = instance(&store, more()).await;
        offline(&first).await;
        let chats = first.api.chats();
        let chat = chats.open("otto@heron.example").await.unwrap();
        let edited = chat.send_message("old").await.unwrap();
        let withdrawn = chat.send_message("withdrawn").await.unwrap();
        let outbox = chat.outbox().unwrap();
        outbox.edit(&edited, "new").await.unwrap();
        outbox.withdraw(&withdrawn).await.unwrap();
        let kept_then = killed(&store).await;
        let second = instance(&kept_then, more()).await;
        assert_eq!(wire(&second), [("new".to_owned(), false)]);
        second.api.stop().await;

        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(deliveries(&chat), [Delivery::Failed]);
        first.api.stop().await;
        let third = instance(&store, more()).await;
        assert!(wire(&third).is_empty());
        let chat = third
            .api
            .chats()
            .get("otto@heron.example")
            .unwrap()
            .unwrap();
        assert_eq!(deliveries(&chat), [Delivery::Failed]);
        chat.outbox().unwrap().retry(&edited).await.unwrap();
        clock::settle().await;
        assert_eq!(wire(&third), [("new".to_owned(), false)]);
        third.api.stop().await;
    });
}

#[test]
fn in_memory_only_nothing_survives() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let more = || settings! { "outbox": "memory" };
        let first = instance(&store, more()).await;
        offline(&first).await;
        let chats = first.api.chats();
        chats
            .send_message("otto@heron.example", "gone")
            .await
            .unwrap();
        assert_eq!(kept(&store).await, 0);
        first.server.answer_connects(Rule::Accept);
        first.api.session().network_changed().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        // Within the process it goes its way.
        assert_eq!(wire(&first), [("gone".to_owned(), false)]);
        first.api.stop().await;
    });
}

#[test]
fn what_waited_in_memory_only_has_failed_after_a_restart() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new().as_durable());
        let more = || settings! { "outbox": "memory" };
        let first = instance(&store, more()).await;
        offline(&first).await;
        let chats = first.api.chats();
        let otto = "otto@heron.example";
        let chat = chats.open(otto).await.unwrap();
        let lost = chat.send_message("lost").await.unwrap();
        // Whoever only closes the chat loses nothing.
        chat.close().await.unwrap();
        let chat = chats.open(otto).await.unwrap();
        clock::settle().await;
        assert_eq!(deliveries(&chat), [Delivery::Queued]);
        first.api.stop().await;

        for _ in 0..2 {
            let again = instance(&store, more()).await;
            let chat = again.api.chats().get(otto).unwrap().unwrap();
            let message = chat.messages().get(&lost).unwrap().unwrap();
            assert_eq!(message.delivery, Some(Delivery::Failed));
            let why = message.error.unwrap();
            assert_eq!(why.condition, ErrorKind::Closed.as_str());
            assert!(why.text.unwrap().contains("the program ended"));
            assert!(wire(&again).is_empty());
            again.api.stop().await;
        }
    });
}

#[test]
fn an_account_that_logs_in_again_gets_what_it_left() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let scene = instance(&store, settings! {}).await;
        offline(&scene).await;
        let chats = scene.api.chats();
        chats
            .send_message("otto@heron.example", "later")
            .await
            .unwrap();
        scene.api.user().logout().await.unwrap();
        scene.server.answer_connects(Rule::Accept);
        scene.api.user().login(()).await.unwrap();
        clock::settle().await;
        assert_eq!(wire(&scene), [("later".to_owned(), false)]);
    });
}

#[test]
fn what_cannot_be_read_is_left_where_it_is() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new());
        let own: BareJid = "mara@kestrel.example".parse().unwrap();
        let account = AccountStore::new(Arc::clone(&store) as Arc<dyn Store>, own);
        account
            .put(OUTBOX, "0000000000000007", *b"{}")
            .await
            .unwrap();
        account.put(OUTBOX, "nonsense", *b"x").await.unwrap();
        let scene = instance(&store, settings! {}).await;
        let chats = scene.api.chats();
        chats
            .send_message("otto@heron.example", "hi")
            .await
            .unwrap();
        clock::settle().await;
        assert_eq!(wire(&scene), [("hi".to_owned(), false)]);
        assert_eq!(kept(&store).await, 3);
    });
}

#[test]
fn where_messages_are_kept_nothing_is_shown_twice() {
    clock::run(async {
        let store = Arc::new(MemoryStore::new().as_durable());
        let mut first = instance(&store, settings! {}).await;
        let chats = first.api.chats();
        let chat = chats.open("otto@heron.example").await.unwrap();
        let sent = chat.send_message("sent").await.unwrap();
        first.expect("<message><body>sent</body></message>").await;
        first.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        offline(&first).await;
        let waits = chat.send_message("waits").await.unwrap();
        chat.correct(&waits, "still waits").await.unwrap();
        first.api.stop().await;

        let second = instance(&store, settings! {}).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let bodies: Vec<_> = wire(&second).into_iter().map(|(body, _)| body).collect();
        assert_eq!(bodies, ["waits", "still waits"]);
        let chat = second
            .api
            .chats()
            .get("otto@heron.example")
            .unwrap()
            .unwrap();
        let shown = chat.messages().all().unwrap();
        let ids: Vec<_> = shown.iter().map(|message| message.id.clone()).collect();
        assert_eq!(ids, [Some(sent), Some(waits)]);
        assert_eq!(shown[1].body, "still waits");
        assert_eq!(deliveries(&chat), [Delivery::Acknowledged, Delivery::Sent]);
        second.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        assert_eq!(deliveries(&chat), [Delivery::Acknowledged; 2]);
        second.api.stop().await;
        assert_eq!(kept(&store).await, 0);
    });
}
