//! The **vcard** grouping in company: what one says about herself another sees.

use converse::prelude::*;

use crate::scene::{Events, Scene};

fn picture(n: u8) -> Vec<u8> {
    [b"GIF89a".as_slice(), &[n; 60]].concat()
}

/// Whether the server converts avatars or not (XEP-0398), a contact has the picture.
#[actix::test]
async fn an_avatar_reaches_the_contact_of_who_publishes_it() {
    for conversion in [true, false] {
        let server = |server: converse_testkit::loopback::LoopbackBuilder| {
            server
                .subscribed("romeo", "juliet")
                .avatar_conversion(conversion)
        };
        let scene = Scene::of(server).await;
        let romeo = scene.online("romeo").await;
        let juliet = scene.online("juliet").await;
        let mut seen = Events::of(&romeo, &["avatarChanged", "vcardUpdated"]);

        let published = juliet.vcard().set_avatar(picture(1), "image/gif").await;
        published.unwrap();
        let told = seen.until("avatarChanged").await;
        assert_eq!(told["jid"], "juliet@localhost");
        let news = seen.until("vcardUpdated").await;
        assert_eq!(news["image_type"], "image/gif");
        assert_eq!(news["image_hash"], told["hash"]);
        romeo.bus().settle().await;
        let contact = romeo.contacts().get("juliet@localhost").unwrap().unwrap();
        assert_eq!(contact.image_type(), Some("image/gif"));
        assert_eq!(contact.image(), news["image"].as_str());
        let avatar = romeo.vcard().avatar("juliet@localhost").await.unwrap();
        assert_eq!(avatar.unwrap().bytes[..], picture(1));
        let of_card = romeo.vcard().fetch("juliet@localhost").await.unwrap();
        assert!(
            of_card.photo().unwrap().is_some(),
            "for those who know no nodes"
        );

        juliet.vcard().remove_avatar().await.unwrap();
        assert_eq!(seen.until("avatarChanged").await["hash"], json!(null));
        let avatar = romeo.vcard().avatar("juliet@localhost").await.unwrap();
        assert_eq!(avatar, None);
    }
}

#[actix::test]
async fn vcard_and_nickname_reach_others() {
    let scene = Scene::new().await;
    let romeo = scene.online("romeo").await;
    let juliet = scene.online("juliet").await;
    let nobody = romeo.vcard().get("juliet@localhost").await.unwrap();
    assert!(nobody.is_empty());

    let own = juliet.vcard();
    let changed = own.update(|card| {
        card.set_fullname("Juliet Capulet")?;
        card.set_url("https://capulet.example")
    });
    changed.await.unwrap();
    own.update(|card| card.set_email("juliet@capulet.example"))
        .await
        .unwrap();
    let card = romeo.vcard().fetch("juliet@localhost").await.unwrap();
    assert_eq!(card.fullname().as_deref(), Some("Juliet Capulet"));
    assert_eq!(card.url().as_deref(), Some("https://capulet.example"));
    assert_eq!(card.email().as_deref(), Some("juliet@capulet.example"));
    romeo.bus().settle().await;
    let contact = romeo.contacts().get("juliet@localhost").unwrap().unwrap();
    assert_eq!(contact.url(), Some("https://capulet.example"));
    assert!(contact.vcard_updated().is_some());

    let mut seen = Events::of(&romeo, &["vcardUpdated"]);
    juliet.vcard().set_nickname("Jule").await.unwrap();
    assert_eq!(seen.expect("vcardUpdated").await["nickname"], "Jule");
    let nick = romeo.vcard().nickname("juliet@localhost").await.unwrap();
    assert_eq!(nick.as_deref(), Some("Jule"));
}
