//! The facade as programs use it: what is linked, and the groupings together against a server in the process.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

#[cfg(all(
    feature = "chat",
    feature = "mam",
    feature = "muc",
    feature = "roster",
    feature = "status"
))]
mod archives;
#[cfg(all(
    feature = "blocking",
    feature = "chat",
    feature = "roster",
    feature = "status"
))]
mod blocking;
#[cfg(all(
    feature = "bookmarks",
    feature = "chat",
    feature = "muc",
    feature = "roster",
    feature = "status"
))]
mod bookmarks;
#[cfg(all(feature = "chat", feature = "roster", feature = "status"))]
mod chats;
#[cfg(all(feature = "chat", feature = "roster", feature = "status"))]
mod contacts;
mod linking;
#[cfg(all(feature = "chat", feature = "roster", feature = "status"))]
mod offline;
#[cfg(all(
    feature = "chat",
    feature = "roster",
    feature = "status",
    feature = "vcard"
))]
mod profiles;
#[cfg(all(feature = "chat", feature = "roster", feature = "status"))]
mod registration;
#[cfg(all(
    feature = "chat",
    feature = "roster",
    feature = "sqlite",
    feature = "status"
))]
mod restarts;
#[cfg(all(feature = "chat", feature = "roster", feature = "status"))]
mod scene;
#[cfg(all(feature = "chat", feature = "roster", feature = "status"))]
mod status;
