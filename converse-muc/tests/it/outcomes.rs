//! What a room answers to who wants to enter it.

use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, play, refusal};

#[test]
fn every_refusal_has_its_outcome() {
    let outcomes = [
        ("cancel", "conflict", JoinError::NickConflict),
        ("modify", "not-acceptable", JoinError::NickNotAccepted),
        ("modify", "jid-malformed", JoinError::NickMalformed),
        (
            "auth",
            "not-authorized",
            JoinError::Password { given: false },
        ),
        ("auth", "registration-required", JoinError::MembersOnly),
        ("auth", "forbidden", JoinError::Banned),
        ("cancel", "service-unavailable", JoinError::Full),
        ("cancel", "item-not-found", JoinError::Locked),
        ("cancel", "not-allowed", JoinError::CreationRestricted),
        ("cancel", "remote-server-not-found", JoinError::Unreachable),
        ("wait", "remote-server-timeout", JoinError::Unreachable),
    ];
    for (type_, condition, outcome) in outcomes {
        play(|scene| async move {
            let changes = scene.hear("roomStatusChanged");
            let room = scene.knocks().await;
            scene.says(refusal(ATRIUM, "mara", type_, condition)).await;
            let error = room.entered().await.unwrap_err();
            assert_eq!(error.cause::<JoinError>(), Some(&outcome), "{condition}");
            assert_eq!(room.join_error().unwrap(), Some(outcome.clone()));
            let last = changes.lock().unwrap().last().cloned().unwrap();
            assert_eq!(last["error"], json!(outcome));
            scene.expect_nothing("<presence/>").await;
        });
    }
}

#[test]
fn a_room_that_neither_tells_nor_lets_in_is_not_there() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        let id = scene.asked(ATRIUM, "").await;
        scene
            .says(format!(
                "<iq type='error' id='{id}' from='{ATRIUM}'><error type='cancel'>\
                 <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ))
            .await;
        scene.expect_join(ATRIUM, "mara").await;
        scene
            .says(refusal(ATRIUM, "mara", "cancel", "item-not-found"))
            .await;
        let error = room.entered().await.unwrap_err();
        assert_eq!(error.cause::<JoinError>(), Some(&JoinError::NotFound));
    });
}

#[test]
fn a_room_that_is_elsewhere_says_where_and_nobody_follows() {
    type Outcome = fn(Option<BareJid>) -> JoinError;
    let moves: [(&str, Outcome); 2] = [
        ("gone", |to| JoinError::Destroyed { to }),
        ("redirect", |to| JoinError::Redirected { to }),
    ];
    for (condition, outcome) in moves {
        play(|scene| async move {
            let room = scene.knocks().await;
            scene
                .says(format!(
                    "<presence from='{ATRIUM}/mara' type='error'><error type='cancel'>\
                     <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:{ANNEX}?join</{condition}>\
                     </error></presence>"
                ))
                .await;
            let annex: BareJid = ANNEX.parse().unwrap();
            let error = room.entered().await.unwrap_err();
            let expected = outcome(Some(annex.clone()));
            assert_eq!(error.cause::<JoinError>(), Some(&expected));
            assert_eq!(room.moved_jid().unwrap(), Some(annex));
            scene
                .expect_nothing(format!("<presence to='{ANNEX}/mara'/>"))
                .await;
        });
    }
}

#[test]
fn a_password_is_asked_for_and_then_taken() {
    play(|scene| async move {
        let room = scene.knocks().await;
        let refused = || refusal(ATRIUM, "mara", "auth", "not-authorized");
        scene.says(refused()).await;
        let missing = JoinError::Password { given: false };
        assert_eq!(room.join_error().unwrap(), Some(missing));

        let options = RoomOptions::default().password("wrong");
        room.join(options).await.unwrap();
        let with_password = |password| {
            format!(
                "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <password>{password}</password></x></presence>"
            )
        };
        scene.expect(with_password("wrong")).await;
        scene.says(refused()).await;
        let wrong = JoinError::Password { given: true };
        assert_eq!(room.join_error().unwrap(), Some(wrong));

        let options = RoomOptions::default().password("tidewrack");
        room.join(options).await.unwrap();
        scene.expect(with_password("tidewrack")).await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
    });
}

#[test]
fn the_room_can_be_asked_for_the_nick_it_keeps() {
    play(|scene| async move {
        let room = scene.knocks().await;
        scene
            .says(refusal(ATRIUM, "mara", "modify", "not-acceptable"))
            .await;
        let answers = async {
            let id = scene.asked(ATRIUM, "node='x-roomuser-item'").await;
            scene
                .says(format!(
                    "<iq type='result' id='{id}' from='{ATRIUM}'>\
                     <query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'>\
                     <identity category='conference' type='text' name='skipper'/></query></iq>"
                ))
                .await;
        };
        let (nick, ()) = tokio::join!(room.reserved_nick(), answers);
        let nick = nick.unwrap().unwrap();
        room.join(nick.as_str()).await.unwrap();
        scene.expect_join(ATRIUM, "skipper").await;
    });
}
