//! XML namespaces, by the names that the RFCs and XEPs give them.

/// `stream` (RFC 6120 §4.8.1).
pub const STREAM: &str = "http://etherx.jabber.org/streams";
/// Content namespace of a client's stream (RFC 6120 §4.8.2).
pub const CLIENT: &str = "jabber:client";
/// Stream error conditions (RFC 6120 §4.9.2).
pub const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
/// Stanza error conditions (RFC 6120 §8.3.2).
pub const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// STARTTLS negotiation (RFC 6120 §5).
pub const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
/// SASL negotiation (RFC 6120 §6).
pub const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// Channel binding types a server can do (XEP-0440).
pub const SASL_CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
/// Resource binding (RFC 6120 §7).
pub const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
/// Session establishment (RFC 3921 §3), kept by old servers as optional.
pub const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
/// Stream management (XEP-0198).
pub const SM: &str = "urn:xmpp:sm:3";
/// Client state indication (XEP-0352).
pub const CSI: &str = "urn:xmpp:csi:0";
/// Roster (RFC 6121 §2).
pub const ROSTER: &str = "jabber:iq:roster";
/// Roster versioning stream feature (RFC 6121 §2.6.1).
pub const ROSTERVER: &str = "urn:xmpp:features:rosterver";
/// Ping (XEP-0199).
pub const PING: &str = "urn:xmpp:ping";
/// Service discovery, information (XEP-0030).
pub const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
/// Service discovery, items (XEP-0030).
pub const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
/// Entity capabilities (XEP-0115).
pub const CAPS: &str = "http://jabber.org/protocol/caps";
/// Errors of the blocking command (XEP-0191 §3.3).
pub const BLOCKING_ERRORS: &str = "urn:xmpp:blocking:errors";
/// Entity capabilities 2.0 (XEP-0390).
pub const CAPS_2: &str = "urn:xmpp:caps";
/// Cryptographic hashes (XEP-0300).
pub const HASHES: &str = "urn:xmpp:hashes:2";
/// Data forms (XEP-0004).
pub const DATA_FORMS: &str = "jabber:x:data";
/// Publish-subscribe (XEP-0060).
pub const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
/// Publish-subscribe, for the owner of a node (XEP-0060 §8).
pub const PUBSUB_OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
/// Publish-subscribe, what those hear who follow a node (XEP-0060 §7.1.2.1).
pub const PUBSUB_EVENT: &str = "http://jabber.org/protocol/pubsub#event";
/// Publishing on conditions (XEP-0060 §7.1.5).
pub const PUBSUB_PUBLISH_OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";
/// The form with the configuration of a node (XEP-0060 §16.4.4).
pub const PUBSUB_NODE_CONFIG: &str = "http://jabber.org/protocol/pubsub#node_config";
/// Software version (XEP-0092).
pub const VERSION: &str = "jabber:iq:version";
/// Entity time (XEP-0202).
pub const TIME: &str = "urn:xmpp:time";
/// Chat states (XEP-0085).
pub const CHAT_STATES: &str = "http://jabber.org/protocol/chatstates";
/// Message carbons (XEP-0280).
pub const CARBONS: &str = "urn:xmpp:carbons:2";
/// Stanza forwarding (XEP-0297).
pub const FORWARD: &str = "urn:xmpp:forward:0";
/// Last activity (XEP-0012).
pub const LAST: &str = "jabber:iq:last";
/// Last user interaction in presence (XEP-0319).
pub const IDLE: &str = "urn:xmpp:idle:1";
/// Delayed delivery (XEP-0203).
pub const DELAY: &str = "urn:xmpp:delay";
/// Unique stanza ids (XEP-0359).
pub const SID: &str = "urn:xmpp:sid:0";
/// Delivery receipts (XEP-0184).
pub const RECEIPTS: &str = "urn:xmpp:receipts";
/// Displayed markers (XEP-0333).
pub const CHAT_MARKERS: &str = "urn:xmpp:chat-markers:0";
/// What was displayed, between the clients of an account (XEP-0490).
pub const MDS_DISPLAYED: &str = "urn:xmpp:mds:displayed:0";
/// Message processing hints (XEP-0334).
pub const HINTS: &str = "urn:xmpp:hints";
/// Multi-user chat, what only its users need (XEP-0045).
pub const MUC_USER: &str = "http://jabber.org/protocol/muc#user";
/// Direct invitations to rooms (XEP-0249).
pub const CONFERENCE: &str = "jabber:x:conference";
/// The `xml:` prefix.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Message correction (XEP-0308).
pub const CORRECTION: &str = "urn:xmpp:message-correct:0";
/// Message retraction (XEP-0424).
pub const RETRACTION: &str = "urn:xmpp:message-retract:1";
/// Message retraction, before version 0.4 of XEP-0424.
pub const RETRACTION_0: &str = "urn:xmpp:message-retract:0";
/// Moderated retraction in rooms (XEP-0425).
pub const MODERATION: &str = "urn:xmpp:message-moderate:1";
/// Moderated retraction in rooms, before version 0.3 of XEP-0425.
pub const MODERATION_0: &str = "urn:xmpp:message-moderate:0";
/// Something that is attached to a message (XEP-0422), which moderation was once.
pub const FASTEN: &str = "urn:xmpp:fasten:0";
/// Ids of occupants that last (XEP-0421).
pub const OCCUPANT_ID: &str = "urn:xmpp:occupant-id:0";
/// Reactions to a message (XEP-0444).
pub const REACTIONS: &str = "urn:xmpp:reactions:0";
/// Replies (XEP-0461).
pub const REPLY: &str = "urn:xmpp:reply:0";
/// What is in a text only for those who do not know better (XEP-0428).
pub const FALLBACK: &str = "urn:xmpp:fallback:0";
/// References and mentions (XEP-0372).
pub const REFERENCE: &str = "urn:xmpp:reference:0";
/// Message styling (XEP-0393).
pub const STYLING: &str = "urn:xmpp:styling:0";
/// Out-of-band data in a message (XEP-0066 §3).
pub const OOB: &str = "jabber:x:oob";
/// Stateless file sharing (XEP-0447).
pub const FILE_SHARING: &str = "urn:xmpp:sfs:0";
/// What a file is (XEP-0446).
pub const FILE_METADATA: &str = "urn:xmpp:file:metadata:0";
/// Addresses of files on the web (XEP-0103).
pub const URL_DATA: &str = "http://jabber.org/protocol/url-data";
/// Which encryption a message has (XEP-0380).
pub const ENCRYPTION: &str = "urn:xmpp:eme:0";
