//! Native bookmarks are put down, changed and removed (XEP-0402 §3.3 to §3.5).

use converse_core::prelude::*;

use crate::scene::{GARDEN, HALL, NATIVE, PUBSUB, item, room, with_items};

#[test]
fn a_bookmark_is_published_with_what_the_node_is_to_be() {
    with_items("", |mut scene| async move {
        let state = Element::parse("<state xmlns='urn:example:state' minimized='true'/>").unwrap();
        let garden = room(GARDEN).name("Garden").nick("Ro").password("rose");
        let garden = garden.autojoin(true).extension(state);
        let wanted = garden.clone();
        let call = scene.begin(|it| async move { it.set(wanted).await });
        scene
            .expect(&format!(
                "<iq type='get' id='{{{{id}}}}'><pubsub xmlns='{PUBSUB}'><items node='{NATIVE}'><item id='{GARDEN}'/></items></pubsub></iq>"
            ))
            .await;
        scene.refuse("item-not-found").await;
        scene
            .expect_set(&format!(
                "<publish node='{NATIVE}'><item id='{GARDEN}'>\
                   <conference xmlns='{NATIVE}' name='Garden' autojoin='true'><nick>Ro</nick><password>rose</password>\
                     <extensions><state xmlns='urn:example:state' minimized='true'/></extensions></conference></item></publish>\
                 <publish-options><x xmlns='jabber:x:data' type='submit'>\
                   <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
                   <field var='pubsub#persist_items'><value>true</value></field>\
                   <field var='pubsub#max_items'><value>max</value></field>\
                   <field var='pubsub#send_last_published_item'><value>never</value></field>\
                   <field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options>"
            ))
            .await;
        assert!(scene.shown().is_empty(), "the server has not agreed");
        scene.done().await;
        assert_eq!(call.await.unwrap().unwrap(), garden);
        assert_eq!(scene.bookmarks().get(GARDEN).unwrap(), Some(garden));
        assert_eq!(scene.events().await, [format!("bookmarkAdded {GARDEN}")]);
    });
}

/// Nothing of what is stored is overwritten by what this client does not know or was not told.
#[test]
fn what_is_stored_stays() {
    let stored = "<conference xmlns='urn:xmpp:bookmarks:1' name='Garden' autojoin='true' colour='red'><nick>Ro</nick>\
        <password>rose</password><extensions><state xmlns='urn:example:state'/></extensions><more xmlns='urn:example:more'>x</more></conference>";
    with_items("", |mut scene| async move {
        let call = scene.begin(|it| async move { it.set(room(GARDEN).name("The garden")).await });
        scene
            .give_node(NATIVE, &format!("<item id='{GARDEN}'>{stored}</item>"))
            .await;
        scene
            .expect_set(&format!(
                "<publish node='{NATIVE}'><item id='{GARDEN}'><conference xmlns='{NATIVE}' name='The garden' colour='red'>\
                 <nick>Ro</nick><password>rose</password><extensions><state xmlns='urn:example:state'/></extensions>\
                 <more xmlns='urn:example:more'>x</more></conference></item></publish>"
            ))
            .await;
        scene.done().await;
        let garden = call.await.unwrap().unwrap();
        assert_eq!(garden.nick.as_deref(), Some("Ro"));
        assert!(!garden.autojoin);
        assert_eq!(garden.extensions.len(), 1);
    });
}

#[test]
fn a_change_can_take_things_away() {
    with_items(
        &item(GARDEN, "name='Garden'", "<nick>Ro</nick>"),
        |mut scene| async move {
            let call = scene.begin(|it| async move {
                it.update(GARDEN, |garden| {
                    garden.nick = None;
                    garden.name = Some(String::new());
                })
                .await
            });
            let inside = "<nick>Ro</nick><password>rose</password>";
            scene
                .give_node(NATIVE, &item(GARDEN, "name='Garden'", inside))
                .await;
            scene.accept(NATIVE, "<item/>").await;
            let garden = call.await.unwrap().unwrap();
            assert_eq!(
                garden,
                room(GARDEN).password("rose"),
                "what another client has added is there too"
            );
            assert_eq!(scene.events().await, [format!("bookmarkChanged {GARDEN}")]);
        },
    );
}

#[test]
fn what_is_as_it_is_to_be_is_not_published_again() {
    let stored = item(GARDEN, "name='Garden' autojoin='true'", "");
    with_items(&stored.clone(), |mut scene| async move {
        let garden = room(GARDEN).name("Garden").autojoin(true);
        let call = scene.begin(|it| async move { it.set(garden).await });
        scene.give_node(NATIVE, &stored).await;
        call.await.unwrap().unwrap();
        scene.expect_no_set().await;
        assert!(scene.events().await.is_empty());
    });
}

#[test]
fn a_bookmark_is_removed_and_everybody_told() {
    with_items(&item(GARDEN, "", ""), |mut scene| async move {
        let call = scene.begin(|it| async move { it.remove(GARDEN).await });
        scene.give_node(NATIVE, &item(GARDEN, "", "")).await;
        scene
            .expect_set(&format!(
                "<retract node='{NATIVE}' notify='true'><item id='{GARDEN}'/></retract>"
            ))
            .await;
        scene.done().await;
        call.await.unwrap().unwrap();
        assert!(scene.shown().is_empty());
        assert_eq!(scene.events().await, [format!("bookmarkRemoved {GARDEN}")]);
        // What is not there is not removed once more.
        let call = scene.begin(|it| async move { it.remove(GARDEN).await });
        scene.give_node(NATIVE, "").await;
        call.await.unwrap().unwrap();
        scene.expect_no_set().await;
    });
}

/// An item is known by the id that it has, however its address is written.
#[test]
fn an_item_keeps_its_id() {
    let stored = item("Garden@Rooms.Example", "", "");
    with_items(&stored.clone(), |mut scene| async move {
        assert_eq!(scene.shown(), [GARDEN]);
        let call = scene.begin(|it| async move { it.set(room(GARDEN).name("Garden")).await });
        scene.give_node(NATIVE, &stored).await;
        scene
            .accept(NATIVE, "<item id='Garden@Rooms.Example'/>")
            .await;
        call.await.unwrap().unwrap();
        let call = scene.begin(|it| async move { it.remove(GARDEN).await });
        scene.give_node(NATIVE, &stored).await;
        scene
            .expect_set("<retract><item id='Garden@Rooms.Example'/></retract>")
            .await;
        scene.done().await;
        call.await.unwrap().unwrap();
        assert!(scene.shown().is_empty());
    });
}

#[test]
fn changes_are_made_one_after_the_other() {
    with_items("", |mut scene| async move {
        let one = scene.begin(|it| async move { it.set(room(GARDEN)).await });
        let two = scene.begin(|it| async move { it.set(room(HALL)).await });
        scene.give_node(NATIVE, "").await;
        scene
            .expect_set(&format!("<publish><item id='{GARDEN}'/></publish>"))
            .await;
        scene.expect_nothing("<iq type='get'/>").await;
        scene.done().await;
        one.await.unwrap().unwrap();
        scene.give_node(NATIVE, "").await;
        scene.accept(NATIVE, &format!("<item id='{HALL}'/>")).await;
        two.await.unwrap().unwrap();
        assert_eq!(scene.shown(), [GARDEN, HALL]);
    });
}

/// The server's answer may be handled after what another client did later.
#[test]
fn what_was_told_since_counts_more_than_the_answer() {
    with_items("", |mut scene| async move {
        let call = scene.begin(|it| async move { it.set(room(GARDEN).name("Mine")).await });
        scene.give_node(NATIVE, "").await;
        scene.expect_set("<publish/>").await;
        scene.tell(NATIVE, &item(GARDEN, "name='Mine'", "")).await;
        scene.tell(NATIVE, &item(GARDEN, "name='Theirs'", "")).await;
        scene.done().await;
        call.await.unwrap().unwrap();
        assert_eq!(scene.shown(), [format!("{GARDEN} Theirs")]);
    });
}

#[test]
fn a_change_at_the_start_waits_until_the_bookmarks_are_there() {
    use crate::scene::{COMPAT, OPTIONS, plan, with_server};
    with_server(plan(&[OPTIONS, COMPAT], &[]), |mut scene| async move {
        let call = scene.begin(|it| async move { it.set(room(GARDEN)).await });
        scene.give_node(NATIVE, "").await;
        scene.give_node(NATIVE, "").await;
        scene.accept(NATIVE, "<item/>").await;
        call.await.unwrap().unwrap();
        assert_eq!(scene.shown(), [GARDEN]);
    });
}
