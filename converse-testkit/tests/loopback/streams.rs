//! RFC 6120 §4: streams and their errors.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Client, verona};

const HEADER: &str = "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' \
    xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// Writes bytes and reads until the server hangs up.
async fn answer(server: &converse_testkit::loopback::Loopback, bytes: &[u8]) -> String {
    let mut tcp = TcpStream::connect(server.addr()).await.unwrap();
    tcp.write_all(bytes).await.unwrap();
    let mut answer = String::new();
    let read = tcp.read_to_string(&mut answer);
    let read = tokio::time::timeout(Duration::from_secs(20), read).await;
    read.expect("the server did not hang up").unwrap();
    answer
}

#[tokio::test]
async fn bad_xml_is_answered_with_the_stream_error_for_it() {
    let server = verona().await;
    for (bytes, expected) in [
        (&b"<message></presence>"[..], "not-well-formed"),
        (b"<message from='a' from='b'/>", "not-well-formed"),
        (b"no element", "bad-format"),
        (b"<a:message/>", "bad-namespace-prefix"),
        (b"<!DOCTYPE x><message/>", "not-well-formed"),
        (b"<message><?target data?></message>", "restricted-xml"),
        (b"<message><!-- comment --></message>", "restricted-xml"),
        (b"<message>&unknown;</message>", "restricted-xml"),
        (b"<message>\xff</message>", "unsupported-encoding"),
        (b"<message>\x01</message>", "not-well-formed"),
    ] {
        let text = answer(&server, &[HEADER.as_bytes(), bytes].concat()).await;
        assert!(
            text.contains(expected),
            "{}: {text}",
            String::from_utf8_lossy(bytes)
        );
        assert!(text.ends_with("</stream:stream>"), "{text}");
    }
}

#[tokio::test]
async fn bad_headers_are_answered_with_the_stream_error_for_them() {
    let server = verona().await;
    for (header, expected) in [
        (
            HEADER.replace("localhost", "elsewhere.example"),
            "host-unknown",
        ),
        (
            HEADER.replace("version='1.0' ", "version='2.0' "),
            "unsupported-version",
        ),
        (HEADER.replace("etherx", "etherix"), "invalid-namespace"),
        ("<<".to_owned(), "not-well-formed"),
        ("GET / HTTP/1.1\r\n\r\n<".to_owned(), "not-well-formed"),
    ] {
        let text = answer(&server, header.as_bytes()).await;
        assert!(text.contains(expected), "{header}: {text}");
        assert!(text.ends_with("</stream:stream>"), "{text}");
    }
}

#[tokio::test]
async fn bad_xml_of_a_bound_session_ends_it_alone() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    assert_eq!(
        juliet.recv().await.attr("from"),
        Some("romeo@localhost/orchard")
    );
    romeo.send("<unknown xmlns='urn:example:unknown'/>").await;
    let ends = romeo.drain_until_error().await;
    assert_eq!(ends, "unsupported-stanza-type");
    let gone = juliet.recv().await;
    assert_eq!(gone.attr("type"), Some("unavailable"));
    juliet.hears_nothing().await;
}

#[tokio::test]
async fn a_closed_stream_is_closed_from_the_other_side() {
    let server = verona().await;
    let client = Client::online(&server, "romeo/orchard").await;
    client.close().await;
    server.wait_for(|sessions| sessions.is_empty()).await;
    let text = answer(&server, format!("{HEADER}</stream:stream>").as_bytes()).await;
    assert!(
        text.ends_with("</stream:stream>") && !text.contains("error"),
        "{text}"
    );
}

#[tokio::test]
async fn whitespace_and_silence_are_no_offence() {
    let server = verona().await;
    let text = answer(
        &server,
        format!("{HEADER} \n \n </stream:stream>").as_bytes(),
    )
    .await;
    assert!(!text.contains("error"), "{text}");
}

/// Writes bytes and reads until something has come.
async fn exchange(tcp: &mut TcpStream, bytes: &str, until: &str) {
    tcp.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    while !answer.contains(until) {
        let mut part = [0; 1024];
        let count = tcp.read(&mut part).await.unwrap();
        assert_ne!(count, 0, "{answer}");
        answer.push_str(std::str::from_utf8(&part[..count]).unwrap());
    }
}

#[tokio::test]
async fn stanzas_have_the_language_of_their_stream() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let header = HEADER.replace("to=", "xml:lang='it' to=");
    let mut tcp = TcpStream::connect(server.addr()).await.unwrap();
    exchange(&mut tcp, &header, "</stream:features>").await;
    let auth = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AHJvbWVvAHNlY3JldA==</auth>";
    exchange(&mut tcp, auth, "<success").await;
    exchange(&mut tcp, &header, "</stream:features>").await;
    let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
    exchange(&mut tcp, bind, "</iq>").await;
    for (lang, expected) in [("", "it"), (" xml:lang='fr'", "fr")] {
        let message = format!("<message{lang} to='juliet@localhost'><body>x</body></message>");
        tcp.write_all(message.as_bytes()).await.unwrap();
        let message = juliet.recv().await;
        let xml = "http://www.w3.org/XML/1998/namespace";
        assert_eq!(message.attr_ns(xml, "lang"), Some(expected));
    }
}

#[tokio::test]
async fn a_stopping_server_says_so() {
    let server = verona().await;
    let mut client = Client::login(&server, "romeo/orchard").await;
    let address = server.addr();
    let (_, condition) = tokio::join!(server.stop(), async {
        let condition = client.stream_error().await;
        client.close().await;
        condition
    });
    assert_eq!(condition, "system-shutdown");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_dropped_server_is_gone() {
    let server = verona().await;
    let mut client = Client::login(&server, "romeo/orchard").await;
    drop(server);
    client.broken().await;
}
