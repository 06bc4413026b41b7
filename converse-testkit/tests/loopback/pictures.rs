//! XEP-0054, XEP-0084, XEP-0153 and XEP-0398: vCards and pictures.

use converse_testkit::loopback::Loopback;
use xmpp_parsers::minidom::Element;

use crate::client::{Client, condition, verona};

const GET: &str = "<iq type='get' id='g'><vCard xmlns='vcard-temp'/></iq>";
/// The SHA-1 of `picture`, and the same in base 64.
const HASH: &str = "0e66b49d04a43c19bcb2e13a53aff5d174f610fc";
const BYTES: &str = "cGljdHVyZQ==";

fn photo_in(presence: &Element) -> Option<String> {
    let update = presence.get_child("x", "vcard-temp:x:update")?;
    Some(update.get_child("photo", "vcard-temp:x:update")?.text())
}

async fn of(client: &mut Client, jid: &str) -> Element {
    let get = GET.replace("id='g'", &format!("id='g' to='{jid}'"));
    let answer = client.request(&get).await;
    assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
    answer.children().next().unwrap().clone()
}

async fn set(client: &mut Client, vcard: &str) -> Vec<Element> {
    client
        .send(&format!(
            "<iq type='set' id='s'><vCard xmlns='vcard-temp'>{vcard}</vCard></iq>"
        ))
        .await;
    let mut heard = client.drain().await;
    let answer = heard
        .iter()
        .position(|stanza| stanza.name() == "iq")
        .unwrap();
    assert_eq!(heard.remove(answer).attr("type"), Some("result"));
    heard
}

#[tokio::test]
async fn vcards_are_kept_for_everybody() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    assert_eq!(condition(&romeo.request(GET).await), "item-not-found");
    set(&mut romeo, "<FN>Romeo</FN>").await;
    let vcard = of(&mut tybalt, "romeo@localhost").await;
    assert_eq!(vcard.get_child("FN", "vcard-temp").unwrap().text(), "Romeo");
    let forged = "<iq type='set' id='s' to='romeo@localhost'><vCard xmlns='vcard-temp'/></iq>";
    assert_eq!(condition(&tybalt.request(forged).await), "forbidden");
}

#[tokio::test]
async fn a_picture_of_a_vcard_is_published_and_shown_in_presence() {
    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    juliet.drain().await;
    romeo.drain().await;
    let photo = format!("<PHOTO><TYPE>image/png</TYPE><BINVAL>{BYTES}</BINVAL></PHOTO>");
    let heard = set(&mut romeo, &photo).await;
    assert_eq!(photo_in(&heard[0]).as_deref(), Some(HASH));
    assert_eq!(photo_in(&juliet.recv().await).as_deref(), Some(HASH));
    let get = "<iq type='get' id='i' to='romeo@localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
               <items node='urn:xmpp:avatar:metadata'/></pubsub></iq>";
    let metadata = String::from(&juliet.request(get).await);
    assert!(
        metadata.contains(HASH) && metadata.contains("image/png"),
        "{metadata}"
    );
    let data = juliet.request(&get.replace(":metadata", ":data")).await;
    assert!(String::from(&data).contains(BYTES));
    // From now on in every presence, unless the client has no picture to show.
    romeo
        .send("<presence to='juliet@localhost/balcony'/>")
        .await;
    assert_eq!(photo_in(&juliet.recv().await).as_deref(), Some(HASH));
    romeo
        .send("<presence><x xmlns='vcard-temp:x:update'><photo/></x></presence>")
        .await;
    assert_eq!(photo_in(&juliet.recv().await).as_deref(), Some(""));
}

fn publish(node: &str, id: &str, payload: &str) -> String {
    format!(
        "<iq type='set' id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'>\
         <publish node='urn:xmpp:avatar:{node}'><item id='{id}'>{payload}</item></publish></pubsub></iq>"
    )
}

/// Publishes the picture under an id; gives what is in the vCard then.
async fn avatar(server: &Loopback, id: &str) -> (Client, Option<Element>) {
    let mut romeo = Client::login(server, "romeo/orchard").await;
    set(&mut romeo, "<FN>Romeo</FN>").await;
    let data = format!("<data xmlns='urn:xmpp:avatar:data'>{BYTES}</data>");
    romeo.request(&publish("data", id, &data)).await;
    let info = format!(
        "<metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='7' id='{id}' type='image/png'/></metadata>"
    );
    romeo.request(&publish("metadata", id, &info)).await;
    let vcard = of(&mut romeo, "romeo@localhost").await;
    assert!(vcard.has_child("FN", "vcard-temp"));
    let photo = vcard.get_child("PHOTO", "vcard-temp").cloned();
    (romeo, photo)
}

#[tokio::test]
async fn a_published_picture_gets_into_the_vcard() {
    let server = verona().await;
    let (mut romeo, photo) = avatar(&server, HASH).await;
    let photo = photo.unwrap();
    assert_eq!(
        photo.get_child("BINVAL", "vcard-temp").unwrap().text(),
        BYTES
    );
    assert_eq!(
        photo.get_child("TYPE", "vcard-temp").unwrap().text(),
        "image/png"
    );
    let none = "<metadata xmlns='urn:xmpp:avatar:metadata'/>";
    romeo.request(&publish("metadata", "none", none)).await;
    let vcard = of(&mut romeo, "romeo@localhost").await;
    assert!(!vcard.has_child("PHOTO", "vcard-temp"));
}

#[tokio::test]
async fn a_picture_that_is_not_what_it_says_stays_where_it_is() {
    let server = verona().await;
    let (_romeo, photo) = avatar(&server, &HASH.replace('0', "1")).await;
    assert_eq!(photo, None);
}

#[tokio::test]
async fn pictures_are_left_alone_where_that_is_wanted() {
    let server = Loopback::builder("localhost").account("romeo", "secret");
    let server = server.avatar_conversion(false).start().await.unwrap();
    let (mut romeo, photo) = avatar(&server, HASH).await;
    assert_eq!(photo, None);
    romeo.send("<presence/>").await;
    assert_eq!(photo_in(&romeo.recv().await), None);
    let info = "<iq type='get' id='d'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
    let info = String::from(&romeo.request(info).await);
    assert!(
        info.contains("'pep'") && !info.contains("pep-vcard-conversion"),
        "{info}"
    );
}
