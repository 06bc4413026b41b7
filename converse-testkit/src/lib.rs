//! Test tools for converse.

pub mod loopback;
