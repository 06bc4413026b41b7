//! What is told besides messages: who writes, what was displayed, who is called.

use std::time::Duration;

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::scripted::Captures;

use crate::scene::{ATRIUM, Scene, play, play_with, presence, says};

const SID: &str = "urn:xmpp:sid:0";

async fn text(scene: &Scene, nick: &str, id: &str, inside: &str) {
    let inside = format!("id='{id}'>{inside}<stanza-id xmlns='{SID}' by='{ATRIUM}' id='r-{id}'/>");
    scene.says(says(ATRIUM, nick, &inside)).await;
}

async fn state(scene: &Scene, nick: &str, state: &str) {
    let inside = format!("><{state} xmlns='http://jabber.org/protocol/chatstates'/>");
    scene.says(says(ATRIUM, nick, &inside)).await;
}

fn told(state: &str) -> String {
    format!(
        "<message to='{ATRIUM}' type='groupchat'><{state} xmlns='http://jabber.org/protocol/chatstates'/></message>"
    )
}

fn marker(id: &str) -> String {
    format!(
        "<message to='{ATRIUM}' type='groupchat'><displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/></message>"
    )
}

#[test]
fn the_others_are_told_that_the_user_writes() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        room.composing().unwrap();
        room.composing().unwrap();
        scene.expect(told("composing")).await;
        tokio::time::sleep(Duration::from_secs(11)).await;
        scene.expect(told("paused")).await;
        // That he does nothing is nobody's business.
        tokio::time::sleep(Duration::from_secs(200)).await;
        scene.expect_nothing("<message/>").await;
        room.composing().unwrap();
        scene.expect(told("composing")).await;
        room.stop_composing().unwrap();
        scene.expect(told("active")).await;
        room.composing().unwrap();
        scene.expect(told("composing")).await;
        room.send_message("hello").await.unwrap();
        let active = "<active xmlns='http://jabber.org/protocol/chatstates'/>";
        scene
            .expect(format!("<message><body>hello</body>{active}</message>"))
            .await;
        room.close().await.unwrap();
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn nobody_is_told_of_a_user_without_voice_or_who_does_not_want_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let own = presence(ATRIUM, "mara", "", "role='visitor'", "<status code='110'/>");
        scene.says(own).await;
        room.composing().unwrap();
        scene.expect_nothing("<message/>").await;
    });
    let settings = settings! { "send_chat_state_notifications": false, "send_chat_markers": false };
    play_with(settings, |scene| async move {
        let room = scene.enter_with(ATRIUM, &[SID, "muc_membersonly"]).await;
        room.composing().unwrap();
        text(&scene, "pia", "a", "<body>one</body>").await;
        room.mark_displayed("a").unwrap();
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn who_writes_is_known_by_nick() {
    play(|scene| async move {
        let heard = scene.hear("chatStateChanged");
        let room = scene.enter(ATRIUM).await;
        scene.shows(ATRIUM, "rook", "").await;
        state(&scene, "rook", "composing").await;
        state(&scene, "pia", "composing").await;
        // The user himself, and somebody who is not there.
        state(&scene, "mara", "composing").await;
        state(&scene, "ghost", "composing").await;
        assert_eq!(room.typing().unwrap(), ["pia", "rook"]);
        assert_eq!(room.get("typing").unwrap(), Some(json!(["pia", "rook"])));
        text(&scene, "pia", "a", "<body>done</body>").await;
        assert_eq!(room.typing().unwrap(), ["rook"]);
        let gone = presence(ATRIUM, "rook", "type='unavailable'", "role='none'", "");
        scene.says(gone).await;
        assert!(room.typing().unwrap().is_empty());
        let heard = heard.lock().unwrap();
        let states: Vec<_> = heard
            .iter()
            .map(|it| (it["nick"].clone(), it["state"].clone()))
            .collect();
        let expected = [
            (json!("rook"), json!("composing")),
            (json!("pia"), json!("composing")),
            (json!("pia"), json!(null)),
        ];
        assert_eq!(states, expected);
    });
}

#[test]
fn in_a_room_of_members_the_others_are_told_what_was_displayed() {
    play(|scene| async move {
        let room = scene.enter_with(ATRIUM, &[SID, "muc_membersonly"]).await;
        for id in ["a", "b", "c"] {
            text(&scene, "pia", id, "<body>text</body>").await;
        }
        room.mark_displayed("b").unwrap();
        scene.expect(marker("r-b")).await;
        // It only moves forward.
        room.mark_displayed("a").unwrap();
        scene.expect_nothing("<message/>").await;
        room.maximize().unwrap();
        scene.expect(marker("r-c")).await;
        let error = room.mark_displayed("z").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn what_was_displayed_without_a_session_is_told_with_the_next() {
    play(|scene| async move {
        let features = [SID, "muc_membersonly"];
        let room = scene.enter_with(ATRIUM, &features).await;
        text(&scene, "pia", "a", "<body>one</body>").await;
        let mut states = scene.api.session().watch();
        scene.server.drop_connection();
        states.wait_for(|state| !state.is_online()).await.unwrap();
        scene.api.bus().settle().await;
        room.mark_displayed("a").unwrap();
        states.wait_for(|state| state.is_online()).await.unwrap();
        scene.answers_info(ATRIUM, &features).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.expect_nothing("<message/>").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        scene.expect(marker("r-a")).await;
    });
}

#[test]
fn in_a_public_room_they_are_told_if_they_ask() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        text(&scene, "pia", "a", "<body>one</body>").await;
        room.mark_displayed("a").unwrap();
        scene.expect_nothing("<message/>").await;
        let markable = "<body>two</body><markable xmlns='urn:xmpp:chat-markers:0'/>";
        text(&scene, "pia", "b", markable).await;
        room.mark_displayed("b").unwrap();
        scene.expect(marker("r-b")).await;
    });
    play(|scene| async move {
        // Where messages have no ids, nothing can say which it was.
        let room = scene.enter_with(ATRIUM, &["muc_membersonly"]).await;
        text(&scene, "pia", "a", "<body>one</body>").await;
        room.mark_displayed("a").unwrap();
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn what_others_have_displayed_is_known_by_person() {
    play(|scene| async move {
        let heard = scene.hear("messageDisplayed");
        let room = scene.enter(ATRIUM).await;
        scene.shows(ATRIUM, "rook", "").await;
        for id in ["a", "b"] {
            text(&scene, "mara", id, "<body>text</body>").await;
        }
        let read = |nick: &str, id: &str| {
            says(
                ATRIUM,
                nick,
                &format!("><displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/>"),
            )
        };
        for (nick, id) in [
            ("pia", "r-b"),
            ("pia", "r-a"),
            ("rook", "r-a"),
            ("ghost", "r-b"),
            // The sender's own id says nothing.
            ("rook", "b"),
            ("rook", "r-z"),
        ] {
            scene.says(read(nick, id)).await;
        }
        assert_eq!(room.messages().readers("a").unwrap(), ["pia", "rook"]);
        assert_eq!(room.messages().readers("r-b").unwrap(), ["pia"]);
        assert!(room.messages().readers("z").is_err());
        assert_eq!(heard.lock().unwrap().len(), 2);
    });
}

#[test]
fn what_another_client_has_displayed_is_read() {
    play(|scene| async move {
        let unread = scene.hear("unreadChanged");
        let room = scene.enter(ATRIUM).await;
        room.minimize().unwrap();
        for id in ["a", "b", "c"] {
            text(&scene, "pia", id, "<body>mara: text</body>").await;
        }
        assert_eq!((room.unread().unwrap(), room.mentions().unwrap()), (3, 3));
        let displayed = "><displayed xmlns='urn:xmpp:chat-markers:0' id='r-b'/>";
        scene.says(says(ATRIUM, "pia", displayed)).await;
        assert_eq!(room.unread().unwrap(), 3);
        scene.says(says(ATRIUM, "mara", displayed)).await;
        assert_eq!((room.unread().unwrap(), room.mentions().unwrap()), (1, 1));
        scene.expect_nothing("<message/>").await;
        let unread = unread.lock().unwrap();
        let counts: Vec<_> = unread.iter().map(|it| it["count"].clone()).collect();
        assert_eq!(counts, [1, 2, 3, 1]);
    });
}

#[test]
fn what_comes_while_the_application_is_out_of_view_is_unread() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let window = |state: &str| json!({ "state": state });
        drop(scene.api.emit("windowStateChanged", window("hidden")));
        scene.api.bus().settle().await;
        text(&scene, "pia", "a", "<body>one</body>").await;
        text(&scene, "mara", "b", "<body>from another client</body>").await;
        let delay =
            format!("<delay xmlns='urn:xmpp:delay' from='{ATRIUM}' stamp='2026-01-10T08:00:00Z'/>");
        text(
            &scene,
            "pia",
            "c",
            &format!("<body>mara: old</body>{delay}"),
        )
        .await;
        assert_eq!((room.unread().unwrap(), room.mentions().unwrap()), (1, 0));
        drop(scene.api.emit("windowStateChanged", window("visible")));
        scene.api.bus().settle().await;
        assert_eq!(room.unread().unwrap(), 0);
        text(&scene, "pia", "d", "<body>two</body>").await;
        assert_eq!(room.unread().unwrap(), 0);
    });
}

#[test]
fn a_mention_calls_the_user_whatever_the_text_says() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        room.minimize().unwrap();
        let mention = |uri: &str| {
            format!(
                "<body>you there</body><reference xmlns='urn:xmpp:reference:0' type='mention' \
                 begin='0' end='3' uri='{uri}'/>"
            )
        };
        let uris = [
            ("a", format!("xmpp:{ATRIUM}/mara"), 1),
            ("b", "xmpp:mara@kestrel.example".to_owned(), 2),
            ("c", format!("xmpp:{ATRIUM}/pia"), 2),
            ("d", "xmpp:annex@rooms.kestrel.example/mara".to_owned(), 2),
            ("e", "https://mara".to_owned(), 2),
        ];
        for (id, uri, mentions) in uris {
            text(&scene, "pia", id, &mention(&uri)).await;
            assert_eq!(room.mentions().unwrap(), mentions, "{uri}");
        }
    });
}

#[test]
fn a_message_answers_and_mentions_as_the_room_knows_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        text(&scene, "pia", "a", "<body>one</body>").await;
        let question = room.messages().last().unwrap().unwrap();
        room.compose("ja, piano and pia")
            .reply_to(&question)
            .mention("pia")
            .hint(Hint::NoPermanentStore)
            .unstyled()
            .send()
            .await
            .unwrap();
        let mut captures = Captures::default();
        let pattern = format!(
            "<message type='groupchat' to='{ATRIUM}'><body>ja, piano and pia</body>\
             <reply xmlns='urn:xmpp:reply:0' id='r-a' to='{ATRIUM}/pia'/>\
             <reference xmlns='urn:xmpp:reference:0' type='mention' begin='14' end='17' uri='xmpp:{ATRIUM}/pia'/>\
             <unstyled xmlns='urn:xmpp:styling:0'/><no-permanent-store xmlns='urn:xmpp:hints'/></message>"
        );
        scene.server.expect(&pattern, &mut captures).await.unwrap();
        let own = room.messages().last().unwrap().unwrap();
        // The room has not sent it back, so nobody knows it by an id.
        let error = room.compose("hm").reply_to(&own).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let error = room.compose("hm").mention("").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let file = Attachment::new("https://files.kestrel.example/map.png").unwrap();
        room.compose("").attach(file).send().await.unwrap();
        scene
            .expect("<message type='groupchat'><body>https://files.kestrel.example/map.png</body></message>")
            .await;
    });
}

#[test]
fn the_messages_of_a_room_can_be_followed() {
    use converse_core::view::Diff;
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let mut shown = room.messages().subscribe().unwrap();
        text(&scene, "pia", "a", "<body>one</body>").await;
        let Some(Diff::Insert { index: 0, item }) = shown.try_next() else {
            panic!()
        };
        assert_eq!(item.body, "one");
        let retract = "id='b'><retract xmlns='urn:xmpp:message-retract:1' id='r-a'/>";
        scene.says(says(ATRIUM, "pia", retract)).await;
        assert!(matches!(
            shown.try_next(),
            Some(Diff::Update { index: 0, .. })
        ));
        room.close().await.unwrap();
        assert!(shown.next().await.is_none());
    });
}
