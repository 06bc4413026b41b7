//! The rooms grouping, through the API and the wire only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod close;
mod commands;
mod configuring;
mod get;
mod managing;
mod messages;
mod occupants;
mod open;
mod refusals;
mod requests;
mod scene;
mod sessions;
