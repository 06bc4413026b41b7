//! A server that asks and asks, and takes or acknowledges nothing.
//!
//! The rule: whatever a server does, what a session keeps for it is bounded.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::client::{Client, within};
use crate::raw::{self, RawServer, attribute};

const PING: &str = "<iq type='get' id='greed' from='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";

/// Answers that the server does not read pile up to a limit, then no more questions are read.
#[actix::test]
async fn answers_that_nobody_reads_stop_the_reader() {
    const FAR_TOO_MUCH: usize = 100 * 1024 * 1024;
    let server = RawServer::start();
    let client = Client::new(raw::settings(server.addr())).await;
    let serve = async {
        let mut peer = server.authenticated().await;
        peer.bind().await;
        peer.from.empty_element("enable").await;
        peer.send("<failed xmlns='urn:xmpp:sm:3'/>").await;
        peer
    };
    let (mut peer, login) = tokio::join!(serve, client.login());
    login.unwrap();
    let pings = PING.repeat(1_000);
    let mut written = 0;
    // Nothing is taken for a while: the client has stopped.
    while let Ok(sent) = timeout(Duration::from_secs(2), peer.to.write_all(pings.as_bytes())).await
    {
        sent.unwrap();
        written += pings.len();
        assert!(written < FAR_TOO_MUCH, "the client reads on and on");
    }
}

/// Answers that the server does not acknowledge are kept up to a limit, then the connection is given up; the resumption
/// tells how much of them arrived.
#[actix::test]
async fn answers_that_nobody_acknowledges_end_the_connection() {
    let server = RawServer::start();
    let mut client = Client::new(raw::settings(server.addr())).await;
    let (peer, login) = tokio::join!(server.let_in(), client.login());
    login.unwrap();
    let (mut from, mut to) = (peer.from, peer.to);
    let asking = tokio::spawn(async move {
        let pings = PING.repeat(100);
        for _ in 0..3_000 {
            if to.write_all(pings.as_bytes()).await.is_err() {
                break;
            }
        }
    });
    let mut answers = 0;
    while let Some(element) = from.element().await {
        answers += u32::from(element.starts_with("<iq"));
    }
    within("the end of the questions", asking).await.unwrap();
    assert!(
        answers < 200_000,
        "{answers} answers without an acknowledgement"
    );

    let mut peer = server.authenticated().await;
    let request = peer.from.empty_element("resume").await;
    assert_eq!(
        attribute(&request, "previd").as_deref(),
        Some("raw-session")
    );
    peer.send(&format!(
        "<resumed xmlns='urn:xmpp:sm:3' previd='raw-session' h='{answers}'/>"
    ))
    .await;
    assert!(!client.session().await);
    assert!(client.session().await, "it was a new session");
}
