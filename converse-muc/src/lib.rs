//! The rooms grouping: multi-user chat (XEP-0045).

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {}
