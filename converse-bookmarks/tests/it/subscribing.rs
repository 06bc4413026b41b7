//! The bookmarks as a list that is followed or shown.

use converse_core::contract::RoomDirectory;
use converse_core::prelude::*;
use converse_core::view::Diff;
use converse_testkit::clock;

use crate::scene::{COMPAT, GARDEN, HALL, NATIVE, OPTIONS, Scene, item, plan, shown, with_items};

#[test]
fn a_view_gives_each_change_in_its_place() {
    with_items(&item(HALL, "", ""), |mut scene| async move {
        let mut view = scene.bookmarks().subscribe();
        assert_eq!(
            view.snapshot().iter().map(shown).collect::<Vec<_>>(),
            [HALL]
        );
        scene.tell(NATIVE, &item(GARDEN, "", "")).await;
        scene.tell(NATIVE, &item(HALL, "name='Hall'", "")).await;
        scene.tell(NATIVE, &item(HALL, "name='Hall'", "")).await;
        scene
            .tell(NATIVE, &format!("<retract id='{GARDEN}'/>"))
            .await;
        let mut diffs = Vec::new();
        while let Some(diff) = view.try_next() {
            diffs.push(diff.map(|bookmark| shown(&bookmark)));
        }
        assert_eq!(
            diffs,
            [
                Diff::Insert {
                    index: 0,
                    item: GARDEN.to_owned()
                },
                Diff::Update {
                    index: 1,
                    item: format!("{HALL} Hall")
                },
                Diff::Remove { index: 0 },
            ]
        );
    });
}

#[test]
fn a_view_from_before_the_session_is_told_of_what_has_come() {
    clock::run(async {
        let mut scene = Scene::new(plan(&[OPTIONS, COMPAT], &[]), settings! {}).await;
        let mut view = scene.bookmarks().subscribe();
        assert!(view.snapshot().is_empty());
        scene.give_node(NATIVE, &item(GARDEN, "", "")).await;
        let diff = view.try_next().unwrap().map(|bookmark| shown(&bookmark));
        assert_eq!(diff, Diff::Reset(vec![GARDEN.to_owned()]));
        // Nothing is different in the next session.
        scene.server.drop_connection();
        scene.give_node(NATIVE, &item(GARDEN, "", "")).await;
        assert_eq!(view.try_next(), None);
    });
}

#[test]
fn open_rooms_are_left_out_of_what_is_shown_if_that_is_wanted() {
    clock::run(async {
        for hides in [false, true] {
            let settings = settings! { "hide_open_bookmarks": hides };
            let mut scene = Scene::new(plan(&[OPTIONS, COMPAT], &[]), settings).await;
            let items = [item(GARDEN, "", ""), item(HALL, "", "")].concat();
            scene.give_node(NATIVE, &items).await;
            assert_eq!(scene.bookmarks().shown().unwrap().len(), 2);
            scene
                .api
                .provide(RoomDirectory::new(|jid| jid.as_str() == GARDEN));
            let listed = scene.bookmarks().shown().unwrap();
            let expected: &[&str] = if hides { &[HALL] } else { &[GARDEN, HALL] };
            assert_eq!(listed.iter().map(shown).collect::<Vec<_>>(), expected);
        }
    });
}
