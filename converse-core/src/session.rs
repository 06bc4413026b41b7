//! The session: one login, kept up over as many connections as it takes.
//!
//! An actor supervises one task that owns the connection. The task is a loop over explicit
//! [states](SessionState): connect, authenticate, resume or bind, carry stanzas, wait, again. What it announces are the
//! [events](event); what is asked of it goes through the [`Session`] handle.
//!
//! RFC 6120 and RFC 6121, XEP-0198 (stream management), XEP-0199 (ping).

mod actor;
mod backoff;
mod campaign;
mod command;
mod config;
mod core;
mod driver;
pub mod event;
mod failure;
mod handle;
mod intake;
mod iq;
mod keeping;
mod login;
mod negotiate;
mod online;
mod registering;
mod sm;
mod state;
mod stream;

pub use command::Status;
pub(crate) use config::check as check_settings;
pub(crate) use handle::not_connected;
pub use handle::{Acknowledgement, Session};
pub use iq::IqResult;
pub use keeping::Checkpoint;
pub use login::Login;
pub(crate) use registering::Registering;
pub use sm::StreamManagementStatus;
pub use state::{ClientState, SessionState, Terminal};

pub use crate::router::{Outcome, SessionNumber};
