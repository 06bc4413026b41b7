//! Stanzas and who may hear them.
//!
//! A plugin declares a [`Route`]: what it wants, and **who may send it**. The router checks the sender, drops or answers the
//! rest, and hands each stanza to the inboxes of those who asked, in the order in which the stanzas arrived.

mod handler;
mod outcome;
mod outgoing;
mod route;
mod sender;
mod senders;
mod stanza_error;
mod table;

pub use handler::{Answer, AnswersRequests, HearsStanzas};
pub use outcome::{Outcome, SessionNumber};
pub use outgoing::{IntoStanza, Outgoing};
pub use route::Route;
pub use sender::Sender;
pub use senders::Senders;
pub use stanza_error::{ApplicationCondition, Condition, ErrorType, StanzaError};
pub use table::RouteId;

pub use crate::stanza::{AddressCache, Stanza, StanzaKind};

pub(crate) use handler::Handler;
pub(crate) use sender::{Identity, Origin};
pub(crate) use table::{Batch, Router};
