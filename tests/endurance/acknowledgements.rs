//! Counting and resending (XEP-0198) at the moments at which it is easily got wrong.

use converse::prelude::*;

use crate::client::{Client, Heard, within};
use crate::raw::{self, Peer, RawServer, attribute};

async fn logged_in(server: &RawServer) -> (Client, Peer) {
    let client = Client::new(raw::settings(server.addr())).await;
    let (peer, login) = tokio::join!(server.let_in(), client.login());
    login.unwrap();
    (client, peer)
}

fn message(body: &str) -> String {
    format!("<message from='juliet@localhost/balcony'><body>{body}</body></message>")
}

/// What the client says when it comes back: the session's id and its count.
async fn resumption(peer: &mut Peer) -> String {
    let request = peer.from.empty_element("resume").await;
    assert_eq!(
        attribute(&request, "previd").as_deref(),
        Some("raw-session")
    );
    attribute(&request, "h").unwrap()
}

/// A server that asks right behind a stanza (ejabberd does, and asks once) gets an answer that covers the stanza.
#[actix::test]
async fn request_behind_a_stanza_is_answered_with_that_stanza() {
    let server = RawServer::start();
    let (mut client, mut peer) = logged_in(&server).await;
    for number in 1..=20 {
        let request = "<r xmlns='urn:xmpp:sm:3'/>";
        peer.send(&format!("{}{request}", message("hello"))).await;
        let answer = peer.from.empty_element("a").await;
        assert_eq!(attribute(&answer, "h").unwrap(), number.to_string());
        client.message().await;
    }
}

/// What the server sent before it began to count is not sent again after a cut, so it must not be forgotten at one.
#[actix::test]
async fn stanza_from_before_the_count_survives_a_cut() {
    let server = RawServer::start();
    let client = Client::new(raw::settings(server.addr())).await;
    let serve = async {
        let mut peer = server.authenticated().await;
        peer.bind().await;
        peer.from.empty_element("enable").await;
        peer.send(&format!(
            "{}<enabled xmlns='urn:xmpp:sm:3' id='raw-session' resume='true'/>{}\
             <stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
            message("early"),
            message("counted")
        ))
        .await;
        let mut peer = server.authenticated().await;
        assert_eq!(resumption(&mut peer).await, "0");
        peer.send("<resumed xmlns='urn:xmpp:sm:3' previd='raw-session' h='0'/>")
            .await;
        peer.send(&message("counted")).await;
        peer.send(&message("last")).await;
        peer
    };
    let (_peer, login) = tokio::join!(serve, client.login());
    login.unwrap();
    let mut client = client;
    for expected in ["early", "counted", "last"] {
        assert_eq!(client.message().await.body().unwrap(), expected);
    }
}

/// After a resumption the first word may have to be the client's: with as many stanzas on their way as it allows itself, it
/// asks for an acknowledgement, or nothing is ever sent again.
#[actix::test]
async fn full_window_is_asked_for_after_a_resumption() {
    const ALL: usize = 250;
    let server = RawServer::start();
    let (mut client, mut peer) = logged_in(&server).await;
    let api = client.api.clone();
    let sending = actix::spawn(async move {
        let mut sent = Vec::new();
        for number in 0..ALL {
            let id = format!("m{number}");
            let message = Element::builder("message", converse::ns::CLIENT).attr("id", id);
            sent.push(api.send(message).await.unwrap());
        }
        for acknowledgement in sent {
            acknowledgement.acknowledged().await.unwrap();
        }
    });
    // It asks after the first stanzas, sends on as far as it may, and is cut without an answer.
    let mut first = 0;
    while first < 100 {
        let element = peer.from.element().await.unwrap();
        first += usize::from(element.starts_with("<message"));
    }
    peer.vanish();

    let mut peer = server.authenticated().await;
    assert_eq!(resumption(&mut peer).await, "0");
    // Ten had arrived.
    peer.send("<resumed xmlns='urn:xmpp:sm:3' previd='raw-session' h='10'/>")
        .await;
    let mut handled = 10;
    while handled < ALL {
        let element = within("the rest", peer.from.element()).await.unwrap();
        if element.starts_with("<message") {
            assert_eq!(attribute(&element, "id").unwrap(), format!("m{handled}"));
            handled += 1;
        } else if element.starts_with("<r ") {
            peer.send(&format!("<a xmlns='urn:xmpp:sm:3' h='{handled}'/>"))
                .await;
        }
    }
    peer.send(&format!("<a xmlns='urn:xmpp:sm:3' h='{handled}'/>"))
        .await;
    within("the acknowledgements", sending).await.unwrap();
    assert!(!client.session().await);
    assert!(client.session().await, "it was a new session");
}

/// The last count that the server gets covers what was handled, and nothing is handled that it does not cover: the server
/// keeps that for the next session (XEP-0198 §4).
#[actix::test]
async fn nothing_is_handled_behind_the_last_count() {
    let server = RawServer::start();
    let (mut client, mut peer) = logged_in(&server).await;
    peer.send(&message("handled")).await;
    client.message().await;
    let connection = client.api.connection();
    let serve = async {
        let answer = peer.from.empty_element("a").await;
        assert_eq!(attribute(&answer, "h").unwrap(), "1");
        peer.from.until("</stream:stream>").await;
        peer.send(&format!("{}</stream:stream>", message("too late")))
            .await;
    };
    let (closed, ()) = tokio::join!(connection.disconnect(), serve);
    closed.unwrap();
    for heard in client.heard() {
        assert!(!matches!(heard, Heard::Stanza(_)), "{heard:?}");
    }
}
