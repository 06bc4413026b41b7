//! The roster through the wire: what a server says and hears.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod changing;
mod fetching;
mod following;
mod getting;
mod keeping;
mod logging;
mod presence;
mod pushes;
mod requests;
mod scene;
mod subscriptions;
