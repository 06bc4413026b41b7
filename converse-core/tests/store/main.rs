//! The store: the suite that all backends share, and what is particular to the one in memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod account;
mod chosen;
mod memory;
mod pruning;
mod transfer;
