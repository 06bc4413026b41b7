//! Namespaces of blocking.

/// Blocking command (XEP-0191).
pub(crate) const BLOCKING: &str = "urn:xmpp:blocking";
/// Reports of spam and abuse (XEP-0377).
pub(crate) const REPORTING: &str = "urn:xmpp:reporting:1";
