//! The chat grouping.

/// What programs import.
pub mod prelude {}
