//! SASL: published vectors, the choice of a mechanism, and servers that are not what they say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod bad_servers;
mod downgrade;
mod other_mechanisms;
mod selection;
mod server;
mod vectors;
