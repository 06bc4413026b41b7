//! Displayed markers (XEP-0333).

use converse_chat::prelude::*;
use converse_core::prelude::*;

use crate::scene::{Scene, online, online_with};

const MARKER: &str = "<message><displayed xmlns='urn:xmpp:chat-markers:0'/></message>";

fn markable(from: &str, id: &str) -> String {
    format!(
        "<message from='{from}' type='chat' id='{id}'><body>x</body><markable xmlns='urn:xmpp:chat-markers:0'/></message>"
    )
}

async fn told(it: &mut Scene, id: &str) {
    it.expect(&format!("<message to='otto@heron.example' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/><store xmlns='urn:xmpp:hints'/></message>")).await;
}

async fn untold(it: &Scene) {
    it.expect_nothing(MARKER).await;
}

#[test]
fn the_newest_of_what_is_shown_is_marked() {
    online(|mut it| async move {
        for id in ["a1", "a2", "a3"] {
            it.recv(&markable("otto@heron.example/oar", id)).await;
        }
        it.recv("<message from='otto@heron.example/oar' type='chat' id='a4'><body>not asked</body></message>").await;
        untold(&it).await;
        let chat = it.chat("otto@heron.example").unwrap();
        assert!(chat.messages().all().unwrap()[0].markable);
        chat.show().unwrap();
        told(&mut it, "a3").await;
        chat.show().unwrap();
        chat.focus().unwrap();
        untold(&it).await;
        // What comes while the user looks is shown at once, also what another client got.
        it.recv(&markable("otto@heron.example/oar", "a5")).await;
        told(&mut it, "a5").await;
        chat.blur().unwrap();
        it.recv(&markable("otto@heron.example/oar", "a6")).await;
        untold(&it).await;
        it.api.chats().open("otto@heron.example").await.unwrap();
        told(&mut it, "a6").await;
    });
}

#[test]
fn an_application_can_say_what_was_shown() {
    online(|mut it| async move {
        for id in ["a1", "a2", "a3"] {
            it.recv(&markable("otto@heron.example/oar", id)).await;
        }
        let chat = it.chat("otto@heron.example").unwrap();
        assert_eq!(
            chat.mark_displayed("a9").unwrap_err().kind(),
            ErrorKind::InvalidArgument
        );
        chat.mark_displayed("a2").unwrap();
        told(&mut it, "a2").await;
        chat.mark_displayed("a1").unwrap();
        chat.mark_displayed("a2").unwrap();
        untold(&it).await;
        chat.mark_displayed("a3").unwrap();
        told(&mut it, "a3").await;
        chat.close().await.unwrap();
        assert_eq!(
            chat.mark_displayed("a3").unwrap_err().kind(),
            ErrorKind::Closed
        );
    });
}

#[test]
fn whoever_may_not_know_is_not_told_and_who_wants_it_tells_nobody() {
    let settings = settings! { "allow_non_roster_messaging": true };
    online_with(settings, |it| async move {
        for from in [
            "vex@mallard.example/x9",
            "juno@teal.example/t",
            "mara@kestrel.example/phone",
        ] {
            it.recv(&markable(from, "a1")).await;
            let bare = from.split('/').next().unwrap();
            it.chat(bare).unwrap().focus().unwrap();
        }
        it.api.settings().set("send_chat_markers", false).unwrap();
        it.recv(&markable("otto@heron.example/oar", "a1")).await;
        it.chat("otto@heron.example").unwrap().focus().unwrap();
        untold(&it).await;
    });
}

#[test]
fn what_the_user_wrote_elsewhere_is_not_marked() {
    online(|it| async move {
        let inner = "<message xmlns='jabber:client' from='mara@kestrel.example/phone' to='otto@heron.example' type='chat' id='k1'><body>x</body><markable xmlns='urn:xmpp:chat-markers:0'/></message>";
        it.recv(&format!("<message from='mara@kestrel.example' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{inner}</forwarded></sent></message>")).await;
        it.chat("otto@heron.example").unwrap().focus().unwrap();
        untold(&it).await;
    });
}

#[test]
fn a_marker_waits_for_the_next_session() {
    online(|mut it| async move {
        it.recv(&markable("otto@heron.example/oar", "a1")).await;
        it.server.drop_connection();
        converse_testkit::clock::settle().await;
        it.chat("otto@heron.example").unwrap().focus().unwrap();
        let minute = std::time::Duration::from_secs(60);
        it.expect_within(MARKER, minute).await;
    });
}

#[test]
fn what_is_sent_is_markable_and_displayed_when_its_addressee_says_so() {
    online(|mut it| async move {
        let chat = it.api.chats().open("otto@heron.example").await.unwrap();
        for body in ["one", "two", "three"] {
            chat.send_message(body).await.unwrap();
            it.expect(&format!("<message id='{{{{{body}}}}}'><body>{body}</body><markable xmlns='urn:xmpp:chat-markers:0'/></message>")).await;
        }
        it.acknowledged().await;
        let marker = |from: &str, id: &str| {
            format!(
                "<message from='{from}' type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='{{{{{id}}}}}'/></message>"
            )
        };
        let deliveries = || {
            let all = chat.messages().all().unwrap().into_iter();
            all.map(|message| message.delivery.unwrap())
                .collect::<Vec<_>>()
        };
        for from in [
            "vex@mallard.example/x9",
            "ines@heron.example",
            "mara@kestrel.example/phone",
        ] {
            it.recv(&marker(from, "three")).await;
            assert_eq!(deliveries(), [Delivery::Acknowledged; 3], "{from}");
        }
        it.recv(&marker("otto@heron.example/oar", "two")).await;
        let (seen, unseen) = (Delivery::Displayed, Delivery::Acknowledged);
        assert_eq!(deliveries(), [seen, seen, unseen]);
        it.recv(&marker("otto@heron.example/oar", "one")).await;
        it.recv("<message from='otto@heron.example/oar' type='chat'><received xmlns='urn:xmpp:receipts' id='{{two}}'/></message>").await;
        assert_eq!(deliveries(), [seen, seen, unseen]);
        untold(&it).await;
    });
}
