//! The roster grouping.

/// What programs import.
pub mod prelude {}
