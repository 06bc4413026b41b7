//! The loopback server, seen from the wire.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod archives;
mod blocking;
mod carbons;
mod client;
mod limits;
mod login;
mod messages;
mod peers;
mod pictures;
mod presence;
mod publishing;
mod registration;
mod requests;
mod resumption;
mod rooms;
mod roster;
mod standing;
mod streams;
