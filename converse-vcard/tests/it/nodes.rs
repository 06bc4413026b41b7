//! Avatars on nodes (XEP-0084).

use converse_vcard::{Avatar, MAX_IMAGE_BYTES};

use crate::scene::{OTTO, Scene, event, photo, picture, presence, with_server};

const METADATA: &str = "urn:xmpp:avatar:metadata";
const DATA: &str = "urn:xmpp:avatar:data";

fn metadata(id: &str, info: &str) -> String {
    format!("<item id='{id}'><metadata xmlns='urn:xmpp:avatar:metadata'>{info}</metadata></item>")
}

fn info(id: &str) -> String {
    format!("<info bytes='48' id='{id}' type='image/png' width='64' height='64'/>")
}

fn data(id: &str, text: &str) -> String {
    format!("<item id='{id}'><data xmlns='urn:xmpp:avatar:data'>{text}</data></item>")
}

async fn tell(scene: &mut Scene, picture: &Avatar) {
    let item = metadata(&picture.hash, &info(&picture.hash));
    scene.recv(&event(OTTO, METADATA, &item)).await;
}

#[test]
fn the_node_is_followed_and_the_data_fetched() {
    with_server(|mut scene| async move {
        assert!(
            scene
                .api
                .features()
                .contains("urn:xmpp:avatar:metadata+notify")
        );
        let picture = picture(1);
        tell(&mut scene, &picture).await;
        assert_eq!(scene.events().await, ["avatarChanged"]);
        scene
            .expect(&format!(
                "<iq type='get' id='{{{{items}}}}' to='{OTTO}'>\
                   <pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                   <items node='{DATA}'><item id='{}'/></items></pubsub></iq>",
                picture.hash
            ))
            .await;
        let item = data(&picture.hash, &format!("\n{}\n", picture.to_base64()));
        scene
            .recv(&format!(
                "<iq type='result' id='{{{{items}}}}' from='{OTTO}'>\
                   <pubsub xmlns='http://jabber.org/protocol/pubsub'>\
                   <items node='{DATA}'>{item}</items></pubsub></iq>"
            ))
            .await;
        let told = scene.payloads("vcardUpdated").await;
        assert_eq!(told[0]["image_hash"], picture.hash.as_str());
        assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), Some(picture));
    });
}

#[test]
fn two_pictures_that_alternate_are_fetched_once_each() {
    with_server(|mut scene| async move {
        for picture in [picture(1), picture(2)] {
            tell(&mut scene, &picture).await;
            let call = scene.begin(|it| async move { it.avatar(OTTO).await });
            let item = data(&picture.hash, &picture.to_base64());
            scene.give_items(OTTO, DATA, &item).await;
            assert_eq!(call.await.unwrap().unwrap(), Some(picture));
        }
        scene.server.forget_sent();
        for n in [1, 2, 1] {
            tell(&mut scene, &picture(n)).await;
            let avatar = scene.vcard().avatar(OTTO).await.unwrap();
            assert_eq!(avatar, Some(picture(n)));
        }
        scene.expect_nothing("<iq/>").await;
    });
}

#[test]
fn an_empty_description_takes_the_avatar_away() {
    with_server(|mut scene| async move {
        let picture = picture(1);
        tell(&mut scene, &picture).await;
        scene
            .give_items(OTTO, DATA, &data(&picture.hash, &picture.to_base64()))
            .await;
        scene.events().await;
        scene.recv(&event(OTTO, METADATA, &metadata("x", ""))).await;
        assert_eq!(scene.events().await, ["avatarChanged", "vcardUpdated"]);
        assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), None);
    });
}

#[test]
fn what_may_not_be_shown_is_refused() {
    with_server(|mut scene| async move {
        let text = "aGVsbG8gd29ybGQ=";
        let large = "A".repeat(MAX_IMAGE_BYTES * 2);
        let other = picture(2).to_base64();
        let refused = ["", text, "!!!", &large, &other];
        for (n, text) in (10..).zip(refused) {
            let picture = picture(n);
            tell(&mut scene, &picture).await;
            let call = scene.begin(|it| async move { it.avatar(OTTO).await });
            scene
                .give_items(OTTO, DATA, &data(&picture.hash, text))
                .await;
            assert_eq!(call.await.unwrap().unwrap(), None, "{n}");
            scene.server.forget_sent();
            assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), None);
            scene.expect_nothing("<iq/>").await;
        }
    });
}

/// Pictures on web servers, of unknown kinds or too large are not even asked for.
#[test]
fn what_cannot_be_shown_is_not_fetched() {
    with_server(|mut scene| async move {
        let hash = picture(1).hash;
        for info in [
            format!("<info bytes='48' id='{hash}' type='image/png' url='http://x.example/a.png'/>"),
            format!("<info bytes='48' id='{hash}' type='image/svg+xml'/>"),
            format!("<info bytes='99999999999' id='{hash}' type='image/png'/>"),
            format!("<info bytes='0' id='{hash}' type='image/png'/>"),
            format!("<info bytes='-1' id='{hash}' type='image/png'/>"),
            "<info bytes='48' id='x' type='image/png'/>".to_owned(),
            "<info/>".to_owned(),
        ] {
            scene
                .recv(&event(OTTO, METADATA, &metadata(&hash, &info)))
                .await;
            assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), None, "{info}");
        }
        scene.recv(&event(OTTO, METADATA, "<item id='x'/>")).await;
        scene.expect_nothing("<iq/>").await;
        let usable = format!(
            "<info bytes='48' id='{}' type='image/gif' url='http://x.example/a.gif'/>{}{}",
            picture(3).hash,
            info(&picture(2).hash),
            info(&hash),
        );
        scene
            .recv(&event(OTTO, METADATA, &metadata(&hash, &usable)))
            .await;
        scene
            .expect(&format!("<iq><pubsub xmlns='http://jabber.org/protocol/pubsub'><items><item id='{hash}'/></items></pubsub></iq>"))
            .await;
    });
}

/// What somebody sends is about himself, whatever it says, and a stranger is not heard.
#[test]
fn sec_058_a_node_is_that_of_who_sends_it() {
    with_server(|scene| async move {
        let hash = picture(1).hash;
        let forged = event(
            "vex@mallard.example/x9",
            METADATA,
            &metadata(&hash, &info(&hash)),
        );
        let forged = forged.replace(
            "</message>",
            "<addresses xmlns='http://jabber.org/protocol/address'>\
             <address type='replyto' jid='otto@heron.example'/></addresses></message>",
        );
        scene.recv(&forged).await;
        for from in [
            "vex@mallard.example",
            "otto@heron.example/oar",
            "heron.example.mallard.example",
        ] {
            let event = event(from, METADATA, &metadata(&hash, &info(&hash)));
            scene.recv(&event).await;
        }
        scene.expect_nothing("<iq/>").await;
        assert!(scene.events().await.is_empty());
        assert!(scene.vcard().known(OTTO).unwrap().is_none());
    });
}

/// The node counts more than presence: only it is certain to be up to date.
#[test]
fn the_node_counts_more_than_presence() {
    with_server(|mut scene| async move {
        let (node, other) = (picture(1), picture(2));
        tell(&mut scene, &node).await;
        scene
            .give_items(OTTO, DATA, &data(&node.hash, &node.to_base64()))
            .await;
        scene.events().await;
        scene.server.forget_sent();
        scene
            .recv(&presence("otto@heron.example/oar", &photo(&other.hash)))
            .await;
        scene.expect_nothing("<iq/>").await;
        assert!(scene.events().await.is_empty());
        assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), Some(node));
    });
}

#[test]
fn data_that_is_not_there_is_looked_for_in_the_vcard() {
    with_server(|mut scene| async move {
        let picture = picture(1);
        tell(&mut scene, &picture).await;
        scene.give_items(OTTO, DATA, "").await;
        let photo = format!("<PHOTO><BINVAL>{}</BINVAL></PHOTO>", picture.to_base64());
        scene.give_card(OTTO, &photo).await;
        assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), Some(picture));
    });
}

/// Hashes are compared whatever the case of their digits; items are asked for by the id they have.
#[test]
fn an_id_in_upper_case_is_the_same_hash() {
    with_server(|mut scene| async move {
        let picture = picture(1);
        let id = picture.hash.to_uppercase();
        let event = event(OTTO, METADATA, &metadata(&id, &info(&id)));
        scene.recv(&event).await;
        scene
            .give_items(OTTO, DATA, &data(&id, &picture.to_base64()))
            .await;
        assert_eq!(scene.vcard().avatar(OTTO).await.unwrap(), Some(picture));
    });
}
