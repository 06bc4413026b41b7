//! XEP-0198: acknowledgements and resumption.

use std::time::Duration;

use converse_testkit::loopback::{Limits, Loopback};
use xmpp_parsers::minidom::Element;

use crate::client::{Client, condition, verona};

const SM: &str = "urn:xmpp:sm:3";

fn resume(id: &str, h: u32) -> String {
    format!("<resume xmlns='{SM}' previd='{id}' h='{h}'/>")
}

fn ack(h: u32) -> String {
    format!("<a xmlns='{SM}' h='{h}'/>")
}

fn is_request(element: &Element) -> bool {
    element.is("r", SM)
}

fn bodies(heard: &[Element]) -> Vec<String> {
    let bodies = heard
        .iter()
        .filter_map(|element| element.get_child("body", "jabber:client"));
    bodies.map(Element::text).collect()
}

async fn says(client: &mut Client, to: &str, text: &str) {
    client
        .send(&format!(
            "<message to='{to}' type='chat'><body>{text}</body></message>"
        ))
        .await;
}

/// Romeo with stream management, available, and what resumes him.
async fn managed(server: &Loopback) -> (Client, String) {
    let mut romeo = Client::login(server, "romeo/orchard").await;
    let id = romeo.manage().await;
    romeo.send("<presence/>").await;
    assert_eq!(romeo.recv().await.name(), "presence");
    assert!(is_request(&romeo.recv().await));
    romeo.send(&ack(1)).await;
    (romeo, id)
}

#[tokio::test]
async fn both_sides_acknowledge() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    assert!(romeo.features.stream_management.is_some());
    romeo.send(&format!("<r xmlns='{SM}'/>")).await;
    let refusal = romeo.recv().await;
    assert!(refusal.has_child("unexpected-request", "urn:ietf:params:xml:ns:xmpp-stanzas"));
    romeo.manage().await;
    romeo.send(&format!("<r xmlns='{SM}'/>")).await;
    assert_eq!(romeo.recv().await.attr("h"), Some("0"));
    romeo.send("<presence/>").await;
    assert_eq!(romeo.recv().await.name(), "presence");
    assert!(is_request(&romeo.recv().await));
    romeo
        .send("<message to='nobody@localhost' type='error'/>")
        .await;
    romeo.send(&format!("<r xmlns='{SM}'/>")).await;
    assert_eq!(romeo.recv().await.attr("h"), Some("2"));
    romeo.send(&ack(1)).await;
    romeo
        .send("<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    assert_eq!(romeo.recv().await.attr("id"), Some("p"));
    assert!(is_request(&romeo.recv().await));
    romeo.send(&format!("<enable xmlns='{SM}'/>")).await;
    assert_eq!(romeo.recv().await.name(), "failed");
    romeo.send(&ack(9)).await;
    let error = romeo.recv().await;
    let detail = error.get_child("handled-count-too-high", SM).unwrap();
    assert_eq!(
        (detail.attr("h"), detail.attr("send-count")),
        (Some("9"), Some("2"))
    );
}

#[tokio::test]
async fn a_cut_session_is_resumed_and_everything_comes_once() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let (mut romeo, id) = managed(&server).await;
    let heard = romeo.drain().await;
    assert_eq!(heard.len(), 2, "Juliet and a request: {heard:?}");
    says(&mut juliet, "romeo@localhost", "before").await;
    assert_eq!(bodies(&[romeo.recv().await]), ["before"]);
    juliet.drain().await;

    assert_eq!(server.cut("romeo@localhost"), 1);
    romeo.broken().await;
    let sessions = server.sessions();
    let lost = sessions
        .iter()
        .find(|session| session.jid.as_str() == "romeo@localhost/orchard")
        .unwrap();
    assert!(lost.available && !lost.connected && lost.managed);
    says(&mut juliet, "romeo@localhost", "bare").await;
    says(&mut juliet, "romeo@localhost/orchard", "full").await;
    // A lost session is not gone.
    juliet.hears_nothing().await;

    // Juliet, the answer to the ping, and `before`: the last was not acknowledged.
    let mut again = Client::authenticated(&server, "romeo").await;
    again.send(&resume(&id, 3)).await;
    let resumed = again.recv().await;
    assert_eq!(resumed.name(), "resumed", "{resumed:?}");
    assert_eq!(resumed.attr("previd"), Some(id.as_str()));
    assert_eq!(resumed.attr("h"), Some("2"));
    let heard = again.drain().await;
    assert_eq!(bodies(&heard), ["before", "bare", "full"]);
    assert!(heard.iter().any(is_request));
    again.send(&ack(7)).await;
    again.send(&format!("<r xmlns='{SM}'/>")).await;
    assert_eq!(again.recv().await.attr("h"), Some("3"));

    // Nothing is replayed twice, and the session is the same one.
    server.cut("romeo");
    let mut last = Client::authenticated(&server, "romeo").await;
    last.send(&resume(&id, 7)).await;
    assert_eq!(last.recv().await.name(), "resumed");
    says(&mut juliet, "romeo@localhost/orchard", "after").await;
    assert_eq!(bodies(&[last.recv().await]), ["after"]);
    juliet.hears_nothing().await;
}

#[tokio::test]
async fn a_session_is_taken_over_from_a_connection_that_seems_alive() {
    let server = verona().await;
    let (mut romeo, id) = managed(&server).await;
    let mut again = Client::authenticated(&server, "romeo").await;
    again.send(&resume(&id, 1)).await;
    assert_eq!(again.recv().await.name(), "resumed");
    assert_eq!(romeo.drain_until_error().await, "conflict");
    romeo.close().await;
    let heard = again.drain().await;
    assert!(heard.iter().all(is_request), "{heard:?}");
    assert_eq!(server.sessions().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_resumed_is_refused() {
    let server = verona().await;
    let (romeo, id) = managed(&server).await;
    for (user, previd) in [("romeo", "unknown"), ("juliet", id.as_str())] {
        let mut client = Client::authenticated(&server, user).await;
        client.send(&resume(previd, 0)).await;
        let failed = client.recv().await;
        assert!(failed.has_child("item-not-found", "urn:ietf:params:xml:ns:xmpp-stanzas"));
        assert_eq!(failed.attr("h"), None);
        client.send(&format!("<enable xmlns='{SM}'/>")).await;
        assert_eq!(client.recv().await.name(), "failed");
        client.bind("anew").await;
    }
    // A stream that was closed in order is over, but the server still knows how far it went.
    romeo.close().await;
    server.wait_for(|sessions| sessions.is_empty()).await;
    let mut client = Client::authenticated(&server, "romeo").await;
    client.send(&resume(&id, 1)).await;
    let failed = client.recv().await;
    assert_eq!((failed.name(), failed.attr("h")), ("failed", Some("1")));
    let (_romeo, id) = managed(&server).await;
    client.send(&resume(&id, 17)).await;
    assert_eq!(client.stream_error().await, "undefined-condition");
}

#[tokio::test]
async fn a_session_that_is_not_resumed_ends_and_its_messages_wait() {
    let limits = Limits {
        hibernation: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet", "secret")
        .subscribed("romeo", "juliet")
        .limits(limits)
        .start()
        .await
        .unwrap();
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let (mut romeo, id) = managed(&server).await;
    romeo.drain().await;
    juliet.drain().await;
    says(&mut juliet, "romeo@localhost", "unread").await;
    says(&mut juliet, "romeo@localhost/orchard", "unread too").await;
    juliet
        .send(
            "<iq type='get' id='ask' to='romeo@localhost/orchard'><a xmlns='urn:example:a'/></iq>",
        )
        .await;
    juliet.hears_nothing().await;
    server.cut("romeo");
    let heard = [juliet.recv().await, juliet.recv().await];
    assert_eq!(heard[0].attr("type"), Some("unavailable"));
    assert_eq!(condition(&heard[1]), "recipient-unavailable");
    let mut late = Client::authenticated(&server, "romeo").await;
    late.send(&resume(&id, 2)).await;
    assert_eq!((late.recv().await.name()), "failed");
    late.bind("orchard").await;
    late.send("<presence/>").await;
    let heard = late.drain().await;
    assert_eq!(bodies(&heard), ["unread", "unread too"]);
    assert!(
        heard
            .iter()
            .all(|element| element.name() != "message"
                || element.has_child("delay", "urn:xmpp:delay"))
    );
}

#[tokio::test]
async fn what_others_have_is_not_kept_for_later() {
    let limits = Limits {
        hibernation: Duration::from_millis(20),
        ..Limits::default()
    };
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet", "secret")
        .limits(limits)
        .start()
        .await
        .unwrap();
    let (mut romeo, _) = managed(&server).await;
    let mut phone = Client::online(&server, "romeo/phone").await;
    romeo.drain().await;
    phone.drain().await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    says(&mut juliet, "romeo@localhost", "both").await;
    juliet.hears_nothing().await;
    server.cut("romeo@localhost/orchard");
    server.wait_for(|sessions| sessions.len() == 2).await;
    let heard = phone.drain().await;
    assert_eq!(bodies(&heard), ["both"]);
}
