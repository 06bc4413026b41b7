//! Lists that follow themselves: what a view gives is what its owner has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod ends;
mod properties;
mod slow;
mod sorted;
mod threads;

/// How many changes may wait for a view, as its documentation says.
const MAX_WAITING: usize = 1_024;
