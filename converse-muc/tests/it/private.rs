//! Private chats with occupants (XEP-0045 §7.5).

use converse_core::prelude::*;
use converse_messages::{Delivery, SentBy};
use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, Scene, play, presence, says};

const X: &str = "<x xmlns='http://jabber.org/protocol/muc#user'/>";

/// What an occupant writes to the user alone; `inside` begins with more attributes and `>`.
fn whispers(room: &str, nick: &str, inside: &str) -> String {
    format!(
        "<message from='{room}/{nick}' to='mara@kestrel.example/desk' type='chat' {inside}</message>"
    )
}

fn psst(nick: &str) -> String {
    whispers(ATRIUM, nick, &format!("id='pm1'><body>psst</body>{X}"))
}

/// What comes back of something that was sent.
fn refused(nick: &str, id: &str, condition: &str) -> String {
    format!(
        "<message type='error' id='{id}' from='{ATRIUM}/{nick}'><error type='cancel'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
    )
}

/// The messages of the chat with somebody; none if there is no chat.
fn bodies(room: &Room, nick: &str) -> Vec<String> {
    let chat = room.private_chats().get(nick).unwrap();
    let messages = chat.map(|chat| chat.messages().all().unwrap());
    let messages = messages.unwrap_or_default().into_iter();
    messages.map(|message| message.body).collect()
}

/// An occupant is there, with an id that the room vouches for.
async fn comes(scene: &Scene, nick: &str, item: &str) {
    let id = format!("role='participant' {item}");
    scene.says(presence(ATRIUM, nick, "", &id, "")).await;
}

async fn leaves(scene: &Scene, nick: &str) {
    let gone = presence(ATRIUM, nick, "type='unavailable'", "role='none'", "");
    scene.says(gone).await;
}

async fn renames(scene: &Scene, old: &str, new: &str) {
    let item = format!("nick='{new}' role='participant'");
    let codes = "<status code='303'/>";
    let gone = presence(ATRIUM, old, "type='unavailable'", &item, codes);
    scene.says(gone).await;
    scene.shows(ATRIUM, new, "").await;
}

#[test]
fn what_an_occupant_writes_to_the_user_alone_is_in_a_chat_of_its_own() {
    play(|scene| async move {
        let (opened, added, came) = (
            scene.hear("privateChatOpened"),
            scene.hear("messageAdded"),
            scene.hear("message"),
        );
        let unread = scene.hear("unreadChanged");
        let room = scene.enter(ATRIUM).await;
        scene.says(psst("pia")).await;
        // The element that says that it is one need not be there, nor the type.
        let plain = "id='pm2'><body>are you there?</body>";
        let plain = whispers(ATRIUM, "pia", plain).replace("type='chat'", "");
        scene.says(plain).await;
        assert!(room.messages().all().unwrap().is_empty());
        let chats = room.private_chats();
        assert_eq!(chats.count().unwrap(), 1);
        let chat = chats.get("pia").unwrap().unwrap();
        assert_eq!(bodies(&room, "pia"), ["psst", "are you there?"]);
        let message = chat.messages().get("pm1").unwrap().unwrap();
        assert_eq!(message.sender, SentBy::Them);
        assert_eq!(message.from.as_str(), format!("{ATRIUM}/pia"));
        assert_eq!(chat.unread().unwrap(), 2);
        chat.mark_read().unwrap();
        assert_eq!(chat.unread().unwrap(), 0);
        assert_eq!(chat.occupant().unwrap().unwrap().nick, "pia");
        assert_eq!(chat.jid().unwrap().as_str(), format!("{ATRIUM}/pia"));
        assert_eq!(chat.room(), room);
        scene.api.bus().settle().await;
        let counts = unread.lock().unwrap();
        let counts: Vec<_> = counts.iter().map(|event| event["count"].clone()).collect();
        assert_eq!(counts, [1, 2, 0]);
        let opened = opened.lock().unwrap();
        assert_eq!(opened.len(), 1);
        assert_eq!(opened[0]["type"], "chatroom-private");
        assert_eq!(opened[0]["chatroom"], ATRIUM);
        let added = added.lock().unwrap();
        assert_eq!(added.len(), 2);
        assert_eq!(added[0]["chatbox"]["nick"], "pia");
        assert_eq!(added[0]["message"]["body"], "psst");
        assert_eq!(came.lock().unwrap().len(), 2);
    });
}

#[test]
fn an_answer_goes_to_the_occupant_as_a_chat_and_says_what_it_is() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        let id = chat.send_message("yes?").await.unwrap();
        let sent = scene
            .take(&format!(
                "<message to='{ATRIUM}/pia' type='chat' id='{id}'><body>yes?</body>{X}</message>"
            ))
            .await;
        assert_eq!(sent.attr("type").as_deref(), Some("chat"));
        let message = chat.messages().last().unwrap().unwrap();
        assert_eq!(message.sender, SentBy::Me);
        assert_eq!(message.from.as_str(), format!("{ATRIUM}/mara"));
        assert!(message.delivery < Some(Delivery::Failed));
        assert!(room.messages().all().unwrap().is_empty());
        // One chat, however it is asked for.
        assert_eq!(room.private_chat("pia").unwrap(), chat);
        assert_eq!(room.private_chats().all().unwrap(), [chat]);
    });
}

#[test]
fn what_the_room_does_not_pass_on_has_failed() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        let ping =
            format!("<iq to='{ATRIUM}/mara' id='{{{{ping}}}}'><ping xmlns='urn:xmpp:ping'/></iq>");
        for (condition, pings) in [("item-not-found", 0), ("not-acceptable", 5)] {
            let id = chat.send_message("hello").await.unwrap();
            let delivery = || chat.messages().get(&id).unwrap().unwrap().delivery;
            scene.says(refused("pia", "another", condition)).await;
            assert!(delivery() < Some(Delivery::Failed));
            scene.says(refused("pia", id.as_str(), condition)).await;
            for _ in 0..pings {
                // Who is not in the room hears this (XEP-0045 §7.5), asks, and tries again if he is.
                let asked = scene.take(&ping).await;
                assert!(delivery() < Some(Delivery::Failed));
                scene.server.forget_sent();
                let pong = asked.attr("id").unwrap();
                scene
                    .says(format!(
                        "<iq type='result' id='{pong}' from='{ATRIUM}/mara'/>"
                    ))
                    .await;
                scene
                    .expect(format!("<message to='{ATRIUM}/pia' id='{id}'/>"))
                    .await;
                scene.says(refused("pia", id.as_str(), condition)).await;
            }
            assert_eq!(delivery(), Some(Delivery::Failed));
            let error = chat.messages().get(&id).unwrap().unwrap().error.unwrap();
            assert_eq!(error.condition, condition);
            if pings == 0 {
                scene
                    .expect_nothing(format!("<iq to='{ATRIUM}/mara'/>"))
                    .await;
            }
        }
    });
}

#[test]
fn it_follows_another_nick() {
    play(|scene| async move {
        let changed = scene.hear("privateChatChanged");
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        renames(&scene, "pia", "pina").await;
        assert_eq!(chat.nick().unwrap(), "pina");
        assert_eq!(room.private_chats().get("pia").unwrap(), None);
        scene.says(psst("pina")).await;
        assert_eq!(chat.messages().count().unwrap(), 1);
        chat.send_message("yes?").await.unwrap();
        scene
            .expect(format!("<message to='{ATRIUM}/pina' type='chat'/>"))
            .await;
        // Whoever takes the old one is another one.
        scene.shows(ATRIUM, "pia", "").await;
        scene.says(psst("pia")).await;
        assert_eq!(bodies(&room, "pia"), ["psst"]);
        assert_eq!(chat.messages().count().unwrap(), 2);
        assert!(!changed.lock().unwrap().is_empty());
        assert_eq!(changed.lock().unwrap()[0]["nick"], "pina");
    });
}

#[test]
fn who_takes_a_nick_takes_it_from_the_chat_of_before() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let pia = room.private_chat("pia").unwrap();
        leaves(&scene, "pia").await;
        scene.shows(ATRIUM, "rook", "").await;
        let rook = room.private_chat("rook").unwrap();
        renames(&scene, "rook", "pia").await;
        assert!(pia.is_over().unwrap() && pia.is_gone().unwrap());
        assert_eq!(pia.occupant().unwrap(), None);
        assert_eq!(rook.nick().unwrap(), "pia");
        assert_eq!(room.private_chat("pia").unwrap(), rook);
        scene.says(psst("pia")).await;
        assert_eq!(pia.messages().count().unwrap(), 0);
        assert_eq!(rook.messages().count().unwrap(), 1);
        let error = pia.send_message("are you still pia?").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn nothing_is_written_to_who_has_left() {
    play(|scene| async move {
        let changed = scene.hear("privateChatChanged");
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        assert!(!chat.is_gone().unwrap());
        leaves(&scene, "pia").await;
        assert!(chat.is_gone().unwrap() && !chat.is_over().unwrap());
        let error = chat.send_message("wait!").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        assert!(error.to_string().contains("`pia`"), "{error}");
        assert_eq!(chat.messages().count().unwrap(), 0);
        scene.expect_nothing("<message/>").await;
        scene.shows(ATRIUM, "pia", "").await;
        assert!(!chat.is_gone().unwrap());
        chat.send_message("there you are").await.unwrap();
        let gone = changed.lock().unwrap().clone();
        assert_eq!(gone.len(), 2);
        assert_eq!(gone[0]["nick"], "pia");
    });
}

#[test]
fn somebody_else_of_the_same_nick_is_somebody_else() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for (nick, first, second) in [("ana", "ana", "bea"), ("cleo", "cleo", "dora")] {
            let who = |name: &str| format!("jid='{name}@heron.example/oar'");
            comes(&scene, nick, &who(first)).await;
            let chat = room.private_chat(nick).unwrap();
            chat.send_message("the secret").await.unwrap();
            leaves(&scene, nick).await;
            // The same again, with another client.
            let again = format!("jid='{first}@heron.example/phone'");
            comes(&scene, nick, &again).await;
            assert_eq!(room.private_chat(nick).unwrap(), chat);
            leaves(&scene, nick).await;
            comes(&scene, nick, &who(second)).await;
            assert!(chat.is_over().unwrap());
            assert_eq!(chat.messages().count().unwrap(), 1);
            let error = chat.send_message("another one").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Disconnected);
            let other = room.private_chat(nick).unwrap();
            assert_ne!(other, chat);
            assert_eq!(other.messages().count().unwrap(), 0);
            assert!(room.private_chats().all().unwrap().contains(&chat));
        }
    });
}

#[test]
fn somebody_whom_the_room_does_not_show_can_be_written_to() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.says(psst("shade")).await;
        let chat = room.private_chats().get("shade").unwrap().unwrap();
        assert_eq!(chat.occupant().unwrap(), None);
        assert!(!chat.is_gone().unwrap());
        chat.send_message("who are you?").await.unwrap();
        scene
            .expect(format!("<message to='{ATRIUM}/shade'/>"))
            .await;
        assert_eq!(chat.unread().unwrap(), 0);
    });
}

#[test]
fn only_occupants_of_rooms_that_were_entered_are_heard() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let trying = scene.api.rooms().open(ANNEX, "mara").await.unwrap();
        let body = "id='k'><body>psst</body>";
        scene.says(whispers(ANNEX, "pia", body)).await;
        // The room itself, an invitation in an occupant's name, and a wrapped message.
        scene
            .says(format!(
                "<message from='{ATRIUM}' type='chat' {body}</message>"
            ))
            .await;
        let invite = "<x xmlns='http://jabber.org/protocol/muc#user'>\
            <invite from='rook@kestrel.example'/></x>";
        let invite = format!("><body>come</body>{invite}");
        scene.says(whispers(ATRIUM, "rook", &invite)).await;
        let carbon = format!(
            "><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
             <message xmlns='jabber:client' from='mara@kestrel.example/phone' to='{ATRIUM}/pia' \
             type='chat'><body>I said so</body></message></forwarded></sent><body>x</body>"
        );
        scene.says(whispers(ATRIUM, "rook", &carbon)).await;
        assert_eq!(room.private_chats().count().unwrap(), 0);
        assert_eq!(trying.private_chats().count().unwrap(), 0);
        // What is said to everybody is not private.
        scene
            .says(says(ATRIUM, "pia", "><body>all of you</body>"))
            .await;
        assert_eq!(room.private_chats().count().unwrap(), 0);
        assert_eq!(room.messages().count().unwrap(), 1);
    });
}

#[test]
fn the_chats_of_two_rooms_have_nothing_to_do_with_each_other() {
    play(|scene| async move {
        let (atrium, annex) = (scene.enter(ATRIUM).await, scene.enter(ANNEX).await);
        let id = atrium.private_chat("pia").unwrap();
        let id = id.send_message("hello").await.unwrap();
        let forged = refused("pia", id.as_str(), "forbidden").replace(ATRIUM, ANNEX);
        scene.says(forged).await;
        let message = atrium.private_chat("pia").unwrap().messages().get(&id);
        assert!(message.unwrap().unwrap().delivery < Some(Delivery::Failed));
        scene.says(whispers(ANNEX, "pia", "><body>hi</body>")).await;
        assert_eq!(bodies(&annex, "pia"), ["hi"]);
        assert_eq!(bodies(&atrium, "pia"), ["hello"]);
    });
}

#[test]
fn it_goes_with_the_room() {
    play(|scene| async move {
        let closed = scene.hear("chatBoxClosed");
        let room = scene.enter(ATRIUM).await;
        let chat = room.private_chat("pia").unwrap();
        let mut shown = chat.messages().subscribe().unwrap();
        room.close().await.unwrap();
        assert!(shown.next().await.is_none());
        for error in [
            chat.nick().unwrap_err(),
            chat.send_message("x").await.unwrap_err(),
            chat.messages().all().unwrap_err(),
            chat.close().unwrap_err(),
            room.private_chat("pia").unwrap_err(),
            room.private_chats().all().unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
        }
        assert_eq!(closed.lock().unwrap().len(), 2);
    });
}

#[test]
fn what_comes_after_it_was_closed_opens_another() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.says(psst("pia")).await;
        let chat = room.private_chats().get("pia").unwrap().unwrap();
        chat.close().unwrap();
        let error = chat.close().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
        assert_eq!(room.private_chats().count().unwrap(), 0);
        scene.says(psst("pia")).await;
        let other = room.private_chats().get("pia").unwrap().unwrap();
        assert_ne!(other, chat);
        assert_eq!(other.messages().count().unwrap(), 1);
        assert_eq!(chat.nick().unwrap_err().kind(), ErrorKind::Closed);
    });
}

#[test]
fn those_who_write_open_a_limited_number_of_chats() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let wanted = room.private_chat("pia").unwrap();
        for number in 0..103 {
            scene.says(psst(&format!("spam{number}"))).await;
            if number == 0 {
                let first = room.private_chats().get("spam0").unwrap().unwrap();
                first.send_message("who are you?").await.unwrap();
            }
        }
        // The one that the user answered stays, and so does the one that he opened.
        assert!(room.private_chats().get("spam0").unwrap().is_some());
        assert!(room.private_chats().get("spam1").unwrap().is_none());
        assert!(room.private_chats().get("spam102").unwrap().is_some());
        assert!(wanted.nick().is_ok());
        assert!(room.private_chats().count().unwrap() <= 102);
    });
}

#[test]
fn a_nick_that_cannot_be_one_is_refused() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for nick in ["", "a\u{202e}b", &"x".repeat(1_024)] {
            let error = room.private_chat(nick).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{nick:?}");
        }
        let chat = room.private_chat("pia").unwrap();
        for body in ["", "\u{1}"] {
            let error = chat.send_message(body).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        assert_eq!(chat.messages().count().unwrap(), 0);
    });
}

#[test]
fn the_list_can_be_followed() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let mut shown = room.private_chats().subscribe().unwrap();
        assert!(shown.snapshot().is_empty());
        scene.says(psst("pia")).await;
        let rook = room.private_chat("rook").unwrap();
        while shown.try_next().is_some() {}
        let nicks: Vec<_> = shown
            .snapshot()
            .iter()
            .map(|chat| chat.nick().unwrap())
            .collect();
        assert_eq!(nicks, ["pia", "rook"]);
        rook.close().unwrap();
        while shown.try_next().is_some() {}
        assert_eq!(shown.snapshot().len(), 1);
        assert_eq!(shown.snapshot()[0].unread().unwrap(), 1);
    });
}
