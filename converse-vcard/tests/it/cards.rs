//! vCards of others (XEP-0054 §3.3) and those of version 4 (XEP-0292).

use std::time::Duration;

use converse_core::prelude::*;
use converse_vcard::prelude::*;

use crate::scene::{OTTO, picture, with_server};

#[test]
fn a_vcard_is_fetched_once_and_announced() {
    with_server(|mut scene| async move {
        let first = scene.begin(|it| async move { it.get("Otto@heron.example/oar").await });
        let second = scene.begin(|it| async move { it.get(OTTO).await });
        scene
            .give_card(
                OTTO,
                "<FN>Otto Ode</FN><NICKNAME>Ott</NICKNAME><URL>https://heron.example</URL>\
                 <EMAIL><USERID>otto@mail.example</USERID></EMAIL>",
            )
            .await;
        for call in [first, second] {
            let card = call.await.unwrap().unwrap();
            assert_eq!(card.fullname().as_deref(), Some("Otto Ode"));
        }
        let told = scene.payloads("vcardUpdated").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["jid"], OTTO);
        assert_eq!(told[0]["fullname"], "Otto Ode");
        assert_eq!(told[0]["nickname"], "Ott");
        assert_eq!(told[0]["url"], "https://heron.example");
        assert_eq!(told[0]["email"], "otto@mail.example");

        scene.server.forget_sent();
        let again = scene.vcard().get(OTTO).await.unwrap();
        assert_eq!(again.nickname().as_deref(), Some("Ott"));
        scene.expect_nothing("<iq/>").await;
        let known = scene.vcard().known(OTTO).unwrap().unwrap();
        assert_eq!(known.fullname.as_deref(), Some("Otto Ode"));
    });
}

#[test]
fn an_old_vcard_is_fetched_again_and_a_new_one_on_request() {
    with_server(|mut scene| async move {
        let call = scene.begin(|it| async move { it.get(OTTO).await });
        scene.give_card(OTTO, "<FN>One</FN>").await;
        call.await.unwrap().unwrap();
        scene.server.forget_sent();
        let call = scene.begin(|it| async move { it.fetch(OTTO).await });
        scene.give_card(OTTO, "<FN>Two</FN>").await;
        assert_eq!(
            call.await.unwrap().unwrap().fullname().as_deref(),
            Some("Two")
        );
        scene.server.forget_sent();
        tokio::time::sleep(Duration::from_secs(25 * 3600)).await;
        let call = scene.begin(|it| async move { it.get(OTTO).await });
        scene.give_card(OTTO, "<FN>Three</FN>").await;
        assert_eq!(
            call.await.unwrap().unwrap().fullname().as_deref(),
            Some("Three")
        );
    });
}

#[test]
fn who_has_no_vcard_of_the_usual_kind_may_have_another() {
    with_server(|mut scene| async move {
        let call = scene.begin(|it| async move { it.get(OTTO).await });
        scene
            .expect("<iq type='get' id='{{c}}'><vCard xmlns='vcard-temp'/></iq>")
            .await;
        scene
            .recv(&format!(
                "<iq type='error' id='{{{{c}}}}' from='{OTTO}'><error type='cancel'>\
                 <service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ))
            .await;
        scene
            .give_items(
                OTTO,
                "urn:xmpp:vcard4",
                "<item id='1'><vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'>\
                 <fn><text>Otto Four</text></fn></vcard></item>",
            )
            .await;
        let card = call.await.unwrap().unwrap();
        assert_eq!(card.fullname().as_deref(), Some("Otto Four"));
    });
}

#[test]
fn who_has_none_has_an_empty_one() {
    with_server(|mut scene| async move {
        let call = scene.begin(|it| async move { it.get(OTTO).await });
        scene.give_card(OTTO, "").await;
        scene.expect("<iq type='get' id='{{v}}'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>").await;
        scene
            .recv(&format!(
                "<iq type='error' id='{{{{v}}}}' from='{OTTO}'><error type='auth'>\
                 <forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ))
            .await;
        assert!(call.await.unwrap().unwrap().is_empty());
    });
}

#[test]
fn everybody_who_waits_is_told_of_an_error_and_the_next_one_asks_again() {
    with_server(|mut scene| async move {
        let calls = [
            scene.begin(|it| async move { it.get(OTTO).await }),
            scene.begin(|it| async move { it.get(OTTO).await }),
        ];
        scene
            .expect("<iq type='get' id='{{c}}'><vCard xmlns='vcard-temp'/></iq>")
            .await;
        scene
            .recv(&format!(
                "<iq type='error' id='{{{{c}}}}' from='{OTTO}'><error type='wait'>\
                 <remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            ))
            .await;
        for call in calls {
            let error = call.await.unwrap().unwrap_err();
            let cause = error.cause::<StanzaError>().unwrap();
            assert_eq!(cause.condition, Condition::RemoteServerTimeout);
        }
        let call = scene.begin(|it| async move { it.get(OTTO).await });
        scene.give_card(OTTO, "<FN>Otto</FN>").await;
        assert!(!call.await.unwrap().unwrap().is_empty());
    });
}

/// Only the address that was asked can answer, and what a card says about itself counts for nobody else.
#[test]
fn a_vcard_of_somebody_else_is_not_taken() {
    with_server(|mut scene| async move {
        let call = scene.begin(|it| async move { it.get(OTTO).await });
        scene
            .expect("<iq type='get' id='{{c}}'><vCard xmlns='vcard-temp'/></iq>")
            .await;
        scene
            .recv(
                "<iq type='result' id='{{c}}' from='vex@mallard.example'>\
                 <vCard xmlns='vcard-temp'><FN>Vex</FN></vCard></iq>",
            )
            .await;
        scene
            .recv(&format!(
                "<iq type='result' id='{{{{c}}}}' from='{OTTO}'>\
                 <vCard xmlns='vcard-temp'><FN>Otto</FN>\
                 <URL>javascript:alert(1)</URL><JABBERID>ines@heron.example</JABBERID></vCard></iq>"
            ))
            .await;
        let card = call.await.unwrap().unwrap();
        assert_eq!(card.fullname().as_deref(), Some("Otto"));
        assert_eq!(card.url(), None);
        assert!(scene.vcard().known("ines@heron.example").unwrap().is_none());
    });
}

/// A picture that may not be shown costs the picture, not the card.
#[test]
fn a_bad_picture_costs_only_itself() {
    with_server(|mut scene| async move {
        let call = scene.begin(|it| async move { it.get(OTTO).await });
        scene
            .give_card(
                OTTO,
                "<FN>Otto</FN><PHOTO><BINVAL>PHN2Zy8+</BINVAL></PHOTO>",
            )
            .await;
        assert_eq!(
            call.await.unwrap().unwrap().fullname().as_deref(),
            Some("Otto")
        );
        let known = scene.vcard().known(OTTO).unwrap().unwrap();
        assert_eq!(known.image, None);
    });
}

#[test]
fn an_avatar_is_looked_for_on_the_node_and_then_in_the_vcard() {
    with_server(|mut scene| async move {
        let picture = picture(1);
        let call = scene.begin(|it| async move { it.avatar(OTTO).await });
        scene.give_items(OTTO, "urn:xmpp:avatar:metadata", "").await;
        let photo = format!(
            "<PHOTO><TYPE>image/jpeg</TYPE><BINVAL>{}</BINVAL></PHOTO>",
            picture.to_base64()
        );
        scene.give_card(OTTO, &photo).await;
        let avatar = call.await.unwrap().unwrap().unwrap();
        assert_eq!(avatar, picture);
        assert_eq!(avatar.type_, ImageType::Png, "the bytes decide");
        let known = scene.vcard().known(OTTO).unwrap().unwrap();
        assert_eq!(known.image_hash.as_ref(), Some(&picture.hash));
        assert_eq!(known.image.as_deref(), Some(picture.to_base64().as_str()));
        assert_eq!(known.image_type.as_deref(), Some("image/png"));

        scene.server.forget_sent();
        assert!(scene.vcard().avatar(OTTO).await.unwrap().is_some());
        scene.expect_nothing("<iq/>").await;
    });
}

#[test]
fn what_is_no_address_is_named() {
    with_server(|scene| async move {
        let it = scene.vcard();
        for (call, error) in [
            ("vcard.get", it.get("@").await.unwrap_err()),
            ("vcard.fetch", it.fetch("").await.unwrap_err()),
            ("vcard.avatar", it.avatar("a@@b").await.unwrap_err()),
            ("vcard.nickname", it.nickname("@").await.unwrap_err()),
            ("vcard.known", it.known("@").unwrap_err()),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains(call), "{error}");
        }
    });
}

#[test]
fn a_logout_that_clears_the_store_leaves_no_vcard() {
    with_server(|mut scene| async move {
        let call = scene.begin(|it| async move { it.get(OTTO).await });
        scene.give_card(OTTO, "<FN>Otto Ode</FN>").await;
        call.await.unwrap().unwrap();
        assert!(scene.vcard().known(OTTO).unwrap().is_some());
        let settings = scene.api.settings();
        settings.set("clear_store_on_logout", true).unwrap();
        scene.api.user().logout().await.unwrap();
        assert!(scene.vcard().known(OTTO).unwrap().is_none());
    });
}
