//! Elements to model and back.

mod conference;
mod list;

use std::collections::BTreeMap;

use converse_core::ns as core_ns;
use converse_core::pubsub::{PepEvent, PublishOptions};
use converse_core::xml::{Element, ElementBuilder, ElementRef, XmlError};
use jid::{BareJid, Jid};

use crate::model::{Bookmark, Kept, News, Place};
use crate::ns;

pub(crate) use conference::write as conference;
pub(crate) use list::{List, storage};

/// How many bookmarks there can be; what is beyond that is not read.
pub(crate) const MAX_BOOKMARKS: usize = 10_000;

/// The id of the item that holds the whole list (XEP-0048 §3).
pub(crate) const CURRENT: &str = "current";

/// How the node is to be (XEP-0402 §3.3).
pub(crate) fn native_options() -> PublishOptions {
    let options = PublishOptions::private().keeping_all();
    options.with("pubsub#send_last_published_item", "never")
}

/// How the node of the list is to be (XEP-0048 §3, XEP-0223 §3).
pub(crate) fn list_options() -> PublishOptions {
    PublishOptions::private()
}

/// Asks for all bookmarks of a place.
pub(crate) fn request(place: Place) -> ElementBuilder {
    let payload = match place {
        Place::Native => items(ns::NATIVE),
        Place::List => items(ns::LIST),
        Place::Private => private(Element::builder("storage", ns::LIST)),
    };
    iq("get", payload)
}

/// Replaces the list in private storage (XEP-0049 §2).
pub(crate) fn store_privately(storage: ElementBuilder) -> ElementBuilder {
    iq("set", private(storage))
}

/// The bookmark as it is when it comes back from the server: empty text is none, for example.
pub(crate) fn as_kept(bookmark: &Bookmark) -> Result<Bookmark, XmlError> {
    let conference = conference(ns::NATIVE, bookmark, None).build()?;
    Ok(conference::read(conference.view(), bookmark.jid.clone()))
}

/// What a place holds; `None` if that cannot be told.
pub(crate) fn answer(place: Place, answer: ElementRef<'_>) -> Option<BTreeMap<BareJid, Kept>> {
    match place {
        Place::Native => {
            let items = items_of(answer, ns::NATIVE)?;
            Some(natives(items))
        }
        Place::List => {
            let items = items_of(answer, ns::LIST)?;
            match List::of_items(items)? {
                Some(list) => Some(list.bookmarks()),
                None => Some(BTreeMap::new()),
            }
        }
        Place::Private => Some(List::of_private(answer)?.bookmarks()),
    }
}

/// What is new at a node; `None` if that must be asked for.
pub(crate) fn news(place: Place, event: &PepEvent) -> Option<News> {
    if event.emptied {
        return Some(News::All(BTreeMap::new()));
    }
    let mut payloads = Vec::new();
    for item in &event.items {
        payloads.push((item.id.as_str(), item.payload.as_ref()?));
    }
    if place == Place::Native {
        let items = payloads.iter();
        let kept = items.filter_map(|(id, payload)| native(id, payload.view()));
        let gone = event.retracted.iter().filter_map(|id| room(id));
        return Some(News::Some {
            kept: kept.collect(),
            gone: gone.collect(),
        });
    }
    let bookmarks = match payloads.last() {
        Some((id, payload)) => List::of_item(id, payload.view())?.bookmarks(),
        // The item with the list is gone.
        None => BTreeMap::new(),
    };
    Some(News::All(bookmarks))
}

/// The bookmark in an item; one that cannot be read costs no other.
pub(crate) fn native(id: &str, payload: ElementRef<'_>) -> Option<Kept> {
    let jid = room(id)?;
    if !payload.is("conference", ns::NATIVE) {
        tracing::warn!(%jid, "an item is no bookmark; it is ignored");
        return None;
    }
    let id = (id != jid.as_str()).then(|| id.to_owned());
    let bookmark = conference::read(payload, jid);
    Some(Kept { id, bookmark })
}

fn natives<'a>(items: impl Iterator<Item = (String, ElementRef<'a>)>) -> BTreeMap<BareJid, Kept> {
    let kept = items.filter_map(|(id, payload)| native(&id, payload));
    kept.map(|kept| (kept.bookmark.jid.clone(), kept)).collect()
}

/// The room that an item is about; occupants are none.
fn room(id: &str) -> Option<BareJid> {
    match Jid::new(id) {
        Ok(jid) if jid.resource().is_none() => Some(jid.to_bare()),
        _ => {
            tracing::warn!(id = %shown(id), "an item whose id is no room is ignored");
            None
        }
    }
}

fn items_of<'a>(
    answer: ElementRef<'a>,
    node: &str,
) -> Option<impl Iterator<Item = (String, ElementRef<'a>)> + use<'a>> {
    let pubsub = answer.child("pubsub", core_ns::PUBSUB)?;
    let items = pubsub.child("items", core_ns::PUBSUB)?;
    let same = items.attr("node").as_deref() == Some(node);
    let item = |item: ElementRef<'a>| {
        let id = item.attr("id")?.into_owned();
        Some((id, item.children().next()?))
    };
    let items = items.children().filter(|it| it.is("item", core_ns::PUBSUB));
    same.then(|| items.filter_map(item).take(MAX_BOOKMARKS))
}

fn items(node: &str) -> ElementBuilder {
    let items = Element::builder("items", core_ns::PUBSUB).attr("node", node);
    Element::builder("pubsub", core_ns::PUBSUB).child(items)
}

fn private(storage: ElementBuilder) -> ElementBuilder {
    Element::builder("query", ns::PRIVATE).child(storage)
}

fn iq(type_: &str, payload: ElementBuilder) -> ElementBuilder {
    Element::builder("iq", core_ns::CLIENT)
        .attr("type", type_)
        .child(payload)
}

/// What somebody wrote as a log shows it.
fn shown(text: &str) -> String {
    text.chars()
        .take(128)
        .collect::<String>()
        .escape_debug()
        .to_string()
}
