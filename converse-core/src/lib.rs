//! The heart of `converse`: everything a grouping or a plugin stands on.
//!
//! Modules in reading order, each importing only from those before it: [`error`], [`mod@env`], [`ns`], [`xml`], [`promise`],
//! [`bus`], [`contract`], [`forms`], [`view`], [`mod@settings`], [`store`], [`sasl`], [`transport`], [`router`], [`registration`],
//! [`session`], [`disco`], [`api`], [`pubsub`], [`plugin`], [`discovery`], [`converse`].

// The derive macros name this crate by its own name, also inside it.
extern crate self as converse_core;

pub mod api;
pub mod bus;
pub mod contract;
pub mod converse;
pub mod disco;
pub mod discovery;
pub mod env;
pub mod error;
pub mod forms;
pub mod ns;
pub mod plugin;
pub mod prelude;
pub mod promise;
pub mod pubsub;
pub mod registration;
pub mod router;
pub mod sasl;
pub mod session;
pub mod settings;
mod stanza;
pub mod store;
pub mod transport;
pub mod view;
pub mod xml;

pub use api::Api;
pub use converse::{Converse, Plugins};
pub use error::{BoxError, Error, ErrorKind};

/// What the macros need, wherever they are used.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
}
