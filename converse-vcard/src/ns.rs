//! Namespaces of profiles, and the nodes of the same names.

/// vCards as XMPP has always had them (XEP-0054).
pub(crate) const VCARD: &str = "vcard-temp";
/// The hash of the avatar in presence (XEP-0153).
pub(crate) const UPDATE: &str = "vcard-temp:x:update";
/// The bytes of an avatar (XEP-0084).
pub(crate) const AVATAR_DATA: &str = "urn:xmpp:avatar:data";
/// What an avatar is (XEP-0084).
pub(crate) const AVATAR_METADATA: &str = "urn:xmpp:avatar:metadata";
/// The server keeps both kinds of avatar the same (XEP-0398).
pub(crate) const CONVERSION: &str = "urn:xmpp:pep-vcard-conversion:0";
/// Nicknames (XEP-0172).
pub(crate) const NICK: &str = "http://jabber.org/protocol/nick";
/// A vCard of version 4 (RFC 6351).
pub(crate) const VCARD4: &str = "urn:ietf:params:xml:ns:vcard-4.0";
/// The node of such a vCard (XEP-0292).
pub(crate) const VCARD4_NODE: &str = "urn:xmpp:vcard4";
