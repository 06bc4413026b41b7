//! Inviting to a room for members.

use converse_core::prelude::*;
use converse_testkit::scripted::Captures;

use crate::invited::OTTO;
use crate::inviting::enters_with;
use crate::scene::{ATRIUM, Scene, play};

/// Answers a question for a list, or to become a member, with what is in `inside`.
async fn answers_admin(scene: &Scene, type_: &str, item: &str, answer: &str, inside: &str) {
    let mut captures = Captures::default();
    let query = "http://jabber.org/protocol/muc#admin";
    let pattern = format!(
        "<iq type='{type_}' id='{{{{id}}}}' to='{ATRIUM}'><query xmlns='{query}'><item {item}/></query></iq>"
    );
    scene.server.expect(&pattern, &mut captures).await.unwrap();
    let id = captures.get("id").unwrap();
    let inside = match answer {
        "result" => format!("<query xmlns='{query}'>{inside}</query>"),
        _ => format!(
            "<error type='auth'><{inside} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        ),
    };
    scene
        .says(format!(
            "<iq type='{answer}' id='{id}' from='{ATRIUM}'>{inside}</iq>"
        ))
        .await;
}

#[test]
fn an_owner_makes_whom_they_invite_a_member() {
    play(|scene| async move {
        let item = "role='moderator' affiliation='owner'";
        let room = enters_with(&scene, ATRIUM, &["muc_membersonly"], item).await;
        let answers = async {
            let ines =
                "<item affiliation='member' jid='ines@heron.example'/><item/><item jid='::'/>";
            answers_admin(&scene, "get", "affiliation='member'", "result", ines).await;
            answers_admin(&scene, "get", "affiliation='owner'", "result", "").await;
            answers_admin(&scene, "get", "affiliation='admin'", "error", "forbidden").await;
            let otto = format!("affiliation='member' jid='{OTTO}'");
            answers_admin(&scene, "set", &otto, "result", "").await;
        };
        let (invited, ()) = tokio::join!(room.invite(OTTO, ()), answers);
        invited.unwrap();
        let invitation = format!(
            "<message to='{OTTO}'><x xmlns='jabber:x:conference' jid='{ATRIUM}'/></message>"
        );
        scene.expect(invitation).await;
    });
}

#[test]
fn who_is_something_in_the_room_stays_that() {
    play(|scene| async move {
        let item = "role='moderator' affiliation='admin'";
        let room = enters_with(&scene, ATRIUM, &["muc_membersonly"], item).await;
        let answers = async {
            let otto = "<item affiliation='owner' jid='Otto@Heron.example'/>";
            answers_admin(&scene, "get", "affiliation='member'", "result", "").await;
            answers_admin(&scene, "get", "affiliation='owner'", "result", otto).await;
            answers_admin(&scene, "get", "affiliation='admin'", "result", "").await;
        };
        let (invited, ()) = tokio::join!(room.invite("otto@heron.example/oar", ()), answers);
        invited.unwrap();
        scene.expect("<message to='otto@heron.example/oar'/>").await;
        scene.expect_nothing("<iq type='set'/>").await;
    });
}

#[test]
fn whom_the_room_lets_nobody_admit_is_not_invited() {
    play(|scene| async move {
        let sent = scene.hear("roomInviteSent");
        let item = "role='moderator' affiliation='admin'";
        let room = enters_with(&scene, ATRIUM, &["muc_membersonly"], item).await;
        let answers = async {
            for list in ["member", "owner", "admin"] {
                let list = format!("affiliation='{list}'");
                answers_admin(&scene, "get", &list, "result", "").await;
            }
            answers_admin(
                &scene,
                "set",
                "affiliation='member'",
                "error",
                "not-allowed",
            )
            .await;
        };
        let (invited, ()) = tokio::join!(room.invite(OTTO, ()), answers);
        assert_eq!(invited.unwrap_err().kind(), ErrorKind::Stanza);
        assert!(sent.lock().unwrap().is_empty());
        scene.expect_nothing("<message/>").await;
    });
}
