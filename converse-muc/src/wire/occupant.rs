//! What the presence of an occupant tells besides role and affiliation.

use converse_core::contract::ChatStatus;
use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::ElementRef;

use super::shortened;
use crate::model::{About, Hat, OccupantId};

/// The namespace of occupant ids (XEP-0421).
const OCCUPANT_ID: &str = "urn:xmpp:occupant-id:0";
/// The namespace of hats (XEP-0317).
const HATS: &str = "urn:xmpp:hats:0";
/// That of pictures in presence (XEP-0153).
pub(crate) const PICTURE: &str = "vcard-temp:x:update";
/// How many hats somebody wears at most.
const MAX_HATS: usize = 16;

/// What is in a presence; of each element the first counts.
pub(super) fn read_about(presence: &Stanza) -> About {
    let mut about = About {
        show: ChatStatus::Online,
        ..About::default()
    };
    for child in presence.root().children() {
        match child.name() {
            "show" if child.ns() == ns::CLIENT => {
                about.show = ChatStatus::of_show(Some(child.text().trim()));
            }
            "status" if child.ns() == ns::CLIENT && about.status.is_none() => {
                about.status = shortened(&child.text()).map(Box::from);
            }
            "occupant-id" if child.ns() == OCCUPANT_ID && about.occupant_id.is_none() => {
                about.occupant_id = child.attr("id").and_then(|id| OccupantId::new(&id));
            }
            "hats" if child.ns() == HATS && about.hats.is_empty() => {
                about.hats = read_hats(child);
            }
            "x" if child.ns() == PICTURE && about.image_hash.is_none() => {
                about.image_hash = read_picture(child);
            }
            _ => {}
        }
    }
    about
}

/// XEP-0317 §3
fn read_hats(hats: ElementRef<'_>) -> Box<[Hat]> {
    let hats = hats.children_named("hat", HATS).filter_map(|hat| {
        let hue = hat.attr("hue");
        Hat::new(&hat.attr("uri")?, &hat.attr("title")?, hue.as_deref())
    });
    hats.take(MAX_HATS).collect()
}

/// XEP-0153 §3.1: 40 hexadecimal digits; an empty `<photo/>` is no picture.
fn read_picture(update: ElementRef<'_>) -> Option<Box<str>> {
    let hash = update.child_text("photo", PICTURE)?;
    let hash = hash.trim();
    let is_hash = hash.len() == 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| hash.to_ascii_lowercase().into())
}
