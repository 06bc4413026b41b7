//! The archive grouping: queries of message archives (XEP-0313).

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {}
