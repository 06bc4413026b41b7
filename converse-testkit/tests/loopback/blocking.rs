//! XEP-0191: blocked addresses.

use xmpp_parsers::minidom::Element;

use crate::client::{Client, condition, verona};

const BLOCKING: &str = "urn:xmpp:blocking";

fn change(what: &str, jids: &[&str]) -> String {
    let items: String = jids
        .iter()
        .map(|jid| format!("<item jid='{jid}'/>"))
        .collect();
    format!("<iq type='set' id='b'><{what} xmlns='{BLOCKING}'>{items}</{what}></iq>")
}

async fn list(client: &mut Client) -> Vec<String> {
    let answer = client
        .request(&format!(
            "<iq type='get' id='l'><blocklist xmlns='{BLOCKING}'/></iq>"
        ))
        .await;
    let list = answer.get_child("blocklist", BLOCKING).unwrap();
    list.children()
        .map(|item| item.attr("jid").unwrap().to_owned())
        .collect()
}

/// The answer among what has come, and the rest.
async fn ask(client: &mut Client, request: &str) -> (Element, Vec<Element>) {
    client.send(request).await;
    let mut heard = client.drain().await;
    let answer = heard
        .iter()
        .position(|stanza| stanza.attr("id") == Some("b"))
        .unwrap();
    (heard.remove(answer), heard)
}

#[tokio::test]
async fn the_list_is_kept_and_changes_are_pushed() {
    let server = verona().await;
    let mut desk = Client::login(&server, "romeo/desk").await;
    let mut phone = Client::login(&server, "romeo/phone").await;
    assert!(list(&mut desk).await.is_empty());
    let (answer, pushes) = ask(
        &mut desk,
        &change("block", &["tybalt@localhost", "mantua.example"]),
    )
    .await;
    assert_eq!(answer.attr("type"), Some("result"));
    assert_eq!(pushes.len(), 1);
    assert_eq!(
        pushes[0]
            .get_child("block", BLOCKING)
            .unwrap()
            .children()
            .count(),
        2
    );
    // The phone has not asked for the list.
    phone.hears_nothing().await;
    assert_eq!(
        list(&mut phone).await,
        ["mantua.example", "tybalt@localhost"]
    );
    let (_, pushes) = ask(&mut desk, &change("unblock", &["mantua.example"])).await;
    assert!(pushes[0].has_child("unblock", BLOCKING));
    assert!(phone.recv().await.has_child("unblock", BLOCKING));
    ask(&mut desk, &change("unblock", &[])).await;
    assert_eq!(
        phone
            .recv()
            .await
            .children()
            .next()
            .unwrap()
            .children()
            .count(),
        0
    );
    assert!(list(&mut phone).await.is_empty());
    for wrong in [change("block", &[]), change("block", &["@"])] {
        assert_eq!(ask(&mut desk, &wrong).await.0.attr("type"), Some("error"));
    }
}

#[tokio::test]
async fn who_is_blocked_gets_nothing_and_brings_nothing() {
    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    romeo.drain().await;
    juliet.drain().await;
    ask(&mut romeo, &change("block", &["juliet@localhost"])).await;
    let gone = juliet.recv().await;
    assert_eq!(gone.attr("type"), Some("unavailable"));
    assert_eq!(gone.attr("from"), Some("romeo@localhost/orchard"));
    // In: errors that say no more than that nobody is there, and silence for presence.
    for to in ["romeo@localhost", "romeo@localhost/orchard"] {
        juliet
            .send(&format!(
                "<message to='{to}' type='chat'><body>Romeo?</body></message>"
            ))
            .await;
        assert_eq!(condition(&juliet.recv().await), "service-unavailable");
        let ping = format!("<iq type='get' id='q' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>");
        assert_eq!(
            condition(&juliet.request(&ping).await),
            "service-unavailable"
        );
    }
    for presence in [
        "<presence to='romeo@localhost/orchard'/>",
        "<presence to='romeo@localhost' type='probe'/>",
        "<presence to='romeo@localhost' type='subscribe'/>",
    ] {
        juliet.send(presence).await;
        juliet.hears_nothing().await;
    }
    juliet.send("<presence><show>away</show></presence>").await;
    juliet.hears_own().await;
    romeo.hears_nothing().await;
    // Out: not before it is unblocked.
    romeo
        .send("<message to='juliet@localhost' type='chat' id='m'><body>x</body></message>")
        .await;
    let refused = romeo.recv().await;
    assert_eq!(condition(&refused), "not-acceptable");
    let error = refused.get_child("error", "jabber:client").unwrap();
    assert!(error.has_child("blocked", "urn:xmpp:blocking:errors"));
    romeo.send("<presence><show>dnd</show></presence>").await;
    romeo.hears_own().await;
    juliet.hears_nothing().await;
    ask(&mut romeo, &change("unblock", &["juliet@localhost"])).await;
    let back = juliet.recv().await;
    assert_eq!(back.attr("type"), None);
    assert_eq!(
        back.get_child("show", "jabber:client").unwrap().text(),
        "dnd"
    );
}

#[tokio::test]
async fn a_blocked_contact_does_not_see_one_arrive() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    ask(&mut romeo, &change("block", &["juliet@localhost"])).await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    romeo.send("<presence/>").await;
    romeo.hears_own().await;
    juliet.hears_nothing().await;
    romeo.close().await;
    juliet.hears_nothing().await;
}
