//! Chats through the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod carbons;
mod markers;
mod opening;
mod receipts;
mod receiving;
mod scene;
mod sending;
mod sharing;
mod states;
mod typing;
mod unread;
