//! What is taken away: retractions (XEP-0424), moderation (XEP-0425), and what archives have instead.

use chrono::{DateTime, Utc};
use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::Jid;

use super::usable;
use crate::model::{Fold, Moderation};

/// The longest reason that is kept, in characters.
const LONGEST_REASON: usize = 1024;
/// The longest id of an occupant, in characters (XEP-0421 §4.1).
const LONGEST_OCCUPANT_ID: usize = 128;

/// The request of a moderator that a room retract a message (XEP-0425 §4), in the newest version that the room knows.
pub fn moderate(room: &Jid, stanza_id: &str, reason: Option<&str>, is_old: bool) -> ElementBuilder {
    let request = Element::builder("iq", ns::CLIENT)
        .attr("type", "set")
        .attr("to", room.as_str());
    let (moderation, retraction) = if is_old {
        (ns::MODERATION_0, ns::RETRACTION_0)
    } else {
        (ns::MODERATION, ns::RETRACTION)
    };
    let reason = reason.map(|reason| Element::builder("reason", moderation).text(reason));
    let moderate = Element::builder("moderate", moderation)
        .child(Element::builder("retract", retraction))
        .child_opt(reason);
    if !is_old {
        return request.child(moderate.attr("id", stanza_id));
    }
    let apply = Element::builder("apply-to", ns::FASTEN).attr("id", stanza_id);
    request.child(apply.child(moderate))
}

/// The id that a room gave an occupant (XEP-0421), if it can be one.
#[must_use]
pub fn occupant_id(element: ElementRef<'_>) -> Option<String> {
    let id = element.attr("id")?;
    let is_usable = !id.is_empty() && id.chars().count() <= LONGEST_OCCUPANT_ID;
    is_usable.then(|| id.into_owned())
}

/// Who says something of a room's messages, and what of it can be believed.
#[derive(Clone, Copy)]
pub(super) struct Says {
    /// It is the room itself.
    pub(super) is_room: bool,
    /// The room vouches for the ids of its occupants.
    pub(super) has_occupant_ids: bool,
}

/// A `<retract/>`. One that a moderator asked for counts from the room itself, and is nothing at all from anybody else (§6).
pub(super) fn read_retract(retract: ElementRef<'_>, says: Option<Says>) -> Option<Fold> {
    let id = usable(retract.attr("id"))?;
    let moderated = retract.child("moderated", ns::MODERATION);
    match (says, moderated) {
        (Some(says), Some(moderated)) => {
            let reason = retract.child_text("reason", ns::RETRACTION);
            says.is_room.then(|| Fold::Moderation {
                id,
                moderation: Box::new(moderation(moderated, reason.as_deref(), says)),
            })
        }
        _ => Some(Fold::Retraction { id }),
    }
}

/// The same as rooms told it before version 0.3 of XEP-0425.
pub(super) fn read_apply(apply: ElementRef<'_>, says: Says) -> Option<Fold> {
    let id = usable(apply.attr("id"))?;
    let moderated = apply.child("moderated", ns::MODERATION_0)?;
    moderated.child("retract", ns::RETRACTION_0)?;
    let reason = moderated.child_text("reason", ns::MODERATION_0);
    says.is_room.then(|| Fold::Moderation {
        id,
        moderation: Box::new(moderation(moderated, reason.as_deref(), says)),
    })
}

/// What an archive has in the place of a message that was retracted (XEP-0424 §5, XEP-0425 §5).
pub(super) struct Tombstone {
    /// When it was retracted, if the archive says so.
    pub(super) time: Option<DateTime<Utc>>,
    pub(super) moderation: Option<Moderation>,
}

pub(super) fn read_tombstone(
    retracted: ElementRef<'_>,
    now: DateTime<Utc>,
    says: Says,
) -> Tombstone {
    let moderated = retracted.child("moderated", ns::MODERATION);
    let reason = retracted.child_text("reason", ns::RETRACTION);
    Tombstone {
        time: converse_core::contract::stamp(retracted, now),
        moderation: moderated.map(|moderated| moderation(moderated, reason.as_deref(), says)),
    }
}

fn moderation(moderated: ElementRef<'_>, reason: Option<&str>, says: Says) -> Moderation {
    let by = moderated.attr("by").and_then(|by| Jid::new(&by).ok());
    let id = moderated.child("occupant-id", ns::OCCUPANT_ID);
    let id = id.filter(|_| says.has_occupant_ids).and_then(occupant_id);
    let reason = reason.map(|reason| reason.chars().take(LONGEST_REASON).collect::<String>());
    Moderation::new(by, id, reason.filter(|reason| !reason.is_empty()))
}
