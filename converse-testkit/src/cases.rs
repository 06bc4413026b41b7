//! Replays test cases that are written as JSON against a [scripted server](crate::scripted).
//!
//! A case has a *setup*, from which its server and its instance are built, and *steps*: what the server sends, what the
//! application calls, and what is expected of either. Each case has an instance of its own and runs in virtual time. What
//! the runner does not know, an operation, a check or a parameter, makes a case *unsupported*, which counts as failed: a
//! check that cannot fail would be worse than none.
//!
//! The groupings are crates that this one does not depend on. A program that links them tells the runner how to reach
//! them ([`Groupings`]) and calls [`main`].

mod announcing;
mod calls;
mod chats;
mod command;
mod control;
mod events;
mod format;
mod groupings;
mod invariants;
mod ledger;
mod log;
mod paths;
mod plugins;
mod receiving;
mod resources;
mod run;
mod sending;
mod setup;
mod trouble;
mod views;
mod world;

pub use command::main;
pub use format::{Case, Level, Phase, Setup, StreamManagementSetup};
pub use groupings::{Answer, CoreOnly, Groupings};
pub use run::{Verdict, run};
