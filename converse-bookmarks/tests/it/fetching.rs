//! The bookmarks of a session come from the server (XEP-0402 §3.2).

use converse_core::prelude::*;
use converse_testkit::clock;

use crate::scene::{
    COMPAT, GARDEN, HALL, LIST, NATIVE, OPTIONS, Scene, item, list, plan, with_items, with_server,
};

#[test]
fn all_bookmarks_are_fetched_at_the_start() {
    with_server(plan(&[OPTIONS, COMPAT], &[]), |mut scene| async move {
        let ready = scene.api.wait_until("bookmarksInitialized");
        let extensions = "<extensions><state xmlns='urn:example:state'/></extensions>";
        let items = [
            item(HALL, "name='Hall'", ""),
            item(
                GARDEN,
                "autojoin='1'",
                &format!("<nick>Ro</nick><password>rose</password>{extensions}"),
            ),
            item("not a room@", "", ""),
            item("garden@rooms.example/Ro", "name='an occupant'", ""),
            "<item id='lobby@rooms.example'><other xmlns='urn:example:other'/></item>".to_owned(),
        ];
        scene.give_node(NATIVE, &items.concat()).await;
        ready.await.unwrap();
        assert_eq!(
            scene.shown(),
            [format!("{GARDEN} !"), format!("{HALL} Hall")]
        );
        let garden = scene.bookmarks().get("Garden@rooms.example").unwrap();
        let garden = garden.unwrap();
        assert_eq!(garden.nick.as_deref(), Some("Ro"));
        assert_eq!(garden.password.unwrap().expose(), "rose");
        assert_eq!(garden.extensions.len(), 1);
        assert!(scene.bookmarks().is_supported().await.unwrap());

        // Nobody is told of each of them, and the password is not among what is told.
        let told = scene.payloads("bookmarksInitialized").await;
        assert_eq!(told[0]["complete"], true);
        assert_eq!(told[0]["bookmarks"][0]["jid"], GARDEN);
        assert!(!told[0].to_string().contains("rose"), "{told:?}");
        // Older clients see the same: their lists are none of ours.
        scene
            .expect_nothing(&format!("<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='{LIST}'/></pubsub></iq>"))
            .await;
    });
}

#[test]
fn where_there_is_no_node_yet_there_are_no_bookmarks() {
    with_server(plan(&[OPTIONS, COMPAT], &[]), |mut scene| async move {
        scene.expect_get(NATIVE).await;
        scene.refuse("item-not-found").await;
        assert!(scene.shown().is_empty());
        let told = scene.payloads("bookmarksInitialized").await;
        assert_eq!(told[0]["complete"], true);
    });
}

#[test]
fn who_does_not_answer_costs_the_promise_nothing() {
    with_server(plan(&[OPTIONS, COMPAT], &[]), |mut scene| async move {
        scene.expect_get(NATIVE).await;
        scene.refuse("internal-server-error").await;
        let told = scene.payloads("bookmarksInitialized").await;
        assert_eq!(told[0]["complete"], false);
    });
}

#[test]
fn what_is_no_answer_is_none() {
    with_server(plan(&[OPTIONS, COMPAT], &[]), |mut scene| async move {
        scene.expect_get(NATIVE).await;
        scene.recv("<iq type='result' id='{{id}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:example:other'/></pubsub></iq>").await;
        let told = scene.payloads("bookmarksInitialized").await;
        assert_eq!(told[0]["complete"], false);
        assert!(scene.shown().is_empty());
    });
}

/// Where the server does not show older clients the same bookmarks, theirs count too, and what they say of a room comes first.
#[test]
fn lists_of_older_clients_are_read_where_the_server_does_not_convert() {
    with_server(
        plan(&[OPTIONS], &["jabber:iq:private"]),
        |mut scene| async move {
            let extensions = "<extensions><state xmlns='urn:example:state'/></extensions>";
            scene
                .give_node(
                    NATIVE,
                    &item(GARDEN, "name='Old' autojoin='true'", extensions),
                )
                .await;
            let entries = format!("<conference jid='{GARDEN}' name='New'/><url url='u'/>");
            scene.give_node(LIST, &list(&entries)).await;
            assert!(
                scene.events().await.is_empty(),
                "one place has not answered"
            );
            let entry = format!("<conference jid='{HALL}' name='Hall' autojoin='1'/>");
            scene.give_private(&entry).await;
            assert_eq!(scene.events().await, ["bookmarksInitialized"]);
            assert_eq!(
                scene.shown(),
                [format!("{GARDEN} New"), format!("{HALL} Hall !")]
            );
            let garden = scene.bookmarks().get(GARDEN).unwrap().unwrap();
            assert_eq!(garden.extensions.len(), 1);
        },
    );
}

#[test]
fn a_server_that_keeps_lists_the_same_is_asked_for_one() {
    let account = [OPTIONS, "urn:xmpp:bookmarks-conversion:0"];
    with_server(
        plan(&account, &["jabber:iq:private"]),
        |mut scene| async move {
            scene.give_node(NATIVE, "").await;
            scene
                .give_node(LIST, &list(&format!("<conference jid='{HALL}'/>")))
                .await;
            assert_eq!(scene.shown(), [HALL]);
            scene
                .expect_nothing("<iq><query xmlns='jabber:iq:private'/></iq>")
                .await;
            assert!(scene.api.features().contains("storage:bookmarks+notify"));
        },
    );
}

#[test]
fn private_storage_is_used_where_there_is_nothing_else() {
    with_server(plan(&[], &["jabber:iq:private"]), |mut scene| async move {
        scene
            .give_private(&format!("<conference jid='{HALL}' name='Hall'/>"))
            .await;
        assert_eq!(scene.shown(), [format!("{HALL} Hall")]);
        scene
            .expect_nothing("<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>")
            .await;
    });
}

#[test]
fn a_server_without_any_place_is_asked_for_nothing() {
    with_server(plan(&[], &[]), |scene| async move {
        scene
            .expect_nothing(
                "<iq type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>",
            )
            .await;
        scene
            .expect_nothing("<iq type='get'><query xmlns='jabber:iq:private'/></iq>")
            .await;
        let told = scene.payloads("bookmarksInitialized").await;
        assert_eq!(told[0]["complete"], false);
        assert!(!scene.bookmarks().is_supported().await.unwrap());
    });
}

#[test]
fn without_the_setting_there_are_none() {
    clock::run(async {
        let plan = plan(&[OPTIONS, COMPAT], &[]);
        let scene = Scene::new(plan, settings! { "allow_bookmarks": false }).await;
        scene
            .expect_nothing(
                "<iq type='get'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>",
            )
            .await;
        assert!(!scene.api.features().contains("urn:xmpp:bookmarks:1+notify"));
        assert!(!scene.bookmarks().is_supported().await.unwrap());
        assert_eq!(scene.events().await, ["bookmarksInitialized"]);
        let error = scene.bookmarks().remove(HALL).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("allow_bookmarks"), "{error}");
    });
}

#[test]
fn a_new_session_fetches_anew_and_tells_what_is_different() {
    with_items(&item(GARDEN, "", ""), |mut scene| async move {
        scene.server.drop_connection();
        clock::settle().await;
        assert_eq!(scene.shown(), [GARDEN], "until the server has answered");
        let items = [item(GARDEN, "name='Garden'", ""), item(HALL, "", "")];
        scene.give_node(NATIVE, &items.concat()).await;
        let mut events = scene.events().await;
        events.sort();
        assert_eq!(
            events,
            [
                format!("bookmarkAdded {HALL}"),
                format!("bookmarkChanged {GARDEN}"),
                "bookmarksInitialized".to_owned(),
            ]
        );
    });
}

#[test]
fn a_logout_that_clears_the_store_leaves_no_bookmark() {
    with_items(&item(GARDEN, "", ""), |scene| async move {
        assert_eq!(scene.shown().len(), 1);
        let settings = scene.api.settings();
        settings.set("clear_store_on_logout", true).unwrap();
        scene.api.user().logout().await.unwrap();
        assert!(scene.shown().is_empty());
    });
}
