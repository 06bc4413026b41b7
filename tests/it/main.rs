//! The facade as programs use it: what is linked, and the groupings together against a server in the process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod contacts;
mod scene;
