//! Elements to lists of rooms and back.

use std::collections::HashSet;

use converse_core::forms::Submission;
use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use converse_core::{Error, ErrorKind, ns};
use jid::BareJid;

use super::listed::ListedRoom;
use super::paging::{Paging, Place};
use super::search::{FoundRoom, SearchQuery};
use crate::wire::shortened;

/// Result set management (XEP-0059).
const RSM: &str = "http://jabber.org/protocol/rsm";
/// Searching for rooms (XEP-0433), the feature of who can too (§4.1).
pub(super) const SEARCH: &str = "urn:xmpp:channel-search:0:search";
/// The form with what to search for (XEP-0433 §4.2.2).
const SEARCH_PARAMS: &str = "urn:xmpp:channel-search:0:search-params";
/// What a search service has against a query (XEP-0433 §4.2.2).
pub(super) const SEARCH_ERRORS: &str = "urn:xmpp:channel-search:0:error";

/// How many rooms of a list are read.
const MAX_LISTED: usize = 10_000;
/// How many rooms of a page that was found are read.
const MAX_FOUND: usize = 1_000;
/// The longest name that is kept, in characters.
pub(super) const LONGEST_NAME: usize = 256;
/// The longest id of an entry that is given back to who said it, in bytes.
const LONGEST_ID: usize = 4096;
/// The longest name of a language, in bytes (RFC 5646 §4.4.1 advises 35).
const LONGEST_LANGUAGE: usize = 64;

/// Asks a service for its rooms (XEP-0045 §6.3).
pub(super) fn list(service: &BareJid, paging: &Paging) -> ElementBuilder {
    let query = Element::builder("query", ns::DISCO_ITEMS).child_opt(set(paging));
    get(service).child(query)
}

/// Asks for the form with what can be searched for (XEP-0433 §4.2.1).
pub(super) fn search_form(service: &BareJid) -> ElementBuilder {
    get(service).child(Element::builder("search", SEARCH))
}

/// Searches (XEP-0433 §4.2.2).
pub(super) fn search(service: &BareJid, query: &SearchQuery) -> Result<ElementBuilder, Error> {
    let form = Submission::about(SEARCH_PARAMS);
    let form = query
        .fields
        .iter()
        .fold(form, |form, (var, values)| form.with(var, values.clone()));
    let search = Element::builder("search", SEARCH)
        .child_opt(set(&query.paging))
        .child(form.submit()?);
    Ok(get(service).child(search))
}

fn get(to: &BareJid) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", "get")
        .attr("to", to.as_str())
}

fn set(paging: &Paging) -> Option<ElementBuilder> {
    if paging.is_empty() {
        return None;
    }
    let part = |name: &'static str, text: Option<String>| {
        text.map(|text| Element::builder(name, RSM).text(text))
    };
    let set = Element::builder("set", RSM)
        .child_opt(part("max", paging.max.map(|max| max.to_string())))
        .child_opt(part("after", paging.after.clone()))
        .child_opt(part("before", paging.before.clone()))
        .child_opt(part("index", paging.index.map(|index| index.to_string())));
    Some(set)
}

/// The rooms in a list; what is no room of that service, or is there twice, is left out.
pub(super) fn read_list(
    answer: &Stanza,
    service: &BareJid,
) -> Result<(Vec<ListedRoom>, Place), Error> {
    let query = answer
        .child("query", ns::DISCO_ITEMS)
        .ok_or_else(|| malformed("list of rooms"))?;
    let (mut rooms, mut known, mut came) = (Vec::new(), HashSet::new(), 0);
    for item in query
        .children_named("item", ns::DISCO_ITEMS)
        .take(MAX_LISTED)
    {
        came += 1;
        let is_new = |jid: &BareJid| jid.domain() == service.domain() && known.insert(jid.clone());
        let jid = room(item.attr("jid").as_deref()).filter(is_new);
        rooms.extend(jid.map(|jid| ListedRoom {
            jid,
            name: item.attr("name").and_then(|name| named(&name)),
            info: None,
        }));
    }
    Ok((rooms, read_place(query, came)))
}

/// The rooms that were found; what is none, or is there twice, is left out.
pub(super) fn read_found(answer: &Stanza) -> Result<(Vec<FoundRoom>, Place), Error> {
    let result = answer
        .child("result", SEARCH)
        .ok_or_else(|| malformed("search"))?;
    let (mut rooms, mut known, mut came) = (Vec::new(), HashSet::new(), 0);
    for item in result.children_named("item", SEARCH).take(MAX_FOUND) {
        came += 1;
        let jid = room(item.attr("address").as_deref());
        let jid = jid.filter(|jid| known.insert(jid.clone()));
        rooms.extend(jid.and_then(|jid| found(jid, item)));
    }
    Ok((rooms, read_place(result, came)))
}

fn found(jid: BareJid, item: ElementRef<'_>) -> Option<FoundRoom> {
    let text = |name: &str| {
        item.child_text(name, SEARCH)
            .map(|text| text.trim().to_owned())
    };
    // A channel of another kind (XEP-0369) cannot be entered as a room.
    if text("service-type").is_some_and(|kind| kind != "xep-0045") {
        return None;
    }
    Some(FoundRoom {
        jid,
        name: text("name").and_then(|name| named(&name)),
        description: text("description").and_then(|text| shortened(&text)),
        language: text("language").filter(|it| !it.is_empty() && it.len() <= LONGEST_LANGUAGE),
        occupants: text("nusers").and_then(|count| count.parse().ok()),
        is_open: text("is-open").map(|value| !matches!(value.as_str(), "false" | "0")),
        is_semi_anonymous: text("anonymity-mode").map(|mode| mode == "muc_semianonymous"),
    })
}

/// The address of a room: it has a local part and no resource.
fn room(text: Option<&str>) -> Option<BareJid> {
    let jid = BareJid::new(text?).ok()?;
    jid.node().is_some().then_some(jid)
}

pub(super) fn named(name: &str) -> Option<String> {
    let name: String = name.trim().chars().take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}

fn read_place(parent: ElementRef<'_>, came: u64) -> Place {
    let Some(set) = parent.child("set", RSM) else {
        return Place {
            came,
            ..Place::default()
        };
    };
    let id = |name: &str| set.child_text(name, RSM).map(|id| id.into_owned());
    let id = |name: &str| id(name).filter(|id| !id.is_empty() && id.len() <= LONGEST_ID);
    let index = set
        .child("first", RSM)
        .and_then(|first| first.attr("index"));
    let count = set.child_text("count", RSM);
    Place {
        first: id("first"),
        last: id("last"),
        index: index.and_then(|index| index.trim().parse().ok()),
        count: count.and_then(|count| count.trim().parse().ok()),
        came,
    }
}

fn malformed(what: &str) -> Error {
    Error::new(
        ErrorKind::InvalidResponse,
        format!("the answer to a {what} request has none in it"),
    )
}
