//! Rooms that do not let the user in, or send the user away.

use converse_core::prelude::*;
use converse_muc::MucError;
use converse_muc::prelude::*;

use crate::scene::{ATRIUM, play, presence, refusal};

#[test]
fn each_refusal_says_what_is_needed() {
    let refusals = [
        ("auth", "not-authorized", ConnectionStatus::PasswordRequired),
        ("auth", "forbidden", ConnectionStatus::Banned),
        ("cancel", "conflict", ConnectionStatus::NicknameRequired),
        (
            "modify",
            "not-acceptable",
            ConnectionStatus::NicknameRequired,
        ),
        (
            "auth",
            "registration-required",
            ConnectionStatus::Disconnected,
        ),
        ("cancel", "not-allowed", ConnectionStatus::Disconnected),
        (
            "wait",
            "service-unavailable",
            ConnectionStatus::Disconnected,
        ),
    ];
    for (type_, condition, status) in refusals {
        play(|scene| async move {
            let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
            scene.answers_info(ATRIUM, &[]).await;
            scene.expect_join(ATRIUM, "mara").await;
            scene.says(refusal(ATRIUM, "mara", type_, condition)).await;
            assert_eq!(room.connection_status().unwrap(), status, "{condition}");
            let left = room.disconnection().unwrap().unwrap();
            assert_eq!(left.reason, condition);
            let error = room.entered().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Disconnected);
            assert!(error.to_string().contains(condition), "{error}");
            scene.expect_nothing("<presence/>").await;
        });
    }
}

#[test]
fn an_error_does_not_throw_out_who_is_in_the_room() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for (nick, condition) in [("mara", "conflict"), ("pia", "forbidden"), ("mara", "gone")] {
            scene.says(refusal(ATRIUM, nick, "cancel", condition)).await;
            let status = room.connection_status().unwrap();
            assert_eq!(status, ConnectionStatus::Entered, "{condition}");
        }
        assert_eq!(room.occupants().count().unwrap(), 2);
    });
}

#[test]
fn a_nick_that_is_taken_leaves_the_old_one() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let answers = async {
            scene.expect(format!("<presence to='{ATRIUM}/pia'/>")).await;
            scene
                .says(refusal(ATRIUM, "pia", "cancel", "conflict"))
                .await;
        };
        let (changed, ()) = tokio::join!(room.set_nick("pia"), answers);
        assert_eq!(changed.unwrap_err().kind(), ErrorKind::Conflict);
        assert_eq!(room.nick().unwrap().as_deref(), Some("mara"));
        assert_eq!(room.occupants().count().unwrap(), 2);
    });
}

#[test]
fn who_is_sent_away_knows_why_and_does_not_come_back_by_himself() {
    let reasons = [
        ("301", "outcast", "banned", ConnectionStatus::Banned),
        ("307", "none", "kicked", ConnectionStatus::Disconnected),
        (
            "321",
            "none",
            "affiliation-changed",
            ConnectionStatus::Disconnected,
        ),
        (
            "322",
            "none",
            "members-only",
            ConnectionStatus::Disconnected,
        ),
    ];
    for (code, affiliation, reason, status) in reasons {
        play(|scene| async move {
            let room = scene.enter(ATRIUM).await;
            let gone = format!(
                "<presence from='{ATRIUM}/mara' type='unavailable'>\
                 <x xmlns='http://jabber.org/protocol/muc#user'>\
                 <item affiliation='{affiliation}' role='none'><actor nick='rook'/>\
                 <reason>wet ropes</reason></item>\
                 <status code='110'/><status code='{code}'/></x></presence>"
            );
            scene.says(gone).await;
            assert_eq!(room.connection_status().unwrap(), status);
            let left = room.disconnection().unwrap().unwrap();
            assert_eq!(left.reason, reason);
            assert_eq!(left.actor.as_deref(), Some("rook"));
            assert_eq!(left.text.as_deref(), Some("wet ropes"));
            assert!(room.occupants().all().unwrap().is_empty());
            let sent = room.send_message("why?").await.unwrap_err();
            let cause = std::error::Error::source(&sent).unwrap();
            let cause = cause.downcast_ref::<MucError>().unwrap();
            assert!(matches!(cause, MucError::NotEntered { .. }), "{cause:?}");

            scene.reconnects().await;
            scene.expect_nothing(format!("<iq to='{ATRIUM}'/>")).await;
        });
    }
}

#[test]
fn a_room_that_is_destroyed_says_where_it_went() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let end = "<destroy jid='annex@rooms.kestrel.example'><reason>new dock</reason></destroy>";
        let item = "affiliation='none' role='none'";
        let gone = presence(ATRIUM, "mara", "type='unavailable'", item, end);
        scene.says(gone).await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Destroyed);
        let moved = room.moved_jid().unwrap().unwrap();
        assert_eq!(moved.as_str(), "annex@rooms.kestrel.example");
        scene
            .expect_nothing("<presence to='annex@rooms.kestrel.example/mara'/>")
            .await;
    });
}
