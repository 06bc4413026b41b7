//! What clients want to hear of: their capabilities (XEP-0115), read for the features that end in `+notify` (XEP-0163 §4.2).
//!
//! A client says in its presence what it can do by a hash. The server asks the first client with that hash, and keeps the
//! answer for the others if the answer has that hash.

use std::collections::{BTreeSet, VecDeque};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use xmpp_parsers::caps::{compute_disco, hash_caps};
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::hashes::Algo;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::dom::{Dom, Packet, name};
use super::state::{SessionId, State};

/// Capabilities the server remembers.
const KNOWN: usize = 256;
/// Nodes that one client may want to hear of.
const NOTIFIED: usize = 256;

/// By what a client says what it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    hash: String,
    node: String,
    ver: String,
}

/// The capabilities that have been verified, with the nodes that they ask for.
pub(super) type Known = VecDeque<(Key, BTreeSet<String>)>;

/// A question to a client that has not been answered yet.
#[derive(Debug, Clone)]
pub(super) struct Question {
    id: String,
    key: Key,
}

impl Key {
    fn read(presence: &Element) -> Option<Self> {
        let caps = presence.get_child("c", ns::CAPS)?;
        let text = |name| caps.attr(name).map(str::to_owned);
        Some(Self {
            hash: text("hash")?,
            node: text("node")?,
            ver: text("ver")?,
        })
    }

    /// Whether an answer is what the hash says (XEP-0115 §5.4).
    fn is_of(&self, info: &DiscoInfoResult) -> bool {
        let Ok(algo) = self.hash.parse::<Algo>() else {
            return false;
        };
        let hash = hash_caps(&compute_disco(info), algo);
        hash.is_ok_and(|hash| BASE64.encode(hash.hash) == self.ver)
    }
}

impl State {
    /// Reads the capabilities in an available presence; asks for those that nobody has explained.
    pub(super) fn learn(&mut self, id: SessionId, presence: &Element) {
        let key = Key::read(presence);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if session.caps == key {
            return;
        }
        session.caps.clone_from(&key);
        session.asked = None;
        let Some(key) = key else {
            session.notified.clear();
            return;
        };
        let known = self.capabilities.iter().find(|(known, _)| *known == key);
        if let Some((_, nodes)) = known {
            let nodes = nodes.clone();
            return self.notified_of(id, nodes);
        }
        let question = self.config.environment.random.stanza_id().to_string();
        let (to, from) = (session.jid.clone(), session.jid.to_bare());
        let query = Element::bare("query", ns::DISCO_INFO)
            .with(name::NODE, &format!("{}#{}", key.node, key.ver));
        let iq = Element::bare("iq", ns::JABBER_CLIENT)
            .with(name::TYPE, "get")
            .with(name::ID, &question)
            .with(name::FROM, from.as_str())
            .with(name::TO, to.as_str())
            .holding(query);
        let id_asked = question;
        session.asked = Some(Question { id: id_asked, key });
        self.push(id, Packet::new(iq));
    }

    /// Reads what a client answers to the server or to its own account.
    pub(super) fn answered(&mut self, id: SessionId, iq: &Element) {
        let session = self.sessions.get_mut(&id);
        let Some(question) = session.and_then(|session| {
            let asked = session.asked.as_ref();
            asked.filter(|asked| iq.id() == Some(&asked.id))?;
            session.asked.take()
        }) else {
            // The answer to a roster push, or to nothing.
            return;
        };
        let info = iq.get_child("query", ns::DISCO_INFO).cloned();
        let Some(Ok(info)) = info.map(DiscoInfoResult::try_from) else {
            return;
        };
        let nodes = info.features.iter();
        let nodes = nodes.filter_map(|feature| feature.strip_suffix("+notify"));
        let nodes: BTreeSet<String> = nodes.take(NOTIFIED).map(str::to_owned).collect();
        if question.key.is_of(&info) {
            if self.capabilities.len() >= KNOWN {
                self.capabilities.pop_front();
            }
            self.capabilities.push_back((question.key, nodes.clone()));
        }
        self.notified_of(id, nodes);
    }

    /// A client wants to hear of these nodes; of those that are new it hears the last item at once.
    fn notified_of(&mut self, id: SessionId, nodes: BTreeSet<String>) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let new: Vec<String> = nodes.difference(&session.notified).cloned().collect();
        session.notified = nodes;
        self.show_last_items(id, &new);
    }
}
