//! The lists of older clients (XEP-0048), where the server does not keep them in step.

use crate::scene::{
    GARDEN, HALL, LIST, NATIVE, OPTIONS, Scene, item, list, plan, room, with_server,
};

/// A server that has these items and this list on a node.
fn with_list<F: Future>(items: &str, entries: &str, test: impl FnOnce(Scene) -> F) -> F::Output {
    let (items, entries) = (items.to_owned(), entries.to_owned());
    with_server(plan(&[OPTIONS], &[]), |mut scene| async move {
        scene.give_node(NATIVE, &items).await;
        let list = if entries.is_empty() {
            String::new()
        } else {
            list(&entries)
        };
        scene.give_node(LIST, &list).await;
        scene.forget().await;
        test(scene).await
    })
}

#[test]
fn a_new_bookmark_is_in_the_list_too() {
    with_list("", "", |mut scene| async move {
        let garden = room(GARDEN).name("Garden").nick("Ro").autojoin(true);
        let call = scene.begin(|it| async move { it.set(garden).await });
        scene.give_node(NATIVE, "").await;
        scene.give_node(LIST, "").await;
        scene.accept(NATIVE, "<item/>").await;
        scene
            .expect_set(&format!(
                "<publish node='{LIST}'><item id='current'><storage xmlns='{LIST}'>\
                   <conference jid='{GARDEN}' name='Garden' autojoin='true'><nick>Ro</nick></conference>\
                   </storage></item></publish>\
                 <publish-options><x xmlns='jabber:x:data' type='submit'>\
                   <field var='pubsub#persist_items'><value>true</value></field>\
                   <field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options>"
            ))
            .await;
        scene.done().await;
        call.await.unwrap().unwrap();
        assert_eq!(scene.shown(), [format!("{GARDEN} Garden !")]);
        assert!(scene.moves().await.is_empty());
    });
}

/// What other clients have put into the list meanwhile is there after the change.
#[test]
fn a_change_of_the_list_is_one_of_what_is_there_now() {
    with_list("", "", |mut scene| async move {
        let call = scene.begin(|it| async move { it.set(room(GARDEN).name("The garden")).await });
        scene.give_node(NATIVE, "").await;
        let before = "<url name='Verona' url='https://verona.example'/>\
            <conference jid='hall@rooms.example' name='Hall'/>\
            <conference jid='garden@rooms.example' name='Garden'><nick>Ro</nick><x xmlns='urn:example:x'/></conference>";
        let stored = format!("<item id='list'><storage xmlns='{LIST}'>{before}</storage></item>");
        scene.give_node(LIST, &stored).await;
        // What is in the list only is converted.
        scene
            .accept(NATIVE, &format!("<item id='{GARDEN}'><conference xmlns='{NATIVE}' name='The garden'><nick>Ro</nick></conference></item>"))
            .await;
        scene
            .accept(LIST, &format!(
                "<item id='list'><storage xmlns='{LIST}'><url name='Verona' url='https://verona.example'/>\
                 <conference jid='hall@rooms.example' name='Hall'/>\
                 <conference jid='garden@rooms.example' name='The garden'><nick>Ro</nick><x xmlns='urn:example:x'/></conference>\
                 </storage></item>"
            ))
            .await;
        call.await.unwrap().unwrap();
        scene.expect_no_set().await;
    });
}

#[test]
fn a_bookmark_is_removed_from_both() {
    let entries = format!("<conference jid='{GARDEN}'/><conference jid='{HALL}'/>");
    with_list(
        &item(GARDEN, "", ""),
        &entries.clone(),
        |mut scene| async move {
            let call = scene.begin(|it| async move { it.remove(GARDEN).await });
            scene.give_node(NATIVE, &item(GARDEN, "", "")).await;
            scene.give_node(LIST, &list(&entries)).await;
            scene.expect_set("<retract/>").await;
            scene.done().await;
            scene
                .accept(LIST, &list(&format!("<conference jid='{HALL}'/>")))
                .await;
            call.await.unwrap().unwrap();
            assert_eq!(scene.shown(), [HALL]);
            assert_eq!(scene.events().await, [format!("bookmarkRemoved {GARDEN}")]);
        },
    );
}

/// XEP-0402 §5.3.2: who knows the list only removes bookmarks there.
#[test]
fn what_is_removed_from_the_list_is_removed_from_the_items() {
    let entries = format!("<conference jid='{GARDEN}'/><conference jid='{HALL}'/>");
    with_list(
        &item(GARDEN, "autojoin='1'", ""),
        &entries,
        |mut scene| async move {
            scene
                .tell(LIST, &list(&format!("<conference jid='{HALL}'/>")))
                .await;
            assert_eq!(scene.shown(), [HALL]);
            assert_eq!(scene.moves().await, [format!("leave {GARDEN}")]);
            scene
                .expect_set(&format!(
                    "<retract node='{NATIVE}'><item id='{GARDEN}'/></retract>"
                ))
                .await;
            scene.refuse("item-not-found").await;
            scene.expect_no_set().await;
        },
    );
}

/// Two clients that each rewrite the list lose what the other one wrote.
#[test]
fn the_list_is_not_rewritten_for_what_other_clients_do() {
    let entries = format!("<conference jid='{GARDEN}'/>");
    with_list(&item(GARDEN, "", ""), &entries, |mut scene| async move {
        scene
            .tell(NATIVE, &format!("<retract id='{GARDEN}'/>"))
            .await;
        scene.tell(NATIVE, &item(HALL, "", "")).await;
        assert_eq!(scene.shown(), [HALL]);
        scene.expect_no_set().await;
    });
}

#[test]
fn private_storage_is_read_changed_and_written() {
    with_server(plan(&[], &["jabber:iq:private"]), |mut scene| async move {
        scene.give_private("").await;
        scene.forget().await;
        let call = scene.begin(|it| async move { it.set(room(GARDEN).autojoin(true)).await });
        scene
            .give_private(&format!(
                "<url url='u'/><conference jid='{HALL}' autojoin='1'/>"
            ))
            .await;
        scene
            .expect(&format!(
                "<iq type='set' id='{{{{id}}}}'><query xmlns='jabber:iq:private'><storage xmlns='{LIST}'>\
                 <url url='u'/><conference jid='{HALL}' autojoin='1'/><conference jid='{GARDEN}' autojoin='true'/>\
                 </storage></query></iq>"
            ))
            .await;
        scene.done().await;
        call.await.unwrap().unwrap();
        // Private storage tells nobody of changes: what was found there is known from now on.
        assert_eq!(scene.shown(), [format!("{GARDEN} !"), format!("{HALL} !")]);
        assert_eq!(scene.moves().await, [format!("enter {HALL}")]);
        let call = scene.begin(|it| async move { it.remove(GARDEN).await });
        scene
            .give_private(&format!("<conference jid='{GARDEN}'/>"))
            .await;
        scene.expect("<iq type='set' id='{{id}}'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>").await;
        scene.done().await;
        call.await.unwrap().unwrap();
        assert!(scene.shown().is_empty());
        assert_eq!(scene.moves().await, [format!("leave {HALL}")]);
    });
}

#[test]
fn what_is_in_private_storage_is_kept_in_step_and_nothing_is_added_there() {
    let places = plan(&[OPTIONS], &["jabber:iq:private"]);
    with_server(places, |mut scene| async move {
        let entry = format!("<conference jid='{GARDEN}'/>");
        scene.give_node(NATIVE, "").await;
        scene.give_node(LIST, "").await;
        scene.give_private(&entry).await;
        for (jid, known) in [(HALL, false), (GARDEN, true)] {
            let call = scene.begin(|it| async move { it.set(room(jid).name("New")).await });
            scene.give_node(NATIVE, "").await;
            scene.give_node(LIST, "").await;
            scene.give_private(&entry).await;
            scene.accept(NATIVE, "<item/>").await;
            scene.accept(LIST, "<item/>").await;
            if known {
                scene
                    .expect("<iq type='set' id='{{id}}'><query xmlns='jabber:iq:private'/></iq>")
                    .await;
                scene.refuse("not-allowed").await;
            }
            assert_eq!(call.await.unwrap().is_err(), known, "not everywhere");
            scene.expect_no_set().await;
        }
        assert_eq!(
            scene.shown(),
            [format!("{GARDEN} New"), format!("{HALL} New")]
        );
    });
}
