//! Somebody else's client: slixmpp.

use std::process::Stdio;

use converse_testkit::loopback::Loopback;
use converse_testkit::servers::{or_skip, python_peers};
use tokio::process::Command;

use crate::client::Client;

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/loopback/slixmpp_peer.py"
);

/// Romeo talks to a Juliet who is not ours.
async fn play(tls: bool, mechanism: &str) {
    let Some(python) = or_skip(python_peers()).unwrap() else {
        return;
    };
    let server = Loopback::builder("localhost")
        .account("romeo", "secret")
        .account("juliet", "secret")
        .account("tybalt", "secret")
        .subscribed("romeo", "juliet")
        .tls(tls)
        .start()
        .await
        .unwrap();
    let client = match tls {
        true => Client::encrypted(&server).await,
        false => Client::connect(server.addr()).await,
    };
    let romeo = client.authenticate("PLAIN", "romeo", "secret").await;
    let mut romeo = romeo.ok().unwrap();
    romeo.bind("orchard").await;
    romeo.send("<presence/>").await;
    romeo.hears_own().await;

    let mut command = Command::new(python);
    command
        .arg(SCRIPT)
        .arg(server.addr().port().to_string())
        .arg(mechanism)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(pem) = server.ca_pem() {
        command.env("CA_PEM", pem);
    }
    let juliet = tokio::spawn(command.output());
    let romeo = async move {
        let seen = loop {
            let presence = romeo.recv().await;
            if presence.has_child("show", "jabber:client") {
                break presence;
            }
        };
        assert_eq!(seen.attr("from"), Some("juliet@localhost/slixmpp"));
        romeo
            .send("<message to='juliet@localhost' type='chat'><body>à bientôt &lt;&amp;></body></message>")
            .await;
        let answer = romeo.recv().await;
        assert_eq!(answer.attr("from"), Some("juliet@localhost/slixmpp"));
        let body = answer.get_child("body", "jabber:client").unwrap();
        assert_eq!(body.text(), "à demain <&>");
        assert_eq!(romeo.recv().await.attr("type"), Some("unavailable"));
        romeo
    };
    // If Juliet fails, what she says is worth more than that Romeo has waited in vain.
    let (output, romeo) = tokio::join!(juliet, tokio::spawn(romeo));
    let output = output.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let _romeo = romeo.expect("Romeo has heard what he waits for");
    server.wait_for(|sessions| sessions.len() == 1).await;
}

#[tokio::test]
async fn slixmpp_talks_over_tls() {
    play(true, "SCRAM-SHA-512").await;
}

#[tokio::test]
async fn slixmpp_talks_without_tls() {
    play(false, "SCRAM-SHA-1").await;
}
