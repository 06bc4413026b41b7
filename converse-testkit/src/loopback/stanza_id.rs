//! Ids that the server gives to messages (XEP-0359).

use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::dom::{Dom, name};
use super::offline;
use super::state::State;

impl State {
    /// Marks a message on its way to an account with an id of the account's, the only one of them that it bears
    /// (XEP-0359 §6).
    pub(super) fn mark(&self, account: &BareJid, message: &mut Element) {
        let forged = |child: &Element| {
            child.is("stanza-id", ns::SID) && child.attr("by") == Some(account.as_str())
        };
        if message.children().any(forged) {
            let kept: Vec<Element> = message
                .children()
                .filter(|child| child.is("stanza-id", ns::SID) && !forged(child))
                .cloned()
                .collect();
            while message.remove_child("stanza-id", ns::SID).is_some() {}
            for child in kept {
                message.append_child(child);
            }
        }
        let instant = matches!(message.kind(), None | Some("chat" | "normal"));
        if instant && offline::is_storable(message) {
            let id = self.config.environment.random.stanza_id();
            let mark = Element::bare("stanza-id", ns::SID)
                .with(name::BY, account.as_str())
                .with(name::ID, &id);
            message.append_child(mark);
        }
    }
}
