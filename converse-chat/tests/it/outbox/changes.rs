//! Changes that an earlier process sent and that do not arrive.

use converse_testkit::scripted;

use super::*;

const OTTO: &str = "otto@heron.example";

/// What the process before changed in a message that had arrived, while it was offline; the next one is online.
async fn restarted<F: Future<Output = MessageId>>(
    change: impl FnOnce(Chat, MessageId) -> F,
) -> (scripted::Scene, MessageId) {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let names = ["messageUpdated", "messageUpdateFailed"];
    let mut it = scripted::Scene::of(plan())
        .durable(store)
        .recording(&names)
        .start()
        .await;
    let chat = it.api.chats().open(OTTO).await.unwrap();
    let id = chat.send_message("teh").await.unwrap();
    it.expect("<message><body>teh</body></message>").await;
    it.server.acknowledge(None).await.unwrap();
    clock::settle().await;
    it.server.answer_connects(Rule::Refuse);
    it.server.drop_connection();
    clock::settle().await;
    let change = change(chat, id).await;
    clock::settle().await;
    it.kill().await;
    it.start_again().await;
    it.recorded().await;
    (it, change)
}

async fn bounce(it: &scripted::Scene, id: &MessageId) {
    it.recv(&format!(
        "<message type='error' id='{id}' from='{OTTO}'><error type='cancel'>\
         <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    ))
    .await;
}

fn message(it: &scripted::Scene) -> Message {
    let chat = it.api.chats().get(OTTO).unwrap().unwrap();
    chat.messages().last().unwrap().unwrap()
}

#[test]
fn a_correction_that_does_not_arrive_after_a_restart_is_taken_back() {
    clock::run(async {
        let (mut it, second) = restarted(|chat, id| async move {
            chat.correct(&id, "hte").await.unwrap();
            chat.correct(&id, "the").await.unwrap()
        })
        .await;
        let first = it
            .expect("<message><body>hte</body></message>")
            .await
            .attr("id")
            .map(|id| MessageId::new(id.into_owned()))
            .unwrap();
        it.expect("<message><body>the</body></message>").await;
        let now = message(&it);
        assert_eq!((now.body.as_str(), now.edited.unwrap().count), ("the", 2));
        bounce(&it, &second).await;
        let events = it.events().await;
        assert_eq!(events, ["messageUpdated", "messageUpdateFailed"]);
        let now = message(&it);
        assert_eq!((now.body.as_str(), now.edited.unwrap().count), ("hte", 1));
        bounce(&it, &first).await;
        let now = message(&it);
        assert_eq!((now.body.as_str(), now.edited.is_none()), ("teh", true));
        // It is so after another restart too.
        it.kill().await;
        it.start_again().await;
        assert_eq!(message(&it).body, "teh");
    });
}

#[test]
fn that_another_change_does_not_arrive_after_a_restart_is_told() {
    clock::run(async {
        let (mut it, change) =
            restarted(|chat, id| async move { chat.react(&id, ["👍"]).await.unwrap() }).await;
        it.expect(&format!("<message id='{change}'/>")).await;
        bounce(&it, &change).await;
        let events = it.recorded().await;
        let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["messageUpdateFailed"]);
        let failed = &events[0].1;
        assert_eq!(failed["update"], "reactions");
        assert_eq!(failed["error"]["condition"], "item-not-found");
        bounce(&it, &change).await;
        assert!(it.events().await.is_empty(), "it is told once");
    });
}
