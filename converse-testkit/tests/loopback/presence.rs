//! RFC 6121 §3 and §4: subscriptions and presence.

use converse_testkit::loopback::Loopback;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::roster::{Ask, Item, Roster, Subscription};

use crate::client::{Client, condition, verona};

/// A pushed item.
fn pushed(iq: &Element) -> Item {
    assert_eq!(iq.attr("type"), Some("set"), "{iq:?}");
    Roster::try_from(iq.children().next().unwrap().clone())
        .unwrap()
        .items
        .remove(0)
}

fn is_presence(element: &Element, from: &str, kind: Option<&str>) -> bool {
    element.name() == "presence"
        && element.attr("from") == Some(from)
        && element.attr("type") == kind
}

/// Two strangers who are online.
async fn strangers() -> (Loopback, Client, Client) {
    let server = verona().await;
    let romeo = Client::online(&server, "romeo/orchard").await;
    let tybalt = Client::online(&server, "tybalt/street").await;
    (server, romeo, tybalt)
}

#[tokio::test]
async fn a_subscription_is_asked_for_and_granted() {
    let (_server, mut romeo, mut tybalt) = strangers().await;
    romeo.send("<presence type='subscribe' to='tybalt@localhost/street' id='ask'><status>please</status></presence>").await;
    let item = pushed(&romeo.recv().await);
    assert_eq!(
        (item.subscription, item.ask),
        (Subscription::None, Ask::Subscribe)
    );
    let request = tybalt.recv().await;
    assert!(
        is_presence(&request, "romeo@localhost", Some("subscribe")),
        "{request:?}"
    );
    assert_eq!(request.attr("to"), Some("tybalt@localhost"));
    assert!(request.has_child("status", "jabber:client"));
    // Asking again is not heard again.
    romeo
        .send("<presence type='subscribe' to='tybalt@localhost'/>")
        .await;
    romeo.hears_nothing().await;
    tybalt.hears_nothing().await;

    tybalt
        .send("<presence type='subscribed' to='romeo@localhost'/>")
        .await;
    assert_eq!(
        pushed(&tybalt.recv().await).subscription,
        Subscription::From
    );
    assert!(is_presence(
        &romeo.recv().await,
        "tybalt@localhost",
        Some("subscribed")
    ));
    let item = pushed(&romeo.recv().await);
    assert_eq!((item.subscription, item.ask), (Subscription::To, Ask::None));
    assert!(is_presence(
        &romeo.recv().await,
        "tybalt@localhost/street",
        None
    ));

    // What is granted is granted without asking, and who asks again sees again.
    romeo
        .send("<presence type='subscribe' to='tybalt@localhost'/>")
        .await;
    let again = romeo.drain().await;
    assert!(is_presence(&again[0], "tybalt@localhost/street", None));
    assert_eq!(again.len(), 1);
    tybalt.hears_nothing().await;

    romeo
        .send("<presence type='unsubscribe' to='tybalt@localhost'/>")
        .await;
    assert_eq!(pushed(&romeo.recv().await).subscription, Subscription::None);
    assert!(is_presence(
        &tybalt.recv().await,
        "romeo@localhost",
        Some("unsubscribe")
    ));
    assert_eq!(
        pushed(&tybalt.recv().await).subscription,
        Subscription::None
    );
    assert!(is_presence(
        &romeo.recv().await,
        "tybalt@localhost/street",
        Some("unavailable")
    ));
}

#[tokio::test]
async fn a_subscription_is_refused_or_taken_back() {
    let (_server, mut romeo, mut tybalt) = strangers().await;
    romeo
        .send("<presence type='subscribe' to='tybalt@localhost'/>")
        .await;
    romeo.recv().await;
    tybalt.recv().await;
    tybalt
        .send("<presence type='unsubscribed' to='romeo@localhost'/>")
        .await;
    assert!(is_presence(
        &romeo.recv().await,
        "tybalt@localhost",
        Some("unsubscribed")
    ));
    let item = pushed(&romeo.recv().await);
    assert_eq!(
        (item.subscription, item.ask),
        (Subscription::None, Ask::None)
    );
    // A stranger is in nobody's roster.
    tybalt.hears_nothing().await;

    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    romeo.drain().await;
    juliet.drain().await;
    juliet
        .send("<presence type='unsubscribed' to='romeo@localhost'/>")
        .await;
    assert_eq!(pushed(&juliet.recv().await).subscription, Subscription::To);
    assert!(is_presence(
        &romeo.recv().await,
        "juliet@localhost",
        Some("unsubscribed")
    ));
    assert_eq!(pushed(&romeo.recv().await).subscription, Subscription::From);
    assert!(is_presence(
        &romeo.recv().await,
        "juliet@localhost/balcony",
        Some("unavailable")
    ));
    juliet.send("<presence><show>away</show></presence>").await;
    juliet.hears_own().await;
    romeo.hears_nothing().await;
}

#[tokio::test]
async fn answers_nobody_asked_for_are_not_heard() {
    let (_server, mut romeo, mut tybalt) = strangers().await;
    for kind in ["unsubscribed", "unsubscribe", "subscribed"] {
        tybalt
            .send(&format!("<presence type='{kind}' to='romeo@localhost'/>"))
            .await;
        romeo.hears_nothing().await;
        // Only the last one means something: an approval in advance.
        let pushes = tybalt.drain().await;
        assert_eq!(pushes.len(), usize::from(kind == "subscribed"), "{kind}");
    }
}

/// The subscription in a roster push, and whether it is approved in advance.
fn approval(push: &Element) -> (Subscription, bool) {
    let item = pushed(push);
    (item.subscription, item.approved == Some(true))
}

#[tokio::test]
async fn who_is_approved_in_advance_is_not_announced() {
    let (server, mut romeo, mut tybalt) = strangers().await;
    romeo
        .send("<presence type='subscribed' to='tybalt@localhost'/>")
        .await;
    assert_eq!(approval(&romeo.recv().await), (Subscription::None, true));
    tybalt.hears_nothing().await;
    tybalt
        .send("<presence type='subscribe' to='romeo@localhost'/>")
        .await;
    let heard = tybalt.drain().await;
    let agreed = |heard: &Element| is_presence(heard, "romeo@localhost", Some("subscribed"));
    assert!(heard.iter().any(agreed), "{heard:?}");
    let seen = |heard: &Element| is_presence(heard, &romeo.jid, None);
    assert!(heard.iter().any(seen), "{heard:?}");
    assert_eq!(approval(&romeo.recv().await), (Subscription::From, true));
    romeo.hears_nothing().await;
    // Taking it back ends both.
    romeo
        .send("<presence type='unsubscribed' to='tybalt@localhost'/>")
        .await;
    assert_eq!(approval(&romeo.recv().await), (Subscription::None, false));
    assert_eq!(server.sessions().len(), 2);
}

#[tokio::test]
async fn a_request_waits_until_it_is_answered() {
    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    romeo
        .send("<presence type='subscribe' to='tybalt@localhost'><status>please</status></presence>")
        .await;
    romeo.drain().await;
    for resource in ["one", "two"] {
        let mut tybalt = Client::online(&server, &format!("tybalt/{resource}")).await;
        let request = tybalt.recv().await;
        assert!(is_presence(&request, "romeo@localhost", Some("subscribe")));
        assert!(request.has_child("status", "jabber:client"));
        tybalt.close().await;
    }
    let mut tybalt = Client::online(&server, "tybalt/three").await;
    tybalt.recv().await;
    tybalt
        .send("<presence type='subscribed' to='romeo@localhost'/>")
        .await;
    tybalt.drain().await;
    romeo.drain().await;
    let mut again = Client::online(&server, "tybalt/four").await;
    let own = again.recv().await;
    assert!(is_presence(&own, "tybalt@localhost/three", None));
    again.hears_nothing().await;
}

#[tokio::test]
async fn strange_addresses_of_subscriptions_do_no_harm() {
    let (_server, mut romeo, _tybalt) = strangers().await;
    romeo
        .send("<presence type='subscribe' to='friar@elsewhere.example'/>")
        .await;
    assert_eq!(condition(&romeo.recv().await), "remote-server-not-found");
    romeo.send("<presence type='subscribe'/>").await;
    assert_eq!(condition(&romeo.recv().await), "bad-request");
    romeo
        .send("<presence type='odd' to='tybalt@localhost'/>")
        .await;
    assert_eq!(condition(&romeo.recv().await), "bad-request");
    romeo
        .send("<presence type='subscribe' to='romeo@localhost'/>")
        .await;
    romeo.hears_nothing().await;
    romeo
        .send("<presence type='subscribe' to='nobody@localhost'/>")
        .await;
    assert_eq!(pushed(&romeo.recv().await).ask, Ask::Subscribe);
    romeo.hears_nothing().await;
}

#[tokio::test]
async fn contacts_see_each_other_come_and_go() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    romeo
        .send("<presence><show>away</show><priority>7</priority></presence>")
        .await;
    assert!(is_presence(
        &romeo.recv().await,
        "romeo@localhost/orchard",
        None
    ));
    assert!(is_presence(
        &romeo.recv().await,
        "juliet@localhost/balcony",
        None
    ));
    let seen = juliet.recv().await;
    assert_eq!(
        seen.get_child("show", "jabber:client").unwrap().text(),
        "away"
    );
    assert_eq!(seen.attr("to"), Some("juliet@localhost"));
    // A second resource sees the first one, and the other way round; a change is no reason to probe again.
    let mut phone = Client::online(&server, "romeo/phone").await;
    let mut seen = phone.drain().await;
    seen.sort_by_key(|presence| presence.attr("from").map(str::to_owned));
    assert!(is_presence(&seen[0], "juliet@localhost/balcony", None));
    assert!(is_presence(&seen[1], "romeo@localhost/orchard", None));
    assert_eq!(seen.len(), 2);
    assert!(is_presence(
        &romeo.recv().await,
        "romeo@localhost/phone",
        None
    ));
    assert!(is_presence(
        &juliet.recv().await,
        "romeo@localhost/phone",
        None
    ));
    phone.send("<presence><show>dnd</show></presence>").await;
    assert_eq!(phone.drain().await.len(), 1);
    assert_eq!(juliet.drain().await.len(), 1);
    // Leaving with words, and without.
    phone
        .send("<presence type='unavailable'><status>bye</status></presence>")
        .await;
    phone.hears_nothing().await;
    let gone = juliet.recv().await;
    assert!(is_presence(
        &gone,
        "romeo@localhost/phone",
        Some("unavailable")
    ));
    assert!(gone.has_child("status", "jabber:client"));
    phone.close().await;
    server.cut("romeo");
    assert!(is_presence(
        &juliet.recv().await,
        "romeo@localhost/orchard",
        Some("unavailable")
    ));
    juliet.hears_nothing().await;
}

#[tokio::test]
async fn directed_presence_is_taken_back_at_the_end() {
    let (server, mut romeo, mut tybalt) = strangers().await;
    romeo
        .send("<presence to='tybalt@localhost/street'><status>here</status></presence>")
        .await;
    let seen = tybalt.recv().await;
    assert!(is_presence(&seen, "romeo@localhost/orchard", None));
    assert_eq!(seen.attr("to"), Some("tybalt@localhost/street"));
    romeo.send("<presence><show>away</show></presence>").await;
    romeo.hears_own().await;
    tybalt.hears_nothing().await;
    server.cut("romeo@localhost/orchard");
    assert!(is_presence(
        &tybalt.recv().await,
        "romeo@localhost/orchard",
        Some("unavailable")
    ));
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    romeo.send("<presence to='tybalt@localhost'/>").await;
    romeo
        .send("<presence to='tybalt@localhost' type='unavailable'/>")
        .await;
    romeo.hears_nothing().await;
    assert!(is_presence(
        &tybalt.recv().await,
        "romeo@localhost/orchard",
        None
    ));
    assert!(is_presence(
        &tybalt.recv().await,
        "romeo@localhost/orchard",
        Some("unavailable")
    ));
    romeo.close().await;
    tybalt.hears_nothing().await;
}

#[tokio::test]
async fn a_probe_is_answered_to_those_who_may_see() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    for to in ["juliet@localhost", "juliet@localhost/balcony"] {
        romeo
            .send(&format!("<presence type='probe' to='{to}'/>"))
            .await;
        assert!(is_presence(
            &romeo.recv().await,
            "juliet@localhost/balcony",
            None
        ));
        tybalt
            .send(&format!("<presence type='probe' to='{to}'/>"))
            .await;
        assert!(is_presence(
            &tybalt.recv().await,
            "juliet@localhost",
            Some("unsubscribed")
        ));
    }
    juliet.hears_nothing().await;
    juliet.close().await;
    server.wait_for(|sessions| sessions.len() == 2).await;
    romeo
        .send("<presence type='probe' to='juliet@localhost'/>")
        .await;
    assert!(is_presence(
        &romeo.recv().await,
        "juliet@localhost",
        Some("unavailable")
    ));
    tybalt
        .send("<presence type='probe' to='nobody@localhost'/>")
        .await;
    tybalt.hears_nothing().await;
}

#[tokio::test]
async fn a_priority_is_a_small_number() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for broken in ["128", "-129", "high"] {
        romeo
            .send(&format!(
                "<presence><priority>{broken}</priority></presence>"
            ))
            .await;
        assert_eq!(condition(&romeo.recv().await), "bad-request");
    }
    romeo
        .send("<presence><priority>-128</priority></presence>")
        .await;
    romeo.hears_own().await;
    assert_eq!(server.sessions()[0].priority, -128);
}
