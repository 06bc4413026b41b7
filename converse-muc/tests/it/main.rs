//! The rooms grouping, through the API and the wire only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod auto_join;
mod availability;
mod changing;
mod close;
mod commands;
mod configuring;
mod creating;
mod form;
mod get;
mod joining;
mod lists;
mod managing;
mod messages;
mod occupants;
mod open;
mod private;
mod private_changes;
mod refusals;
mod registering;
mod requests;
mod scene;
mod self_ping;
mod sessions;
mod signals;
mod status_codes;
