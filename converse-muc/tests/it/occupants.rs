//! Who is in a room, and who the user is there.

use converse_muc::prelude::*;

use crate::scene::{ATRIUM, play, presence};

fn nicks(room: &Room) -> Vec<String> {
    let occupants = room.occupants().all().unwrap();
    occupants.iter().map(|one| one.nick.clone()).collect()
}

#[test]
fn occupants_come_change_and_go() {
    play(|scene| async move {
        let left = scene.hear("occupantLeft");
        let room = scene.enter(ATRIUM).await;
        assert_eq!(nicks(&room), ["mara", "pia"]);

        let item = "affiliation='owner' role='moderator' jid='rook@heron.example/oar'";
        scene.says(presence(ATRIUM, "rook", "", item, "")).await;
        let rook = room.occupant("rook").unwrap().unwrap();
        assert_eq!(
            (rook.role, rook.affiliation),
            (Role::Moderator, Affiliation::Owner)
        );
        assert_eq!(
            rook.real_jid.as_ref().unwrap().as_str(),
            "rook@heron.example/oar"
        );

        let item = "affiliation='none' role='none'";
        let why = "<status code='307'/>";
        let kicked = presence(ATRIUM, "pia", "type='unavailable'", item, why);
        scene.says(kicked).await;
        assert_eq!(nicks(&room), ["mara", "rook"]);
        assert_eq!(left.lock().unwrap()[0]["occupant"]["nick"], "pia");
        assert_eq!(left.lock().unwrap()[0]["removal"]["reason"], "kicked");
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
    });
}

#[test]
fn status_110_on_the_presence_of_another_gives_nobody_his_rights() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let item = "affiliation='owner' role='moderator'";
        let own = "<status code='110'/>";
        scene.says(presence(ATRIUM, "pia", "", item, own)).await;
        assert_eq!(room.nick().unwrap().as_deref(), Some("mara"));
        assert_eq!(room.role().unwrap(), Role::Participant);
        let gone = presence(ATRIUM, "pia", "type='unavailable'", item, own);
        scene.says(gone).await;
        let status = room.connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Entered);
    });
}

#[test]
fn the_room_may_give_another_nick_than_was_asked_for() {
    play(|scene| async move {
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        let codes = "<status code='110'/><status code='210'/>";
        scene.shows(ATRIUM, "member-7", codes).await;
        assert_eq!(room.nick().unwrap().as_deref(), Some("member-7"));
    });
}

#[test]
fn a_nick_changes_when_the_room_says_so() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let change = room.set_nick("maree");
        let answers = async {
            scene
                .expect(format!("<presence to='{ATRIUM}/maree'/>"))
                .await;
            assert_eq!(room.nick().unwrap().as_deref(), Some("mara"));
            let item = "affiliation='none' role='participant' nick='maree'";
            let codes = "<status code='303'/><status code='110'/>";
            let gone = presence(ATRIUM, "mara", "type='unavailable'", item, codes);
            scene.says(gone).await;
        };
        let (changed, ()) = tokio::join!(change, answers);
        changed.unwrap();
        assert_eq!(nicks(&room), ["maree", "pia"]);
        assert_eq!(room.nick().unwrap().as_deref(), Some("maree"));
    });
}
