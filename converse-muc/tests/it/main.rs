//! The rooms grouping, through the API and the wire only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod accepting;
mod archive;
mod archived_authors;
mod attributes;
mod auto_join;
mod availability;
mod catching_up;
mod changing;
mod close;
mod commands;
mod configuring;
mod creating;
mod finding;
mod form;
mod get;
mod invited;
mod inviting;
mod joining;
mod keeping;
mod lists;
mod managing;
mod members;
mod messages;
mod occupants;
mod older;
mod open;
mod outbox;
mod outcomes;
mod private;
mod private_changes;
mod private_keeping;
mod private_outbox;
mod queueing;
mod refusals;
mod registering;
mod requests;
mod restart;
mod scene;
mod searching;
mod self_ping;
mod sessions;
mod signals;
mod status_codes;
mod views;
