//! Test tools for `converse` and for the plugins and applications built on it.
//!
//! - [`loopback`]: a small XMPP server in the process, which any client can log in to;
//! - [`servers`]: Prosody and ejabberd, started on loopback from a private folder.

pub mod loopback;
pub mod servers;
