//! What is refused, and that nothing is sent then.

use converse_bookmarks::BookmarkError;
use converse_core::prelude::*;

use crate::scene::{
    COMPAT, GARDEN, HALL, LIST, NATIVE, OPTIONS, item, list, plan, room, with_items, with_server,
};

fn cause(error: &Error) -> &BookmarkError {
    error.cause::<BookmarkError>().unwrap()
}

/// CVE-2018-6591: without the check of preconditions others might read what is published.
#[test]
fn sec_056_nothing_is_published_where_preconditions_are_not_checked() {
    with_server(plan(&[COMPAT], &[]), |scene| async move {
        let error = scene.bookmarks().set(room(GARDEN)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(matches!(cause(&error), BookmarkError::Unsupported { .. }));
        scene.bookmarks().remove(GARDEN).await.unwrap_err();
        scene.expect_no_set().await;
    });
}

#[test]
fn what_is_no_room_is_refused() {
    with_items("", |scene| async move {
        let error = scene
            .bookmarks()
            .set(room("rooms.example"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let error = scene.bookmarks().remove("@").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        scene.bookmarks().get("@").unwrap_err();
        scene.expect_no_set().await;
    });
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    with_items("", |mut scene| async move {
        let call = scene.begin(|it| async move { it.update(GARDEN, |_| {}).await });
        scene.give_node(NATIVE, "").await;
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(cause(&error), BookmarkError::NotFound { .. }));
        let call = scene
            .begin(|it| async move { it.update(GARDEN, |bookmark| *bookmark = room(HALL)).await });
        scene.give_node(NATIVE, &item(GARDEN, "", "")).await;
        let error = call.await.unwrap().unwrap_err();
        assert!(matches!(cause(&error), BookmarkError::AnotherRoom { .. }));
        scene.expect_no_set().await;
    });
}

#[test]
fn a_change_that_the_server_refuses_is_none() {
    with_items("", |mut scene| async move {
        let call = scene.begin(|it| async move { it.set(room(GARDEN)).await });
        scene.give_node(NATIVE, "").await;
        scene.expect_set("<publish/>").await;
        scene.refuse("forbidden").await;
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        assert!(scene.shown().is_empty());
        assert!(scene.events().await.is_empty());
        // The next one finds nothing locked.
        let call = scene.begin(|it| async move { it.set(room(GARDEN)).await });
        scene.give_node(NATIVE, "").await;
        scene.accept(NATIVE, "<item/>").await;
        call.await.unwrap().unwrap();
        assert_eq!(scene.shown(), [GARDEN]);
    });
}

/// What was not read is not overwritten.
#[test]
fn what_cannot_be_read_is_left_alone() {
    with_items("", |mut scene| async move {
        let call = scene.begin(|it| async move { it.set(room(GARDEN)).await });
        scene.expect_get(NATIVE).await;
        scene.refuse("internal-server-error").await;
        assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Stanza);
        let call = scene.begin(|it| async move { it.set(room(GARDEN)).await });
        let other = format!("<item id='{GARDEN}'><other xmlns='urn:example:other'/></item>");
        scene.give_node(NATIVE, &other).await;
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        scene.expect_no_set().await;
    });
}

#[test]
fn a_list_that_cannot_be_read_is_left_alone() {
    with_server(plan(&[OPTIONS], &[]), |mut scene| async move {
        scene.give_node(NATIVE, "").await;
        scene
            .give_node(
                LIST,
                "<item id='current'><other xmlns='urn:example:other'/></item>",
            )
            .await;
        let told = scene.payloads("bookmarksInitialized").await;
        assert_eq!(told[0]["complete"], false);
        let call = scene.begin(|it| async move { it.set(room(GARDEN)).await });
        scene.give_node(NATIVE, "").await;
        scene
            .give_node(
                LIST,
                "<item id='current'><other xmlns='urn:example:other'/></item>",
            )
            .await;
        let error = call.await.unwrap().unwrap_err();
        assert!(
            matches!(cause(&error), BookmarkError::Unreadable { .. }),
            "{error}"
        );
        scene.expect_no_set().await;
        // Once it can be, it is taken.
        scene
            .tell(LIST, &list(&format!("<conference jid='{HALL}'/>")))
            .await;
        assert_eq!(scene.shown(), [HALL]);
    });
}

#[test]
fn a_change_that_nobody_waits_for_any_more_is_the_servers_word() {
    with_items("", |mut scene| async move {
        let call = scene.begin(|it| async move { it.set(room(GARDEN).autojoin(true)).await });
        scene.give_node(NATIVE, "").await;
        scene.expect_set("<publish/>").await;
        call.abort();
        call.await.unwrap_err();
        scene
            .tell(NATIVE, &item(GARDEN, "autojoin='true'", ""))
            .await;
        assert_eq!(scene.shown(), [format!("{GARDEN} !")]);
    });
}

#[test]
fn there_is_no_change_without_a_session() {
    with_items(&item(GARDEN, "", ""), |scene| async move {
        scene.api.user().logout().await.unwrap();
        let error = scene.bookmarks().set(room(HALL)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        scene.bookmarks().is_supported().await.unwrap_err();
        assert_eq!(scene.shown(), [GARDEN], "as they were");
    });
}
