//! Inviting others to a room.

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::scripted::Captures;

use crate::invited::{GARDEN, OTTO, mediated};
use crate::scene::{ATRIUM, Scene, play, presence};

pub(crate) async fn enters_with(scene: &Scene, room: &str, features: &[&str], item: &str) -> Room {
    let options = RoomOptions::nick("mara").password("tidewrack");
    let opened = scene.api.rooms().open(room, options).await.unwrap();
    scene.answers_info(room, features).await;
    scene.expect_join(room, "mara").await;
    let me = presence(room, "mara", "", item, "<status code='110'/>");
    scene.says(me).await;
    opened.entered().await.unwrap();
    opened
}

#[test]
fn api_207_an_invitation_that_is_sent_is_announced() {
    play(|scene| async move {
        let sent = scene.hear("roomInviteSent");
        let room = scene.enter(ATRIUM).await;
        room.invite(OTTO, "Tea at five?").await.unwrap();
        scene
            .expect(format!(
                "<message to='{OTTO}'><x xmlns='jabber:x:conference' jid='{ATRIUM}' reason='Tea at five?'/></message>"
            ))
            .await;
        let sent = sent.lock().unwrap();
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0]["room"]["jid"], ATRIUM);
        assert_eq!(sent[0]["recipient"], OTTO);
        assert_eq!(sent[0]["reason"], "Tea at five?");
        assert_eq!(sent[0]["mediated"], false);
    });
}

#[test]
fn the_password_goes_along_where_one_is_needed() {
    play(|scene| async move {
        let features = ["muc_passwordprotected"];
        let room = enters_with(&scene, ATRIUM, &features, "role='participant'").await;
        room.invite(OTTO, ()).await.unwrap();
        scene
            .expect(format!(
                "<message to='{OTTO}'><x xmlns='jabber:x:conference' jid='{ATRIUM}' password='tidewrack'/></message>"
            ))
            .await;
        let options = InviteOptions::reason("quietly")
            .without_password()
            .continuing("t1");
        room.invite("otto@heron.example/oar", options)
            .await
            .unwrap();
        scene
            .expect(
                "<message to='otto@heron.example/oar'>\
                 <x xmlns='jabber:x:conference' reason='quietly' continue='true' thread='t1'/></message>",
            )
            .await;
        let with = "<message><x xmlns='jabber:x:conference' reason='quietly' password='tidewrack'/></message>";
        scene.expect_nothing(with).await;
    });
}

#[test]
fn a_password_that_no_room_needs_is_kept() {
    play(|scene| async move {
        let room = enters_with(&scene, ATRIUM, &["muc_unsecured"], "role='participant'").await;
        room.invite(OTTO, ()).await.unwrap();
        scene
            .expect_nothing(
                "<message><x xmlns='jabber:x:conference' password='tidewrack'/></message>",
            )
            .await;
    });
}

#[test]
fn who_is_no_admin_asks_a_room_for_members_to_invite() {
    play(|scene| async move {
        let sent = scene.hear("roomInviteSent");
        let item = "role='participant' affiliation='member'";
        let room = enters_with(&scene, ATRIUM, &["muc_membersonly"], item).await;
        let options = InviteOptions::reason("Tea?").continuing_a_chat();
        room.invite(OTTO, options).await.unwrap();
        scene
            .expect(format!(
                "<message to='{ATRIUM}'><x xmlns='http://jabber.org/protocol/muc#user'>\
                 <invite to='{OTTO}'><reason>Tea?</reason><continue/></invite></x></message>"
            ))
            .await;
        assert_eq!(sent.lock().unwrap()[0]["mediated"], true);
        scene.expect_nothing("<iq/>").await;
    });
}

#[test]
fn what_cannot_be_invited_is_refused_before_anything_is_sent() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for nobody in ["heron.example", "@@", ""] {
            let error = room.invite(nobody, ()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{nobody}");
        }
        assert!(room.invite(OTTO, "\u{1}").await.is_err());
        scene
            .api
            .settings()
            .set("allow_muc_invitations", false)
            .unwrap();
        let error = room.invite(OTTO, ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("allow_muc_invitations"));
        scene.expect_nothing("<message/>").await;
    });
}

#[test]
fn who_is_not_in_a_room_cannot_invite_to_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let gone = presence(
            ATRIUM,
            "mara",
            "type='unavailable'",
            "role='none'",
            "<status code='307'/><status code='110'/>",
        );
        scene.says(gone).await;
        let error = room.invite(OTTO, ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        room.close().await.unwrap();
        let error = room.invite(OTTO, ()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Closed);
    });
}

async fn sent_id(scene: &Scene, to: &str) -> String {
    let mut captures = Captures::default();
    let pattern = format!("<message to='{to}' id='{{{{id}}}}'/>");
    scene.server.expect(&pattern, &mut captures).await.unwrap();
    captures.get("id").unwrap().to_owned()
}

#[test]
fn an_error_belongs_to_the_invitation_that_caused_it() {
    play(|scene| async move {
        let failed = scene.hear("roomInviteFailed");
        let room = scene.enter(ATRIUM).await;
        room.invite(OTTO, ()).await.unwrap();
        let id = sent_id(&scene, OTTO).await;
        let refusal = |from: &str, id: &str| {
            format!(
                "<message type='error' id='{id}' from='{from}'><error type='cancel'>\
                 <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
            )
        };
        for (from, id) in [
            ("vex@mallard.example", &*id),
            (ATRIUM, &*id),
            (OTTO, "other"),
        ] {
            scene.says(refusal(from, id)).await;
        }
        assert!(failed.lock().unwrap().is_empty());
        scene.says(refusal(OTTO, &id)).await;
        scene.says(refusal(OTTO, &id)).await;
        {
            let failed = failed.lock().unwrap();
            assert_eq!(failed.len(), 1);
            assert_eq!(failed[0]["room"], ATRIUM);
            assert_eq!(failed[0]["recipient"], OTTO);
            assert_eq!(failed[0]["error"], "service-unavailable");
        }
        room.invite(
            "otto@heron.example/oar",
            InviteOptions::default().mediated(),
        )
        .await
        .unwrap();
        let id = sent_id(&scene, ATRIUM).await;
        scene.says(refusal(OTTO, &id)).await;
        scene.says(refusal(&format!("{ATRIUM}/pia"), &id)).await;
        assert_eq!(failed.lock().unwrap().len(), 1);
        scene.says(refusal(ATRIUM, &id)).await;
        assert_eq!(failed.lock().unwrap().len(), 2);
    });
}

#[test]
fn who_declines_is_told_once_and_only_of_who_was_invited() {
    play(|scene| async move {
        let declined = scene.hear("roomInviteDeclined");
        let room = scene.enter(ATRIUM).await;
        let decline = |room: &str, by: &str| {
            mediated(
                room,
                &format!("<decline from='{by}'><reason>busy</reason></decline>"),
                "",
            )
        };
        room.invite("ines@heron.example", InviteOptions::default().mediated())
            .await
            .unwrap();
        room.invite(OTTO, ()).await.unwrap();
        for stanza in [
            decline(ATRIUM, "vex@mallard.example"),
            decline(GARDEN, "ines@heron.example"),
            decline("ines@heron.example/x", "ines@heron.example"),
            // Nobody but Otto himself can know of a direct one.
            decline(ATRIUM, OTTO),
        ] {
            scene.says(stanza).await;
        }
        assert!(declined.lock().unwrap().is_empty());
        scene
            .says(decline(ATRIUM, "ines@heron.example/phone"))
            .await;
        scene
            .says(decline(ATRIUM, "ines@heron.example/phone"))
            .await;
        let declined = declined.lock().unwrap();
        assert_eq!(declined.len(), 1);
        assert_eq!(declined[0]["from"], "ines@heron.example");
        assert_eq!(declined[0]["reason"], "busy");
        assert_eq!(declined[0]["room"], ATRIUM);
    });
}
