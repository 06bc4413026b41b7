//! What clients are told about themselves and others: client state (XEP-0352), time (XEP-0202), activity (XEP-0012), message
//! ids (XEP-0359), what they keep on the server (XEP-0049).

use std::sync::Arc;

use converse_core::env::Environment;
use converse_testkit::clock::VirtualClock;
use converse_testkit::loopback::Loopback;
use xmpp_parsers::minidom::Element;

use crate::client::{Client, condition, verona, xml};

fn last(to: &str) -> String {
    format!("<iq type='get' id='l' to='{to}'><query xmlns='jabber:iq:last'/></iq>")
}

#[tokio::test]
async fn clients_may_say_that_nobody_looks() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let features = &romeo.features.others;
    assert!(
        features
            .iter()
            .any(|feature| feature.is("csi", "urn:xmpp:csi:0"))
    );
    for (state, inactive) in [("inactive", true), ("active", false)] {
        romeo
            .send(&format!("<{state} xmlns='urn:xmpp:csi:0'/>"))
            .await;
        server
            .wait_for(|sessions| sessions[0].inactive == inactive)
            .await;
    }
    romeo.send("<sleepy xmlns='urn:xmpp:csi:0'/>").await;
    assert_eq!(romeo.stream_error().await, "unsupported-stanza-type");
}

#[tokio::test]
async fn the_time_and_the_last_activity_can_be_asked_for() {
    let clock = Arc::new(VirtualClock::default());
    let environment = Environment {
        clock: Arc::clone(&clock) as _,
        ..Environment::default()
    };
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet", "secret")
        .account("tybalt", "secret")
        .subscribed("romeo", "juliet")
        .environment(environment)
        .start()
        .await
        .unwrap();
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let time = "<iq type='get' id='t' to='localhost'><time xmlns='urn:xmpp:time'/></iq>";
    let time = romeo.request(time).await;
    let time = time.get_child("time", "urn:xmpp:time").unwrap();
    assert_eq!(
        time.get_child("tzo", "urn:xmpp:time").unwrap().text(),
        "+00:00"
    );
    let seconds = |answer: &Element| -> u64 {
        let query = answer.get_child("query", "jabber:iq:last").unwrap();
        query.attr("seconds").unwrap().parse().unwrap()
    };
    let unknown = romeo.request(&last("juliet@localhost")).await;
    assert_eq!(condition(&unknown), "item-not-found");
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    assert_eq!(seconds(&romeo.request(&last("juliet@localhost")).await), 0);
    juliet
        .send("<presence type='unavailable'><status>good night</status></presence>")
        .await;
    juliet.drain().await;
    clock.shift(chrono::TimeDelta::seconds(90));
    let answer = romeo.request(&last("juliet@localhost")).await;
    assert!((90..120).contains(&seconds(&answer)), "{answer:?}");
    assert_eq!(answer.children().next().unwrap().text(), "good night");
    assert!(seconds(&romeo.request(&last("localhost")).await) >= 90);
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    let refused = tybalt.request(&last("juliet@localhost")).await;
    assert_eq!(condition(&refused), "forbidden");
}

/// The ids that an account has given to a message.
fn ids(message: &Element, by: &str) -> Vec<String> {
    let ids = message
        .children()
        .filter(|child| child.is("stanza-id", "urn:xmpp:sid:0"));
    let ids = ids.filter(|id| id.attr("by") == Some(by));
    ids.map(|id| id.attr("id").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn messages_get_one_id_that_only_the_server_gives() {
    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    let mut phone = Client::login(&server, "romeo/phone").await;
    phone
        .request("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>")
        .await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    romeo.drain().await;
    juliet
        .send(
            "<message to='romeo@localhost/orchard' type='chat'><body>a</body>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='forged'/>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='room@elsewhere.example' id='theirs'/></message>",
        )
        .await;
    let message = romeo.recv().await;
    let own = ids(&message, "romeo@localhost");
    assert_eq!(own.len(), 1);
    assert_ne!(own[0], "forged");
    assert_eq!(ids(&message, "room@elsewhere.example"), ["theirs"]);
    // Copies bear the same id, and what is stored as well.
    let copy = phone.recv().await;
    let copied = copy.children().next().unwrap().children().next().unwrap();
    assert_eq!(
        ids(copied.children().next().unwrap(), "romeo@localhost"),
        own
    );
    juliet
        .send("<message to='romeo@localhost/orchard' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>")
        .await;
    assert!(ids(&romeo.recv().await, "romeo@localhost").is_empty());
    juliet
        .send("<message to='tybalt@localhost' type='chat'><body>later</body></message>")
        .await;
    juliet.drain().await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    tybalt.send("<presence/>").await;
    tybalt.recv().await;
    assert_eq!(ids(&tybalt.recv().await, "tybalt@localhost").len(), 1);
}

#[tokio::test]
async fn what_a_client_keeps_is_for_its_account_alone() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let iq = |kind: &str, to: &str, payload: &str| {
        format!(
            "<iq type='{kind}' id='k' to='{to}'><query xmlns='jabber:iq:private'>{payload}</query></iq>"
        )
    };
    let own = "romeo@localhost";
    let kept =
        "<storage xmlns='storage:bookmarks'><url name='sonnets' url='https://example/'/></storage>";
    let empty = "<storage xmlns='storage:bookmarks'/>";
    let held = |answer: &Element| {
        let query = answer.get_child("query", "jabber:iq:private").unwrap();
        query.children().next().unwrap().clone()
    };
    let answer = romeo.request(&iq("get", own, empty)).await;
    assert_eq!(held(&answer), xml(empty));
    let answer = romeo.request(&iq("set", own, kept)).await;
    assert_eq!(answer.attr("type"), Some("result"));
    let mut other = Client::login(&server, "romeo/tomb").await;
    assert_eq!(
        held(&other.request(&iq("get", own, empty)).await),
        xml(kept)
    );
    for (kind, payload, expected) in [
        ("get", "", "not-acceptable"),
        ("set", "", "not-acceptable"),
        (
            "set",
            "<a xmlns='urn:a'/><b xmlns='urn:b'/>",
            "not-acceptable",
        ),
    ] {
        let answer = romeo.request(&iq(kind, own, payload)).await;
        assert_eq!(condition(&answer), expected, "{kind} {payload}");
    }
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    for kind in ["get", "set"] {
        let answer = tybalt.request(&iq(kind, own, kept)).await;
        assert_eq!(condition(&answer), "forbidden");
    }
}
