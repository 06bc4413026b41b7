//! The own status through the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod client_state;
mod clients;
mod directed;
mod ending;
mod idle;
mod initial;
mod last_activity;
mod payloads;
mod scene;
mod setting;
mod shown;
