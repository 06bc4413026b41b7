//! The session against a scripted server, in virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod login;
mod pressure;
mod reconnecting;
mod requests;
mod resuming;
mod scene;
