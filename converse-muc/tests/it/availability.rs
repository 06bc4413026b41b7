//! What the user's presence says in rooms.

use converse_core::contract::OwnPresence;
use converse_core::prelude::*;
use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, Scene, play, presence};

async fn shows(scene: &Scene, shown: OwnPresence) {
    scene.api.publish(shown);
    scene.api.bus().settle().await;
}

fn away() -> OwnPresence {
    OwnPresence::available()
        .with_show(Some("xa"))
        .with_message(Some("on a walk"))
}

fn told(room: &str, nick: &str, inside: &str) -> String {
    format!("<presence to='{room}/{nick}'>{inside}</presence>")
}

const XA: &str = "<show>xa</show><status>on a walk</status>";

#[test]
fn a_change_is_told_to_the_rooms_in_which_the_user_is() {
    play(|scene| async move {
        scene.enter(ATRIUM).await;
        let _closed = scene.enter(ANNEX).await.close().await;
        scene.server.forget_sent();
        let mood = Element::builder("mood", "urn:example:mood").text("calm");
        shows(&scene, away().with_payloads(vec![mood])).await;
        let pattern = told(
            ATRIUM,
            "mara",
            &format!("{XA}<mood xmlns='urn:example:mood'>calm</mood>"),
        );
        let sent = scene.take(&pattern).await;
        // Or the service may take it for another attempt to enter.
        let muc = "http://jabber.org/protocol/muc";
        assert!(sent.child("x", muc).is_none(), "{}", sent.to_xml());
        scene.expect_nothing("<presence/>").await;
        // Nothing is told twice.
        let mood = Element::builder("mood", "urn:example:mood").text("calm");
        shows(&scene, away().with_payloads(vec![mood])).await;
        scene.expect_nothing("<presence/>").await;
        shows(&scene, OwnPresence::available()).await;
        let sent = scene.take(&told(ATRIUM, "mara", "")).await;
        assert_eq!(sent.children().count(), 0, "{}", sent.to_xml());
    });
}

#[test]
fn who_enters_says_it_at_once() {
    play(|scene| async move {
        shows(&scene, away()).await;
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        let enters = format!("{XA}<x xmlns='http://jabber.org/protocol/muc'/>");
        scene.expect(told(ATRIUM, "mara", &enters)).await;
        // What changes on the way in is told inside.
        shows(&scene, away().with_show(Some("dnd"))).await;
        scene.expect_nothing("<presence/>").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();
        scene.expect(told(ATRIUM, "mara", "<show>dnd</show>")).await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        scene.expect_nothing("<presence/>").await;
    });
}

#[test]
fn where_nobody_keeps_the_users_presence_rooms_hear_what_plugins_add() {
    play(|scene| async move {
        scene.api.presence_payloads().add("mood", || {
            Some(Element::builder("mood", "urn:example:mood").text("calm"))
        });
        let _room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        let mood = "<mood xmlns='urn:example:mood'>calm</mood>";
        let enters = format!("{mood}<x xmlns='http://jabber.org/protocol/muc'/>");
        scene.expect(told(ATRIUM, "mara", &enters)).await;
    });
}

#[test]
fn another_nick_does_not_change_it() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        shows(&scene, away()).await;
        scene.expect(told(ATRIUM, "mara", XA)).await;
        let renames = async {
            scene.expect(told(ATRIUM, "maja", XA)).await;
            // The room would take it for the nick of before.
            shows(&scene, away().with_show(Some("dnd"))).await;
            scene.expect_nothing("<presence/>").await;
            let item = "nick='maja' role='participant'";
            let codes = "<status code='303'/><status code='110'/>";
            let gone = presence(ATRIUM, "mara", "type='unavailable'", item, codes);
            scene.says(gone).await;
            scene.shows(ATRIUM, "maja", "<status code='110'/>").await;
        };
        let (renamed, ()) = tokio::join!(room.set_nick("maja"), renames);
        renamed.unwrap();
        scene.expect(told(ATRIUM, "maja", "<show>dnd</show>")).await;
    });
}

#[test]
fn who_is_shown_to_nobody_is_in_no_room_and_comes_back() {
    play(|scene| async move {
        let atrium = scene.enter(ATRIUM).await;
        shows(&scene, OwnPresence::unavailable()).await;
        // The server tells the rooms (RFC 6121 §4.6.3).
        scene.expect_nothing("<presence/>").await;
        let status = atrium.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Disconnected);
        assert!(atrium.occupants().all().unwrap().is_empty());
        let gone = presence(ATRIUM, "mara", "type='unavailable'", "role='none'", "");
        scene.says(gone).await;
        // A new session shows nobody either.
        scene.reconnects().await;
        scene
            .expect_nothing("<iq to='atrium@rooms.kestrel.example'/>")
            .await;

        shows(&scene, away()).await;
        scene.answers_info(ATRIUM, &[]).await;
        let enters = format!("{XA}<x xmlns='http://jabber.org/protocol/muc'/>");
        scene.expect(told(ATRIUM, "mara", &enters)).await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        atrium.entered().await.unwrap();
    });
}

#[test]
fn that_there_is_no_picture_is_told_to_those_who_may_have_one() {
    play(|scene| async move {
        let picture = |photo: &str| {
            let photo = Element::builder("photo", "vcard-temp:x:update").text(photo.to_owned());
            let update = Element::builder("x", "vcard-temp:x:update").child(photo);
            OwnPresence::available().with_payloads(vec![update])
        };
        scene.enter(ATRIUM).await;
        shows(&scene, picture("").with_show(Some("xa"))).await;
        let sent = scene.take(&told(ATRIUM, "mara", "<show>xa</show>")).await;
        assert_eq!(sent.children().count(), 1, "{}", sent.to_xml());
        for photo in ["<photo>b0c1</photo>", "<photo/>"] {
            let hash = photo.trim_start_matches("<photo>").split('<').next();
            shows(&scene, picture(hash.unwrap_or_default())).await;
            let update = format!("<x xmlns='vcard-temp:x:update'>{photo}</x>");
            scene.expect(told(ATRIUM, "mara", &update)).await;
        }
    });
}
