//! Elements to model and back.

mod vcard4;

use converse_core::ns as core_ns;
use converse_core::pubsub::Item;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::{BareJid, FullJid};

use crate::model::{Avatar, ImageType, MAX_IMAGE_BYTES, Metadata, Photo, VCard, bounded, hash};
use crate::ns;

pub(crate) use vcard4::read as vcard4;

/// How many descriptions of one avatar are looked at.
const MAX_INFOS: usize = 16;

/// Asks for a vCard (XEP-0054 §3.1, §3.3); without an address for the own one.
pub(crate) fn get(of: Option<&BareJid>) -> ElementBuilder {
    Element::builder("iq", core_ns::CLIENT)
        .attr("type", "get")
        .attr_opt("to", of.map(|jid| jid.as_str()))
        .child(Element::builder("vCard", ns::VCARD))
}

/// Asks for the vCard of an occupant of a room, which the room hands on (XEP-0045 §17.4).
pub(crate) fn get_of(occupant: &FullJid) -> ElementBuilder {
    Element::builder("iq", core_ns::CLIENT)
        .attr("type", "get")
        .attr("to", occupant.as_str())
        .child(Element::builder("vCard", ns::VCARD))
}

/// Publishes the own vCard (XEP-0054 §3.2).
pub(crate) fn set(card: &VCard) -> ElementBuilder {
    Element::builder("iq", core_ns::CLIENT)
        .attr("type", "set")
        .child(card.element())
}

/// The vCard in an answer; an empty one if there is none.
pub(crate) fn card(answer: ElementRef<'_>) -> VCard {
    let card = answer.child("vCard", ns::VCARD);
    card.and_then(VCard::from_element).unwrap_or_default()
}

/// What the own presence says about the avatar (XEP-0153 §4.1).
pub(crate) fn update(photo: &Photo) -> ElementBuilder {
    let element = || Element::builder("photo", ns::UPDATE);
    let photo = match photo {
        Photo::Unknown => None,
        Photo::None => Some(element()),
        Photo::Hash(hash) => Some(element().text(hash)),
    };
    Element::builder("x", ns::UPDATE).child_opt(photo)
}

/// What a presence says about the avatar of who sends it; nothing if it says nothing that can be read.
pub(crate) fn photo(presence: ElementRef<'_>) -> Option<Photo> {
    let update = presence.child("x", ns::UPDATE)?;
    let Some(photo) = update.child("photo", ns::UPDATE) else {
        return Some(Photo::Unknown);
    };
    let text = photo.text();
    if text.trim().is_empty() {
        return Some(Photo::None);
    }
    hash(&text).map(Photo::Hash)
}

/// The data of an avatar (XEP-0084 §4.1).
pub(crate) fn data(avatar: &Avatar) -> ElementBuilder {
    Element::builder("data", ns::AVATAR_DATA).text(avatar.to_base64())
}

/// The text of the data in an item.
pub(crate) fn data_of(item: &Item) -> Option<String> {
    let data = item.payload.as_ref()?;
    data.is("data", ns::AVATAR_DATA)
        .then(|| data.text().into_owned())
}

/// What an avatar is (XEP-0084 §4.2); without one that there is none (§4.5).
pub(crate) fn metadata(avatar: Option<&Avatar>) -> ElementBuilder {
    let info = avatar.map(|avatar| {
        Element::builder("info", ns::AVATAR_METADATA)
            .attr("bytes", avatar.bytes.len().to_string())
            .attr("id", &avatar.hash)
            .attr("type", avatar.type_.as_str())
    });
    Element::builder("metadata", ns::AVATAR_METADATA).child_opt(info)
}

/// What an item of the node says the avatar is, if there is one.
///
/// Pictures at web addresses are left alone: who fetches them tells the web server who looks.
///
/// # Errors
///
/// Why nothing can be done with it.
pub(crate) fn metadata_of(item: &Item) -> Result<Option<Metadata>, &'static str> {
    let metadata = item.payload.as_ref().ok_or("the item is empty")?;
    if !metadata.is("metadata", ns::AVATAR_METADATA) {
        return Err("the item is no metadata of an avatar");
    }
    let mut infos = metadata
        .children_named("info", ns::AVATAR_METADATA)
        .take(MAX_INFOS)
        .peekable();
    if infos.peek().is_none() {
        return Ok(None);
    }
    // The one on the data node has the item's id.
    let of_item = hash(&item.id);
    let usable: Vec<Metadata> = infos.filter_map(usable).collect();
    let same = usable.iter().find(|it| Some(&it.hash) == of_item.as_ref());
    match same.or(usable.first()) {
        Some(metadata) => Ok(Some(metadata.clone())),
        None => Err("none of its pictures is in the account, small enough and in a known format"),
    }
}

/// A picture that can be fetched and may be shown, as far as can be told.
fn usable(info: ElementRef<'_>) -> Option<Metadata> {
    let bytes = info.attr("bytes")?.trim().parse::<usize>().ok()?;
    let known = ImageType::from_media_type(&info.attr("type")?).is_some();
    let fits = (1..=MAX_IMAGE_BYTES).contains(&bytes);
    let here = info.attr("url").is_none();
    let id = info.attr("id").filter(|_| known && fits && here)?;
    let hash = hash(&id)?;
    let id = id.trim().to_owned();
    Some(Metadata { hash, id })
}

/// A nickname (XEP-0172 §3).
pub(crate) fn nick(nick: &str) -> ElementBuilder {
    Element::builder("nick", ns::NICK).text(nick)
}

/// The nickname that an item tells; `None` if it tells none.
pub(crate) fn nick_of(item: &Item) -> Option<String> {
    let nick = item.payload.as_ref()?;
    let text = nick.is("nick", ns::NICK).then(|| nick.text())?;
    Some(bounded(text.trim())).filter(|nick| !nick.is_empty())
}

/// Whether a presence is about a room's occupant (XEP-0045), which is nobody's contact.
pub(crate) fn is_from_room(presence: ElementRef<'_>) -> bool {
    presence
        .children()
        .any(|child| child.name() == "x" && child.ns() == core_ns::MUC_USER)
}
