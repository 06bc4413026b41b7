//! Messages between two clients: in order, of any size, of any characters.

use converse::prelude::*;
use converse_testkit::servers::Server;

use crate::client::{Client, chat};
use crate::on_prosody;

async fn two(server: &Server) -> (Client, Client) {
    (
        Client::log_in(server, "romeo").await,
        Client::log_in(server, "juliet").await,
    )
}

/// In-order delivery (RFC 6120 §10.1), each acknowledged (XEP-0198).
pub(crate) async fn both_ways(server: &Server) {
    let (mut romeo, mut juliet) = two(server).await;
    let (to_romeo, to_juliet) = (romeo.jid(), juliet.jid());
    let mut sent = Vec::new();
    for number in 0..100 {
        let body = number.to_string();
        sent.push(romeo.api.send(chat(&to_juliet, &body)).await.unwrap());
        sent.push(juliet.api.send(chat(&to_romeo, &body)).await.unwrap());
    }
    for number in 0..100 {
        for (client, from) in [(&mut romeo, &to_juliet), (&mut juliet, &to_romeo)] {
            let message = client.message().await;
            assert_eq!(message.body().unwrap(), number.to_string());
            assert_eq!(message.from(), Some(from));
        }
    }
    for acknowledgement in sent {
        acknowledgement.acknowledged().await.unwrap();
    }
    romeo.stop().await;
    juliet.stop().await;
}

/// 100 KiB in one stanza.
pub(crate) async fn large(server: &Server) {
    let (mut romeo, mut juliet) = two(server).await;
    let text = "But, soft! what light through yonder window breaks? "
        .chars()
        .cycle()
        .take(100 * 1024)
        .collect::<String>();
    romeo.say(&juliet.jid(), &text).await;
    assert!(
        juliet.message().await.body().unwrap() == text,
        "the text changed"
    );
    juliet.say(&romeo.jid(), &text).await;
    assert!(
        romeo.message().await.body().unwrap() == text,
        "the text changed"
    );
    romeo.stop().await;
    juliet.stop().await;
}

/// Whatever XML allows arrives as it was: what has a meaning in XML, what UTF-16 needs two units for, white space, and
/// characters that look like nothing. In attributes too, but for line ends and tabs, which Prosody passes on unescaped, so
/// that they become spaces (XML 1.0 §3.3.3).
pub(crate) async fn every_character(server: &Server) {
    let (romeo, mut juliet) = two(server).await;
    let texts = [
        "<body>&amp;</body> ]]> <![CDATA[ <!-- --> & < > ' \" &#x41; &lt;",
        "😀 👩‍👩‍👧‍👦 𝄞 𐍈 \u{10fffd} \u{e000} \u{fffd}",
        "  two spaces, \t a tab,\n a line,\n\n and an empty one  ",
        "עברית العربية \u{202e}right to left\u{202c} e\u{301} é \u{feff} \u{200b} \u{a0}|",
        "\u{85} \u{2028} \u{7f}",
    ];
    for text in texts {
        let quoted = Element::builder("quoted", "urn:example:quoted").attr("as", text);
        let message = chat(&juliet.jid(), text).child(quoted);
        romeo.api.send(message).await.unwrap();
        let heard = juliet.message().await;
        assert_eq!(heard.body().unwrap(), text);
        let quoted = heard.child("quoted", "urn:example:quoted").unwrap();
        if !text.contains(['\n', '\t']) {
            assert_eq!(quoted.attr("as").unwrap(), text);
        }
    }
    romeo.stop().await;
    juliet.stop().await;
}

#[actix::test]
async fn prosody_carries_messages_both_ways() {
    on_prosody(both_ways).await;
}

#[actix::test]
async fn prosody_carries_a_large_message() {
    on_prosody(large).await;
}

#[actix::test]
async fn prosody_carries_every_character() {
    on_prosody(every_character).await;
}
