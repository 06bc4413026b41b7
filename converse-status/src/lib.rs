//! The status grouping.

/// What programs import.
pub mod prelude {}
