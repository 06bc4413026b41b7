//! Nicknames (XEP-0172).

use converse_core::prelude::*;
use converse_testkit::scripted::Plan;

use crate::scene::{OTTO, event, with_plan, with_server};

const NICK: &str = "http://jabber.org/protocol/nick";

fn item(nick: &str) -> String {
    format!("<item id='current'><nick xmlns='{NICK}'>{nick}</nick></item>")
}

#[test]
fn a_nickname_is_heard_and_told() {
    with_server(|scene| async move {
        assert!(
            scene
                .api
                .features()
                .contains("http://jabber.org/protocol/nick+notify")
        );
        scene.recv(&event(OTTO, NICK, &item(" Ott "))).await;
        let told = scene.payloads("vcardUpdated").await;
        assert_eq!((told.len(), &told[0]["nickname"]), (1, &json!("Ott")));
        let nick = scene.vcard().nickname(OTTO).await.unwrap();
        assert_eq!(nick.as_deref(), Some("Ott"));
        scene.recv(&event(OTTO, NICK, &item("Ott"))).await;
        scene
            .recv(&event("vex@mallard.example", NICK, &item("Otto")))
            .await;
        assert!(scene.events().await.is_empty());
        let long = "x".repeat(100_000);
        scene.recv(&event(OTTO, NICK, &item(&long))).await;
        let nick = scene.vcard().nickname(OTTO).await.unwrap().unwrap();
        assert_eq!(nick.len(), 4_096);
    });
}

#[test]
fn a_nickname_is_asked_for_and_that_of_the_vcard_is_the_second_choice() {
    with_server(|mut scene| async move {
        let call = scene.begin(|it| async move { it.nickname(OTTO).await });
        scene.give_items(OTTO, NICK, &item("")).await;
        scene.give_card(OTTO, "<NICKNAME>Otti</NICKNAME>").await;
        assert_eq!(call.await.unwrap().unwrap().as_deref(), Some("Otti"));
        scene.recv(&event(OTTO, NICK, &item("Ott"))).await;
        let nick = scene.vcard().nickname(OTTO).await.unwrap();
        assert_eq!(nick.as_deref(), Some("Ott"));
    });
}

#[test]
fn the_own_nickname_is_published_for_those_who_see_the_user() {
    with_server(|mut scene| async move {
        for (nick, text) in [(Some("Mar <3"), "Mar &lt;3"), (None, "")] {
            scene.captures = Default::default();
            let call = scene.begin(move |it| async move { it.set_nickname(nick).await });
            scene
                .expect(&format!(
                    "<iq type='set' id='{{{{n}}}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                       <publish node='{NICK}'><item id='current'><nick xmlns='{NICK}'>{text}</nick></item></publish>\
                       <publish-options><x xmlns='jabber:x:data'><field var='pubsub#access_model'>\
                       <value>presence</value></field></x></publish-options></pubsub></iq>"
                ))
                .await;
            scene.recv("<iq type='result' id='{{n}}'/>").await;
            call.await.unwrap().unwrap();
            let told = scene.payloads("vcardUpdated").await;
            assert_eq!(told[0]["jid"], "mara@kestrel.example");
            assert_eq!(told[0].get("nickname").cloned(), nick.map(Into::into));
        }
    });
}

#[test]
fn where_accounts_have_no_nodes_it_says_so() {
    with_plan(Plan::new("kestrel.example"), |scene| async move {
        let error = scene.vcard().set_nickname("Mar").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        scene.expect_nothing("<iq type='set'/>").await;
    });
}
