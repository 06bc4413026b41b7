//! The event bus: one actor that everything of an instance goes through.
//!
//! | verb | what it is |
//! |---|---|
//! | [`Bus::publish`] | a fact, an [`Event`]; any number hear it, in the order of registration |
//! | [`Bus::call`] | a [`Request`]; exactly one answers, and nobody is an error |
//! | [`Bus::transform`] | a [`Hook`]; a value passes through each, and each may change, stop or refuse it |
//! | [`Bus::wait_until`] | a named [promise](crate::promise), kept by the event of its name |
//!
//! What holds for all of them:
//!
//! - **Order.** Everything takes its turn in the mailbox of one actor; each subscriber has one inbox and handles one
//!   item at a time. So a subscriber hears events, of whatever type, in the order of publication.
//! - **Snapshot.** What a handler registers or withdraws counts from the next emission on.
//! - **Handlers before waiters.** A promise is kept when the handlers of its event were called.
//! - **Isolation.** A handler that panics or returns an error is logged and announced as [`HandlerFailed`]; the others
//!   are still called. (With `panic = "abort"` a panic ends the process, as everywhere.)
//! - **Bounds.** A full inbox closes the gate of [`Pressure`]; nothing is dropped.
//!
//! A handler that can be called at once is called in place, on the bus's turn; so a handler must not compute long or
//! block the thread. One that awaits something is finished by a task of its own or by its actor.

mod actor;
mod actor_inbox;
mod current;
mod dispatcher;
mod emission;
mod error;
mod event;
mod failure;
mod handle;
mod hook;
mod host;
mod inbox;
mod inbox_handle;
mod listen;
mod local;
mod pressure;
mod request;
mod topic;

pub use actor::EventBus;
pub(crate) use actor_inbox::Work;
pub use converse_macros::Event;
pub use dispatcher::Dispatcher;
pub use emission::Emission;
pub use error::{AnswererTaken, CallError, EmitError, HookError, Stop};
pub use event::{Event, Handled, HandlerFailed, IntoArgs, NamedEvent, PluginStalled};
pub use handle::{Bus, BusConfig};
pub use hook::Hook;
pub use host::{ActorHost, Answers, Hears, Spawned, Transforms};
pub use inbox_handle::InboxHandle;
pub use listen::{Listen, Subscription, SubscriptionId};
pub use pressure::Pressure;
pub use request::Request;

/// What the derive macros write; no part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use serde_json::Value;

    /// The JSON form of an event.
    pub fn to_value<T: serde::Serialize + std::fmt::Debug>(event: &T, name: &str) -> Value {
        serde_json::to_value(event).unwrap_or_else(|error| {
            tracing::error!(event = name, %error, "an event has no JSON form; those who listen by name get null");
            Value::Null
        })
    }
}
