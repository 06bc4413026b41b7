//! RFC 6120 §8.2.3 and RFC 6121 §8.5: requests.

use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult};

use crate::client::{Client, condition, verona};

fn get(to: &str, payload: &str) -> String {
    format!("<iq type='get' id='q' to='{to}'>{payload}</iq>")
}

const INFO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
const ITEMS: &str = "<query xmlns='http://jabber.org/protocol/disco#items'/>";

#[tokio::test]
async fn the_server_says_what_it_can_do() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let answer = romeo.request(&get("localhost", INFO)).await;
    assert_eq!(answer.attr("from"), Some("localhost"));
    let info = DiscoInfoResult::try_from(answer.children().next().unwrap().clone()).unwrap();
    assert_eq!(info.identities[0].category, "server");
    let features: Vec<&str> = info
        .features
        .iter()
        .map(|feature| feature.as_str())
        .collect();
    for feature in [
        "urn:xmpp:ping",
        "urn:xmpp:carbons:2",
        "msgoffline",
        "jabber:iq:version",
    ] {
        assert!(features.contains(&feature), "{feature}");
    }
    for to in ["localhost", "romeo@localhost", "juliet@localhost"] {
        let answer = romeo.request(&get(to, ITEMS)).await;
        DiscoItemsResult::try_from(answer.children().next().unwrap().clone()).unwrap();
    }
    for to in ["romeo@localhost", "juliet@localhost"] {
        let answer = romeo.request(&get(to, INFO)).await;
        let info = DiscoInfoResult::try_from(answer.children().next().unwrap().clone()).unwrap();
        assert_eq!(info.identities[0].category, "account");
    }
    let node = "<query xmlns='http://jabber.org/protocol/disco#info' node='x'/>";
    assert_eq!(
        condition(&romeo.request(&get("localhost", node)).await),
        "item-not-found"
    );
    // Strangers learn nothing.
    assert_eq!(
        condition(&romeo.request(&get("tybalt@localhost", INFO)).await),
        "service-unavailable"
    );
}

#[tokio::test]
async fn the_server_answers_what_it_knows() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for to in ["localhost", "romeo@localhost"] {
        let pong = romeo
            .request(&get(to, "<ping xmlns='urn:xmpp:ping'/>"))
            .await;
        assert_eq!(
            (pong.attr("type"), pong.attr("from")),
            (Some("result"), Some(to))
        );
    }
    let answer = romeo
        .request(&get("localhost", "<query xmlns='jabber:iq:version'/>"))
        .await;
    assert!(
        answer
            .children()
            .next()
            .unwrap()
            .has_child("name", "jabber:iq:version")
    );
    let session =
        "<iq type='set' id='q'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>";
    assert_eq!(romeo.request(session).await.attr("type"), Some("result"));
    for to in ["romeo@localhost", "juliet@localhost"] {
        let answer = romeo.request(&get(to, "<vCard xmlns='vcard-temp'/>")).await;
        assert_eq!(condition(&answer), "item-not-found");
    }
    for to in [
        "localhost",
        "localhost/x",
        "romeo@localhost",
        "juliet@localhost",
        "nobody@localhost",
        "juliet@localhost/x",
    ] {
        let answer = romeo
            .request(&get(to, "<query xmlns='urn:example:unknown'/>"))
            .await;
        assert_eq!(condition(&answer), "service-unavailable", "{to}");
        assert_eq!(answer.attr("from"), Some(to));
    }
    let answer = romeo.request(&get("elsewhere.example", INFO)).await;
    assert_eq!(condition(&answer), "remote-server-not-found");
}

#[tokio::test]
async fn resources_ask_each_other() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    romeo
        .send(&get(
            "juliet@localhost/balcony",
            "<a xmlns='urn:example:a'/>",
        ))
        .await;
    let question = juliet.recv().await;
    assert_eq!(question.attr("from"), Some("romeo@localhost/orchard"));
    assert!(question.has_child("a", "urn:example:a"));
    juliet
        .send(
            "<iq type='result' id='q' to='romeo@localhost/orchard'><b xmlns='urn:example:b'/></iq>",
        )
        .await;
    let answer = romeo.recv().await;
    assert_eq!(answer.attr("from"), Some("juliet@localhost/balcony"));
    assert!(answer.has_child("b", "urn:example:b"));
    // An answer to nobody is nobody's business.
    juliet
        .send("<iq type='result' id='q' to='romeo@localhost/gone'/>")
        .await;
    juliet
        .send("<iq type='error' id='q' to='nobody@localhost'/>")
        .await;
    juliet.hears_nothing().await;
}

#[tokio::test]
async fn broken_requests_are_bad_requests() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for broken in [
        "<iq id='q' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq type='odd' id='q' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq type='get' id='q' to='localhost'/>",
        "<iq type='get' id='q' to='localhost'><a xmlns='urn:a'/><b xmlns='urn:b'/></iq>",
    ] {
        assert_eq!(condition(&romeo.request(broken).await), "bad-request");
    }
    romeo
        .send("<iq type='get' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    assert_eq!(condition(&romeo.recv().await), "bad-request");
    let answer = romeo
        .request(&get("@@", "<ping xmlns='urn:xmpp:ping'/>"))
        .await;
    assert_eq!(condition(&answer), "jid-malformed");
}
