//! What is heard of a node.

use chrono::{DateTime, Utc};
use jid::BareJid;

use super::item::Item;
use super::wire;
use crate::ns;
use crate::router::Stanza;

/// Something was published to a node, or removed from it (XEP-0060 §7.1.2.1, §7.2.2.1, §8.4, §8.5; XEP-0163 §4).
///
/// ```
/// use converse_core::pubsub::PepEvent;
/// use converse_core::router::Stanza;
///
/// let stanza = Stanza::parse(
///     "<message from='juliet@capulet.example' type='headline'>\
///        <event xmlns='http://jabber.org/protocol/pubsub#event'>\
///          <items node='http://jabber.org/protocol/nick'>\
///            <item id='1'><nick xmlns='http://jabber.org/protocol/nick'>Jule</nick></item>\
///          </items></event></message>",
/// )?;
/// let own = "romeo@montague.example".parse()?;
/// let event = PepEvent::read(&stanza, &own).ok_or("no event")?;
/// assert_eq!(event.from.as_str(), "juliet@capulet.example");
/// assert_eq!(event.items[0].id, "1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PepEvent {
    /// Whose node it is: who sent the event, whatever is in it.
    pub from: BareJid,
    /// The node.
    pub node: String,
    /// The new items, at most [`MAX_ITEMS`](super::MAX_ITEMS).
    pub items: Vec<Item>,
    /// The ids of items that are not there any more, at most [`MAX_ITEMS`](super::MAX_ITEMS).
    pub retracted: Vec<String>,
    /// Every item is gone: the node was emptied or deleted.
    pub emptied: bool,
    /// When it happened, if that was before (XEP-0203): the last item as it is told at the start of a session.
    pub delayed: Option<DateTime<Utc>>,
}

impl PepEvent {
    /// The event in a message; `own` is the own account, for which a message without a sender is from.
    ///
    /// Nothing if there is none, or if it comes from a full address, which no account's node does.
    #[must_use]
    pub fn read(stanza: &Stanza, own: &BareJid) -> Option<Self> {
        let from = match stanza.from() {
            None => own.clone(),
            Some(from) if from.resource().is_none() => from.to_bare(),
            Some(_) => return None,
        };
        let event = stanza.child("event", ns::PUBSUB_EVENT)?;
        let change = event.children().find_map(wire::change)?;
        let delay = stanza.child("delay", ns::DELAY);
        let delayed = delay.and_then(|delay| {
            let stamp = DateTime::parse_from_rfc3339(delay.attr("stamp")?.trim()).ok()?;
            Some(stamp.to_utc())
        });
        Some(Self {
            from,
            node: change.node,
            items: change.items,
            retracted: change.retracted,
            emptied: change.emptied,
            delayed,
        })
    }
}
