//! Test tools for converse.

pub mod loopback;
//! placeholder

pub mod servers;
