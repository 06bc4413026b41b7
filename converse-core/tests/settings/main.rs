//! Settings: layers, types, sources, and the rows of the API contract about them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod api;
mod arbitrary;
mod concurrency;
mod defaults;
mod documentation;
mod errors;
mod maps;
mod secrets;
mod sources;
mod watch;
