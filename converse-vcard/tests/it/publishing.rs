//! Publishing the own vCard and avatar (XEP-0054 §3.2, XEP-0084 §3, XEP-0153 §3.1, XEP-0398).

use converse_core::prelude::*;
use converse_testkit::scripted::{Captures, Plan};
use converse_vcard::VCard;

use crate::scene::{Scene, picture, plan, with_plan, with_server};

const CARD: &str = "<FN>Mara</FN><X-CAT>Mog</X-CAT>";

fn plan_asked() -> Plan {
    let mut plan = plan();
    plan.auto.remove("vcard");
    plan
}

/// The account is asked for the own vCard, and has this one.
async fn own_card(scene: &mut Scene) {
    scene.captures = Captures::default();
    scene
        .expect("<iq type='get' id='{{own}}'><vCard xmlns='vcard-temp'/></iq>")
        .await;
    scene
        .recv(&format!(
            "<iq type='result' id='{{{{own}}}}'><vCard xmlns='vcard-temp'>{CARD}</vCard></iq>"
        ))
        .await;
}

/// The server agrees to what fits.
async fn agree(scene: &mut Scene, payload: &str) {
    scene.captures = Captures::default();
    scene
        .expect(&format!("<iq type='set' id='{{{{set}}}}'>{payload}</iq>"))
        .await;
    scene.recv("<iq type='result' id='{{set}}'/>").await;
}

fn publication(node: &str, id: &str, payload: &str) -> String {
    format!(
        "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'>\
           <item id='{id}'>{payload}</item></publish>\
           <publish-options><x xmlns='jabber:x:data'><field var='pubsub#access_model'>\
           <value>open</value></field></x></publish-options></pubsub>"
    )
}

#[test]
fn a_changed_vcard_keeps_what_has_no_name() {
    with_plan(plan_asked(), |mut scene| async move {
        let call =
            scene.begin(|it| async move { it.update(|card| card.set_nickname("Mar & Co")).await });
        own_card(&mut scene).await;
        let expected =
            format!("<vCard xmlns='vcard-temp'>{CARD}<NICKNAME>Mar &amp; Co</NICKNAME></vCard>");
        agree(&mut scene, &expected).await;
        call.await.unwrap().unwrap();
        let told = scene.payloads("vcardUpdated").await;
        assert_eq!(told.last().unwrap()["nickname"], "Mar & Co");
    });
}

#[test]
fn a_vcard_with_another_picture_is_told_in_presence() {
    with_server(|mut scene| async move {
        let picture = picture(1);
        let mut card = VCard::new();
        card.set_fullname("Mara").unwrap();
        card.set_photo(Some(&picture)).unwrap();
        let call = scene.begin(|it| async move { it.set(card).await });
        let photo = format!(
            "<vCard xmlns='vcard-temp'><PHOTO><TYPE>image/png</TYPE><BINVAL>{}</BINVAL></PHOTO></vCard>",
            picture.to_base64()
        );
        agree(&mut scene, &photo).await;
        call.await.unwrap().unwrap();
        let told = scene.payloads("presencePayloadChanged").await;
        assert!(told.iter().any(|it| it["name"] == "vcard-temp:x:update"));
    });
}

#[test]
fn what_the_server_refuses_is_not_told() {
    with_server(|mut scene| async move {
        let call = scene.begin(|it| async move { it.set(VCard::new()).await });
        scene
            .expect("<iq type='set' id='{{set}}'><vCard xmlns='vcard-temp'/></iq>")
            .await;
        scene
            .recv(
                "<iq type='error' id='{{set}}'><error type='cancel'>\
                 <not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            )
            .await;
        assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Stanza);
        assert!(scene.events().await.is_empty());
    });
}

/// The data first, then what it is, then the vCard for those who know no nodes.
#[test]
fn an_avatar_goes_to_the_node_and_into_the_vcard() {
    with_plan(plan_asked(), |mut scene| async move {
        let picture = picture(1);
        let (bytes, hash) = (picture.bytes.to_vec(), picture.hash.clone());
        let call = scene.begin(|it| async move { it.set_avatar(bytes, "image/png").await });
        let data = format!(
            "<data xmlns='urn:xmpp:avatar:data'>{}</data>",
            picture.to_base64()
        );
        agree(
            &mut scene,
            &publication("urn:xmpp:avatar:data", &hash, &data),
        )
        .await;
        let info = format!(
            "<metadata xmlns='urn:xmpp:avatar:metadata'>\
             <info bytes='48' id='{hash}' type='image/png'/></metadata>"
        );
        agree(
            &mut scene,
            &publication("urn:xmpp:avatar:metadata", &hash, &info),
        )
        .await;
        own_card(&mut scene).await;
        let card = format!(
            "<vCard xmlns='vcard-temp'>{CARD}<PHOTO><BINVAL>{}</BINVAL></PHOTO></vCard>",
            picture.to_base64()
        );
        agree(&mut scene, &card).await;
        call.await.unwrap().unwrap();
        let own = scene.vcard().avatar("mara@kestrel.example").await;
        assert_eq!(own.unwrap(), Some(picture));
        let events = scene.events().await;
        for event in ["avatarChanged", "presencePayloadChanged", "vcardUpdated"] {
            let times = events.iter().filter(|name| *name == event).count();
            assert!(times >= 1, "{event}: {events:?}");
        }
    });
}

#[test]
fn where_the_server_converts_nothing_is_published_twice() {
    let mut plan = plan_asked();
    plan.account_features
        .push("urn:xmpp:pep-vcard-conversion:0".to_owned());
    with_plan(plan, |mut scene| async move {
        let picture = picture(1);
        let bytes = picture.bytes.to_vec();
        let call = scene.begin(|it| async move { it.set_avatar(bytes, "image/png").await });
        let any =
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{{node}}'/></pubsub>";
        agree(&mut scene, any).await;
        assert_eq!(scene.captures.get("node"), Some("urn:xmpp:avatar:data"));
        agree(&mut scene, any).await;
        assert_eq!(scene.captures.get("node"), Some("urn:xmpp:avatar:metadata"));
        call.await.unwrap().unwrap();

        let call = scene.begin(|it| async move { it.remove_avatar().await });
        agree(
            &mut scene,
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:metadata'>\
             <item><metadata xmlns='urn:xmpp:avatar:metadata'/></item></publish></pubsub>",
        )
        .await;
        call.await.unwrap().unwrap();
        scene
            .expect_nothing("<iq><vCard xmlns='vcard-temp'/></iq>")
            .await;
        let own = scene.vcard().avatar("mara@kestrel.example").await;
        assert_eq!(own.unwrap(), None);
    });
}

#[test]
fn where_accounts_have_no_nodes_it_goes_into_the_vcard_only() {
    let mut plan = plan_asked();
    plan.pep = false;
    with_plan(plan, |mut scene| async move {
        let picture = picture(1);
        let bytes = picture.bytes.to_vec();
        let call = scene.begin(|it| async move { it.set_avatar(bytes, "image/png").await });
        own_card(&mut scene).await;
        agree(&mut scene, "<vCard xmlns='vcard-temp'><PHOTO/></vCard>").await;
        call.await.unwrap().unwrap();
        scene
            .expect_nothing("<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>")
            .await;
    });
}

#[test]
fn what_is_no_picture_is_refused_before_anything_is_sent() {
    with_server(|scene| async move {
        let it = scene.vcard();
        let png = picture(1).bytes.to_vec();
        for (bytes, media_type, reason) in [
            (Vec::new(), "image/png", "empty"),
            (b"<svg/>".to_vec(), "image/svg+xml", "no PNG"),
            (png.clone(), "image/jpeg", "image/png"),
            (png.clone(), "text/html", "image/png"),
            (vec![0; 600 * 1024], "image/png", "more than"),
        ] {
            let error = it.set_avatar(bytes, media_type).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
            assert!(error.to_string().contains("vcard.set_avatar"), "{error}");
            assert!(error.to_string().contains(reason), "{error}");
        }
        scene.expect_nothing("<iq type='set'/>").await;
    });
}
