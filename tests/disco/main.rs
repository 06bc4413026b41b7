//! Service discovery, capabilities and personal eventing, through the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod answers;
mod asking;
mod caps;
mod events;
mod publishing;
mod scene;
mod start;
