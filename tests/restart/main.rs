//! A session that goes on in another process (setting `keepalive`, XEP-0198 §5): killed, stopped, refused, too old, another's.
#![cfg(all(
    feature = "blocking",
    feature = "bookmarks",
    feature = "chat",
    feature = "muc",
    feature = "roster",
    feature = "status",
    feature = "vcard"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod counting;
mod ending;
mod groupings;
mod refused;
mod scene;
mod sending;
