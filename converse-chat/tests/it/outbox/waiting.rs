//! What can be done with what waits, and how long it does.

use converse_messages::outbox::{OutboxError, Standing};

use super::*;

#[test]
fn what_waits_can_be_edited_and_taken_back() {
    clock::run(async {
        let mut it = scene(settings! {}).await;
        let chat = otto(&it).await;
        it.go_offline().await;
        let first = chat.send_message("teh first").await.unwrap();
        let second = chat.send_message("never mind").await.unwrap();
        chat.correct(&second, "still").await.unwrap();
        let outbox = chat.outbox().unwrap();
        it.events().await;
        outbox.edit(&first, "the first & only").await.unwrap();
        assert_eq!(it.events().await, ["messageUpdated"]);
        outbox.withdraw(&second).await.unwrap();
        assert_eq!(it.events().await, ["messageUpdated", "messageWithdrawn"]);
        let shown = chat.messages().all().unwrap();
        assert_eq!(
            (shown.len(), shown[0].body.as_str()),
            (1, "the first & only")
        );
        // Nobody will know.
        assert!(shown[0].edited.is_none());
        let gone = outbox.withdraw(&second).await.unwrap_err();
        assert_eq!(gone.kind(), ErrorKind::InvalidArgument);
        assert!(outbox.edit(&first, "a\u{0}b").await.is_err());
        assert!(outbox.edit(&first, "").await.is_err());
        it.forget().await;
        it.go_online().await;
        it.expect("<message><body>the first &amp; only</body></message>")
            .await;
        assert_eq!(it.wire().len(), 1);
        // What has left cannot be had back.
        let left = outbox.withdraw(&first).await.unwrap_err();
        let left = std::error::Error::source(&left).unwrap();
        assert_eq!(
            left.downcast_ref(),
            Some(&OutboxError::Left {
                id: first.to_string()
            })
        );
        it.go_offline().await;
        assert!(outbox.edit(&first, "too late").await.is_err());
        assert_eq!(outbox.list().await.unwrap()[0].standing, Standing::Unsure);
    });
}

#[test]
fn a_change_that_waits_can_be_taken_back() {
    clock::run(async {
        let mut it = scene(settings! {}).await;
        let chat = otto(&it).await;
        let id = chat.send_message("text").await.unwrap();
        it.expect("<message><body>text</body></message>").await;
        it.server.acknowledge(None).await.unwrap();
        it.go_offline().await;
        let correction = chat.correct(&id, "other").await.unwrap();
        assert_eq!(chat.messages().all().unwrap()[0].body, "other");
        chat.outbox().unwrap().withdraw(&correction).await.unwrap();
        assert_eq!(chat.messages().all().unwrap()[0].body, "text");
        it.forget().await;
        it.go_online().await;
        assert!(it.wire().is_empty());
    });
}

#[test]
fn what_waits_too_long_fails_for_all_to_see_and_can_be_tried_again() {
    clock::run(async {
        let it = scene(settings! { "outbox_timeout": 60 }).await;
        let chat = otto(&it).await;
        it.go_offline().await;
        let id = chat.send_message("urgent").await.unwrap();
        let patient = chat.send_message("patient").await.unwrap();
        let outbox = chat.outbox().unwrap();
        outbox.set_deadline(&patient, None).await.unwrap();
        chat.correct(&id, "very urgent").await.unwrap();
        it.events().await;
        tokio::time::sleep(Duration::from_secs(61)).await;
        assert_eq!(deliveries(&chat), [Delivery::Failed, Delivery::Queued]);
        let message = &chat.messages().all().unwrap()[0];
        assert_eq!(message.error.as_ref().unwrap().condition, "timeout");
        assert_eq!(message.body, "urgent");
        let events = it.events().await;
        assert!(
            events.contains(&"messageUpdateFailed".to_owned()),
            "{events:?}"
        );
        it.forget().await;
        it.go_online().await;
        assert_eq!(it.wire(), [("patient".to_owned(), false)]);
        outbox.retry(&id).await.unwrap();
        clock::settle().await;
        assert_eq!(it.wire()[1].0, "urgent");
        assert_eq!(deliveries(&chat), [Delivery::Sent; 2]);
    });
}

#[test]
fn there_is_a_limit_to_what_waits() {
    clock::run(async {
        let it = scene(settings! {}).await;
        let chat = otto(&it).await;
        it.go_offline().await;
        for n in 0..1_000 {
            chat.send_message(n.to_string()).await.unwrap();
        }
        let error = chat.send_message("one too many").await.unwrap_err();
        let full = std::error::Error::source(&error).unwrap();
        assert!(matches!(
            full.downcast_ref(),
            Some(OutboxError::Full { entries: 1_000, .. })
        ));
        assert_eq!(chat.messages().last().unwrap().unwrap().body, "999");
        it.forget().await;
        it.go_online().await;
        // No more than a window of them is out at once.
        for _ in 0..12 {
            it.server.acknowledge(None).await.unwrap();
            clock::settle().await;
        }
        let bodies: Vec<_> = it.wire().into_iter().map(|(body, _)| body).collect();
        assert_eq!(
            bodies,
            (0..1_000).map(|n| n.to_string()).collect::<Vec<_>>()
        );
        chat.send_message("fits").await.unwrap();
    });
}

#[test]
fn what_cannot_be_kept_is_not_sent() {
    clock::run(async {
        // A store that is full as soon as anything is in it.
        let store = Arc::new(MemoryStore::with_limit(1));
        let scene = converse_testkit::scripted::Scene::of(plan())
            .store(store)
            .recording(&["messageDeliveryChanged"])
            .start()
            .await;
        let chat = scene.api.chats().open("otto@heron.example").await.unwrap();
        let error = chat.send_message("too large").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert_eq!(deliveries(&chat), [Delivery::Failed]);
        scene
            .expect_nothing("<message><body>too large</body></message>")
            .await;
        assert_eq!(scene.events().await, ["messageDeliveryChanged"]);
        // The next one is not held up, and fails in the same way.
        assert!(chat.send_message("again").await.is_err());
        scene.forget().await;
    });
}
