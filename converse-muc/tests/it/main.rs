//! The rooms grouping, through the API and the wire only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod accepting;
mod close;
mod finding;
mod get;
mod invited;
mod inviting;
mod members;
mod messages;
mod occupants;
mod open;
mod refusals;
mod scene;
mod searching;
mod sessions;
