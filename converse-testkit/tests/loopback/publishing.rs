//! XEP-0060 and XEP-0163: what accounts publish, and who hears of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use converse_testkit::loopback::{Limits, Loopback};
use xmpp_parsers::caps::{compute_disco, hash_caps};
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::hashes::Algo;
use xmpp_parsers::minidom::Element;

use crate::client::{Client, condition, verona, xml};

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const EVENT: &str = "http://jabber.org/protocol/pubsub#event";
const ERRORS: &str = "http://jabber.org/protocol/pubsub#errors";
const TUNE: &str = "http://jabber.org/protocol/tune";

/// What a client with these `+notify` features says about itself.
fn info(nodes: &[&str]) -> Element {
    let features: String = nodes
        .iter()
        .map(|node| format!("<feature var='{node}+notify'/>"))
        .collect();
    xml(&format!(
        "<query xmlns='http://jabber.org/protocol/disco#info'>\
         <identity category='client' type='pc' name='test'/>{features}</query>"
    ))
}

fn hash(info: &Element) -> String {
    let info = DiscoInfoResult::try_from(info.clone()).unwrap();
    let hash = hash_caps(&compute_disco(&info), Algo::Sha_1).unwrap();
    BASE64.encode(hash.hash)
}

fn presence(ver: &str) -> String {
    format!(
        "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' \
         node='urn:example:client' ver='{ver}'/></presence>"
    )
}

/// Logs in and wants to hear of some nodes; gives what came with the presence.
async fn hearing(server: &Loopback, jid: &str, nodes: &[&str]) -> (Client, Vec<Element>) {
    let mut client = Client::login(server, jid).await;
    let info = info(nodes);
    client.send(&presence(&hash(&info))).await;
    let mut heard = client.drain().await;
    if let Some(index) = heard.iter().position(|stanza| stanza.name() == "iq") {
        explain(&mut client, &heard.remove(index), &info).await;
        heard.extend(client.drain().await);
    }
    heard.retain(|stanza| stanza.name() == "message");
    (client, heard)
}

/// Answers the question about the capabilities.
async fn explain(client: &mut Client, question: &Element, info: &Element) {
    assert_eq!(question.attr("type"), Some("get"));
    let node = question.children().next().unwrap().attr("node").unwrap();
    assert!(node.starts_with("urn:example:client#"), "{node}");
    let (id, to) = (question.attr("id").unwrap(), question.attr("from").unwrap());
    let info = String::from(info);
    client
        .send(&format!(
            "<iq type='result' id='{id}' to='{to}'>{info}</iq>"
        ))
        .await;
}

fn publish(node: &str, id: &str, payload: &str, options: &[(&str, &str)]) -> String {
    let fields: String = options
        .iter()
        .map(|(name, value)| format!("<field var='pubsub#{name}'><value>{value}</value></field>"))
        .collect();
    let options = match options {
        [] => String::new(),
        _ => format!(
            "<publish-options><x xmlns='jabber:x:data' type='submit'>\
             <field var='FORM_TYPE' type='hidden'><value>{PUBSUB}#publish-options</value></field>\
             {fields}</x></publish-options>"
        ),
    };
    format!(
        "<iq type='set' id='p'><pubsub xmlns='{PUBSUB}'><publish node='{node}'>\
         <item id='{id}'>{payload}</item></publish>{options}</pubsub></iq>"
    )
}

fn tune(title: &str) -> String {
    format!("<tune xmlns='{TUNE}'><title>{title}</title></tune>")
}

async fn succeed(client: &mut Client, request: &str) -> Element {
    let answer = client.request(request).await;
    assert_eq!(answer.attr("type"), Some("result"), "{answer:?}");
    answer
}

/// The node, the id and the text of the item that a message tells of.
fn told(message: &Element) -> (String, String, String) {
    assert_eq!(message.attr("type"), Some("headline"), "{message:?}");
    let items = message.get_child("event", EVENT).unwrap();
    let items = items.get_child("items", EVENT).unwrap();
    let item = items.children().next().unwrap();
    (
        items.attr("node").unwrap().to_owned(),
        item.attr("id").unwrap().to_owned(),
        item.children()
            .next()
            .unwrap()
            .children()
            .next()
            .unwrap()
            .text(),
    )
}

fn items(node: &str, to: &str, attributes: &str) -> String {
    format!(
        "<iq type='get' id='i' to='{to}'><pubsub xmlns='{PUBSUB}'>\
         <items node='{node}' {attributes}/></pubsub></iq>"
    )
}

fn ids(answer: &Element) -> Vec<String> {
    let items = answer.children().next().unwrap().children().next().unwrap();
    items
        .children()
        .map(|item| item.attr("id").unwrap().to_owned())
        .collect()
}

/// The publish-subscribe condition of an error.
fn detail(error: &Element) -> (&str, String) {
    let error = error.get_child("error", "jabber:client").unwrap();
    let mut children = error.children();
    let (condition, detail) = (children.next().unwrap(), children.next().unwrap());
    assert!(detail.has_ns(ERRORS));
    (condition.name(), detail.name().to_owned())
}

#[tokio::test]
async fn who_asks_for_it_hears_of_what_is_published() {
    let server = verona().await;
    let (mut romeo, _) = hearing(&server, "romeo/orchard", &[TUNE]).await;
    let (mut other, _) = hearing(&server, "romeo/phone", &["urn:example:else"]).await;
    let (mut juliet, heard) = hearing(&server, "juliet/balcony", &[TUNE]).await;
    assert!(heard.is_empty());
    // A stranger wants to hear it, and does not.
    let (mut tybalt, _) = hearing(&server, "tybalt/street", &[TUNE]).await;
    for client in [&mut romeo, &mut other, &mut juliet] {
        client.drain().await;
    }
    romeo.send(&publish(TUNE, "one", &tune("Lark"), &[])).await;
    let heard = romeo.drain().await;
    let expected = (TUNE.to_owned(), "one".to_owned(), "Lark".to_owned());
    // The one who has published hears of it as well.
    assert_eq!((heard.len(), told(&heard[0])), (2, expected.clone()));
    assert_eq!(heard[0].attr("from"), Some("romeo@localhost"));
    assert_eq!(heard[1].attr("type"), Some("result"));
    assert_eq!(told(&juliet.recv().await), expected);
    for client in [&mut other, &mut juliet, &mut tybalt] {
        client.hears_nothing().await;
    }
    // Who comes later hears of the last item, once.
    let (mut late, heard) = hearing(&server, "juliet/garden", &[TUNE]).await;
    assert_eq!(heard.iter().map(told).collect::<Vec<_>>(), [expected]);
    let again = hash(&info(&[TUNE]));
    late.send(&presence(&again)).await;
    assert!(
        late.drain()
            .await
            .iter()
            .all(|stanza| stanza.name() == "presence")
    );
    let hears = server.sessions();
    let garden = hears
        .iter()
        .find(|session| session.jid.as_str() == "juliet@localhost/garden");
    assert_eq!(garden.unwrap().notified, [TUNE]);
}

#[tokio::test]
async fn capabilities_are_asked_for_once_and_believed_if_they_are_true() {
    let server = verona().await;
    let info = info(&[TUNE]);
    let ver = hash(&info);
    // This one says something else than its hash does, and is believed for itself only.
    let mut liar = Client::login(&server, "tybalt/street").await;
    liar.send(&presence(&ver)).await;
    let heard = liar.drain().await;
    let question = heard.iter().find(|stanza| stanza.name() == "iq").unwrap();
    explain(&mut liar, question, &self::info(&["urn:example:else"])).await;
    liar.drain().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    romeo.send(&presence(&ver)).await;
    let heard = romeo.drain().await;
    let question = heard.iter().find(|stanza| stanza.name() == "iq").unwrap();
    explain(&mut romeo, question, &info).await;
    romeo.drain().await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    juliet.send(&presence(&ver)).await;
    assert!(
        juliet
            .drain()
            .await
            .iter()
            .all(|stanza| stanza.name() == "presence")
    );
    for session in server.sessions() {
        let expected = match session.jid.as_str() {
            "tybalt@localhost/street" => "urn:example:else",
            _ => TUNE,
        };
        assert_eq!(session.notified, [expected], "{}", session.jid);
    }
}

#[tokio::test]
async fn items_are_read_by_those_who_may() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    for (node, access) in [
        ("urn:example:p", "presence"),
        ("urn:example:o", "open"),
        ("urn:example:w", "whitelist"),
    ] {
        let options = [("access_model", access), ("max_items", "max")];
        for id in ["a", "b", "c"] {
            succeed(&mut romeo, &publish(node, id, &tune(id), &options)).await;
        }
        let own = succeed(&mut romeo, &items(node, "romeo@localhost", "")).await;
        assert_eq!(ids(&own), ["a", "b", "c"]);
        let newest = succeed(&mut romeo, &items(node, "romeo@localhost", "max_items='2'")).await;
        assert_eq!(ids(&newest), ["b", "c"]);
        let read = [
            juliet.request(&items(node, "romeo@localhost", "")).await,
            tybalt.request(&items(node, "romeo@localhost", "")).await,
        ];
        let read = read.map(|answer| answer.attr("type") == Some("result"));
        assert_eq!(read, [access != "whitelist", access == "open"], "{access}");
    }
    let refused = tybalt
        .request(&items("urn:example:p", "romeo@localhost", ""))
        .await;
    assert_eq!(
        detail(&refused),
        (
            "not-authorized",
            "presence-subscription-required".to_owned()
        )
    );
    let forged = publish("urn:example:o", "x", &tune("x"), &[])
        .replace("id='p'", "id='p' to='romeo@localhost'");
    assert_eq!(condition(&juliet.request(&forged).await), "forbidden");
    // The nodes are in its service discovery, for those who may read them.
    let list = "<iq type='get' id='l' to='romeo@localhost'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>";
    let listed = succeed(&mut juliet, list).await;
    let nodes: Vec<_> = listed
        .children()
        .next()
        .unwrap()
        .children()
        .map(|item| item.attr("node").unwrap())
        .collect();
    assert_eq!(nodes, ["urn:example:o", "urn:example:p"]);
}

#[tokio::test]
async fn options_are_conditions_and_nodes_can_be_configured() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    succeed(
        &mut romeo,
        &publish(
            "urn:example:n",
            "a",
            &tune("a"),
            &[("persist_items", "true")],
        ),
    )
    .await;
    let private = [("access_model", "whitelist")];
    let refused = romeo
        .request(&publish("urn:example:n", "b", &tune("b"), &private))
        .await;
    assert_eq!(
        detail(&refused),
        ("conflict", "precondition-not-met".to_owned())
    );
    let owner = format!("{PUBSUB}#owner");
    let get = format!(
        "<iq type='get' id='c'><pubsub xmlns='{owner}'><configure node='urn:example:n'/></pubsub></iq>"
    );
    let form = succeed(&mut romeo, &get).await;
    let form = String::from(&form);
    assert!(
        form.contains("pubsub#access_model") && form.contains("<value>presence</value>"),
        "{form}"
    );
    let set = |value: &str| {
        format!(
            "<iq type='set' id='c'><pubsub xmlns='{owner}'><configure node='urn:example:n'>\
             <x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>{PUBSUB}#node_config</value></field>\
             <field var='pubsub#access_model'><value>{value}</value></field></x></configure></pubsub></iq>"
        )
    };
    assert_eq!(
        condition(&romeo.request(&set("nobody")).await),
        "not-acceptable"
    );
    succeed(&mut romeo, &set("whitelist")).await;
    succeed(
        &mut romeo,
        &publish("urn:example:n", "b", &tune("b"), &private),
    )
    .await;
    // One item is kept unless more are asked for.
    let read = succeed(&mut romeo, &items("urn:example:n", "romeo@localhost", "")).await;
    assert_eq!(ids(&read), ["b"]);
    let create = format!(
        "<iq type='set' id='c'><pubsub xmlns='{PUBSUB}'><create node='urn:example:n'/></pubsub></iq>"
    );
    assert_eq!(condition(&romeo.request(&create).await), "conflict");
    let delete = format!(
        "<iq type='set' id='c'><pubsub xmlns='{owner}'><delete node='urn:example:n'/></pubsub></iq>"
    );
    succeed(&mut romeo, &delete).await;
    assert_eq!(condition(&romeo.request(&delete).await), "item-not-found");
    succeed(&mut romeo, &create).await;
}

#[tokio::test]
async fn what_is_taken_back_is_told_too() {
    let server = verona().await;
    let (mut romeo, _) = hearing(&server, "romeo/orchard", &[]).await;
    let (mut juliet, _) = hearing(&server, "juliet/balcony", &[TUNE]).await;
    romeo.drain().await;
    succeed(&mut romeo, &publish(TUNE, "one", &tune("Lark"), &[])).await;
    juliet.recv().await;
    let retract = |id: &str| {
        format!(
            "<iq type='set' id='r'><pubsub xmlns='{PUBSUB}'><retract node='{TUNE}'><item id='{id}'/></retract></pubsub></iq>"
        )
    };
    assert_eq!(
        condition(&romeo.request(&retract("two")).await),
        "item-not-found"
    );
    succeed(&mut romeo, &retract("one")).await;
    let event = String::from(&juliet.recv().await);
    assert!(
        event.contains("<retract") && event.contains("id='one'"),
        "{event}"
    );
    let owner = format!("{PUBSUB}#owner");
    for what in ["purge", "delete"] {
        let request = format!(
            "<iq type='set' id='c'><pubsub xmlns='{owner}'><{what} node='{TUNE}'/></pubsub></iq>"
        );
        succeed(&mut romeo, &request).await;
        let event = juliet.recv().await;
        let event = event
            .get_child("event", EVENT)
            .unwrap()
            .children()
            .next()
            .unwrap();
        assert_eq!((event.name(), event.attr("node")), (what, Some(TUNE)));
    }
}

#[tokio::test]
async fn there_is_an_end_to_what_is_kept() {
    let limits = Limits {
        nodes: 2,
        node_items: 3,
        published_bytes: 4000,
        ..Limits::default()
    };
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .limits(limits);
    let server = server.start().await.unwrap();
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for number in 0..5 {
        let request = publish(
            "urn:example:a",
            &number.to_string(),
            &tune("a"),
            &[("max_items", "max")],
        );
        succeed(&mut romeo, &request).await;
    }
    let read = succeed(&mut romeo, &items("urn:example:a", "romeo@localhost", "")).await;
    assert_eq!(ids(&read), ["2", "3", "4"]);
    succeed(&mut romeo, &publish("urn:example:b", "1", &tune("b"), &[])).await;
    let more = romeo
        .request(&publish("urn:example:c", "1", &tune("c"), &[]))
        .await;
    assert_eq!(condition(&more), "resource-constraint");
    let large = romeo
        .request(&publish(
            "urn:example:b",
            "1",
            &tune(&"b".repeat(4000)),
            &[],
        ))
        .await;
    assert_eq!(condition(&large), "resource-constraint");
    for wrong in [
        "<publish/>",
        "<publish node='n'/>",
        "<publish node='n'><item id='1'/></publish>",
        "<nonsense/>",
    ] {
        let wrong = format!("<iq type='set' id='w'><pubsub xmlns='{PUBSUB}'>{wrong}</pubsub></iq>");
        assert_eq!(
            romeo.request(&wrong).await.attr("type"),
            Some("error"),
            "{wrong}"
        );
    }
}
