//! The framework against the servers that people run: Prosody and ejabberd.
//!
//! A rule is a function that takes a server. Prosody starts in half a second, so each rule has a test and a Prosody of its
//! own; ejabberd takes several, so the rules of one file share one ([`ejabberd`]).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

#[macro_use]
mod rules;

#[cfg(feature = "mam")]
mod archive;
#[cfg(feature = "bookmarks")]
mod bookmarks;
#[allow(dead_code, reason = "shared with the endurance tests")]
mod client;
mod discovery;
mod ejabberd;
mod endings;
mod login;
mod messages;
mod party;
mod peer;
mod refused;
mod registration;
mod requests;
mod resource;
mod resumption;
mod rooms;
mod status;
mod tap;
mod together;

use converse_testkit::loopback::Loopback;
use converse_testkit::servers::{Installation, Options, Prosody, Server, or_skip};

/// Holds a rule against a Prosody of its own; says so where there is none.
async fn on_prosody(rule: impl AsyncFnOnce(&Server)) {
    on_prosody_with(Options::default(), rule).await;
}

/// The same with the Prosody that `cargo xtask setup` has unpacked.
async fn on_newer_prosody(rule: impl AsyncFnOnce(&Server)) {
    let options = Options {
        installation: Installation::Newer,
        ..Options::default()
    };
    on_prosody_with(options, rule).await;
}

async fn on_prosody_with(options: Options, rule: impl AsyncFnOnce(&Server)) {
    if let Some(server) = or_skip(Prosody::start(options).await).unwrap() {
        rule(&server).await;
    }
}

/// Holds a rule against the server that plugin authors test with.
async fn on_loopback(rule: impl AsyncFnOnce(&Loopback)) {
    let server = Loopback::builder("localhost").tls(true);
    rule(&server.start().await.unwrap()).await;
}
