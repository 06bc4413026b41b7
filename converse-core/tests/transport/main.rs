//! The way to the server, with its names, addresses and certificates made up, and time standing still.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod certificates;
mod eyeballs;
mod network;
mod plaintext;
mod srv;
mod starttls;
mod stream;
mod tls;
