//! Messages that are sent, and what becomes of them.

use std::time::Duration;

use converse_chat::prelude::*;
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Plan;

use crate::scene::{Scene, online};

#[test]
fn a_message_has_its_ids_and_is_announced() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        it.events().await;
        let id = chat.send_message("Hello & <welcome>").await.unwrap();
        let sent = it.expect("<message to='otto@heron.example' type='chat' id='{{m}}'><body>Hello &amp; &lt;welcome></body><origin-id xmlns='urn:xmpp:sid:0' id='{{m}}'/><active xmlns='http://jabber.org/protocol/chatstates'/></message>").await;
        assert_eq!(sent.attr("id").as_deref(), Some(id.as_str()));
        it.acknowledged().await;
        // Without stream management the answer to a ping says that the server has it.
        assert_eq!(
            it.events().await,
            [
                "messageSend",
                "messageAdded",
                "messageDeliveryChanged",
                "messageDeliveryChanged"
            ]
        );
        let messages = chat.messages().all().unwrap();
        assert_eq!(messages[0].delivery, Some(Delivery::Acknowledged));
        assert_eq!(
            (messages[0].sender, messages[0].id.as_ref()),
            (SentBy::Me, Some(&id))
        );

        chat.send_message("second").await.unwrap();
        let mut sent = Vec::new();
        for payload in it.payloads("messageSend").await {
            sent.push(payload);
        }
        assert_eq!(sent, [json!("second")]);
    });
}

#[test]
fn what_cannot_be_sent_is_refused_and_not_added() {
    online(|it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        it.events().await;
        assert_eq!(
            chat.send_message("").await.unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        assert_eq!(
            chat.send_message("a\u{0}b").await.unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        assert!(chat.messages().all().unwrap().is_empty());
        assert!(it.events().await.is_empty());
    });
}

#[test]
fn an_error_belongs_to_the_message_that_failed() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        chat.send_message("will bounce").await.unwrap();
        it.expect("<message to='otto@heron.example' id='{{m}}'><body>will bounce</body></message>")
            .await;
        let error = "<error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
                     <text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no route</text></error>";
        it.events().await;
        // Not from whom it was sent to, and not what was sent.
        it.recv(&format!(
            "<message type='error' id='{{{{m}}}}' from='vex@mallard.example'>{error}</message>"
        ))
        .await;
        it.recv(&format!("<message type='error' id='nobody-sent-this' from='otto@heron.example'>{error}</message>")).await;
        assert!(it.events().await.is_empty());
        it.recv(&format!(
            "<message type='error' id='{{{{m}}}}' from='otto@heron.example'>{error}</message>"
        ))
        .await;
        assert_eq!(it.events().await, ["messageDeliveryChanged"]);
        let messages = chat.messages().all().unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].delivery, Some(Delivery::Failed));
        let failure = messages[0].error.as_ref().unwrap();
        assert_eq!(failure.condition, "remote-server-not-found");
        assert_eq!(failure.text.as_deref(), Some("no route"));
    });
}

#[test]
fn many_at_once_keep_their_order() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        let sending: Vec<_> = (0..50)
            .map(|n| {
                let chat = chat.clone();
                tokio::task::spawn_local(async move { chat.send_message(n.to_string()).await })
            })
            .collect();
        for task in sending {
            task.await.unwrap().unwrap();
        }
        it.expect("<message><body>49</body></message>").await;
        let wire: Vec<_> = it
            .server
            .sent()
            .iter()
            .filter_map(|sent| {
                sent.element()?
                    .child_text("body", "jabber:client")
                    .map(|body| body.into_owned())
            })
            .collect();
        let shown: Vec<_> = chat
            .messages()
            .all()
            .unwrap()
            .into_iter()
            .map(|message| message.body)
            .collect();
        assert_eq!(wire, shown);
    });
}

#[test]
fn an_acknowledgement_is_waited_for_through_a_resumption_and_nothing_is_doubled() {
    clock::run(async {
        let mut plan = Plan::new("kestrel.example");
        plan.stream_management = true;
        plan.acknowledge_after = None;
        let mut it = Scene::new(plan, settings! { "reconnect_min": 1 }, true).await;
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        chat.send_message("hold on").await.unwrap();
        it.expect("<message><body>hold on</body></message>").await;
        clock::settle().await;
        assert_eq!(
            chat.messages().all().unwrap()[0].delivery,
            Some(Delivery::Sent)
        );

        it.server.drop_connection();
        it.expect("<resume xmlns='urn:xmpp:sm:3'/>").await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        it.server.acknowledge(None).await.unwrap();
        clock::settle().await;
        let messages = chat.messages().all().unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].delivery, Some(Delivery::Acknowledged));
    });
}
