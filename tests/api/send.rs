//! `send`.

use converse::prelude::*;
use converse::xml::Frame;

use crate::server::{account, instance, online};
use crate::support::{state, within};

#[actix::test]
async fn api_066_a_stanza_goes_out_as_given() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    api.send("<message to='otto@heron.example' type='chat'><body>Hi</body></message>")
        .await
        .unwrap();
    let message = line.element().await;
    assert!(message.is("message", "jabber:client"));
    assert_eq!(message.attr("to").as_deref(), Some("otto@heron.example"));
    assert_eq!(message.attr("type").as_deref(), Some("chat"));
    assert_eq!(message.attr("from"), None);
    let body = message.child("body", "jabber:client").unwrap();
    assert_eq!(body.text(), "Hi");

    let built = Element::builder("presence", "jabber:client")
        .child(Element::builder("priority", "jabber:client").text("5"));
    api.send(built).await.unwrap();
    assert_eq!(line.element().await.children().count(), 1);
}

#[actix::test]
async fn api_067_without_a_session_send_is_an_error() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let before = api.send("<presence/>").await.unwrap_err();
    assert_eq!(before.kind(), ErrorKind::Disconnected);
    let before = api
        .iq("<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    assert_eq!(before.unwrap_err().kind(), ErrorKind::Disconnected);

    let mut line = server.serve(&api).await;
    let connection = api.connection();
    let (ended, _) = tokio::join!(connection.disconnect(), line.farewell());
    ended.unwrap();
    let after = api.send("<presence/>").await.unwrap_err();
    assert_eq!(after.kind(), ErrorKind::Disconnected);
}

#[actix::test]
async fn api_067_while_a_connection_is_replaced_stanzas_wait_for_it() {
    tokio::time::pause();
    let (api, mut server, line) = online(account()).await;
    drop(line);
    state(&api, |state| !state.is_online()).await;
    let sent = api.send("<message id='m1'><body>later</body></message>");
    let receipt = within(sent).await.unwrap();
    let mut line = server.accept().await;
    line.log_in("").await;
    assert_eq!(line.element().await.attr("id").as_deref(), Some("m1"));
    within(receipt.acknowledged()).await.unwrap();
}

#[actix::test]
async fn api_067_and_are_reported_when_there_is_none() {
    tokio::time::pause();
    let (api, _server, line) = online(account()).await;
    drop(line);
    state(&api, |state| !state.is_online()).await;
    let receipt = within(api.send("<message id='m1'/>")).await.unwrap();
    within(api.connection().disconnect()).await.unwrap();
    let lost = within(receipt.acknowledged()).await.unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::Disconnected);
}

#[actix::test]
async fn api_068_text_round_trips() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let text = "<b> & \"quotes\" 'single' ]]> \u{1F600} \u{10FFFD} \t\n é";
    let message = Element::builder("message", "jabber:client")
        .attr("id", "a'b\"c<d>&\u{1F600}")
        .child(Element::builder("body", "jabber:client").text(text));
    api.send(message).await.unwrap();
    let seen = line.element().await;
    assert_eq!(seen.child("body", "jabber:client").unwrap().text(), text);
    assert_eq!(seen.attr("id").as_deref(), Some("a'b\"c<d>&\u{1F600}"));
}

#[actix::test]
async fn api_069_illegal_characters_are_an_argument_error_and_the_stream_lives() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    for bad in ["\0", "\u{8}", "\u{1b}", "\u{FFFE}", "\u{FFFF}"] {
        let message = Element::builder("message", "jabber:client")
            .child(Element::builder("body", "jabber:client").text(format!("x{bad}")));
        let error = api.send(message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bad:?}: {error}");

        let message = Element::builder("message", "jabber:client").attr("id", bad);
        let error = api.send(message).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bad:?}: {error}");

        let raw = format!("<message><body>x{bad}</body></message>");
        let error = api.send(&*raw).await.unwrap_err();
        let refused = [ErrorKind::InvalidArgument, ErrorKind::Xml];
        assert!(refused.contains(&error.kind()), "{bad:?}: {error}");
    }
    api.send("<message id='good'/>").await.unwrap();
    assert_eq!(line.element().await.attr("id").as_deref(), Some("good"));
    assert!(api.connection().connected());
}

#[actix::test]
async fn api_069_what_is_no_stanza_is_an_argument_error() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    for bad in [
        "",
        "plain text",
        "<message>",
        "<message/><message/>",
        "<stream:stream/>",
        "</stream:stream>",
        "<r xmlns='urn:xmpp:sm:3'/>",
        "<message xmlns='jabber:server'/>",
        "<message to='not a jid'/>",
        "<message to='@heron.example'/>",
        "<iq type='get'/>",
        "<iq type='set'><a xmlns='a'/><b xmlns='b'/></iq>",
        "<iq><a xmlns='a'/></iq>",
        "<iq type='push'><a xmlns='a'/></iq>",
        "<message><!-- no --></message>",
        "<!DOCTYPE x><message/>",
        "<message>&nbsp;</message>",
        "<presence/></stream:stream>",
    ] {
        let error = api.send(bad).await.unwrap_err();
        let refused = [ErrorKind::InvalidArgument, ErrorKind::Xml];
        assert!(refused.contains(&error.kind()), "{bad}: {error:?}");
    }
    api.send("<message id='good'/>").await.unwrap();
    assert_eq!(line.element().await.attr("id").as_deref(), Some("good"));
}

#[actix::test]
async fn api_070_an_iq_without_id_gets_one() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let ping = "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>";
    let with_empty = "<iq type='get' id=''><ping xmlns='urn:xmpp:ping'/></iq>";
    let built = Element::builder("iq", "jabber:client")
        .attr("type", "get")
        .child(Element::builder("ping", "urn:xmpp:ping"));
    let mut receipts = Vec::new();
    receipts.push(api.send(ping).await.unwrap());
    receipts.push(api.send(with_empty).await.unwrap());
    receipts.push(api.send(Element::parse(ping).unwrap()).await.unwrap());
    receipts.push(api.send(built).await.unwrap());
    let mut seen = std::collections::HashSet::new();
    for receipt in receipts {
        let id = line.element().await.attr("id").unwrap().into_owned();
        assert!(id.len() >= 16, "{id} can be guessed");
        assert_eq!(receipt.id(), Some(&*id));
        assert!(seen.insert(id), "an id was used twice");
    }
}

#[actix::test]
async fn api_071_ten_thousand_stanzas_keep_their_order() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let (sent, ()) = tokio::join!(
        async {
            for number in 0..10_000 {
                let message = format!("<message id='m{number}'><body>{number}</body></message>");
                api.send_untracked(&*message).await?;
            }
            Ok::<(), Error>(())
        },
        async {
            for number in 0..10_000 {
                let message = line.element().await;
                assert_eq!(message.attr("id").as_deref(), Some(&*format!("m{number}")));
            }
        }
    );
    sent.unwrap();
}

/// The outbox is bounded: who sends waits for a server that reads slowly, and nothing is lost.
#[actix::test]
async fn api_071_senders_wait_for_a_server_that_does_not_read() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let body = "x".repeat(1000);
    let mut sent = 0;
    loop {
        let message = format!("<message id='m{sent}'><body>{body}</body></message>");
        let sending = api.send_untracked(&*message);
        match tokio::time::timeout(std::time::Duration::from_secs(1), sending).await {
            Ok(done) => done.unwrap(),
            Err(_) => break,
        }
        sent += 1;
        assert!(sent < 2000, "the outbox grows without limit");
    }
    for number in 0..sent {
        let Some(Frame::Element(message)) = line.frame().await else {
            panic!("stanza {number} is lost");
        };
        assert_eq!(message.attr("id").as_deref(), Some(&*format!("m{number}")));
    }
}
