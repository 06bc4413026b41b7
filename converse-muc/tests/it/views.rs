//! The list of the open rooms, as it can be followed.

use converse_core::view::Diff;
use converse_muc::prelude::*;

use crate::scene::{ANNEX, ATRIUM, play, presence, says};

fn shown(rooms: &[Room]) -> Vec<&str> {
    rooms.iter().map(|room| room.jid().as_str()).collect()
}

#[test]
fn rooms_come_and_go_in_the_order_of_their_addresses() {
    play(|scene| async move {
        let mut view = scene.api.rooms().subscribe().unwrap();
        assert!(view.snapshot().is_empty());
        let atrium = scene.enter(ATRIUM).await;
        let annex = scene.enter(ANNEX).await;
        scene.api.bus().settle().await;
        while view.try_next().is_some() {}
        assert_eq!(shown(view.snapshot()), [ANNEX, ATRIUM]);
        let other = scene.api.rooms().subscribe().unwrap();
        assert_eq!(other.snapshot(), [annex.clone(), atrium.clone()]);

        annex.close().await.unwrap();
        assert_eq!(view.try_next(), Some(Diff::Remove { index: 0 }));
        assert_eq!(view.try_next(), None);
        assert_eq!(shown(view.snapshot()), [ATRIUM]);
    });
}

#[test]
fn an_entry_is_told_of_when_what_a_list_shows_is_different() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let mut view = scene.api.rooms().subscribe().unwrap();
        let news = Diff::Update {
            index: 0,
            item: room.clone(),
        };
        // What occupants do is told by the view of the occupants.
        scene.shows(ATRIUM, "rook", "").await;
        assert_eq!(view.try_next(), None);

        room.minimize().unwrap();
        assert_eq!(view.try_next(), Some(news.clone()));
        scene
            .says(says(ATRIUM, "pia", "id='m1'><body>mara: look</body>"))
            .await;
        assert_eq!(view.try_next(), Some(news.clone()));
        assert_eq!((room.unread().unwrap(), room.mentions().unwrap()), (1, 1));
        // It is not put aside any more, and nothing in it is unread.
        room.maximize().unwrap();
        assert_eq!(view.try_next(), Some(news.clone()));
        assert_eq!(view.try_next(), Some(news.clone()));
        scene
            .says(says(ATRIUM, "pia", "><subject>Rowing</subject>"))
            .await;
        assert_eq!(view.try_next(), Some(news.clone()));

        let item = "affiliation='none' role='none'";
        let codes = "<status code='307'/><status code='110'/>";
        let gone = presence(ATRIUM, "mara", "type='unavailable'", item, codes);
        scene.says(gone).await;
        assert_eq!(view.try_next(), Some(news));
        assert_eq!(view.try_next(), None);
        let status = view.snapshot()[0].connection_status().unwrap();
        assert_eq!(status, ConnectionStatus::Disconnected);
    });
}

#[test]
fn a_closed_room_is_told_of_no_more() {
    play(|scene| async move {
        let room = scene.enter(ATRIUM).await;
        let mut view = scene.api.rooms().subscribe().unwrap();
        room.close().await.unwrap();
        assert!(room.minimize().is_err());
        scene.shows(ATRIUM, "mara", "<status code='110'/>").await;
        assert_eq!(view.try_next(), Some(Diff::Remove { index: 0 }));
        assert_eq!(view.try_next(), None);
    });
}
