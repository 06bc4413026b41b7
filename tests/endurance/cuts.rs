//! Two clients talk while the connection of each is cut fifty times.
//!
//! The rule: with stream management (XEP-0198) a cut costs time and nothing else. Every stanza arrives, none arrives twice,
//! and those of one sender arrive in the order in which they were sent (RFC 6120 §10.1).

use std::sync::Arc;
use std::time::Instant;

use converse::prelude::*;
use converse_testkit::servers::{Direction, Options, Prosody, Proxy, Server, or_skip};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::client::{Client, Heard, chat, within};
use crate::random::Random;

/// How many messages each sends to the other.
const MESSAGES: usize = 5_000;
/// How often the connection of each is cut.
const CUTS: usize = 50;
/// How many messages may be on their way in one direction. The server keeps a bounded number of stanzas for a client that
/// is away (500 in this fixture): beyond that it is the server that loses them.
const WINDOW: usize = 200;

#[actix::test]
async fn prosody_and_fifty_cuts_lose_nothing() {
    let Some(server) = or_skip(Prosody::start(Options::default()).await).unwrap() else {
        return;
    };
    let began = Instant::now();
    let (mut romeo, mut juliet) = (
        Side::new(&server, "romeo").await,
        Side::new(&server, "juliet").await,
    );
    let (to_romeo, to_juliet) = (romeo.client.jid(), juliet.client.jid());
    let (romeo_api, juliet_api) = (romeo.client.api.clone(), juliet.client.api.clone());
    let (romeos, juliets) = (
        Arc::new(Semaphore::new(WINDOW)),
        Arc::new(Semaphore::new(WINDOW)),
    );
    let (romeos_cuts, juliets_cuts, (), ()) = tokio::join!(
        romeo.hear_all(Random::new(0x0198), Arc::clone(&juliets)),
        juliet.hear_all(Random::new(0x6120), Arc::clone(&romeos)),
        send_all(romeo_api, to_juliet, Arc::clone(&romeos)),
        send_all(juliet_api, to_romeo, Arc::clone(&juliets)),
    );
    let took = began.elapsed();
    eprintln!(
        "{MESSAGES} messages each way over {romeos_cuts} and {juliets_cuts} cuts in {took:?}"
    );
}

struct Side {
    client: Client,
    proxy: Proxy,
}

impl Side {
    async fn new(server: &Server, name: &str) -> Self {
        let proxy = Proxy::start(server.starttls_addr()).await.unwrap();
        let mut client = Client::log_in_through(server, proxy.addr(), name, json!({})).await;
        assert!(!client.session().await);
        Self { client, proxy }
    }

    /// Hears the messages of the other, which are numbered, and breaks the own connection at random moments; how often it
    /// was broken.
    async fn hear_all(&mut self, mut random: Random, window: Arc<Semaphore>) -> usize {
        let mut expected = 0;
        let stretch = MESSAGES / CUTS;
        let mut next_cut = random.within(1..stretch);
        let (mut armed, mut forced) = (false, false);
        while expected < MESSAGES || self.cuts() < CUTS || armed {
            if !armed && self.cuts() < CUTS && (expected >= next_cut || expected == MESSAGES) {
                next_cut += random.within(stretch / 2..stretch);
                armed = true;
                forced = false;
                self.cut(&mut random).await;
            }
            if armed && !forced && expected == MESSAGES {
                // Nothing flows any more that would reach the byte at which it was to break.
                forced = true;
                self.proxy.cut().await;
            }
            match self.client.next().await {
                Heard::Stanza(stanza) => {
                    let body = stanza.body();
                    assert_eq!(body.as_deref(), Some(expected.to_string().as_str()));
                    expected += 1;
                    window.add_permits(1);
                }
                Heard::Started { resumed, .. } => {
                    assert!(resumed, "a new session after {expected} messages");
                    armed = false;
                }
                Heard::State(_) => {}
            }
        }
        self.client.round_trip().await;
        for heard in self.client.heard() {
            assert!(
                !matches!(heard, Heard::Stanza(_)),
                "one too many: {heard:?}"
            );
        }
        self.cuts()
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
