//! Bookmarks through the wire: what a server says and hears, and what becomes of rooms.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod autojoin;
mod changing;
mod fetching;
mod lists;
mod news;
mod refusals;
mod scene;
mod subscribing;
