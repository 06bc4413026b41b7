//! The setting `auto_join_rooms`.

use std::time::Duration;

use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Plan, Server};

use crate::scene::{ANNEX, ATRIUM, play_with};

#[test]
fn the_rooms_of_the_setting_are_entered_after_login() {
    let rooms = json!([ATRIUM, { "jid": ANNEX, "nick": "skipper", "password": "tidewrack" }]);
    let settings = settings! { "auto_join_rooms": rooms, "nickname": "mate" };
    play_with(settings, |scene| async move {
        // What the scene forgot was the question what they are: it is not answered, and they are entered all the same.
        assert_eq!(scene.api.rooms().all().len(), 2);
        tokio::time::sleep(Duration::from_secs(60)).await;
        let id = scene.asked(ATRIUM, "node='x-roomuser-item'").await;
        scene
            .says(format!(
                "<iq type='result' id='{id}' from='{ATRIUM}'>\
                 <query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/></iq>"
            ))
            .await;
        scene.expect_join(ATRIUM, "mate").await;
        scene
            .expect(format!(
                "<presence to='{ANNEX}/skipper'><x xmlns='http://jabber.org/protocol/muc'>\
                 <password>tidewrack</password></x></presence>"
            ))
            .await;
    });
}

#[test]
fn a_room_that_was_closed_is_not_entered_by_itself_in_the_next_session() {
    let settings = settings! { "auto_join_rooms": json!([ATRIUM]), "nickname": "mara" };
    play_with(settings, |scene| async move {
        scene.api.rooms().close(ATRIUM).await.unwrap();
        scene.reconnects().await;
        assert!(scene.api.rooms().all().is_empty());
        scene.expect_nothing(format!("<iq to='{ATRIUM}'/>")).await;
    });
}

#[test]
fn what_cannot_be_joined_is_an_error_of_the_setting() {
    for wrong in [json!(["nope"]), json!([{ "nick": "mara" }]), json!([7])] {
        clock::run(async {
            let server = Server::new(Plan::new("kestrel.example"));
            let started = Converse::new()
                .with_network(server.network())
                .with_environment(clock::environment(1))
                .start(settings! { "auto_join_rooms": wrong.clone() })
                .await;
            let error = started.unwrap_err();
            assert!(error.to_line().contains("auto_join_rooms"), "{error:?}");
        });
    }
}

#[test]
fn the_password_of_a_room_is_not_shown() {
    let rooms = json!([{ "jid": ATRIUM, "nick": "mara", "password": "tidewrack" }]);
    let settings = settings! { "auto_join_rooms": rooms };
    play_with(settings, |scene| async move {
        let room = scene.api.rooms().get(ATRIUM).unwrap().unwrap();
        assert!(!json!(room).to_string().contains("tidewrack"));
        assert!(!format!("{:?} {room:?}", scene.api.settings()).contains("tidewrack"));
    });
}
