//! What is said about private messages, and what the user's other clients do.

use converse_core::contract::{CopiedSide, OccupantCopy, RoomDirectory};
use converse_core::prelude::*;
use converse_messages::{ChatState, Delivery, Refusal, SentBy};
use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, Scene, play};

const X: &str = "<x xmlns='http://jabber.org/protocol/muc#user'/>";

async fn whispers(scene: &Scene, nick: &str, inside: &str) {
    scene
        .says(format!(
            "<message from='{ATRIUM}/{nick}' to='mara@kestrel.example/desk' type='chat' {inside}</message>"
        ))
        .await;
}

/// The text of the only message.
fn only(chat: &PrivateChat) -> String {
    let messages = chat.messages().all().unwrap();
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages[0].body.clone()
}

#[test]
fn who_wrote_a_message_can_correct_retract_and_react() {
    play(|scene| async move {
        let updated = scene.hear("messageUpdated");
        let refused = scene.hear("messageRefused");
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        whispers(&scene, "pia", "id='k1'><body>pst</body>").await;
        let replace = |id: &str| format!("<replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>");
        let corrects = format!("id='k2'><body>psst</body>{}", replace("k1"));
        whispers(&scene, "pia", &corrects).await;
        assert_eq!(only(&chat), "psst");
        // Another occupant says nothing of it, and has nothing to do with this chat.
        let corrects = format!("id='k3'><body>I am rook</body>{}", replace("k1"));
        whispers(&scene, "rook", &corrects).await;
        assert_eq!(only(&chat), "psst");
        // Nor can she put words into the user's mouth.
        let own = chat.send_message("my word").await.unwrap();
        let corrects = format!("id='k4'><body>her word</body>{}", replace(own.as_str()));
        whispers(&scene, "pia", &corrects).await;
        let message = chat.messages().get(&own).unwrap().unwrap();
        assert_eq!(message.body, "my word");
        let reacts = format!(
            "id='k5'><reactions xmlns='urn:xmpp:reactions:0' id='{own}'><reaction>👍</reaction></reactions>"
        );
        whispers(&scene, "pia", &reacts).await;
        let message = chat.messages().get(&own).unwrap().unwrap();
        assert_eq!(message.reactions[0].emoji, "👍");
        let retracts =
            "id='k6'><body>fallback</body><retract xmlns='urn:xmpp:message-retract:1' id='k1'/>";
        whispers(&scene, "pia", retracts).await;
        let message = chat.messages().get("k1").unwrap().unwrap();
        assert!(message.retracted.is_some() && message.body.is_empty());
        assert_eq!(updated.lock().unwrap().len(), 3);
        let refused = refused.lock().unwrap();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0]["reason"], json!(Refusal::NotTheAuthor));
        assert_eq!(refused[0]["chatbox"]["type"], "chatroom-private");
    });
}

#[test]
fn the_user_can_correct_retract_and_react() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        whispers(&scene, "pia", "id='k1'><body>psst</body>").await;
        let own = chat.send_message("yse?").await.unwrap();
        chat.correct(&own, "yes?").await.unwrap();
        let to = format!("to='{ATRIUM}/pia' type='chat'");
        scene
            .expect(format!(
                "<message {to}><body>yes?</body>{X}<replace xmlns='urn:xmpp:message-correct:0' id='{own}'/></message>"
            ))
            .await;
        chat.react("k1", ["🤫"]).await.unwrap();
        scene
            .expect(format!(
                "<message {to}>{X}<reactions xmlns='urn:xmpp:reactions:0' id='k1'><reaction>🤫</reaction></reactions></message>"
            ))
            .await;
        let message = chat.messages().get("k1").unwrap().unwrap();
        assert_eq!(message.reactions[0].emoji, "🤫");
        chat.retract(&own).await.unwrap();
        scene
            .expect(format!(
                "<message {to}>{X}<retract xmlns='urn:xmpp:message-retract:1' id='{own}'/></message>"
            ))
            .await;
        let message = chat.messages().get(&own).unwrap().unwrap();
        assert!(message.retracted.is_some());
        for error in [
            chat.correct("k1", "hers").await.unwrap_err(),
            chat.correct(&own, "again").await.unwrap_err(),
            chat.react("nothing", ["🤫"]).await.unwrap_err(),
            chat.react("k1", ["two words"]).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
        }
    });
}

#[test]
fn a_change_that_is_not_passed_on_is_taken_back() {
    play(|scene| async move {
        let failed = scene.hear("messageUpdateFailed");
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        let own = chat.send_message("one").await.unwrap();
        let change = chat.correct(&own, "two").await.unwrap();
        assert_eq!(only(&chat), "two");
        scene
            .says(format!(
                "<message type='error' id='{change}' from='{ATRIUM}/pia'><error type='auth'>\
                 <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            ))
            .await;
        assert_eq!(only(&chat), "one");
        let failed = failed.lock().unwrap();
        assert_eq!(failed[0]["error"]["condition"], "forbidden");
        assert_eq!(failed[0]["update"], "corrected");
    });
}

#[test]
fn a_composed_message_says_more_than_a_text() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        whispers(&scene, "pia", "id='k1'><body>psst</body>").await;
        let question = chat.messages().last().unwrap().unwrap();
        chat.compose("what?")
            .reply_to(&question)
            .unstyled()
            .send()
            .await
            .unwrap();
        scene
            .expect(format!(
                "<message to='{ATRIUM}/pia' type='chat'><body>what?</body>{X}\
                 <reply xmlns='urn:xmpp:reply:0' id='k1' to='{ATRIUM}/pia'/>\
                 <unstyled xmlns='urn:xmpp:styling:0'/></message>"
            ))
            .await;
    });
}

#[test]
fn what_the_other_one_does_is_known_while_he_is_there() {
    play(|scene| async move {
        let states = scene.hear("chatStateChanged");
        let room = scene.enter(ATRIUM).await;
        let composing = "><composing xmlns='http://jabber.org/protocol/chatstates'/>";
        whispers(&scene, "pia", composing).await;
        // That alone opens nothing.
        assert_eq!(room.private_chats().count().unwrap(), 0);
        let chat = room.private_chat("pia").unwrap();
        whispers(&scene, "pia", composing).await;
        assert_eq!(chat.chat_state().unwrap(), Some(ChatState::Composing));
        whispers(&scene, "pia", "id='k1'><body>psst</body>").await;
        assert_eq!(chat.chat_state().unwrap(), None);
        assert_eq!(states.lock().unwrap().len(), 2);
    });
}

#[test]
fn a_marker_says_that_the_other_one_has_seen_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        let own = chat.send_message("seen?").await.unwrap();
        let seen = format!("><displayed xmlns='urn:xmpp:chat-markers:0' id='{own}'/>");
        whispers(&scene, "rook", &seen).await;
        let delivery = || chat.messages().get(&own).unwrap().unwrap().delivery;
        assert_ne!(delivery(), Some(Delivery::Displayed));
        whispers(&scene, "pia", &seen).await;
        assert_eq!(delivery(), Some(Delivery::Displayed));
    });
}

#[test]
fn the_other_one_is_told_once_that_the_user_writes() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        let state = |name: &str| {
            format!(
                "<message to='{ATRIUM}/pia' type='chat'>{X}<{name} xmlns='http://jabber.org/protocol/chatstates'/></message>"
            )
        };
        for _ in 0..3 {
            chat.composing().unwrap();
        }
        let told = scene.take(&state("composing")).await;
        assert!(told.child("body", "jabber:client").is_none());
        scene.expect_nothing(state("composing")).await;
        tokio::time::advance(std::time::Duration::from_secs(10)).await;
        scene.expect(state("paused")).await;
        chat.stop_composing().unwrap();
        scene.expect(state("active")).await;
        chat.send_message("done").await.unwrap();
        let sent = scene.take(&state("active")).await;
        assert!(sent.child("body", "jabber:client").is_some());
        // Her client knows nothing of such things.
        whispers(&scene, "pia", "id='k1'><body>psst</body>").await;
        chat.composing().unwrap();
        chat.send_message("once more").await.unwrap();
        scene
            .expect("<message><body>once more</body></message>")
            .await;
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn nobody_is_told_who_is_gone() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        chat.composing().unwrap();
        scene.expect(format!("<message to='{ATRIUM}/pia'/>")).await;
        scene
            .says(crate::scene::presence(
                ATRIUM,
                "pia",
                "type='unavailable'",
                "role='none'",
                "",
            ))
            .await;
        chat.composing().unwrap();
        tokio::time::advance(std::time::Duration::from_secs(200)).await;
        scene.expect_nothing("<message/>").await;
    });
}

fn copied(room: &str, side: CopiedSide, id: &str) -> OccupantCopy {
    let (phone, pia) = ("mara@kestrel.example/phone", format!("{room}/pia"));
    let (from, to) = match side {
        CopiedSide::Sent => (phone, pia.as_str()),
        CopiedSide::Received => (pia.as_str(), phone),
    };
    let message = format!(
        "<message xmlns='jabber:client' from='{from}' to='{to}' type='chat' id='{id}'><body>psst</body></message>"
    );
    let sent_at = "2026-02-10T08:00:00Z".parse().unwrap();
    OccupantCopy::new(side, Element::parse(&message).unwrap(), Some(sent_at))
}

#[test]
fn what_other_clients_of_the_user_write_to_an_occupant_is_here_too() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for (side, id) in [
            (CopiedSide::Sent, "k1"),
            (CopiedSide::Received, "k2"),
            (CopiedSide::Sent, "k1"),
        ] {
            scene.api.publish(copied(ATRIUM, side, id));
            scene.api.publish(copied(ANNEX, side, id));
        }
        scene.api.bus().settle().await;
        let chat = room.private_chats().get("pia").unwrap().unwrap();
        let messages = chat.messages().all().unwrap();
        let senders: Vec<_> = messages.iter().map(|message| message.sender).collect();
        assert_eq!(senders, [SentBy::Me, SentBy::Them]);
        assert_eq!(messages[0].delivery, Some(Delivery::Acknowledged));
        assert_eq!(messages[0].from.as_str(), format!("{ATRIUM}/mara"));
        assert_eq!(messages[0].time.to_rfc3339(), "2026-02-10T08:00:00+00:00");
        assert_eq!(scene.api.rooms().all(), [room]);
    });
}

#[test]
fn others_can_ask_which_rooms_the_user_has_entered() {
    play(|scene| async move {
        let rooms = scene.api.provided::<RoomDirectory>().unwrap();
        let (atrium, annex) = (ATRIUM.parse().unwrap(), ANNEX.parse().unwrap());
        assert!(!rooms.contains(&atrium));
        let room = scene.enter(ATRIUM).await;
        // Any address can be tried.
        let _trying = scene.api.rooms().open(ANNEX, "mara").await.unwrap();
        assert!(rooms.contains(&atrium) && !rooms.contains(&annex));
        scene.reconnects().await;
        assert!(rooms.contains(&atrium));
        room.close().await.unwrap();
        assert!(!rooms.contains(&atrium));
    });
}
