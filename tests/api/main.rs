//! What the 3.2 document promises of the API, row by row, and what happens when somebody gives it, or the session, nonsense.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod account;
mod bad_configuration;
mod bad_login;
mod bad_xml;
mod connection;
mod events;
mod handlers;
mod initialize;
mod instance;
mod iq;
mod keeping;
mod network;
mod odd_servers;
mod plugins;
mod promises;
mod registration;
mod resumption;
mod send;
mod send_in;
mod senders;
mod server;
mod support;
mod tokens;
mod user;
