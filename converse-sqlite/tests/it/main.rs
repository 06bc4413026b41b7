//! The store in a file, through its door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod chosen;
mod crash;
mod files;
mod folder;
mod full;
mod suite;
mod transfer;
mod versions;
