//! The heart of `converse`: everything a grouping or a plugin stands on.
//!
//! Modules in reading order, each importing only from those above it: [`error`], [`env`], [`ns`].

pub mod env;
pub mod error;
pub mod ns;
pub mod sasl;
pub mod transport;
pub mod xml;
pub mod settings;

pub use error::{BoxError, Error, ErrorKind};
