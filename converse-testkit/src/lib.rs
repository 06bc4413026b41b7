//! Test tools for `converse` and for the plugins and applications built on it.
//!
//! - [`clock`]: virtual time and random numbers that can be repeated;
//! - [`scripted`]: a server that a test speaks for;
//! - [`cases`]: replays test cases that are written as JSON;
//! - [`loopback`]: a small XMPP server in the process, which any client can log in to;
//! - [`servers`]: Prosody and ejabberd, started on loopback from a private folder;
//! - [`MortalStore`]: a store as a process has it that can be killed, on a disk that can fail.

pub mod cases;
pub mod clock;
pub mod loopback;
mod mortal;
pub mod scripted;
pub mod servers;

pub use mortal::MortalStore;
