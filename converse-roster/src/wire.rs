//! Elements to model and back.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::contract::{Subscription, sent_at};
use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::{BareJid, Jid};

use crate::model::{Ask, ChatStatus, Resource, RosterItem};

/// User nickname (XEP-0172).
const NICK: &str = "http://jabber.org/protocol/nick";
/// What a client sends to enter a room (XEP-0045); [`ns::MUC_USER`] is what comes back.
pub(crate) const MUC: &str = "http://jabber.org/protocol/muc";

/// How many groups of a contact are read; servers allow far fewer.
const MAX_GROUPS: usize = 256;
/// The longest status text or name that is kept of what a stranger or contact wrote, in bytes.
const LONGEST_TEXT: usize = 4096;

/// The query for the roster; `version` is the one that is known, empty for none (RFC 6121 §2.6.2).
pub(crate) fn query(version: Option<&str>) -> ElementBuilder {
    let query = Element::builder("query", ns::ROSTER).attr_opt("ver", version);
    Element::builder("iq", ns::CLIENT)
        .attr("type", "get")
        .child(query)
}

/// Adds a contact, or changes name and groups (RFC 6121 §2.3.1, §2.4.1).
pub(crate) fn set(jid: &BareJid, name: Option<&str>, groups: &[String]) -> ElementBuilder {
    let groups = groups
        .iter()
        .map(|group| Element::builder("group", ns::ROSTER).text(group));
    let item = Element::builder("item", ns::ROSTER)
        .attr("jid", jid.as_str())
        .attr_opt("name", name)
        .children(groups);
    roster_set(item)
}

/// Removes a contact (RFC 6121 §2.5.1).
pub(crate) fn remove(jid: &BareJid) -> ElementBuilder {
    let item = Element::builder("item", ns::ROSTER)
        .attr("jid", jid.as_str())
        .attr("subscription", "remove");
    roster_set(item)
}

fn roster_set(item: ElementBuilder) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", "set")
        .child(Element::builder("query", ns::ROSTER).child(item))
}

/// A presence of one of the subscription types (RFC 6121 §3).
pub(crate) fn subscription(type_: &str, to: &BareJid) -> ElementBuilder {
    Element::builder("presence", ns::CLIENT)
        .attr("to", to.as_str())
        .attr("type", type_)
}

/// Asks to see somebody's presence; `message` is what they read with it (RFC 6121 §3.1.1).
pub(crate) fn request(to: &BareJid, message: Option<&str>) -> ElementBuilder {
    let status = message.map(|text| Element::builder("status", ns::CLIENT).text(text));
    subscription("subscribe", to).child_opt(status)
}

/// The items of a roster query; a malformed one costs nobody else.
pub(crate) fn items(query: ElementRef<'_>) -> impl Iterator<Item = RosterItem> {
    let items = query
        .children()
        .filter(|child| child.is("item", ns::ROSTER));
    items.filter_map(|item| match read_item(item) {
        Ok(item) => Some(item),
        Err(reason) => {
            let jid = item.attr("jid").unwrap_or_default();
            tracing::warn!(jid = %shown(&jid), reason, "a malformed item of the roster is ignored");
            None
        }
    })
}

fn read_item(item: ElementRef<'_>) -> Result<RosterItem, &'static str> {
    let jid = item.attr("jid").ok_or("it has no address")?;
    let jid = Jid::new(&jid).map_err(|_| "its address is not a JID")?;
    let (subscription, removed) = match item.attr("subscription").as_deref() {
        None | Some("none") => (Subscription::None, false),
        Some("to") => (Subscription::To, false),
        Some("from") => (Subscription::From, false),
        Some("both") => (Subscription::Both, false),
        Some("remove") => (Subscription::None, true),
        Some(_) => return Err("its subscription is unknown"),
    };
    let ask = item.attr("ask").filter(|ask| ask == "subscribe");
    let approved = item.attr("approved");
    let mut groups = Vec::new();
    for group in item.children_named("group", ns::ROSTER) {
        let group = group.text();
        if !group.is_empty() && !groups.iter().any(|known| *known == group) {
            groups.push(group.into_owned());
        }
        if groups.len() >= MAX_GROUPS {
            break;
        }
    }
    Ok(RosterItem {
        jid: jid.to_bare(),
        name: item.attr("name").map(|name| name.into_owned()),
        subscription,
        ask: ask.map(|_| Ask::Subscribe),
        approved: approved.is_some_and(|approved| matches!(approved.trim(), "true" | "1")),
        groups,
        removed,
    })
}

/// What a presence says of the resource that sent it, which is there, read in one pass. `order` counts the presences that came.
pub(crate) fn presence(presence: ElementRef<'_>, now: DateTime<Utc>, order: u64) -> Resource {
    let (mut priority, mut show, mut status) = (None, None, None);
    let mut since = None;
    for child in presence.children() {
        match (child.name(), child.ns()) {
            ("priority", ns::CLIENT) if priority.is_none() => priority = Some(child.text()),
            ("show", ns::CLIENT) if show.is_none() => show = Some(child.text()),
            ("status", ns::CLIENT) if status.is_none() => status = Some(child.text()),
            ("delay", ns::DELAY) => since = sent_at(presence, now),
            _ => {}
        }
    }
    let priority = priority.and_then(|text| {
        let priority = text.trim().parse();
        if priority.is_err() {
            let from = presence.attr("from").unwrap_or_default();
            let (from, priority) = (shown(&from), shown(&text));
            tracing::debug!(%from, %priority, "a priority that is none counts as 0");
        }
        priority.ok()
    });
    Resource {
        priority: priority.unwrap_or(0),
        chat_status: ChatStatus::of_show(show.as_deref().map(str::trim)),
        status: status.and_then(|status| bounded(&status)),
        since: since.unwrap_or(now),
        order,
    }
}

/// The status text of a presence.
pub(crate) fn status(presence: ElementRef<'_>) -> Option<Arc<str>> {
    bounded(&presence.child_text("status", ns::CLIENT)?)
}

/// The name that somebody who asks gives (XEP-0172).
pub(crate) fn nick(presence: ElementRef<'_>) -> Option<String> {
    let nick = presence.child_text("nick", NICK)?;
    bounded(nick.trim()).map(|nick| nick.as_ref().to_owned())
}

/// A text that somebody else wrote, as far as it is kept; nothing for an empty one.
fn bounded(text: &str) -> Option<Arc<str>> {
    Some(prefix(text, LONGEST_TEXT))
        .filter(|text| !text.is_empty())
        .map(Arc::from)
}

/// What a peer wrote as a log shows it.
fn shown(text: &str) -> String {
    prefix(text, 128).escape_debug().to_string()
}

/// As much of the text as `limit` bytes hold.
fn prefix(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn parse(xml: &str) -> Element {
        Element::parse(xml).unwrap()
    }

    #[test]
    fn a_malformed_item_costs_only_itself() {
        let query = parse(
            "<query xmlns='jabber:iq:roster'><item/><item jid='not a jid'/><item jid='@x'/>\
             <item jid='a@x' subscription='maybe'/><item xmlns='urn:other' jid='b@x'/>\
             <item jid='Otto@Heron.example/oar' name='Otto' ask='subscribe' approved='1'/></query>",
        );
        let items: Vec<_> = items(query.view()).collect();
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].jid.as_str(), "otto@heron.example");
        assert_eq!(items[0].subscription, Subscription::None);
        assert_eq!(items[0].ask, Some(Ask::Subscribe));
        assert!(items[0].approved);
    }

    #[test]
    fn groups_are_named_once_and_not_empty() {
        let query = parse(
            "<query xmlns='jabber:iq:roster'><item jid='a@x'><group/><group>2026</group>\
             <group>Ænder &amp; Gæs</group><group>2026</group></item></query>",
        );
        let items: Vec<_> = items(query.view()).collect();
        assert_eq!(items[0].groups, ["2026", "Ænder & Gæs"]);
    }

    #[test]
    fn a_strange_presence_is_read_as_far_as_it_goes() {
        let now = "2026-02-01T00:00:00Z".parse().unwrap();
        let presence = parse("<presence><priority>many</priority><show>snoozing</show></presence>");
        let read = super::presence(presence.view(), now, 1);
        assert_eq!((read.priority, read.chat_status), (0, ChatStatus::Online));
        assert_eq!(read.since, now);
        let presence =
            parse("<presence><priority>500</priority><show xmlns='x'>dnd</show></presence>");
        let read = super::presence(presence.view(), now, 1);
        assert_eq!((read.priority, read.chat_status), (0, ChatStatus::Online));
        let long = format!(
            "<presence><status>{}</status></presence>",
            "ä".repeat(5_000)
        );
        let text = status(parse(&long).view()).unwrap();
        assert_eq!(text.len(), LONGEST_TEXT);
    }
}
