//! Chats through the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod archive;
mod carbons;
mod catching_up;
mod clearing;
mod ending;
mod folding;
mod keeping;
mod markers;
mod older;
mod opening;
mod outbox;
mod payloads;
mod receipts;
mod receiving;
mod rooms;
mod rows;
mod scene;
mod searching;
mod sending;
mod sharing;
mod states;
mod typing;
mod unread;
mod views;
