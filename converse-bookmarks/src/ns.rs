//! Namespaces of bookmarks.

/// Bookmarks, an item each (XEP-0402): the name of the node, too.
pub(crate) const NATIVE: &str = "urn:xmpp:bookmarks:1";
/// The server keeps private storage and the items the same (XEP-0402 §5.3).
pub(crate) const COMPAT: &str = "urn:xmpp:bookmarks:1#compat";
/// The server keeps the list on a node and the items the same (XEP-0402 §5.3).
pub(crate) const COMPAT_PEP: &str = "urn:xmpp:bookmarks:1#compat-pep";
/// Bookmarks, all in one list (XEP-0048): the name of the node, too.
pub(crate) const LIST: &str = "storage:bookmarks";
/// Private storage (XEP-0049).
pub(crate) const PRIVATE: &str = "jabber:iq:private";
/// The server keeps the list on the node and the one in private storage the same (XEP-0411).
pub(crate) const CONVERSION: &str = "urn:xmpp:bookmarks-conversion:0";
