//! What the server does not put up with.

use converse_testkit::loopback::{Limits, Loopback};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{Client, condition};

async fn server(limits: Limits) -> Loopback {
    let builder = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet", "secret");
    builder.limits(limits).start().await.unwrap()
}

#[tokio::test]
async fn large_texts_pass_and_too_large_ones_end_the_stream() {
    let server = server(Limits {
        stanza_bytes: 100_000,
        ..Limits::default()
    })
    .await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let text = "é<&>".repeat(5000);
    let escaped = "é&lt;&amp;&gt;".repeat(5000);
    romeo
        .send(&format!(
            "<message to='juliet@localhost'><body>{escaped}</body></message>"
        ))
        .await;
    let message = juliet.recv().await;
    assert_eq!(
        message.get_child("body", "jabber:client").unwrap().text(),
        text
    );
    let long = "x".repeat(100_001);
    romeo
        .send(&format!(
            "<message to='juliet@localhost'><body>{long}</body></message>"
        ))
        .await;
    assert_eq!(romeo.stream_error().await, "policy-violation");
    juliet.hears_nothing().await;
}

#[tokio::test]
async fn an_element_that_never_ends_ends_the_stream() {
    let server = server(Limits {
        stanza_bytes: 10_000,
        ..Limits::default()
    })
    .await;
    for start in ["<message><body>", "<message a='", "<", "   "] {
        let mut tcp = TcpStream::connect(server.addr()).await.unwrap();
        let header = "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
        tcp.write_all(header.as_bytes()).await.unwrap();
        tcp.write_all(start.as_bytes()).await.unwrap();
        let filler = if start == "   " { " " } else { "x" };
        // The server may hang up before everything is written.
        let _ = tcp.write_all(filler.repeat(20_000).as_bytes()).await;
        let mut answer = String::new();
        let _ = tcp.read_to_string(&mut answer).await;
        assert!(
            answer.contains("stream:error") || answer.contains(":error"),
            "{start}: {answer}"
        );
    }
}

#[tokio::test]
async fn deep_elements_end_the_stream() {
    let server = server(Limits::default()).await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let deep = format!("{}{}", "<a>".repeat(200), "</a>".repeat(200));
    romeo
        .send(&format!("<message to='juliet@localhost'>{deep}</message>"))
        .await;
    assert_eq!(romeo.stream_error().await, "policy-violation");
}

#[tokio::test]
async fn offline_messages_are_bounded() {
    let server = server(Limits {
        offline_messages: 2,
        ..Limits::default()
    })
    .await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for _ in 0..2 {
        romeo
            .send("<message to='juliet@localhost'><body>hi</body></message>")
            .await;
    }
    romeo.hears_nothing().await;
    romeo
        .send("<message to='juliet@localhost'><body>hi</body></message>")
        .await;
    assert_eq!(condition(&romeo.recv().await), "service-unavailable");
}

#[tokio::test]
async fn connections_are_bounded() {
    let server = server(Limits {
        connections: 1,
        ..Limits::default()
    })
    .await;
    let _romeo = Client::login(&server, "romeo/orchard").await;
    let mut tcp = TcpStream::connect(server.addr()).await.unwrap();
    let mut answer = Vec::new();
    let _ = tcp.read_to_end(&mut answer).await;
    assert!(answer.is_empty());
}

#[tokio::test]
async fn a_slow_reader_holds_its_senders_up_and_nothing_is_lost() {
    let server = server(Limits {
        queued_stanzas: 20,
        ..Limits::default()
    })
    .await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let text = "x".repeat(10_000);
    let sending = async {
        for number in 0..400 {
            let message = format!(
                "<message to='juliet@localhost' id='{number}'><body>{text}</body></message>"
            );
            romeo.send(&message).await;
        }
        romeo.hears_nothing().await;
    };
    let reading = async {
        for number in 0..400 {
            let message = juliet.recv().await;
            assert_eq!(message.attr("id"), Some(number.to_string().as_str()));
        }
    };
    tokio::join!(sending, reading);
}

#[tokio::test]
async fn who_never_reads_is_cut_off_and_nobody_else() {
    let limits = Limits {
        queued_stanzas: 20,
        patience: std::time::Duration::from_millis(50),
        ..Limits::default()
    };
    let server = server(limits).await;
    let _juliet = Client::online(&server, "juliet/balcony").await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let text = "x".repeat(10_000);
    while server.sessions().len() == 2 {
        romeo.send(&format!("<message to='juliet@localhost/balcony' type='headline'><body>{text}</body></message>")).await;
    }
    romeo.hears_nothing().await;
}

#[tokio::test]
async fn unacknowledged_stanzas_are_bounded() {
    let server = server(Limits {
        unacked_stanzas: 5,
        ..Limits::default()
    })
    .await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    juliet.manage().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for _ in 0..6 {
        romeo
            .send("<message to='juliet@localhost/balcony' type='headline'><body>x</body></message>")
            .await;
    }
    romeo.hears_nothing().await;
    assert_eq!(juliet.drain_until_error().await, "policy-violation");
    server.wait_for(|sessions| sessions.len() == 1).await;
}
