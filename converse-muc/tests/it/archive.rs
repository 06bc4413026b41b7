//! The archive of a room, as a test plays it.

use std::sync::Arc;

use converse_core::contract::Archived;
use converse_core::prelude::*;
use converse_core::store::Store;
use converse_testkit::scripted::Librarian;

use crate::scene::{ATRIUM, Scene, run_with, store};

/// What rooms with archives announce.
pub(crate) const FEATURES: [&str; 2] = ["urn:xmpp:sid:0", "urn:xmpp:mam:2"];

/// Runs a test with an archive that it plays.
pub(crate) fn play_archive<F: Future<Output = ()>>(test: impl FnOnce(Scene, Librarian) -> F) {
    run_archive(&store(), 1, test);
}

/// The run of a program with that number, with an archive that the test plays.
pub(crate) fn run_archive<F: Future<Output = ()>>(
    store: &Arc<dyn Store>,
    number: u64,
    test: impl FnOnce(Scene, Librarian) -> F,
) {
    let (plugin, archive) = Librarian::of_room(ATRIUM.parse().unwrap());
    run_with(store, number, settings! {}, Some(plugin), |scene| {
        test(scene, archive)
    });
}

/// A message of an occupant in the archive; `inside` begins with more attributes and `>`.
pub(crate) fn archived(id: &str, time: &str, nick: &str, inside: &str) -> Archived {
    archived_of(id, time, &format!("{ATRIUM}/{nick}"), inside)
}

pub(crate) fn archived_of(id: &str, time: &str, from: &str, inside: &str) -> Archived {
    let xml =
        format!("<message xmlns='jabber:client' from='{from}' type='groupchat' {inside}</message>");
    let time = format!("2026-02-28T{time}Z").parse().unwrap();
    Archived::new(id, Some(time), Stanza::parse(&xml).unwrap())
}

/// One that says nothing but its id in the archive, as `text 7`.
pub(crate) fn text(number: u32) -> Archived {
    let (minute, second) = (number / 60, number % 60);
    let time = format!("09:{minute:02}:{second:02}");
    let inside = format!("id='m{number}'><body>text {number}</body>");
    archived(&format!("a{number}"), &time, "pia", &inside)
}

/// A message as the room sends it live, with the id of its archive.
pub(crate) fn live(id: &str, nick: &str, inside: &str) -> String {
    crate::scene::says(
        ATRIUM,
        nick,
        &format!("{inside}<stanza-id xmlns='urn:xmpp:sid:0' by='{ATRIUM}' id='{id}'/>"),
    )
}

/// The live message that is [`text`] in the archive.
pub(crate) fn live_text(number: u32) -> String {
    let inside = format!("id='m{number}'><body>text {number}</body>");
    live(&format!("a{number}"), "pia", &inside)
}
