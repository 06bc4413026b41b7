//! The real servers and the proxy in front of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod ejabberd;
mod probe;
mod prosody;
mod proxy;
