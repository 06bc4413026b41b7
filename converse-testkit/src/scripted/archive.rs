//! An archive that answers by itself (XEP-0313), for scripts that are about something else.

use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder, ElementRef};

const MAM: &str = "urn:xmpp:mam:2";
const RSM: &str = "http://jabber.org/protocol/rsm";
const DATA: &str = "jabber:x:data";

/// A message that the account's archive has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// Its id there.
    pub id: String,
    /// When the archive got it, as RFC 3339 has it.
    pub stamp: String,
    /// The message as it was sent, as XML.
    pub message: String,
}

impl Kept {
    /// A message under an id.
    pub fn new(
        id: impl Into<String>,
        stamp: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            stamp: stamp.into(),
            message: message.into(),
        }
    }
}

/// What comes of a query: the results, and what ends it. `from` is the archive, if it is not that of the account; then it has
/// nothing.
pub(super) fn results(
    kept: &[Kept],
    iq: &Element,
    query: ElementRef<'_>,
    from: Option<&str>,
) -> Vec<String> {
    let set = query.child("set", RSM);
    let text = |name| set.and_then(|set| set.child_text(name, RSM));
    let most = text("max").and_then(|max| max.parse().ok()).unwrap_or(100);
    let with = with(query);
    let is_wanted = |kept: &&Kept| {
        from.is_none()
            && with
                .as_ref()
                .is_none_or(|with| kept.message.contains(with.as_str()))
    };
    let mut found: Vec<&Kept> = kept.iter().filter(is_wanted).collect();
    let place = |id: &str| found.iter().position(|kept| kept.id == id);
    let (mut first, mut last) = (0, found.len());
    if let Some(at) = text("after").as_deref().and_then(place) {
        first = at + 1;
    }
    let before = text("before");
    if let Some(at) = before.as_deref().and_then(place) {
        last = at;
    }
    found.truncate(last);
    found.drain(..first.min(last));
    let is_whole = found.len() <= most;
    if before.is_some() {
        found.drain(..found.len().saturating_sub(most));
    } else {
        found.truncate(most);
    }
    let queryid = query.attr("queryid").map(|id| id.into_owned());
    let mut answers: Vec<String> = found
        .iter()
        .filter_map(|kept| result(kept, queryid.as_deref()))
        .collect();
    answers.extend(fin(iq, &found, is_whole, from));
    answers
}

fn with(query: ElementRef<'_>) -> Option<String> {
    let form = query.child("x", DATA)?;
    let mut fields = form.children_named("field", DATA);
    let with = fields.find(|field| field.attr("var").as_deref() == Some("with"))?;
    with.child_text("value", DATA).map(|with| with.into_owned())
}

fn result(kept: &Kept, queryid: Option<&str>) -> Option<String> {
    let message = Element::parse(&kept.message).ok()?;
    let delay = Element::builder("delay", ns::DELAY).attr("stamp", kept.stamp.as_str());
    let forwarded = Element::builder("forwarded", ns::FORWARD)
        .child(delay)
        .child(ElementBuilder::from(message.view()));
    let result = Element::builder("result", MAM)
        .attr_opt("queryid", queryid)
        .attr("id", kept.id.as_str())
        .child(forwarded);
    let message = Element::builder("message", ns::CLIENT).child(result);
    Some(message.build().ok()?.to_xml())
}

fn fin(iq: &Element, found: &[&Kept], is_whole: bool, from: Option<&str>) -> Option<String> {
    let part = |name: &'static str, value: &str| Element::builder(name, RSM).text(value);
    let edge = |name, kept: Option<&&Kept>| kept.map(|kept| part(name, &kept.id));
    let set = Element::builder("set", RSM)
        .child_opt(edge("first", found.first()))
        .child_opt(edge("last", found.last()));
    let fin = Element::builder("fin", MAM)
        .attr_opt("complete", is_whole.then_some("true"))
        .child(set);
    let answer = Element::builder("iq", ns::CLIENT)
        .attr("type", "result")
        .attr_opt("id", iq.attr("id"))
        .attr_opt("from", from)
        .child(fin);
    Some(answer.build().ok()?.to_xml())
}

/// The query of an archive in a request.
pub(super) fn query(iq: &Element) -> Option<ElementRef<'_>> {
    (iq.name() == "iq" && iq.attr("type").as_deref() == Some("set"))
        .then(|| iq.child("query", MAM))
        .flatten()
}
