//! Many rooms at once, and rooms that other groupings want.

use converse_core::contract::{EnterRoom, LeaveRoom};
use converse_core::prelude::*;
use converse_muc::prelude::*;
use converse_testkit::clock;

use crate::scene::{ATRIUM, play};

fn leave(room: &str) -> String {
    format!("<presence type='unavailable' to='{room}/mara'/>")
}

#[test]
fn two_hundred_rooms_are_entered_ten_at_a_time() {
    play(|scene| async move {
        let jids: Vec<String> = (100..300)
            .map(|number| format!("room{number}@rooms.kestrel.example"))
            .collect();
        let bus = scene.api.bus();
        for jid in &jids {
            let request = EnterRoom::new(jid.parse().unwrap());
            bus.call(request.nick("mara")).await.unwrap().unwrap();
        }
        clock::settle().await;
        assert_eq!(scene.api.rooms().all().len(), 200);
        for (number, jid) in jids.iter().enumerate() {
            // Whose turn has not come was not asked anything.
            if let Some(later) = jids.get(number + 10) {
                let pattern = format!("<iq to='{later}'/>");
                scene.expect_nothing_now(&pattern).await;
            }
            scene.answers_info(jid, &[]).await;
            scene.expect_join(jid, "mara").await;
            scene.shows(jid, "mara", "<status code='110'/>").await;
        }
        for room in scene.api.rooms().all() {
            let status = room.connection_status().unwrap();
            assert_eq!(status, ConnectionStatus::Entered);
        }
    });
}

#[test]
fn what_somebody_asks_for_does_not_wait_for_what_is_entered_by_itself() {
    play(|scene| async move {
        for number in 100..150 {
            let jid = format!("room{number}@rooms.kestrel.example");
            let request = EnterRoom::new(jid.parse().unwrap());
            let answer = scene.api.bus().call(request.nick("mara")).await;
            answer.unwrap().unwrap();
        }
        let room = scene.api.rooms().open(ATRIUM, "mara").await.unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene.expect_join(ATRIUM, "mara").await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        room.entered().await.unwrap();

        // Also if it was waiting before.
        let waiting = "room149@rooms.kestrel.example";
        scene.api.rooms().open(waiting, ()).await.unwrap();
        scene.answers_info(waiting, &[]).await;
        scene.expect_join(waiting, "mara").await;
    });
}

#[test]
fn other_groupings_enter_and_leave_rooms() {
    play(|scene| async move {
        let jid: BareJid = ATRIUM.parse().unwrap();
        let enter = || EnterRoom::new(jid.clone()).nick("mara");
        let bus = scene.api.bus();
        let password = enter().password("tidewrack");
        bus.call(password).await.unwrap().unwrap();
        scene.answers_info(ATRIUM, &[]).await;
        scene
            .expect(format!(
                "<presence to='{ATRIUM}/mara'><x xmlns='http://jabber.org/protocol/muc'>\
                 <password>tidewrack</password></x></presence>"
            ))
            .await;
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;

        // In it already: nothing happens.
        bus.call(enter().nick("other")).await.unwrap().unwrap();
        scene.expect_nothing("<presence/>").await;

        let leaves = LeaveRoom::new(jid.clone());
        bus.call(leaves.clone()).await.unwrap().unwrap();
        scene.expect(leave(ATRIUM)).await;
        assert!(scene.api.rooms().all().is_empty());
        bus.call(leaves).await.unwrap().unwrap();
    });
}

#[test]
fn a_room_that_waits_its_turn_can_be_left() {
    play(|scene| async move {
        for number in 100..111 {
            let jid = format!("room{number}@rooms.kestrel.example");
            let request = EnterRoom::new(jid.parse().unwrap());
            let answer = scene.api.bus().call(request.nick("mara")).await;
            answer.unwrap().unwrap();
        }
        let last = "room110@rooms.kestrel.example";
        let leave = LeaveRoom::new(last.parse().unwrap());
        scene.api.bus().call(leave).await.unwrap().unwrap();
        for number in 100..110 {
            let jid = format!("room{number}@rooms.kestrel.example");
            scene.answers_info(&jid, &[]).await;
            scene.expect_join(&jid, "mara").await;
            scene.shows(&jid, "mara", "<status code='110'/>").await;
        }
        scene.expect_nothing(format!("<iq to='{last}'/>")).await;
        let left = format!("<presence to='{last}/mara'/>");
        scene.expect_nothing(left).await;
    });
}
