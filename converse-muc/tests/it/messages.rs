//! What is said in a room.

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::scripted::Captures;

use crate::scene::{ANNEX, ATRIUM, Scene, play, says};

/// Sends a message and gives its id on the wire.
async fn send(scene: &Scene, room: &Room, body: &str) -> String {
    let id = room.send_message(body).await.unwrap();
    let mut captures = Captures::default();
    let pattern = format!(
        "<message type='groupchat' to='{ATRIUM}' id='{{{{id}}}}'><body>{body}</body>\
         <origin-id xmlns='urn:xmpp:sid:0' id='{{{{id}}}}'/></message>"
    );
    scene.server.expect(&pattern, &mut captures).await.unwrap();
    assert_eq!(captures.get("id"), Some(id.as_str()));
    id.as_str().to_owned()
}

/// Whether nobody has said yet that the oldest message has come, or has not.
fn is_under_way(room: &Room) -> bool {
    let delivery = room.messages().all().unwrap()[0].delivery;
    matches!(delivery, Some(Delivery::Sent | Delivery::Acknowledged))
}

#[test]
fn a_message_of_an_occupant_is_added() {
    play(|scene| async move {
        let added = scene.hear("messageAdded");
        let room = scene.enter(ATRIUM).await;
        let inside = format!(
            "id='g1'><body>But, soft!</body>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='{ATRIUM}/pia' id='forged'/>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='{ATRIUM}' id='s1'/>"
        );
        let stanza = says(ATRIUM, "pia", &inside);
        scene.says(stanza.clone()).await;
        // The same again, as an archive or another path may bring it.
        scene.says(stanza).await;
        let messages = room.messages().all().unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].nick.as_deref(), Some("pia"));
        assert_eq!(messages[0].sender, SentBy::Them);
        assert_eq!(messages[0].stanza_id.as_deref(), Some("s1"));
        let added = added.lock().unwrap();
        assert_eq!(added.len(), 1);
        assert_eq!(added[0]["chatbox"]["type"], "chatroom");
        assert_eq!(added[0]["message"]["body"], "But, soft!");
    });
}

#[test]
fn the_reflection_of_an_own_message_is_recognised() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let id = send(&scene, &room, "hello").await;
        assert!(is_under_way(&room));
        let inside = format!("id='{id}'><body>hello</body>");
        // Whoever uses the id of another says something of his own.
        scene.says(says(ATRIUM, "pia", &inside)).await;
        assert!(is_under_way(&room));
        assert_eq!(room.messages().all().unwrap().len(), 2);

        scene.says(says(ATRIUM, "mara", &inside)).await;
        let messages = room.messages().all().unwrap();
        assert_eq!(messages.len(), 2);
        assert_eq!(messages[1].delivery, Some(Delivery::Reflected));
        assert_eq!(messages[1].sender, SentBy::Me);
    });
}

#[test]
fn a_message_that_comes_back_has_failed() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let id = send(&scene, &room, "hello").await;
        // An occupant is not the room.
        scene
            .says(format!(
                "<message type='error' id='{id}' from='{ATRIUM}/pia'><error type='auth'>\
                 <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            ))
            .await;
        assert!(is_under_way(&room));

        scene
            .says(format!(
                "<message type='error' id='{id}' from='{ATRIUM}'><error type='auth'>\
                 <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            ))
            .await;
        let message = room.messages().all().unwrap().remove(0);
        assert_eq!(message.delivery, Some(Delivery::Failed));
        assert_eq!(message.error.unwrap().condition, "forbidden");
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
    });
}

#[test]
fn a_room_that_has_forgotten_the_user_is_entered_again() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let error = "<error type='cancel'>\
            <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
        let id = send(&scene, &room, "hello").await;
        scene
            .says(format!(
                "<message type='error' id='{id}' from='{ATRIUM}'>{error}</message>"
            ))
            .await;
        let mut captures = Captures::default();
        let ping = format!(
            "<iq type='get' id='{{{{id}}}}' to='{ATRIUM}/mara'><ping xmlns='urn:xmpp:ping'/></iq>"
        );
        scene.server.expect(&ping, &mut captures).await.unwrap();
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
        let id = captures.get("id").unwrap();
        scene
            .says(format!(
                "<iq type='error' id='{id}' from='{ATRIUM}/mara'>{error}</iq>"
            ))
            .await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
    });
}

#[test]
fn a_message_waits_until_the_room_has_let_the_user_in() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        let enters = async {
            scene.answers_info(ATRIUM, &[]).await;
            scene.expect_join(ATRIUM, "mara").await;
            scene.expect_nothing("<message/>").await;
            scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        };
        let (sent, ()) = tokio::join!(room.send_message("hello"), enters);
        sent.unwrap();
        scene
            .expect(format!(
                "<message to='{ATRIUM}'><body>hello</body></message>"
            ))
            .await;
    });
}

#[test]
fn nobody_speaks_but_occupants_of_an_entered_room() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene
            .says(says(
                ANNEX,
                "pia",
                "><body>in a room that is not open</body>",
            ))
            .await;
        scene
            .says(format!(
                "<message from='{ATRIUM}' type='groupchat'><body>no nick</body></message>"
            ))
            .await;
        for wrapper in ["received", "sent"] {
            let carbon = format!(
                "><{wrapper} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
                 <message xmlns='jabber:client' from='{ATRIUM}/pia' type='groupchat'>\
                 <body>I am pia</body></message></forwarded></{wrapper}><body>wrapped</body>"
            );
            scene.says(says(ATRIUM, "rook", &carbon)).await;
        }
        assert!(room.messages().all().unwrap().is_empty());
        assert_eq!(scene.api.rooms().all(), [room]);
    });
}

#[test]
fn the_subject_is_a_message_without_a_text() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        assert_eq!(room.subject().unwrap(), None);
        let subject = "><subject>Tides</subject>";
        scene.says(says(ATRIUM, "pia", subject)).await;
        let told = room.subject().unwrap().unwrap();
        assert_eq!(
            (told.text.as_str(), told.author.as_deref()),
            ("Tides", Some("pia"))
        );
        let both = "><subject>Not one</subject><body>text</body>";
        scene.says(says(ATRIUM, "pia", both)).await;
        assert_eq!(room.subject().unwrap().unwrap().text, "Tides");
        assert_eq!(room.messages().all().unwrap().len(), 1);
    });
}

#[test]
fn what_cannot_be_sent_is_refused() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for body in ["", "\u{1}"] {
            let error = room.send_message(body).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        assert!(room.messages().all().unwrap().is_empty());
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn only_words_of_their_own_are_mentions() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        room.minimize().unwrap();
        for text in ["mara: your turn", "(mara)", "marathon", "Mara", "tamara"] {
            scene
                .says(says(ATRIUM, "pia", &format!("><body>{text}</body>")))
                .await;
        }
        assert_eq!((room.unread().unwrap(), room.mentions().unwrap()), (5, 2));
        room.maximize().unwrap();
        assert_eq!((room.unread().unwrap(), room.mentions().unwrap()), (0, 0));
    });
}
