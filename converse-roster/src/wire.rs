//! Elements to model and back.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use converse_core::contract::{Subscription, sent_at};
use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::{BareJid, Jid};

use crate::model::{Ask, ChatStatus, Resource, RosterItem};

/// User nickname (XEP-0172).
const NICK: &str = "http://jabber.org/protocol/nick";
/// What a client sends to enter a room (XEP-0045); [`ns::MUC_USER`] is what comes back.
const MUC: &str = "http://jabber.org/protocol/muc";

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

/// The items of a roster query; a malformed one costs nobody else.
pub(crate) fn items(query: ElementRef<'_>) -> Vec<RosterItem> {
    let items = query.children_named("item", ns::ROSTER);
    items
        .filter_map(|item| match read_item(item) {
            Ok(item) => Some(item),
            Err(reason) => {
                let jid = item.attr("jid").unwrap_or_default();
                tracing::warn!(jid = %shown(&jid), reason, "a malformed item of the roster is ignored");
                None
            }
        })
        .collect()
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
    let mut seen = HashSet::new();
    let groups = item
        .children_named("group", ns::ROSTER)
        .map(|group| group.text().into_owned())
        .filter(|group| !group.is_empty() && seen.insert(group.clone()))
        .collect();
    Ok(RosterItem {
        jid: jid.to_bare(),
        name: item.attr("name").map(|name| name.into_owned()),
        subscription,
        ask: ask.map(|_| Ask::Subscribe),
        groups,
        removed,
    })
}

/// The presence of a resource that is there. `order` counts the presences that came.
pub(crate) fn resource(presence: ElementRef<'_>, now: DateTime<Utc>, order: u64) -> Resource {
    let priority = presence.child_text("priority", ns::CLIENT);
    let show = presence.child_text("show", ns::CLIENT);
    Resource {
        priority: priority
            .and_then(|priority| priority.trim().parse().ok())
            .unwrap_or(0),
        chat_status: ChatStatus::of_show(show.as_deref().map(str::trim)),
        status: status(presence),
        since: sent_at(presence, now).unwrap_or(now),
        order,
    }
}

/// The status text of a presence.
pub(crate) fn status(presence: ElementRef<'_>) -> Option<String> {
    let status = presence.child_text("status", ns::CLIENT)?;
    Some(bounded(&status)).filter(|status| !status.is_empty())
}

/// The name that somebody who asks gives (XEP-0172).
pub(crate) fn nick(presence: ElementRef<'_>) -> Option<String> {
    let nick = presence.child_text("nick", NICK)?;
    Some(bounded(nick.trim())).filter(|nick| !nick.is_empty())
}

/// Whether a presence is about a room's occupant (XEP-0045), which is nobody's contact.
pub(crate) fn is_from_room(presence: ElementRef<'_>) -> bool {
    presence
        .children()
        .any(|child| child.name() == "x" && matches!(child.ns(), MUC | ns::MUC_USER))
}

fn bounded(text: &str) -> String {
    prefix(text, LONGEST_TEXT).to_owned()
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
             <item jid='Otto@Heron.example/oar' name='Otto' ask='subscribe'/></query>",
        );
        let items = items(query.view());
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].jid.as_str(), "otto@heron.example");
        assert_eq!(items[0].subscription, Subscription::None);
        assert_eq!(items[0].ask, Some(Ask::Subscribe));
    }

    #[test]
    fn groups_are_named_once_and_not_empty() {
        let query = parse(
            "<query xmlns='jabber:iq:roster'><item jid='a@x'><group/><group>2026</group>\
             <group>Ænder &amp; Gæs</group><group>2026</group></item></query>",
        );
        assert_eq!(items(query.view())[0].groups, ["2026", "Ænder & Gæs"]);
    }

    #[test]
    fn a_strange_presence_is_read_as_far_as_it_goes() {
        let now = "2026-02-01T00:00:00Z".parse().unwrap();
        let presence = parse("<presence><priority>many</priority><show>snoozing</show></presence>");
        let read = resource(presence.view(), now, 1);
        assert_eq!((read.priority, read.chat_status), (0, ChatStatus::Online));
        assert_eq!(read.since, now);
        let presence =
            parse("<presence><priority>500</priority><show xmlns='x'>dnd</show></presence>");
        let read = resource(presence.view(), now, 1);
        assert_eq!((read.priority, read.chat_status), (0, ChatStatus::Online));
        let long = format!(
            "<presence><status>{}</status></presence>",
            "ä".repeat(5_000)
        );
        let text = status(parse(&long).view()).unwrap();
        assert_eq!(text.len(), LONGEST_TEXT);
    }
}
