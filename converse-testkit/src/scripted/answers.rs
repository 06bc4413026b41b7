//! Requests that the server answers by itself.

use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder};

use super::archive;
use super::plan::{Plan, RosterItem};

/// What the plan answers to a stanza.
pub(super) fn answers(plan: &Plan, stanza: &Element) -> Vec<String> {
    let entered = plan.rooms.iter().find(|room| room.is_entered_by(stanza));
    match entered {
        Some(room) => room.welcome(),
        None if plan.answers("archive") && archive::query(stanza).is_some() => {
            let from = stanza.attr("to");
            let from = from.filter(|to| !is_bare(to, &plan.domain));
            let query = archive::query(stanza).into_iter();
            query
                .flat_map(|query| archive::results(&plan.archive, stanza, query, from.as_deref()))
                .collect()
        }
        None => answer(plan, stanza).into_iter().collect(),
    }
}

/// The answer to a request, if it is one that the plan answers.
fn answer(plan: &Plan, iq: &Element) -> Option<String> {
    let kind = iq.attr("type")?.into_owned();
    if iq.name() != "iq" || !matches!(kind.as_str(), "get" | "set") {
        return None;
    }
    let payload = iq.children().next()?;
    let to = iq.attr("to").map(|to| to.into_owned());
    let is_server = to.as_deref() == Some(plan.domain.as_str());
    let is_account = to.as_deref().is_none_or(|to| is_bare(to, &plan.domain));
    let room = plan
        .rooms
        .iter()
        .chain(&plan.described)
        .find(|room| to.as_deref() == Some(room.jid.as_str()));
    let result = match (payload.name(), payload.ns()) {
        ("query", ns::DISCO_INFO) if plan.answers("disco") && room.is_some() => {
            room.map(|room| Some(room.info()))
        }
        ("ping", ns::PING) if is_server || is_account => Some(None),
        ("query", ns::ROSTER) if plan.answers("roster") && is_account => {
            if kind == "get" {
                roster(plan, payload.attr("ver").as_deref())
            } else {
                Some(None)
            }
        }
        ("query", ns::DISCO_INFO) if plan.answers("disco") && (is_server || is_account) => {
            Some(Some(info(plan, is_server)))
        }
        ("query", ns::DISCO_ITEMS) if plan.answers("disco") && (is_server || is_account) => {
            Some(Some(Element::builder("query", ns::DISCO_ITEMS)))
        }
        ("enable" | "disable", ns::CARBONS) if plan.answers("carbons") => Some(None),
        ("vCard", "vcard-temp") if plan.answers("vcard") && kind == "get" => {
            Some(Some(Element::builder("vCard", "vcard-temp")))
        }
        ("query", "jabber:iq:private") if plan.answers("bookmarks") && kind == "get" => {
            Some(Some(payload.into()))
        }
        ("pubsub", "http://jabber.org/protocol/pubsub")
            if plan.answers("bookmarks") && kind == "get" && is_account =>
        {
            Some(Some(payload.into()))
        }
        ("blocklist", "urn:xmpp:blocking") if plan.answers("blocklist") => {
            Some(Some(Element::builder("blocklist", "urn:xmpp:blocking")))
        }
        _ => None,
    };
    let payload = result?;
    let answer = Element::builder("iq", ns::CLIENT)
        .attr("type", "result")
        .attr_opt("id", iq.attr("id"))
        .attr_opt("from", to)
        .child_opt(payload);
    Some(answer.build().ok()?.to_xml())
}

impl Plan {
    fn answers(&self, what: &str) -> bool {
        self.auto.contains(what)
    }
}

fn is_bare(jid: &str, domain: &str) -> bool {
    !jid.contains('/') && jid.rsplit_once('@').is_some_and(|(_, host)| host == domain)
}

/// The roster, or nothing when the client has it already (RFC 6121 §2.6.3).
fn roster(plan: &Plan, version: Option<&str>) -> Option<Option<ElementBuilder>> {
    if version.is_some() && version == plan.roster_version.as_deref() {
        return Some(None);
    }
    let query = Element::builder("query", ns::ROSTER).attr_opt("ver", plan.roster_version.clone());
    Some(Some(query.children(plan.roster.iter().map(item))))
}

fn item(item: &RosterItem) -> ElementBuilder {
    let groups = item
        .groups
        .iter()
        .map(|group| Element::builder("group", ns::ROSTER).text(group));
    Element::builder("item", ns::ROSTER)
        .attr("jid", &item.jid)
        .attr_opt("name", item.name.clone())
        .attr_opt("subscription", item.subscription.clone())
        .children(groups)
}

fn info(plan: &Plan, is_server: bool) -> ElementBuilder {
    let (category, kind, features) = if is_server {
        ("server", "im", &plan.server_features)
    } else {
        ("account", "registered", &plan.account_features)
    };
    let identity = Element::builder("identity", ns::DISCO_INFO)
        .attr("category", category)
        .attr("type", kind);
    let pep = (plan.pep && !is_server).then(|| {
        Element::builder("identity", ns::DISCO_INFO)
            .attr("category", "pubsub")
            .attr("type", "pep")
    });
    let features = features
        .iter()
        .map(|feature| Element::builder("feature", ns::DISCO_INFO).attr("var", feature));
    Element::builder("query", ns::DISCO_INFO)
        .child(identity)
        .child_opt(pep)
        .children(features)
}
