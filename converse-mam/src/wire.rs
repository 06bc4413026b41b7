//! Elements to model and back.

pub(crate) mod metadata;
pub(crate) mod preferences;

use chrono::{DateTime, Utc};
use converse_core::contract::sent_at;
use converse_core::router::{AddressCache, Stanza};
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::BareJid;

use crate::error::ArchiveError;
use crate::model::{ArchivedMessage, Query, Rsm, date_text};
use crate::ns;

/// The request (XEP-0313 §4.1).
pub(crate) fn request(query: &Query, queryid: &str) -> ElementBuilder {
    let payload = Element::builder("query", ns::MAM)
        .attr("queryid", queryid)
        .child_opt(form(query))
        .child_opt(result_set(query))
        .child_opt(
            query
                .flip_page
                .then(|| Element::builder("flip-page", ns::MAM)),
        );
    Element::builder("iq", converse_core::ns::CLIENT)
        .attr("type", "set")
        .attr_opt("to", query.archive().map(|room| room.to_string()))
        .child(payload)
}

/// The form with the filters, if there are any (XEP-0313 §4.1).
fn form(query: &Query) -> Option<ElementBuilder> {
    let fields = [
        ("with", query.filter_with().map(ToString::to_string)),
        ("start", query.start.as_ref().map(date_text)),
        ("end", query.end.as_ref().map(date_text)),
        ("before-id", query.before_id.clone()),
        ("after-id", query.after_id.clone()),
    ];
    let fields = fields
        .into_iter()
        .filter_map(|(name, value)| Some(field(name, [value?])));
    let ids = (!query.ids.is_empty()).then(|| field("ids", query.ids.iter().cloned()));
    let mut fields = fields.chain(ids).peekable();
    fields.peek()?;
    let form_type = field("FORM_TYPE", [ns::MAM.to_owned()]).attr("type", "hidden");
    Some(
        Element::builder("x", ns::DATA)
            .attr("type", "submit")
            .child(form_type)
            .children(fields),
    )
}

fn field(name: &'static str, values: impl IntoIterator<Item = String>) -> ElementBuilder {
    let values = values.into_iter();
    Element::builder("field", ns::DATA)
        .attr("var", name)
        .children(values.map(|value| Element::builder("value", ns::DATA).text(value)))
}

/// Which page of the result (XEP-0059 §2).
fn result_set(query: &Query) -> Option<ElementBuilder> {
    let part = |name: &'static str, value: String| Element::builder(name, ns::RSM).text(value);
    let max = query.max.map(|max| part("max", max.to_string()));
    let place = match (&query.before, query.cursor_after(), query.index) {
        (Some(before), _, _) => Some(part("before", before.clone())),
        (None, Some(after), _) => Some(part("after", after.to_owned())),
        (None, None, index) => index.map(|index| part("index", index.to_string())),
    };
    if max.is_none() && place.is_none() {
        return None;
    }
    let set = Element::builder("set", ns::RSM);
    Some(set.child_opt(max).child_opt(place))
}

/// The result of a query in a stanza, by its id (XEP-0313 §4.2).
pub(crate) fn result<'a>(stanza: &'a Stanza, queryid: &str) -> Option<ElementRef<'a>> {
    let result = stanza.child("result", ns::MAM)?;
    (result.attr("queryid")? == queryid).then_some(result)
}

/// The message in a result, or why it is of no use.
pub(crate) fn archived(
    result: ElementRef<'_>,
    archive_id: &str,
    room: Option<&BareJid>,
    addresses: &mut AddressCache,
) -> Result<ArchivedMessage, &'static str> {
    let forwarded = result
        .child("forwarded", converse_core::ns::FORWARD)
        .ok_or("nothing is forwarded")?;
    let message = forwarded
        .child("message", converse_core::ns::CLIENT)
        .ok_or("what is forwarded is no message")?;
    let stanza = Stanza::from_element_with(message.to_element(), addresses);
    let stanza = stanza.map_err(|_| "the message is malformed")?;
    // XEP-0313 §5.1.2: a room speaks for its occupants, and for nobody else.
    let is_of_room = |room: &BareJid| stanza.from().is_some_and(|from| from.to_bare() == *room);
    if room.is_some_and(|room| !is_of_room(room)) {
        return Err("the message is from outside the room");
    }
    Ok(ArchivedMessage {
        archive_id: archive_id.to_owned(),
        time: sent_at(forwarded, DateTime::<Utc>::MAX_UTC),
        stanza,
    })
}

/// What the archive says about the page in the answer that ends it (XEP-0313 §4.2).
pub(crate) fn fin(answer: &Stanza) -> Result<Rsm, ArchiveError> {
    let fin = answer.child("fin", ns::MAM).ok_or(ArchiveError::NoFin)?;
    let complete = matches!(fin.attr("complete").as_deref(), Some("true" | "1"));
    let Some(set) = fin.child("set", ns::RSM) else {
        return Ok(Rsm {
            complete,
            ..Rsm::default()
        });
    };
    let text = |name| {
        let text = set.child_text(name, ns::RSM)?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    let index = set
        .child("first", ns::RSM)
        .and_then(|first| first.attr("index"));
    Ok(Rsm {
        query: Query::default(),
        first: text("first"),
        last: text("last"),
        index: index.and_then(|index| index.trim().parse().ok()),
        count: text("count").and_then(|count| count.parse().ok()),
        complete,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn written(query: &Query) -> String {
        request(query, "q").build().unwrap().to_xml()
    }

    #[test]
    fn nothing_asked_is_nothing_written() {
        let xml = written(&Query::new());
        assert!(!xml.contains("<x") && !xml.contains("<set"), "{xml}");
        let xml = written(&Query::new().after(""));
        assert!(!xml.contains("<set"), "{xml}");
    }

    #[test]
    fn an_index_counts_from_the_start_only() {
        assert!(written(&Query::new().index(3)).contains("<index>3</index>"));
        assert!(!written(&Query::new().index(3).before("")).contains("<index"));
    }

    #[test]
    fn a_page_that_says_nonsense_about_itself_is_a_page() {
        let read = |inner: &str| {
            let xml = format!("<iq type='result' id='1'>{inner}</iq>");
            fin(&Stanza::parse(&xml).unwrap())
        };
        assert_eq!(read(""), Err(ArchiveError::NoFin));
        assert_eq!(read("<fin xmlns='urn:x'/>"), Err(ArchiveError::NoFin));
        let odd = "<fin xmlns='urn:xmpp:mam:2' complete='perhaps'>\
            <set xmlns='http://jabber.org/protocol/rsm'><first index='-1'/><count>many</count></set></fin>";
        assert_eq!(read(odd), Ok(Rsm::default()));
    }
}
