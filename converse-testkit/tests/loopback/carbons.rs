//! XEP-0280: copies for the other resources.

use converse_testkit::loopback::Loopback;
use xmpp_parsers::minidom::Element;

use crate::client::{Client, verona};

const CARBONS: &str = "urn:xmpp:carbons:2";

async fn copied(server: &Loopback, jid: &str, priority: i8) -> Client {
    let mut client = Client::login(server, jid).await;
    let enable = format!("<iq type='set' id='c'><enable xmlns='{CARBONS}'/></iq>");
    assert_eq!(client.request(&enable).await.attr("type"), Some("result"));
    client
        .send(&format!(
            "<presence><priority>{priority}</priority></presence>"
        ))
        .await;
    client.drain().await;
    client
}

/// The text inside a copy, which must be as XEP-0280 has it.
fn inside(copy: &Element, side: &str, client: &Client) -> String {
    let own = client.jid.split('/').next();
    assert_eq!(copy.attr("from"), own, "{copy:?}");
    assert_eq!(copy.attr("to"), Some(client.jid.as_str()));
    let side = copy.get_child(side, CARBONS).unwrap();
    let forwarded = side.get_child("forwarded", "urn:xmpp:forward:0").unwrap();
    let message = forwarded.get_child("message", "jabber:client").unwrap();
    assert_eq!(copy.attr("type"), message.attr("type"));
    message.get_child("body", "jabber:client").unwrap().text()
}

#[tokio::test]
async fn both_sides_of_a_chat_are_copied() {
    let server = verona().await;
    let mut phone = copied(&server, "romeo/phone", 0).await;
    let mut desk = copied(&server, "romeo/desk", 0).await;
    let mut plain = Client::online(&server, "romeo/plain").await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    for client in [&mut phone, &mut desk, &mut plain, &mut juliet] {
        client.drain().await;
    }
    phone
        .send("<message to='juliet@localhost/balcony' type='chat'><body>out</body></message>")
        .await;
    assert_eq!(inside(&desk.recv().await, "sent", &desk), "out");
    juliet.drain().await;
    juliet
        .send("<message to='romeo@localhost/desk' type='chat'><body>in</body></message>")
        .await;
    assert_eq!(inside(&phone.recv().await, "received", &phone), "in");
    assert_eq!(desk.recv().await.attr("to"), Some("romeo@localhost/desk"));
    for client in [&mut phone, &mut desk, &mut plain] {
        client.hears_nothing().await;
    }
}

#[tokio::test]
async fn who_gets_a_message_gets_no_copy_of_it() {
    let server = verona().await;
    let mut phone = copied(&server, "romeo/phone", 0).await;
    let mut negative = copied(&server, "romeo/negative", -1).await;
    phone.drain().await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    juliet
        .send("<message to='romeo@localhost' type='chat'><body>in</body></message>")
        .await;
    juliet.hears_nothing().await;
    let heard = phone.drain().await;
    assert_eq!(heard.len(), 1);
    assert!(heard[0].has_child("body", "jabber:client"));
    assert_eq!(inside(&negative.recv().await, "received", &negative), "in");
}

#[tokio::test]
async fn messages_that_are_not_to_be_copied_are_not() {
    let server = verona().await;
    let mut phone = copied(&server, "romeo/phone", 0).await;
    let mut desk = copied(&server, "romeo/desk", 0).await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    for client in [&mut phone, &mut desk, &mut juliet] {
        client.drain().await;
    }
    for text in [
        "<message to='juliet@localhost' type='chat'><body>a</body><private xmlns='urn:xmpp:carbons:2'/></message>",
        "<message to='juliet@localhost' type='chat'><body>a</body><no-copy xmlns='urn:xmpp:hints'/></message>",
        "<message to='juliet@localhost' type='headline'><body>a</body></message>",
        "<message to='juliet@localhost/balcony' type='groupchat'><body>a</body></message>",
        "<message to='juliet@localhost'><x xmlns='urn:example:x'/></message>",
    ] {
        phone.send(text).await;
        let message = juliet.recv().await;
        assert!(!message.has_child("private", CARBONS), "{text}");
        desk.hears_nothing().await;
    }
    phone
        .send(
            "<message to='juliet@localhost'><received xmlns='urn:xmpp:receipts' id='1'/></message>",
        )
        .await;
    assert!(desk.recv().await.has_child("sent", CARBONS));
    desk.request("<iq type='set' id='d'><disable xmlns='urn:xmpp:carbons:2'/></iq>")
        .await;
    phone
        .send("<message to='juliet@localhost' type='chat'><body>a</body></message>")
        .await;
    phone.hears_nothing().await;
    desk.hears_nothing().await;
}

#[tokio::test]
async fn a_forged_copy_is_not_wrapped_again() {
    let server = verona().await;
    let mut phone = copied(&server, "romeo/phone", 0).await;
    let mut desk = copied(&server, "romeo/desk", 0).await;
    phone.drain().await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    let forged = "<message to='romeo@localhost/phone' type='chat'><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='romeo@localhost'/></forwarded></sent></message>";
    juliet.send(forged).await;
    assert_eq!(
        phone.recv().await.attr("from"),
        Some("juliet@localhost/balcony")
    );
    desk.hears_nothing().await;
}

#[tokio::test]
async fn errors_are_copied_to_who_has_seen_what_they_are_about() {
    let server = verona().await;
    let mut phone = copied(&server, "romeo/phone", 0).await;
    let mut desk = copied(&server, "romeo/desk", 0).await;
    phone.drain().await;
    // The server's error, and one of the contact's client.
    phone
        .send("<message to='nobody@localhost' type='chat' id='a'><body>a</body></message>")
        .await;
    assert_eq!(phone.recv().await.attr("type"), Some("error"));
    assert_eq!(inside(&desk.recv().await, "sent", &desk), "a");
    let error = desk.recv().await;
    assert!(error.has_child("received", CARBONS));
    assert_eq!(error.attr("type"), Some("error"));
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    for client in [&mut phone, &mut desk, &mut juliet] {
        client.drain().await;
    }
    let refusal = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    for (body, seen) in [
        ("<body>b</body>", true),
        ("<private xmlns='urn:xmpp:carbons:2'/>", false),
    ] {
        phone
            .send(&format!(
                "<message to='juliet@localhost' type='chat' id='b{seen}'>{body}</message>"
            ))
            .await;
        juliet.recv().await;
        assert_eq!(desk.drain().await.len(), usize::from(seen));
        juliet
            .send(&format!(
                "<message to='romeo@localhost/phone' type='error' id='b{seen}'>{refusal}</message>"
            ))
            .await;
        assert_eq!(phone.recv().await.attr("type"), Some("error"));
        assert_eq!(desk.drain().await.len(), usize::from(seen));
    }
}

#[tokio::test]
async fn what_is_about_rooms_is_copied_by_its_own_rules() {
    let server = verona().await;
    let mut phone = copied(&server, "romeo/phone", 0).await;
    let mut desk = copied(&server, "romeo/desk", 0).await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    for client in [&mut phone, &mut desk, &mut juliet] {
        client.drain().await;
    }
    let user = "http://jabber.org/protocol/muc#user";
    for (payload, copied) in [
        (
            "<x xmlns='jabber:x:conference' jid='room@elsewhere.example'/>".to_owned(),
            true,
        ),
        (format!("<x xmlns='{user}'><invite from='a@b'/></x>"), true),
        (format!("<body>psst</body><x xmlns='{user}'/>"), false),
    ] {
        juliet
            .send(&format!(
                "<message to='romeo@localhost/phone'>{payload}</message>"
            ))
            .await;
        assert_eq!(phone.recv().await.name(), "message");
        assert_eq!(desk.drain().await.len(), usize::from(copied), "{payload}");
    }
    // One's own word to an occupant is copied.
    phone
        .send(&format!("<message to='juliet@localhost/balcony' type='chat'><body>psst</body><x xmlns='{user}'/></message>"))
        .await;
    assert_eq!(inside(&desk.recv().await, "sent", &desk), "psst");
}
