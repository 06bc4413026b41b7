//! XML namespaces of message archives.

/// Message archives (XEP-0313).
pub const MAM: &str = "urn:xmpp:mam:2";
/// Result set management (XEP-0059).
pub const RSM: &str = "http://jabber.org/protocol/rsm";
/// Data forms (XEP-0004).
pub const DATA: &str = "jabber:x:data";
/// What archives of XEP-0313 1.1 can besides: `before_id`, `after_id`, `ids`, flipped pages and metadata (XEP-0313 §8).
pub const EXTENDED: &str = "urn:xmpp:mam:2#extended";
