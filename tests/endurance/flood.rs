//! A server sends 200,000 messages as fast as TCP takes them, to a plugin that needs 100 µs for each.
//!
//! The rule: what a plugin cannot take in yet stays with the server. The client's memory stays flat, every message arrives
//! once and in order, and the server's pings (XEP-0199) and requests for acknowledgement (XEP-0198) are answered meanwhile.
//!
//! The client is a process of its own, this test once more, so that its memory is nobody else's.

mod client;

use std::fmt::Write as _;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use converse::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::process::Command;
use tokio::sync::mpsc;

use client::be_the_client;

use crate::raw::{self, Incoming, RawServer, attribute};

/// How many messages come.
const MESSAGES: usize = 200_000;
/// After how many messages the server asks for a ping and for an acknowledgement.
const INTERVAL: usize = 1_000;
/// How much the resident set may grow, in kB.
const GROWTH: u64 = 40 * 1024;
/// Names the port in the process that is the client.
const PORT: &str = "CONVERSE_TEST_FLOOD_PORT";

#[tokio::test]
async fn flood_of_messages_against_a_busy_handler() {
    run(
        "flood_of_messages_against_a_busy_handler",
        Plugin::Busy,
        MESSAGES,
    )
    .await;
}

#[tokio::test]
async fn flood_of_messages_against_a_waiting_handler() {
    run(
        "flood_of_messages_against_a_waiting_handler",
        Plugin::Waiting,
        MESSAGES,
    )
    .await;
}

/// A plugin that answers each message waits for room in the outbox, and room is made by an acknowledgement that the server
/// sends behind all its messages: the session must not stop reading for that plugin's sake, nor give up on that server.
#[tokio::test]
async fn flood_of_messages_against_a_handler_that_answers() {
    run(
        "flood_of_messages_against_a_handler_that_answers",
        Plugin::Answering,
        MESSAGES / 4,
    )
    .await;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plugin {
    /// Computes, and is done when it returns.
    Busy,
    /// Gives way to others in the middle of its work.
    Waiting,
    /// Sends a message for each.
    Answering,
}

async fn run(test: &str, plugin: Plugin, messages: usize) {
    if let Ok(port) = std::env::var(PORT) {
        let client =
            std::thread::spawn(move || be_the_client(port.parse().unwrap(), plugin, messages));
        return client.join().unwrap();
    }
    let server = RawServer::start();
    let client = Command::new(std::env::current_exe().unwrap())
        .args([&format!("flood::{test}"), "--exact", "--nocapture"])
        .env(PORT, server.addr().port().to_string())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let began = Instant::now();
    let peer = server.let_in().await;
    let written = Arc::new(AtomicUsize::new(0));
    let (requests, requested) = mpsc::unbounded_channel();
    let flood = tokio::spawn(flood(peer.to, messages, Arc::clone(&written), requested));
    let heard = tokio::spawn(hear(peer.from, written, requests));
    let output = tokio::time::timeout(Duration::from_secs(150), client.wait_with_output())
        .await
        .expect("the client ends in time")
        .unwrap();
    let (took, output) = (
        began.elapsed(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    );
    let report = output
        .lines()
        .find_map(|line| Some(line.split_once("REPORT ")?.1));
    let report: serde_json::Value =
        serde_json::from_str(report.unwrap_or_else(|| panic!("{output}"))).unwrap();
    assert_eq!(report["heard"], messages, "{report}");
    assert_eq!(report["wrong"], json!([]), "{report}");
    let growth = report["growth_kb"].as_u64().unwrap();
    assert!(growth < GROWTH, "the client grew by {growth} kB: {report}");

    flood.await.unwrap();
    let heard = heard.await.unwrap();
    let pings = messages / INTERVAL;
    assert_eq!(heard.pongs.len(), pings, "pings without an answer");
    assert_eq!(heard.acknowledged, u64::try_from(messages + pings).unwrap());
    let meanwhile = heard
        .pongs
        .iter()
        .filter(|written| **written < messages)
        .count();
    assert!(
        meanwhile * 10 > pings * 7,
        "{meanwhile} of {pings} pings were answered before the flood was over"
    );
    if plugin == Plugin::Answering {
        assert_eq!(heard.messages, messages, "answers to messages");
    }
    eprintln!("{plugin:?}: {took:?}, {meanwhile} of {pings} pings answered meanwhile, {report}");
}

/// Writes the messages, each `INTERVAL` with a ping and a request for an acknowledgement behind it.
///
/// The client's own requests are answered after the flood.
async fn flood(
    mut to: OwnedWriteHalf,
    messages: usize,
    written: Arc<AtomicUsize>,
    mut requested: mpsc::UnboundedReceiver<u32>,
) {
    let padding = "x".repeat(200);
    for chunk in 0..messages / INTERVAL {
        let mut text = String::new();
        for number in chunk * INTERVAL..(chunk + 1) * INTERVAL {
            let _ = write!(
                text,
                "<message from='juliet@localhost/balcony' to='{}' type='chat' id='m{number}'>\
                 <body>{number}</body><padding xmlns='urn:example:padding'>{padding}</padding></message>",
                raw::JID
            );
        }
        let _ = write!(
            text,
            "<iq type='get' id='ping-{chunk}' from='localhost' to='{}'><ping xmlns='urn:xmpp:ping'/></iq>\
             <r xmlns='urn:xmpp:sm:3'/>",
            raw::JID
        );
        // A client that is gone is reported by what it did not answer.
        if to.write_all(text.as_bytes()).await.is_err() {
            return;
        }
        written.store((chunk + 1) * INTERVAL, Ordering::Relaxed);
    }
    while let Some(handled) = requested.recv().await {
        let answer = format!("<a xmlns='urn:xmpp:sm:3' h='{handled}'/>");
        if to.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

#[derive(Default)]
struct HeardFromClient {
    /// For each ping how many messages had been written when its answer came.
    pongs: Vec<usize>,
    /// The highest count of an acknowledgement.
    acknowledged: u64,
    messages: usize,
}

/// Notes what the client says, until it leaves.
async fn hear(
    mut from: Incoming,
    written: Arc<AtomicUsize>,
    requests: mpsc::UnboundedSender<u32>,
) -> HeardFromClient {
    let mut heard = HeardFromClient::default();
    let mut stanzas = 0;
    while let Some(element) = from.element().await {
        stanzas += u32::from(
            ["<iq", "<message", "<presence"]
                .iter()
                .any(|name| element.starts_with(name)),
        );
        if element.starts_with("<iq") {
            assert_eq!(
                attribute(&element, "type").as_deref(),
                Some("result"),
                "{element}"
            );
            let id = attribute(&element, "id").unwrap();
            assert_eq!(
                id,
                format!("ping-{}", heard.pongs.len()),
                "pings are answered in order"
            );
            heard.pongs.push(written.load(Ordering::Relaxed));
        } else if element.starts_with("<a ") {
            let h = attribute(&element, "h").unwrap().parse().unwrap();
            assert!(h >= heard.acknowledged, "{element}");
            heard.acknowledged = h;
        } else if element.starts_with("<message") {
            heard.messages += 1;
        } else if element.starts_with("<r ") {
            // A flood that was given up answers nothing.
            let _ = requests.send(stanzas);
        }
    }
    heard
}
