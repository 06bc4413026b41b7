//! The commands of the 3.2 manual.

use converse_core::prelude::*;
use converse_muc::commands::{CommandError, CommandName, CommandOutcome};
use converse_muc::prelude::*;

use crate::scene::{ATRIUM, Scene, play, play_with, presence};

/// Runs a command that is one request, which is `item` of the moderators' and admins'.
async fn becomes(scene: &Scene, room: &Room, text: &str, item: &str) {
    let server = async {
        let query = format!("<query xmlns='http://jabber.org/protocol/muc#admin'>{item}</query>");
        let id = scene.requested("set", &query).await;
        scene.answers(&id, "").await;
    };
    let (done, ()) = tokio::join!(room.run_command(text), server);
    assert_eq!(done.unwrap(), CommandOutcome::Done, "{text}");
}

fn cause(error: &Error) -> &CommandError {
    error.cause().unwrap()
}

#[test]
fn commands_become_requests() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let cases = [
            (
                "/kick pia wet ropes",
                "<item nick='pia' role='none'><reason>wet ropes</reason></item>",
            ),
            ("/mute pia", "<item nick='pia' role='visitor'/>"),
            ("/voice pia", "<item nick='pia' role='participant'/>"),
            ("/op pia", "<item nick='pia' role='moderator'/>"),
            (
                "/deop \"king lear\"",
                "<item nick='king lear' role='participant'/>",
            ),
            (
                "/ban vex@mallard.example",
                "<item affiliation='outcast' jid='vex@mallard.example'/>",
            ),
            (
                "/member vex@mallard.example/x",
                "<item affiliation='member' jid='vex@mallard.example'/>",
            ),
            (
                "/owner vex@mallard.example",
                "<item affiliation='owner' jid='vex@mallard.example'/>",
            ),
            (
                "/admin vex@mallard.example",
                "<item affiliation='admin' jid='vex@mallard.example'/>",
            ),
            (
                "/revoke vex@mallard.example",
                "<item affiliation='none' jid='vex@mallard.example'/>",
            ),
        ];
        for (text, item) in cases {
            becomes(&scene, &room, text, item).await;
        }
    });
}

#[test]
fn who_is_banned_by_nick_is_banned_by_address() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let shown = "role='participant' jid='ines@heron.example/boat'";
        scene.says(presence(ATRIUM, "ines", "", shown, "")).await;
        let item =
            "<item affiliation='outcast' jid='ines@heron.example'><reason>flooding</reason></item>";
        becomes(&scene, &room, "/ban ines flooding", item).await;

        // The room does not show who that is.
        let hidden = room.run_command("/ban pia").await.unwrap_err();
        assert!(matches!(cause(&hidden), CommandError::HiddenAddress { .. }));
        let nobody = room.run_command("/ban inse").await.unwrap_err();
        assert!(matches!(cause(&nobody), CommandError::Nobody { .. }));

        // Somebody took another one's address as nick.
        let liar = "role='participant' jid='vex@mallard.example/x'";
        scene
            .says(presence(ATRIUM, "ines@heron.example", "", liar, ""))
            .await;
        let ambiguous = room
            .run_command("/ban ines@heron.example")
            .await
            .unwrap_err();
        assert!(matches!(cause(&ambiguous), CommandError::Ambiguous { .. }));
        scene.expect_nothing("<iq type='set'/>").await;
    });
}

#[test]
fn what_is_said_and_shown_and_cleared() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let said = room.run_command("/me laughs").await.unwrap();
        assert!(matches!(said, CommandOutcome::Sent(_)));
        scene
            .expect(format!(
                "<message to='{ATRIUM}' type='groupchat'><body>/me laughs</body></message>"
            ))
            .await;

        let server = async {
            scene
                .expect(format!("<presence to='{ATRIUM}/king lear'/>"))
                .await;
            let item = "role='participant' nick='king lear'";
            let status = "<status code='110'/><status code='303'/>";
            scene
                .says(presence(ATRIUM, "mara", "type='unavailable'", item, status))
                .await;
            scene
                .shows(ATRIUM, "king lear", "<status code='110'/>")
                .await;
        };
        let (renamed, ()) = tokio::join!(room.run_command("/nick king lear"), server);
        assert_eq!(renamed.unwrap(), CommandOutcome::Done);
        assert_eq!(room.nick().unwrap().as_deref(), Some("king lear"));

        assert_eq!(
            room.run_command("/clear").await.unwrap(),
            CommandOutcome::Done
        );
        assert!(room.messages().all().unwrap().is_empty());
    });
}

#[test]
fn help_says_what_there_is() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let CommandOutcome::Help(all) = room.run_command("/help").await.unwrap() else {
            panic!("no help");
        };
        assert_eq!(all.len(), CommandName::ALL.len());
        let CommandOutcome::Help(one) = room.run_command("/help kick").await.unwrap() else {
            panic!("no help");
        };
        assert_eq!(one[0].usage, "/kick nick [reason]");
    });
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_sent() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        for wrong in ["hello", "/kik pia", "/kick", "/topic", "/clear all"] {
            let error = room.run_command(wrong).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{wrong}");
        }
        scene.expect_nothing("<iq type='set'/>").await;
        scene.expect_nothing("<message/>").await;
        room.close().await.unwrap();
        let closed = room.run_command("/help").await.unwrap_err();
        assert_eq!(closed.kind(), ErrorKind::Closed);
    });
}

#[test]
fn the_commands_of_moderators_can_be_turned_off() {
    let settings = settings! { "muc_disable_moderator_commands": true };
    play_with(settings, |scene| async move {
        let room = scene.enter(ATRIUM).await;
        let error = room.run_command("/kick pia").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("muc_disable_moderator_commands"));
        let CommandOutcome::Help(left) = room.run_command("/help").await.unwrap() else {
            panic!("no help");
        };
        let left: Vec<&str> = left.iter().map(|help| help.name.as_str()).collect();
        assert_eq!(left, ["clear", "help", "me", "nick"]);
        scene.expect_nothing("<iq type='set'/>").await;
    });
}

#[test]
fn some_commands_can_be_turned_off_by_name() {
    let settings = settings! { "muc_disable_moderator_commands": ["ban", "/owner"] };
    play_with(settings, |scene| async move {
        let room = scene.enter(ATRIUM).await;
        for off in ["/ban vex@mallard.example", "/owner vex@mallard.example"] {
            let error = room.run_command(off).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{off}");
        }
        becomes(&scene, &room, "/kick pia", "<item nick='pia' role='none'/>").await;
    });
}

#[test]
fn a_setting_that_names_no_command_turns_nothing_on() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let settings = scene.api.settings();
        settings
            .set("muc_disable_moderator_commands", json!(["kik"]))
            .unwrap();
        let error = room.run_command("/kick pia").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("kik"));
    });
}

#[actix::test]
async fn an_instance_does_not_start_with_a_setting_that_names_no_command() {
    let settings = settings! { "muc_disable_moderator_commands": ["kik"] };
    let error = Converse::initialize(settings).await.unwrap_err();
    assert!(error.to_line().contains("kik"), "{error:?}");
}
