//! Asking what others are and have: once, and remembered.

use std::sync::Arc;
use std::time::Duration;

use converse::prelude::*;
use converse_testkit::clock;

use crate::scene::{ASKED, OTTO, Scene, jid, play, play_with};

const ROOMS: &str =
    "<identity category='conference' type='text' name='Rooms'/><feature var='urn:a'/>";

#[test]
fn who_asks_at_once_shares_one_question_and_who_asks_later_needs_none() {
    play(|mut it| async move {
        let (api, rooms) = (it.api.clone(), jid("rooms.kestrel.example"));
        let disco = api.disco();
        let (first, second, third, ()) = tokio::join!(
            disco.info(&rooms),
            disco.info(&rooms),
            disco.supports(&rooms, "urn:a"),
            async {
                it.describe("rooms.kestrel.example", ROOMS).await;
            }
        );
        assert!(Arc::ptr_eq(&first.unwrap(), &second.unwrap()));
        assert!(third.unwrap());
        assert!(!disco.supports(&rooms, "urn:b").await.unwrap());
        assert!(disco.known(&rooms).unwrap().is("conference", "text"));
        it.expect_nothing(ASKED).await;
    });
}

#[test]
fn a_question_that_nobody_waits_for_any_more_holds_nobody_up() {
    play(|mut it| async move {
        let (api, rooms) = (it.api.clone(), jid("rooms.kestrel.example"));
        let impatient = api.disco().info(&rooms);
        let given_up = tokio::time::timeout(Duration::from_secs(1), impatient).await;
        assert!(given_up.is_err());
        it.asked("rooms.kestrel.example").await;
        let (info, _) = tokio::join!(api.disco().info(&rooms), async {
            it.describe("rooms.kestrel.example", ROOMS).await
        });
        assert!(info.unwrap().has("urn:a"));
    });
}

#[test]
fn an_answer_is_remembered_for_an_hour_and_for_its_session() {
    play(|mut it| async move {
        let (api, rooms) = (it.api.clone(), jid("rooms.kestrel.example"));
        let disco = api.disco();
        for wait in [Duration::from_secs(3_601), Duration::ZERO] {
            let (info, _) = tokio::join!(disco.info(&rooms), async {
                it.describe("rooms.kestrel.example", ROOMS).await
            });
            info.unwrap();
            tokio::time::sleep(wait).await;
        }
        it.log_in_again().await;
        it.server.forget_sent();
        assert!(disco.known(&rooms).is_none());
        let (info, _) = tokio::join!(disco.info(&rooms), async {
            it.describe("rooms.kestrel.example", "<feature var='urn:b'/>")
                .await
        });
        assert!(info.unwrap().has("urn:b"));
    });
}

#[test]
fn what_may_have_changed_is_asked_again() {
    play(|mut it| async move {
        let (api, rooms) = (it.api.clone(), jid("rooms.kestrel.example"));
        for feature in ["urn:a", "urn:b"] {
            let (info, _) = tokio::join!(api.discover(&rooms), async {
                let feature = format!("<feature var='{feature}'/>");
                it.describe("rooms.kestrel.example", &feature).await
            });
            assert!(info.unwrap().has(feature));
            assert!(api.disco().info(&rooms).await.unwrap().has(feature));
        }
    });
}

#[test]
fn an_error_reaches_all_who_wait_and_is_not_remembered() {
    play(|mut it| async move {
        let (api, rooms) = (it.api.clone(), jid("rooms.kestrel.example"));
        let disco = api.disco();
        let refused = async |it: &mut Scene| {
            let (_, id) = it.asked("rooms.kestrel.example").await;
            let xml = format!(
                "<iq type='error' id='{id}' from='rooms.kestrel.example'><error type='cancel'>\
                 <item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            );
            it.recv(&xml).await;
        };
        let (first, second, ()) =
            tokio::join!(disco.info(&rooms), disco.info(&rooms), refused(&mut it));
        for outcome in [first, second] {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Stanza);
            let cause = error.cause::<StanzaError>().unwrap();
            assert_eq!(cause.condition, Condition::ItemNotFound);
        }
        let (supports, ()) = tokio::join!(disco.supports(&rooms, "urn:a"), refused(&mut it));
        assert!(!supports.unwrap());
    });
}

#[test]
fn what_cannot_be_read_is_an_error_and_what_can_be_is_read() {
    play(|mut it| async move {
        let (api, otto) = (it.api.clone(), jid(OTTO));
        let disco = api.disco();
        let (info, ()) = tokio::join!(disco.info(&otto), async {
            let (_, id) = it.asked(OTTO).await;
            it.recv(&format!("<iq type='result' id='{id}' from='{OTTO}'/>"))
                .await;
        });
        assert_eq!(info.unwrap_err().kind(), ErrorKind::InvalidResponse);
        let (info, _) = tokio::join!(disco.info(&otto), async {
            let strange = "<identity/><feature/><feature var='urn:a'/><feature var='urn:a'/>\
                <x xmlns='jabber:x:data'><field><value>1</value></field></x><y xmlns='urn:y'/>";
            it.describe(OTTO, strange).await
        });
        assert_eq!(info.unwrap().features.len(), 1);
    });
}

#[test]
fn silence_and_the_end_of_the_session_are_errors() {
    play(|mut it| async move {
        let (api, otto) = (it.api.clone(), jid(OTTO));
        let disco = api.disco();
        let error = disco.info(&otto).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(
            disco.supports(&otto, "urn:a").await.unwrap_err().kind(),
            ErrorKind::Timeout
        );
        it.server.forget_sent();
        let (error, ()) = tokio::join!(disco.info(&otto), async {
            it.asked(OTTO).await;
            it.api.connection().disconnect().await.unwrap();
        });
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Disconnected);
        let error = disco.info(&otto).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
    });
}

#[test]
fn an_answer_of_another_is_none() {
    play(|mut it| async move {
        let (api, rooms) = (it.api.clone(), jid("rooms.kestrel.example"));
        let (info, ()) = tokio::join!(api.disco().info(&rooms), async {
            let (_, id) = it.asked("rooms.kestrel.example").await;
            for (from, feature) in [
                ("vex@mallard.example/x9", "urn:evil"),
                ("rooms.kestrel.example", "urn:a"),
            ] {
                let xml = format!(
                    "<iq type='result' id='{id}' from='{from}'>\
                     <query xmlns='http://jabber.org/protocol/disco#info'><feature var='{feature}'/></query></iq>"
                );
                it.recv(&xml).await;
            }
        });
        let info = info.unwrap();
        assert!(info.has("urn:a") && !info.has("urn:evil"));
    });
}

#[test]
fn services_are_what_the_server_has_and_says_what_it_is() {
    play_with(
        |plan| {
            plan.auto.remove("disco");
        },
        |mut it| async move {
            let api = it.api.clone();
            let (services, ()) = tokio::join!(api.disco().services(), async {
                let items = "<iq type='get' to='kestrel.example' id='{{i}}'>\
                    <query xmlns='http://jabber.org/protocol/disco#items'/></iq>";
                it.expect(items).await;
                it.recv(
                    "<iq type='result' id='{{i}}' from='kestrel.example'>\
                     <query xmlns='http://jabber.org/protocol/disco#items'>\
                     <item jid='rooms.kestrel.example' name='Rooms'/><item jid='@'/><item/>\
                     <item jid='kestrel.example'/><item jid='kestrel.example' node='urn:n'/>\
                     <item jid='silent.kestrel.example'/></query></iq>",
                )
                .await;
                it.describe("rooms.kestrel.example", ROOMS).await;
            });
            let services = services.unwrap();
            assert_eq!(services.len(), 1);
            assert_eq!(services[0].jid, jid("rooms.kestrel.example"));
            assert_eq!(services[0].info.name("conference"), Some("Rooms"));
            let items = api.disco().items(&jid("kestrel.example")).await.unwrap();
            assert_eq!(items.len(), 4);
        },
    );
}

#[test]
fn before_the_login_there_is_nobody_to_ask() {
    clock::run(async {
        let api = Converse::initialize(settings! {}).await.unwrap();
        let disco = api.disco();
        assert_eq!(
            disco.server().await.unwrap_err().kind(),
            ErrorKind::Disconnected
        );
        assert_eq!(
            disco.services().await.unwrap_err().kind(),
            ErrorKind::Disconnected
        );
        assert!(disco.known(&jid("kestrel.example")).is_none());
        assert!(disco.capabilities(&OTTO.parse().unwrap()).await.is_none());
    });
}
