//! RFC 6121 §2: rosters and their versions.

use converse_testkit::loopback::{Limits, Loopback};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::roster::{Ask, Group, Roster, Subscription};

use crate::client::{Client, condition, verona};

const GET: &str = "<iq type='get' id='get'><query xmlns='jabber:iq:roster'/></iq>";

fn set(item: &str) -> String {
    format!("<iq type='set' id='set'><query xmlns='jabber:iq:roster'>{item}</query></iq>")
}

fn roster(iq: &Element) -> Roster {
    Roster::try_from(iq.children().next().unwrap().clone()).unwrap()
}

#[tokio::test]
async fn the_builder_fills_rosters() {
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet@localhost", "secret")
        .subscribed("romeo", "juliet")
        .contact("romeo", "juliet", "Juliet", &["Capulets", "Friends"])
        .contact("romeo", "friar@elsewhere.example", "", &[]);
    assert!(
        server
            .clone()
            .contact("nobody", "romeo", "", &[])
            .start()
            .await
            .is_err()
    );
    // Another domain is for another server.
    assert!(server.start().await.is_err());
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet@localhost", "secret")
        .subscribed("romeo", "juliet")
        .contact("romeo", "juliet", "Juliet", &["Capulets", "Friends"]);
    let server = server.start().await.unwrap();
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let roster = roster(&romeo.request(GET).await);
    let [item] = roster.items.as_slice() else {
        panic!("{roster:?}")
    };
    assert_eq!(item.name.as_deref(), Some("Juliet"));
    assert_eq!(item.subscription, Subscription::Both);
    assert_eq!(
        item.groups,
        [Group("Capulets".to_owned()), Group("Friends".to_owned())]
    );
    assert_eq!(roster.ver, None);
}

#[tokio::test]
async fn changes_are_pushed_to_the_interested() {
    let server = verona().await;
    let mut one = Client::login(&server, "romeo/one").await;
    one.request(GET).await;
    let mut other = Client::login(&server, "romeo/other").await;
    other.request(GET).await;
    let mut bystander = Client::login(&server, "romeo/bystander").await;
    one.send(&set(
        "<item jid='tybalt@localhost' name='T' subscription='both'><group>Foes</group></item>",
    ))
    .await;
    for client in [&mut one, &mut other] {
        let push = client.recv().await;
        assert_eq!((push.attr("type"), push.attr("from")), (Some("set"), None));
        assert_eq!(push.attr("to"), Some(client.jid.as_str()));
        let roster = roster(&push);
        assert_eq!(roster.items[0].name.as_deref(), Some("T"));
        // Nobody grants himself a subscription.
        assert_eq!(roster.items[0].subscription, Subscription::None);
        let id = push.attr("id").unwrap().to_owned();
        client.send(&format!("<iq type='result' id='{id}'/>")).await;
    }
    assert_eq!(one.recv().await.attr("type"), Some("result"));
    one.send(&set("<item jid='tybalt@localhost' subscription='remove'/>"))
        .await;
    assert_eq!(
        roster(&other.recv().await).items[0].subscription,
        Subscription::Remove
    );
    assert_eq!(
        roster(&one.recv().await).items[0].subscription,
        Subscription::Remove
    );
    assert_eq!(one.recv().await.attr("type"), Some("result"));
    bystander.hears_nothing().await;
    other.hears_nothing().await;
}

#[tokio::test]
async fn broken_changes_are_refused() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let long = "x".repeat(1025);
    for (item, expected) in [
        (String::new(), "bad-request"),
        (
            "<item jid='a@localhost'/><item jid='b@localhost'/>".to_owned(),
            "bad-request",
        ),
        ("<item name='x'/>".to_owned(), "bad-request"),
        ("<item jid='@@'/>".to_owned(), "bad-request"),
        (
            "<item jid='a@localhost'><group>g</group><group>g</group></item>".to_owned(),
            "bad-request",
        ),
        (
            "<item jid='a@localhost'><group/></item>".to_owned(),
            "not-acceptable",
        ),
        (
            format!("<item jid='a@localhost' name='{long}'/>"),
            "not-acceptable",
        ),
        ("<item jid='romeo@localhost'/>".to_owned(), "not-allowed"),
        (
            "<item jid='tybalt@localhost' subscription='remove'/>".to_owned(),
            "item-not-found",
        ),
    ] {
        assert_eq!(
            condition(&romeo.request(&set(&item)).await),
            expected,
            "{item}"
        );
    }
    let foreign = "<iq type='set' id='f' to='juliet@localhost'><query xmlns='jabber:iq:roster'><item jid='a@localhost'/></query></iq>";
    assert_eq!(condition(&romeo.request(foreign).await), "forbidden");
}

#[tokio::test]
async fn who_has_a_version_gets_what_changed_since() {
    let server = verona().await;
    let get = |version: &str| {
        format!("<iq type='get' id='get'><query xmlns='jabber:iq:roster' ver='{version}'/></iq>")
    };
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    assert!(
        romeo
            .features
            .others
            .iter()
            .any(|feature| feature.is("ver", "urn:xmpp:features:rosterver"))
    );
    let full = roster(&romeo.request(&get("")).await);
    assert_eq!(full.items.len(), 1);
    let version = full.ver.unwrap();
    assert_eq!(romeo.request(&get(&version)).await.children().count(), 0);
    for item in [
        "<item jid='a@localhost'/>",
        "<item jid='b@localhost'/>",
        "<item jid='a@localhost' subscription='remove'/>",
    ] {
        romeo.send(&set(item)).await;
        assert!(roster(&romeo.recv().await).ver.is_some());
        romeo.recv().await;
    }
    assert_eq!(romeo.request(&get(&version)).await.children().count(), 0);
    let added = roster(&romeo.recv().await);
    assert_eq!(added.items[0].jid.as_str(), "b@localhost");
    let removed = roster(&romeo.recv().await);
    assert_eq!(removed.items[0].subscription, Subscription::Remove);
    romeo.hears_nothing().await;
    let now = removed.ver.unwrap();
    assert_eq!(romeo.request(&get(&now)).await.children().count(), 0);
    romeo.hears_nothing().await;
    for unknown in ["17", "x-1", &format!("{now}9")] {
        assert_eq!(roster(&romeo.request(&get(unknown)).await).items.len(), 2);
    }
}

#[tokio::test]
async fn a_roster_is_bounded() {
    let limits = Limits {
        contacts: 1,
        ..Limits::default()
    };
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .limits(limits);
    let server = server.start().await.unwrap();
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    romeo.request(&set("<item jid='a@localhost'/>")).await;
    assert_eq!(
        condition(&romeo.request(&set("<item jid='b@localhost'/>")).await),
        "resource-constraint"
    );
    romeo
        .send("<presence type='subscribe' to='b@localhost'/>")
        .await;
    assert_eq!(condition(&romeo.recv().await), "resource-constraint");
}

#[tokio::test]
async fn removing_a_contact_ends_both_subscriptions() {
    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    romeo.drain().await;
    juliet.drain().await;
    romeo
        .send(&set("<item jid='juliet@localhost' subscription='remove'/>"))
        .await;
    let heard = juliet.drain().await;
    let kinds: Vec<_> = heard
        .iter()
        .filter(|element| element.name() == "presence")
        .filter_map(|presence| presence.attr("type"))
        .collect();
    assert_eq!(kinds, ["unsubscribe", "unsubscribed", "unavailable"]);
    let pushes: Vec<_> = heard
        .iter()
        .filter(|element| element.name() == "iq")
        .map(roster)
        .collect();
    assert_eq!(
        pushes.last().unwrap().items[0].subscription,
        Subscription::None
    );
    assert_eq!(pushes.last().unwrap().items[0].ask, Ask::None);
    let heard = romeo.drain().await;
    assert!(heard.iter().any(|element| {
        element.attr("type") == Some("unavailable")
            && element.attr("from") == Some("juliet@localhost/balcony")
    }));
}
