//! Queries over the wire, row by row of the API's contract, and who may answer them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod callbacks;
mod extended;
mod failures;
mod fetching;
mod pages;
mod paging;
mod preferences;
mod queries;
mod scene;
mod senders;
mod support;
