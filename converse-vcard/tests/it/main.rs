//! Profiles through the wire: what a server says and hears.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod cards;
mod keeping;
mod nicknames;
mod nodes;
mod own;
mod pictures;
mod presence;
mod publishing;
mod scene;
