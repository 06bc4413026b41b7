//! What an archive says about itself.

use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::BareJid;

use crate::error::ArchiveError;
use crate::model::{ArchiveEdge, Metadata, read_date};
use crate::ns;

/// Asks an archive about itself (XEP-0313 §5).
pub(crate) fn request(room: Option<&BareJid>) -> ElementBuilder {
    Element::builder("iq", converse_core::ns::CLIENT)
        .attr("type", "get")
        .attr_opt("to", room.map(ToString::to_string))
        .child(Element::builder("metadata", ns::MAM))
}

/// What an archive says about itself.
///
/// # Errors
///
/// The answer says nothing.
pub(crate) fn read(answer: &Stanza) -> Result<Metadata, ArchiveError> {
    let unreadable = |why| ArchiveError::Unreadable {
        what: "archive.metadata",
        why,
    };
    let metadata = answer.child("metadata", ns::MAM);
    let metadata = metadata.ok_or_else(|| unreadable("there is no `metadata` in it"))?;
    let edge = |name| {
        metadata
            .child(name, ns::MAM)
            .map(|edge| read_edge(edge).ok_or_else(|| unreadable("a message in it has no id")))
            .transpose()
    };
    Ok(Metadata {
        start: edge("start")?,
        end: edge("end")?,
    })
}

fn read_edge(edge: ElementRef<'_>) -> Option<ArchiveEdge> {
    let id = edge.attr("id").filter(|id| !id.is_empty())?;
    let time = edge.attr("timestamp").and_then(|text| read_date(&text));
    Some(ArchiveEdge::new(id.into_owned(), time))
}
