//! RFC 6121 §8: where messages go, and XEP-0160: where they wait.

use xmpp_parsers::minidom::Element;

use crate::client::{Client, condition, verona, xml};

fn body(message: &Element) -> String {
    assert_eq!(message.name(), "message", "{message:?}");
    message.get_child("body", "jabber:client").unwrap().text()
}

fn chat(to: &str, text: &str) -> String {
    format!("<message to='{to}' type='chat' id='m'><body>{text}</body></message>")
}

/// A client that is available with a priority.
async fn with_priority(
    server: &converse_testkit::loopback::Loopback,
    jid: &str,
    priority: i8,
) -> Client {
    let mut client = Client::login(server, jid).await;
    client
        .send(&format!(
            "<presence><priority>{priority}</priority></presence>"
        ))
        .await;
    client.drain().await;
    client
}

#[tokio::test]
async fn a_bare_address_reaches_every_resource_that_wants_messages() {
    let server = verona().await;
    let mut low = with_priority(&server, "juliet/low", 0).await;
    let mut high = with_priority(&server, "juliet/high", 5).await;
    let mut negative = with_priority(&server, "juliet/negative", -1).await;
    let mut silent = Client::login(&server, "juliet/silent").await;
    low.drain().await;
    high.drain().await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    for kind in ["chat", "normal", "headline"] {
        tybalt
            .send(&format!(
                "<message to='juliet@localhost' type='{kind}'><body>{kind}</body></message>"
            ))
            .await;
        tybalt.hears_nothing().await;
        for client in [&mut low, &mut high] {
            let message = client.recv().await;
            assert_eq!(body(&message), kind);
            assert_eq!(message.attr("from"), Some("tybalt@localhost/street"));
            assert_eq!(message.attr("to"), Some("juliet@localhost"));
        }
    }
    negative.hears_nothing().await;
    silent.hears_nothing().await;
    low.hears_nothing().await;
}

#[tokio::test]
async fn a_full_address_reaches_one_resource_whatever_its_priority() {
    let server = verona().await;
    let mut one = with_priority(&server, "juliet/one", -1).await;
    let mut other = with_priority(&server, "juliet/other", 0).await;
    one.drain().await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    for kind in ["chat", "normal", "headline", "groupchat", "error"] {
        tybalt
            .send(&format!(
                "<message to='juliet@localhost/one' type='{kind}'><body>{kind}</body></message>"
            ))
            .await;
        assert_eq!(body(&one.recv().await), kind);
    }
    other.hears_nothing().await;
}

#[tokio::test]
async fn a_full_address_nobody_has_falls_back_by_type() {
    let server = verona().await;
    let mut juliet = with_priority(&server, "juliet/one", 0).await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    tybalt.send(&chat("juliet@localhost/gone", "hi")).await;
    assert_eq!(body(&juliet.recv().await), "hi");
    for kind in ["normal", "groupchat"] {
        tybalt
            .send(&format!(
                "<message to='juliet@localhost/gone' type='{kind}' id='{kind}'><body/></message>"
            ))
            .await;
        let error = tybalt.recv().await;
        assert_eq!(condition(&error), "service-unavailable");
        assert_eq!(error.attr("id"), Some(kind));
        assert_eq!(error.attr("from"), Some("juliet@localhost/gone"));
        assert_eq!(error.attr("to"), Some("tybalt@localhost/street"));
    }
    for kind in ["headline", "error"] {
        tybalt
            .send(&format!(
                "<message to='juliet@localhost/gone' type='{kind}'><body/></message>"
            ))
            .await;
        tybalt.hears_nothing().await;
    }
    juliet.hears_nothing().await;
}

#[tokio::test]
async fn nobody_there_is_an_error_unless_it_was_one() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for (to, expected) in [
        ("nobody@localhost", "service-unavailable"),
        ("localhost", "service-unavailable"),
        ("juliet@elsewhere.example", "remote-server-not-found"),
        ("@@", "jid-malformed"),
    ] {
        romeo.send(&chat(to, "hi")).await;
        assert_eq!(condition(&romeo.recv().await), expected, "{to}");
        romeo
            .send(&format!(
                "<message to='{to}' type='error'><body>hi</body></message>"
            ))
            .await;
        romeo.hears_nothing().await;
    }
    romeo
        .send("<message to='juliet@localhost' type='groupchat'><body>hi</body></message>")
        .await;
    assert_eq!(condition(&romeo.recv().await), "service-unavailable");
}

#[tokio::test]
async fn messages_wait_for_an_account_that_is_not_there() {
    let server = verona().await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    for text in ["one", "two"] {
        tybalt.send(&chat("juliet@localhost", text)).await;
    }
    for lost in [
        "<message to='juliet@localhost' type='headline'><body>news</body></message>",
        "<message to='juliet@localhost' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
        "<message to='juliet@localhost' type='chat'><body>x</body><no-store xmlns='urn:xmpp:hints'/></message>",
    ] {
        tybalt.send(lost).await;
    }
    tybalt.hears_nothing().await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    juliet
        .send("<presence><priority>-1</priority></presence>")
        .await;
    assert_eq!(juliet.drain().await.len(), 1);
    juliet
        .send("<presence><priority>1</priority></presence>")
        .await;
    let heard = juliet.drain().await;
    let texts: Vec<String> = heard[1..].iter().map(body).collect();
    assert_eq!(texts, ["one", "two"]);
    for message in &heard[1..] {
        let delay = message.get_child("delay", "urn:xmpp:delay").unwrap();
        assert_eq!(delay.attr("from"), Some("localhost"));
        delay
            .attr("stamp")
            .unwrap()
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap();
    }
    juliet.send("<presence/>").await;
    assert_eq!(juliet.drain().await.len(), 1);
}

#[tokio::test]
async fn nobody_speaks_for_anybody_else() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    for honest in ["romeo@localhost", "romeo@localhost/orchard"] {
        let mut romeo = Client::login(&server, "romeo/orchard").await;
        romeo
            .send(&format!(
                "<message from='{honest}' to='juliet@localhost'><body>hi</body></message>"
            ))
            .await;
        assert_eq!(
            juliet.recv().await.attr("from"),
            Some("romeo@localhost/orchard")
        );
        romeo.close().await;
    }
    for spoofed in [
        "tybalt@localhost",
        "romeo@localhost/other",
        "localhost",
        "@@",
    ] {
        let mut romeo = Client::login(&server, "romeo/orchard").await;
        romeo
            .send(&format!(
                "<message from='{spoofed}' to='juliet@localhost'><body>hi</body></message>"
            ))
            .await;
        assert_eq!(romeo.stream_error().await, "invalid-from", "{spoofed}");
    }
    juliet.hears_nothing().await;
}

#[tokio::test]
async fn what_the_server_does_not_know_passes_through_as_it_came() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let payload = "<a xmlns='urn:example:1' xmlns:q='urn:example:2' q:b='1' xml:lang='it'>te&lt;xt<q:c>&amp;</q:c> tail\n</a>";
    romeo
        .send(&format!(
            "<message to='juliet@localhost' type='odd' odd='2'>{payload}</message>"
        ))
        .await;
    let message = juliet.recv().await;
    // Writing it down joins the texts, which the reader has in pieces.
    let passed = String::from(message.children().next().unwrap());
    assert_eq!(passed.parse::<Element>().unwrap(), xml(payload));
    assert_eq!(
        (message.attr("type"), message.attr("odd")),
        (Some("odd"), Some("2"))
    );
}

#[tokio::test]
async fn a_message_to_nobody_is_for_oneself() {
    let server = verona().await;
    let mut one = Client::online(&server, "romeo/one").await;
    let mut other = Client::online(&server, "romeo/other").await;
    one.drain().await;
    other.drain().await;
    one.send("<message type='chat'><body>note</body></message>")
        .await;
    assert_eq!(body(&one.recv().await), "note");
    assert_eq!(body(&other.recv().await), "note");
}
