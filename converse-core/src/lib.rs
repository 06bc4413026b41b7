//! The heart of `converse`: everything a grouping or a plugin stands on.
//!
//! Modules in reading order, each importing only from those above it: [`error`], [`env`], [`ns`].

// The derive macros name this crate by its own name, also inside it.
extern crate self as converse_core;

pub mod bus;
pub mod env;
pub mod error;
pub mod ns;
pub mod promise;

pub use error::{BoxError, Error, ErrorKind};
