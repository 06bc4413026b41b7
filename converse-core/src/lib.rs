//! The heart of `converse`: everything a grouping or a plugin stands on.
//!
//! Modules in reading order, each importing only from those above it: [`error`], [`env`], [`ns`].

pub mod env;
pub mod error;
pub mod ns;
pub mod settings;
pub mod store;

pub use error::{BoxError, Error, ErrorKind};
