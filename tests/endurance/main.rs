//! What a session must bear: connections that break again and again, and more than its plugins can take in.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what was measured is told, and the client's process reports to the test"
)]

mod acknowledgements;
#[path = "../servers/client.rs"]
#[allow(dead_code, reason = "shared with the tests against real servers")]
mod client;
mod cuts;
mod flood;
mod greedy;
#[allow(dead_code, reason = "the short story uses all of it")]
mod random;
mod raw;
mod stalled;
#[cfg(all(
    feature = "chat",
    feature = "mam",
    feature = "muc",
    feature = "roster",
    feature = "sqlite",
    feature = "status"
))]
mod story;
