//! Two clients talk while the connection of each is cut fifty times.
//!
//! The rule: with stream management (XEP-0198) a cut costs time and nothing else. Every stanza arrives, none arrives twice,
//! and those of one sender arrive in the order in which they were sent (RFC 6120 §10.1).

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use converse::prelude::*;
use converse_testkit::servers::{Direction, Options, Prosody, Proxy, Server, or_skip};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::client::{Client, Heard, chat, within};

/// How many messages each sends to the other.
const MESSAGES: usize = 5_000;
/// How often the connection of each is cut.
const CUTS: usize = 50;
/// How many messages may be on their way in one direction. The server keeps a bounded number of stanzas for a client that
/// is away (500 in this fixture): beyond that it is the server that loses them.
const WINDOW: usize = 200;

/// Random numbers that are the same in each run: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound as u64).unwrap()
    }

    fn within(&mut self, range: Range<usize>) -> usize {
        range.start + self.below(range.len())
    }
}

#[actix::test]
async fn prosody_and_fifty_cuts_lose_nothing() {
    let Some(server) = or_skip(Prosody::start(Options::default()).await).unwrap() else {
        return;
    };
    let began = Instant::now();
    let (romeo, juliet) = (
        Side::new(&server, "romeo").await,
        Side::new(&server, "juliet").await,
    );
    let (to_romeo, to_juliet) = (romeo.client.jid(), juliet.client.jid());
    let (romeos, juliets) = (
        Arc::new(Semaphore::new(WINDOW)),
        Arc::new(Semaphore::new(WINDOW)),
    );
    let sending = [
        actix::spawn(send_all(
            romeo.client.api.clone(),
            to_juliet,
            Arc::clone(&romeos),
        )),
        actix::spawn(send_all(
            juliet.client.api.clone(),
            to_romeo,
            Arc::clone(&juliets),
        )),
    ];
    let hearing = [
        actix::spawn(romeo.hear_all(Random(0x0198), juliets)),
        actix::spawn(juliet.hear_all(Random(0x6120), romeos)),
    ];
    for sent in sending {
        sent.await.unwrap();
    }
    let mut cuts = Vec::new();
    for heard in hearing {
        let report = heard.await.unwrap();
        assert_eq!(report.wrong, Vec::<String>::new(), "{}", server.log());
        assert!(report.cuts >= CUTS, "{} cuts", report.cuts);
        cuts.push(report.cuts);
    }
    let took = began.elapsed();
    assert!(took.as_secs() < 110, "it took {took:?}");
    eprintln!("{MESSAGES} messages each way over {cuts:?} cuts in {took:?}");
}

struct Side {
    client: Client,
    proxy: Proxy,
}

#[derive(Default)]
struct Report {
    cuts: usize,
    wrong: Vec<String>,
}

impl Side {
    async fn new(server: &Server, name: &str) -> Self {
        let proxy = Proxy::start(server.starttls_addr()).await.unwrap();
        let mut client = Client::log_in_through(server, proxy.addr(), name, json!({})).await;
        assert!(!client.session().await);
        Self { client, proxy }
    }

    /// Hears the messages of the other, which are numbered, and breaks the own connection at random moments.
    async fn hear_all(mut self, mut random: Random, window: Arc<Semaphore>) -> Report {
        let mut report = Report::default();
        let mut expected = 0;
        let stretch = MESSAGES / CUTS;
        let mut next_cut = random.within(1..stretch);
        let mut armed = false;
        while expected < MESSAGES || self.cuts() < CUTS || armed {
            if !armed && self.cuts() < CUTS && (expected >= next_cut || expected == MESSAGES) {
                next_cut += random.within(stretch / 2..stretch);
                armed = true;
                self.cut(&mut random).await;
            }
            if armed && expected == MESSAGES {
                // Nothing flows any more that would reach the byte at which it was to break.
                self.proxy.cut().await;
            }
            match self.client.next().await {
                Heard::Stanza(stanza) => {
                    let number = stanza.body().and_then(|body| body.parse::<usize>().ok());
                    if number == Some(expected) {
                        expected += 1;
                        window.add_permits(1);
                    } else {
                        let from = stanza.element().to_xml();
                        report.wrong.push(format!("{from} instead of {expected}"));
                    }
                }
                Heard::Started { resumed: true, .. } => armed = false,
                Heard::Started { .. } => report.wrong.push(format!("a new session at {expected}")),
                Heard::State(_) => {}
            }
            if report.wrong.len() > 10 {
                break;
            }
        }
        self.client.round_trip().await;
        for heard in self.client.heard() {
            if let Heard::Stanza(stanza) = heard {
                let late = format!("{} after the last", stanza.element().to_xml());
                report.wrong.push(late);
            }
        }
        report.cuts = self.cuts();
        report
    }

    /// How many connections were broken so far.
    fn cuts(&self) -> usize {
        self.proxy.connections() - 1
    }

    /// Breaks the connection now, or so many bytes later: in the middle of a stanza or of an acknowledgement, or of the
    /// login that follows.
    async fn cut(&self, random: &mut Random) {
        match random.below(4) {
            0 => self.proxy.cut().await,
            1 => self
                .proxy
                .cut_after(Direction::ToServer, random.within(1..6_000)),
            2 => self
                .proxy
                .cut_after(Direction::ToClient, random.within(1..12_000)),
            _ => {
                // Twice: the second time during the login.
                self.proxy
                    .cut_after(Direction::ToClient, random.within(1..4_000));
                self.proxy.cut().await;
            }
        }
    }
}

/// Sends numbers, as many as the window allows to be on their way.
async fn send_all(api: Api, to: Jid, window: Arc<Semaphore>) {
    let mut sent = Vec::with_capacity(MESSAGES);
    for number in 0..MESSAGES {
        within("room in the window", Arc::clone(&window).acquire_owned())
            .await
            .map(OwnedSemaphorePermit::forget)
            .unwrap();
        sent.push(api.send(chat(&to, &number.to_string())).await.unwrap());
    }
    for acknowledgement in sent {
        within("an acknowledgement", acknowledgement.acknowledged())
            .await
            .unwrap();
    }
}
