//! What an entity has (XEP-0030 §4).

use jid::Jid;

use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::Stanza;

/// How many items of one entity are read.
const MAX_ITEMS: usize = 10_000;

/// Something that belongs to an entity: a service of a server, a room of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// Its address.
    pub jid: Jid,
    /// Which part of that address it is.
    pub node: Option<String>,
    /// A name for people.
    pub name: Option<String>,
}

/// Reads an answer; items without a valid address are left out.
pub(super) fn read(answer: &Stanza) -> Result<Vec<Item>, Error> {
    let query = answer.child("query", ns::DISCO_ITEMS).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidResponse,
            "the answer to a disco#items request has none in it",
        )
    })?;
    let items = query.children_named("item", ns::DISCO_ITEMS);
    let items = items.filter_map(|item| {
        let text = |name| item.attr(name).map(|text| text.into_owned());
        let text = |name| text(name).filter(|text| !text.is_empty());
        Some(Item {
            jid: Jid::new(&item.attr("jid")?).ok()?,
            node: text("node"),
            name: text("name"),
        })
    });
    Ok(items.take(MAX_ITEMS).collect())
}
