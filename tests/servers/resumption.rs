//! Stream management (XEP-0198): a cut is bridged, and what cannot be bridged is made good as far as that goes.

use std::time::Duration;

use converse::core::router::StanzaKind;
use converse::core::session::SessionState;
use converse::prelude::*;
use converse_testkit::servers::{Direction, Options, Proxy, Server, ServerKind};

use crate::client::{Client, Heard, chat, within};
use crate::{on_prosody, on_prosody_with};

/// Juliet behind a proxy that can be cut, and Romeo.
async fn two(server: &Server) -> (Proxy, Client, Client) {
    let proxy = Proxy::start(server.starttls_addr()).await.unwrap();
    let mut juliet = Client::log_in_through(server, proxy.addr(), "juliet", json!({})).await;
    assert!(!juliet.session().await);
    let romeo = Client::log_in(server, "romeo").await;
    (proxy, juliet, romeo)
}

pub(crate) async fn is_offered(server: &Server) {
    let client = Client::log_in(server, "romeo").await;
    let status = client.api.connection().status().await.unwrap();
    assert!(status.stream_management.enabled);
    assert!(status.stream_management.id.is_some());
    client.stop().await;
}

/// Messages from before, during and after a cut arrive, as far as it is up to the client once and in order, and the session is the same.
pub(crate) async fn cut_loses_nothing(server: &Server) {
    let (proxy, mut juliet, mut romeo) = two(server).await;
    let (to_juliet, to_romeo) = (juliet.jid(), romeo.jid());
    let mut sent = Vec::new();
    for number in 0..30 {
        if number == 10 {
            proxy.refuse().await;
            proxy.cut().await;
        }
        if number == 20 {
            proxy.accept().await.unwrap();
        }
        let body = number.to_string();
        sent.push(romeo.api.send(chat(&to_juliet, &body)).await.unwrap());
        sent.push(juliet.api.send(chat(&to_romeo, &body)).await.unwrap());
    }
    for acknowledgement in sent {
        within("an acknowledgement", acknowledgement.acknowledged())
            .await
            .unwrap();
    }
    for client in [&mut juliet, &mut romeo] {
        client.round_trip().await;
    }
    let (of_juliet, of_romeo) = (juliet.heard(), romeo.heard());
    let expected: Vec<String> = (0..30).map(|number| number.to_string()).collect();
    for heard in [&of_juliet, &of_romeo] {
        let mut heard = bodies(heard);
        if server.kind() == ServerKind::Ejabberd {
            // The process of the former connection goes on for a moment when it has given the session away. What it still reads from that
            // connection comes twice; what it still gets for the client goes on behind what has gone directly to the new process.
            heard.sort_by_key(|body| body.parse::<u32>().unwrap());
            heard.dedup();
        }
        assert_eq!(heard, expected);
    }
    let states = states(&of_juliet);
    let names: Vec<&str> = states.iter().map(String::as_str).collect();
    let end = [
        "connecting",
        "authenticating",
        "resuming",
        "online",
        "resumed",
    ];
    assert!(names.starts_with(&["suspended"]), "{names:?}");
    assert!(names.ends_with(&end), "{names:?}");
    assert_eq!(juliet.jid(), to_juliet);
    juliet.stop().await;
    romeo.stop().await;
}

/// Wherever the connection breaks, in the middle of whatever: the session goes on and the message arrives once.
pub(crate) async fn cuts_at_every_byte(server: &Server) {
    let (proxy, mut juliet, mut romeo) = two(server).await;
    let (to_juliet, to_romeo) = (juliet.jid(), romeo.jid());
    for (round, bytes) in [1, 20, 60, 100, 150, 250, 400, 700, 1_100, 1_700]
        .into_iter()
        .enumerate()
    {
        for direction in [Direction::ToServer, Direction::ToClient] {
            let before = proxy.connections();
            proxy.cut_after(direction, bytes);
            let body = format!("{round} {direction:?}");
            while proxy.connections() == before {
                romeo.say(&to_juliet, &body).await;
                juliet.say(&to_romeo, &body).await;
                let (to_her, to_him) = (juliet.message().await, romeo.message().await);
                assert_eq!(
                    (to_her.body().unwrap(), to_him.body().unwrap()),
                    (body.as_str().into(), body.as_str().into())
                );
            }
        }
    }
    juliet.round_trip().await;
    romeo.round_trip().await;
    assert_eq!(bodies(&juliet.heard()), Vec::<String>::new());
    assert_eq!(bodies(&romeo.heard()), Vec::<String>::new());
    assert_eq!(juliet.jid(), to_juliet, "it is another session");
    juliet.stop().await;
    romeo.stop().await;
}

/// The server has given the session up: a new one takes its place, and what may not have arrived goes out again, marked
/// with when it was sent first (XEP-0203).
pub(crate) async fn too_late(server: &Server) {
    let (proxy, mut juliet, mut romeo) = two(server).await;
    let (first, to_romeo) = (juliet.jid(), romeo.jid());
    let here = format!("<presence to='{to_romeo}'/>");
    juliet.api.send(here.as_str()).await.unwrap();
    romeo
        .until("her presence", |heard| of_type(heard, None))
        .await;

    proxy.stall();
    let sent = juliet.api.send(chat(&to_romeo, "Romeo!")).await.unwrap();
    // The session has it when it takes the next command.
    juliet.api.connection().status().await.unwrap();
    proxy.refuse().await;
    proxy.cut().await;
    romeo
        .until("the end of her session", |heard| {
            of_type(heard, Some("unavailable"))
        })
        .await;
    proxy.resume_flow();
    proxy.accept().await.unwrap();

    assert!(!juliet.session().await, "it was resumed");
    assert_ne!(juliet.jid(), first);
    within("the acknowledgement", sent.acknowledged())
        .await
        .unwrap();
    let message = romeo.message().await;
    assert_eq!(message.body().unwrap(), "Romeo!");
    assert_eq!(message.from(), Some(&juliet.jid()));
    let delay = message.child("delay", "urn:xmpp:delay").unwrap();
    assert!(delay.attr("stamp").is_some());
    romeo.round_trip().await;
    assert_eq!(
        bodies(&romeo.heard()),
        Vec::<String>::new(),
        "it came twice"
    );
    juliet.stop().await;
    romeo.stop().await;
}

fn of_type(heard: &Heard, type_: Option<&str>) -> Option<()> {
    match heard {
        Heard::Stanza(stanza)
            if stanza.kind() == StanzaKind::Presence && stanza.type_().as_deref() == type_ =>
        {
            Some(())
        }
        _ => None,
    }
}

/// The texts of the messages among what was heard.
fn bodies(heard: &[Heard]) -> Vec<String> {
    heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Stanza(stanza) => Some(stanza.body()?.into_owned()),
            _ => None,
        })
        .collect()
}

/// The states among what was heard, and the sessions.
fn states(heard: &[Heard]) -> Vec<String> {
    heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::State(SessionState::Suspended { .. }) => Some("suspended".to_owned()),
            Heard::State(SessionState::Connecting { .. }) => Some("connecting".to_owned()),
            Heard::State(state) => Some(state.to_string()),
            Heard::Started {
                resumed: true,
                reconnected: true,
            } => Some("resumed".to_owned()),
            Heard::Started { .. } => Some("a new session".to_owned()),
            Heard::Stanza(_) => None,
        })
        .collect()
}

#[actix::test]
async fn prosody_offers_resumption() {
    on_prosody(is_offered).await;
}

#[actix::test]
async fn prosody_resumes_after_a_cut() {
    on_prosody(cut_loses_nothing).await;
}

#[actix::test]
async fn prosody_resumes_wherever_it_was_cut() {
    on_prosody(cuts_at_every_byte).await;
}

#[actix::test]
async fn prosody_forgets_what_was_cut_too_long_ago() {
    let options = Options {
        hibernation: Duration::from_secs(1),
        ..Options::default()
    };
    on_prosody_with(options, too_late).await;
}
