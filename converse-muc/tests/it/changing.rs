//! What becomes of what was said: corrections, retractions, reactions, moderation.

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::scripted::Captures;

use crate::scene::{ATRIUM, Scene, play, presence, says};

const SID: &str = "urn:xmpp:sid:0";
const OCCUPANT_ID: &str = "urn:xmpp:occupant-id:0";
const MODERATION: &str = "urn:xmpp:message-moderate:1";

/// A text of an occupant with the id that the room gives it.
async fn text(scene: &Scene, nick: &str, id: &str, body: &str, stanza_id: &str) {
    let inside = format!(
        "id='{id}'><body>{body}</body><stanza-id xmlns='{SID}' by='{ATRIUM}' id='{stanza_id}'/>"
    );
    scene.says(says(ATRIUM, nick, &inside)).await;
}

async fn correction(scene: &Scene, nick: &str, id: &str, original: &str, body: &str) {
    let inside = format!(
        "id='{id}'><body>{body}</body><replace xmlns='urn:xmpp:message-correct:0' id='{original}'/>"
    );
    scene.says(says(ATRIUM, nick, &inside)).await;
}

async fn retraction(scene: &Scene, nick: &str, id: &str, stanza_id: &str) {
    let inside = format!(
        "id='{id}'><retract xmlns='urn:xmpp:message-retract:1' id='{stanza_id}'/>\
         <body>/me retracted a previous message</body>"
    );
    scene.says(says(ATRIUM, nick, &inside)).await;
}

fn bodies(room: &Room) -> Vec<String> {
    let all = room.messages().all().unwrap();
    all.into_iter().map(|message| message.body).collect()
}

fn find(room: &Room, id: &str) -> Message {
    room.messages().get(id).unwrap().unwrap()
}

/// What the user sends: the id that it has on the wire.
async fn expect_id(scene: &Scene, inside: &str) -> String {
    let mut captures = Captures::default();
    let pattern =
        format!("<message type='groupchat' to='{ATRIUM}' id='{{{{id}}}}'>{inside}</message>");
    scene.server.expect(&pattern, &mut captures).await.unwrap();
    captures.get("id").unwrap().to_owned()
}

/// Sends a text, which the room reflects.
async fn own(scene: &Scene, room: &Room, body: &str, stanza_id: &str) -> String {
    let sent = room.send_message(body).await.unwrap();
    let id = expect_id(scene, &format!("<body>{body}</body>")).await;
    assert_eq!(sent.as_str(), id);
    text(scene, "mara", &id, body, stanza_id).await;
    assert_eq!(find(room, &id).delivery, Some(Delivery::Reflected));
    id
}

#[test]
fn an_occupant_corrects_his_own_messages_only() {
    play(|scene| async move {
        let updated = scene.hear("messageUpdated");
        let room = scene.enter(ATRIUM).await;
        scene.shows(ATRIUM, "rook", "").await;
        text(&scene, "pia", "c1", "helo", "r1").await;
        correction(&scene, "rook", "c2", "c1", "no").await;
        assert_eq!(bodies(&room), ["helo", "no"]);
        correction(&scene, "pia", "c3", "c1", "hello").await;
        assert_eq!(bodies(&room), ["hello", "no"]);
        let message = find(&room, "c1");
        assert_eq!(message.edited.unwrap().older[0].body, "helo");
        let updated = updated.lock().unwrap();
        assert_eq!(updated.len(), 1);
        assert_eq!(updated[0]["update"], "corrected");
        assert_eq!(updated[0]["chatbox"]["type"], "chatroom");
    });
}

#[test]
fn who_leaves_and_comes_again_may_be_somebody_else() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        text(&scene, "pia", "c1", "yes", "r1").await;
        let gone = presence(ATRIUM, "pia", "type='unavailable'", "role='none'", "");
        scene.says(gone).await;
        scene.shows(ATRIUM, "pia", "").await;
        correction(&scene, "pia", "c2", "c1", "no").await;
        retraction(&scene, "pia", "c3", "r1").await;
        assert_eq!(bodies(&room), ["yes", "no"]);
        assert!(find(&room, "r1").retracted.is_none());
    });
}

#[test]
fn under_another_nick_somebody_is_the_same() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        text(&scene, "pia", "c1", "yes", "r1").await;
        let item = "role='participant' nick='piano'";
        let renamed = presence(
            ATRIUM,
            "pia",
            "type='unavailable'",
            item,
            "<status code='303'/>",
        );
        scene.says(renamed).await;
        scene.shows(ATRIUM, "piano", "").await;
        correction(&scene, "piano", "c2", "c1", "no").await;
        assert_eq!(bodies(&room), ["no"]);
        // Somebody else takes the nick.
        scene.shows(ATRIUM, "pia", "").await;
        correction(&scene, "pia", "c3", "c1", "never").await;
        assert_eq!(bodies(&room), ["no", "never"]);
    });
}

#[test]
fn somebody_who_was_never_seen_changes_nothing() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        text(&scene, "ghost", "c1", "boo", "r1").await;
        correction(&scene, "ghost", "c2", "c1", "hoo").await;
        retraction(&scene, "ghost", "c3", "r1").await;
        assert_eq!(bodies(&room), ["boo", "hoo"]);
        assert!(find(&room, "r1").retracted.is_none());
    });
}

#[test]
fn in_the_history_a_nick_proves_nothing() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let delay =
            format!("<delay xmlns='urn:xmpp:delay' from='{ATRIUM}' stamp='2026-01-10T08:00:00Z'/>");
        let first = format!("id='c1'><body>yes</body>{delay}");
        scene.says(says(ATRIUM, "pia", &first)).await;
        let second = format!(
            "id='c2'><body>no</body><replace xmlns='urn:xmpp:message-correct:0' id='c1'/>{delay}"
        );
        scene.says(says(ATRIUM, "pia", &second)).await;
        correction(&scene, "pia", "c3", "c1", "never").await;
        assert_eq!(bodies(&room), ["yes", "no", "never"]);
    });
}

#[test]
fn occupant_ids_tell_who_it_is_also_in_the_history() {
    play(|scene| async move {
        let room = scene.enter_with(ATRIUM, &[SID, OCCUPANT_ID]).await;
        let with = |nick: &str, inside: &str, occupant: &str| {
            let occupant = format!("{inside}<occupant-id xmlns='{OCCUPANT_ID}' id='{occupant}'/>");
            says(ATRIUM, nick, &occupant)
        };
        let delay =
            format!("<delay xmlns='urn:xmpp:delay' from='{ATRIUM}' stamp='2026-01-10T08:00:00Z'/>");
        scene
            .says(with(
                "pia",
                &format!("id='c1'><body>yes</body>{delay}"),
                "o-1",
            ))
            .await;
        let replace = "<replace xmlns='urn:xmpp:message-correct:0' id='c1'/>";
        for (nick, occupant, body) in [("pia", "o-2", "evil"), ("piano", "o-1", "maybe")] {
            let inside = format!("id='x{body}'><body>{body}</body>{replace}");
            scene.says(with(nick, &inside, occupant)).await;
        }
        // Without the id, or with two, nobody knows.
        correction(&scene, "pia", "c3", "c1", "never").await;
        let two = format!(
            "id='c4'><body>two</body>{replace}<occupant-id xmlns='{OCCUPANT_ID}' id='o-2'/>"
        );
        scene.says(with("pia", &two, "o-1")).await;
        assert_eq!(bodies(&room), ["maybe", "evil", "never", "two"]);
        let message = find(&room, "c1");
        assert_eq!(message.occupant_id.as_deref(), Some("o-1"));
        assert_eq!(message.nick.as_deref(), Some("pia"));
    });
}

#[test]
fn a_room_that_does_not_say_so_has_no_occupant_ids() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        scene.shows(ATRIUM, "rook", "").await;
        let forged = format!("<occupant-id xmlns='{OCCUPANT_ID}' id='o-1'/>");
        let first = format!("id='c1'><body>yes</body>{forged}");
        scene.says(says(ATRIUM, "pia", &first)).await;
        let second = format!(
            "id='c2'><body>no</body>{forged}<replace xmlns='urn:xmpp:message-correct:0' id='c1'/>"
        );
        scene.says(says(ATRIUM, "rook", &second)).await;
        assert_eq!(bodies(&room), ["yes", "no"]);
        assert_eq!(find(&room, "c1").occupant_id, None);
    });
}

#[test]
fn an_occupant_retracts_his_own_messages_only() {
    play(|scene| async move {
        let refused = scene.hear("messageRefused");
        let room = scene.enter(ATRIUM).await;
        scene.shows(ATRIUM, "rook", "").await;
        text(&scene, "pia", "a", "secret", "r1").await;
        retraction(&scene, "rook", "b", "r1").await;
        assert_eq!(bodies(&room), ["secret"]);
        assert_eq!(refused.lock().unwrap()[0]["reason"], "not-the-author");
        assert_eq!(refused.lock().unwrap()[0]["by"], format!("{ATRIUM}/rook"));
        retraction(&scene, "pia", "c", "r1").await;
        assert_eq!(bodies(&room), [""]);
        // It comes before the message that it is about.
        retraction(&scene, "pia", "d", "r2").await;
        text(&scene, "pia", "e", "another", "r2").await;
        assert_eq!(bodies(&room), ["", ""]);
    });
}

#[test]
fn the_user_corrects_and_retracts() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let id = own(&scene, &room, "helo", "r1").await;
        let corrected = room.correct(&id, "hello").await.unwrap();
        let replace =
            format!("<body>hello</body><replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>");
        assert_eq!(expect_id(&scene, &replace).await, corrected.as_str());
        correction(&scene, "mara", corrected.as_str(), &id, "hello").await;
        assert_eq!(bodies(&room), ["hello"]);
        assert_eq!(find(&room, &id).edited.unwrap().count, 1);
        // By the id of the correction too.
        room.retract(corrected.as_str()).await.unwrap();
        let retract =
            "<retract xmlns='urn:xmpp:message-retract:1' id='r1'/><store xmlns='urn:xmpp:hints'/>";
        let retracted = expect_id(&scene, retract).await;
        retraction(&scene, "mara", &retracted, "r1").await;
        assert!(find(&room, &id).retracted.is_some());

        text(&scene, "pia", "p", "hers", "r2").await;
        for refused in [
            room.correct("p", "mine").await,
            room.retract("r2").await,
            room.correct(&id, "again").await,
            room.retract("nothing").await,
            room.correct(&id, "").await,
        ] {
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidArgument);
        }
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn without_ids_of_the_room_the_own_one_is_retracted() {
    play(|scene| async move {
        let room = scene.enter_with(ATRIUM, &[]).await;
        let id = room.send_message("hello").await.unwrap();
        expect_id(&scene, "<body>hello</body>").await;
        let react = room.react(id.as_str(), ["👍"]).await;
        assert_eq!(react.unwrap_err().kind(), ErrorKind::InvalidArgument);
        room.retract(id.as_str()).await.unwrap();
        let retract = format!("<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/>");
        expect_id(&scene, &retract).await;
    });
}

#[test]
fn what_the_room_does_not_take_is_taken_back() {
    play(|scene| async move {
        let failed = scene.hear("messageUpdateFailed");
        let room = scene.enter(ATRIUM).await;
        let id = own(&scene, &room, "helo", "r1").await;
        let corrected = room.correct(&id, "hello").await.unwrap();
        assert_eq!(bodies(&room), ["hello"]);
        scene
            .says(format!(
                "<message type='error' id='{corrected}' from='{ATRIUM}'><error type='auth'>\
                 <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            ))
            .await;
        assert_eq!(bodies(&room), ["helo"]);
        let failed = failed.lock().unwrap();
        assert_eq!(failed[0]["update"], "corrected");
        assert_eq!(failed[0]["error"]["condition"], "forbidden");
    });
}

#[test]
fn people_react_by_the_id_of_the_room() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        text(&scene, "pia", "a", "one", "r1").await;
        let reaction = |nick: &str, n: u32, id: &str, emoji: &str| {
            let inside = format!(
                "id='x{n}'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'><reaction>{emoji}</reaction></reactions>"
            );
            says(ATRIUM, nick, &inside)
        };
        // Anybody may have chosen that id.
        scene.says(reaction("pia", 1, "a", "👎")).await;
        scene.says(reaction("pia", 2, "r1", "👍")).await;
        scene.says(reaction("ghost", 3, "r1", "👍")).await;
        room.react("a", ["👍", "🐢"]).await.unwrap();
        let reactions = "<reactions xmlns='urn:xmpp:reactions:0' id='r1'>\
             <reaction>👍</reaction><reaction>🐢</reaction></reactions>";
        let sent = expect_id(&scene, reactions).await;
        scene
            .says(says(ATRIUM, "mara", &format!("id='{sent}'>{reactions}")))
            .await;
        let reactions = find(&room, "r1").reactions;
        let shown: Vec<_> = reactions
            .iter()
            .map(|one| (one.emoji.as_str(), one.by.len()))
            .collect();
        assert_eq!(shown, [("👍", 2), ("🐢", 1)]);
        assert_eq!(reactions[0].by[0].as_str(), format!("{ATRIUM}/pia"));
        for emojis in [&["ok"][..], &["👍👍"]] {
            let error = room.react("r1", emojis).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
    });
}

#[test]
fn only_the_room_says_that_something_was_moderated() {
    play(|scene| async move {
        let updated = scene.hear("messageUpdated");
        let room = scene.enter(ATRIUM).await;
        text(&scene, "pia", "a", "spam", "r1").await;
        text(&scene, "pia", "b", "more spam", "r2").await;
        let v1 = |id: &str| {
            format!(
                "<retract id='{id}' xmlns='urn:xmpp:message-retract:1'>\
                 <moderated by='{ATRIUM}/rook' xmlns='{MODERATION}'/><reason>no spam</reason></retract>"
            )
        };
        let v0 = |id: &str| {
            format!(
                "<apply-to id='{id}' xmlns='urn:xmpp:fasten:0'><moderated by='{ATRIUM}/rook' \
                 xmlns='urn:xmpp:message-moderate:0'><retract xmlns='urn:xmpp:message-retract:0'/>\
                 <reason>no spam</reason></moderated></apply-to>"
            )
        };
        // Not even the author: it would say that somebody else did it.
        for forged in [v1("r1"), v0("r1")] {
            for nick in ["pia", "rook"] {
                scene
                    .says(says(ATRIUM, nick, &format!("id='f'>{forged}")))
                    .await;
            }
        }
        assert_eq!(bodies(&room), ["spam", "more spam"]);
        for moderated in [v1("r1"), v0("r2")] {
            scene
                .says(format!(
                    "<message type='groupchat' from='{ATRIUM}' id='m'>{moderated}</message>"
                ))
                .await;
        }
        for id in ["r1", "r2"] {
            let message = find(&room, id);
            let moderated = message.moderated.unwrap();
            assert_eq!(
                (message.body.as_str(), message.retracted.is_some()),
                ("", true)
            );
            assert_eq!(moderated.reason.as_deref(), Some("no spam"));
            assert_eq!(moderated.by.unwrap().as_str(), format!("{ATRIUM}/rook"));
        }
        assert_eq!(updated.lock().unwrap().len(), 2);
    });
}

#[test]
fn a_moderator_asks_the_room_as_it_knows_it() {
    for (feature, request) in [
        (
            MODERATION,
            "<moderate id='r1' xmlns='urn:xmpp:message-moderate:1'>\
             <retract xmlns='urn:xmpp:message-retract:1'/><reason>no spam</reason></moderate>",
        ),
        (
            "urn:xmpp:message-moderate:0",
            "<apply-to id='r1' xmlns='urn:xmpp:fasten:0'><moderate xmlns='urn:xmpp:message-moderate:0'>\
             <retract xmlns='urn:xmpp:message-retract:0'/><reason>no spam</reason></moderate></apply-to>",
        ),
    ] {
        play(|scene| async move {
            let room = scene.enter_with(ATRIUM, &[SID, feature]).await;
            text(&scene, "pia", "a", "spam", "r1").await;
            let answers = async {
                let mut captures = Captures::default();
                let pattern =
                    format!("<iq type='set' to='{ATRIUM}' id='{{{{id}}}}'>{request}</iq>");
                scene.server.expect(&pattern, &mut captures).await.unwrap();
                let id = captures.get("id").unwrap();
                scene
                    .says(format!(
                        "<iq type='error' id='{id}' from='{ATRIUM}'><error type='auth'>\
                         <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
                    ))
                    .await;
            };
            let (asked, ()) = tokio::join!(room.moderate("a", Some("no spam")), answers);
            assert_eq!(asked.unwrap_err().kind(), ErrorKind::Stanza);
            assert_eq!(bodies(&room), ["spam"]);
        });
    }
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        text(&scene, "pia", "a", "spam", "r1").await;
        let asked = room.moderate("r1", None).await;
        assert_eq!(asked.unwrap_err().kind(), ErrorKind::Unsupported);
    });
}

#[test]
fn what_the_archive_has_no_more_is_shown_as_retracted() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        text(&scene, "pia", "a", "spam", "r1").await;
        let delay =
            format!("<delay xmlns='urn:xmpp:delay' from='{ATRIUM}' stamp='2026-01-10T08:00:00Z'/>");
        let tombstone = |id: &str| {
            format!(
                "id='{id}'><retracted stamp='2026-01-10T09:00:00Z' xmlns='urn:xmpp:message-retract:1'>\
                 <moderated by='{ATRIUM}/rook' xmlns='{MODERATION}'/></retracted>\
                 <stanza-id xmlns='{SID}' by='{ATRIUM}' id='r-{id}'/>"
            )
        };
        // One that is not old is no message of an archive.
        scene.says(says(ATRIUM, "pia", &tombstone("live"))).await;
        assert_eq!(room.messages().count().unwrap(), 1);
        let old = format!("{}{delay}", tombstone("old"));
        scene.says(says(ATRIUM, "pia", &old)).await;
        let message = find(&room, "r-old");
        assert_eq!(
            message.retracted.unwrap().to_rfc3339(),
            "2026-01-10T09:00:00+00:00"
        );
        assert!(message.moderated.is_some());
    });
}
