//! Elements to model and back.

use converse_core::ns as core_ns;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::{BareJid, Jid};

use crate::model::{Change, Report};
use crate::ns;

/// The query for the list (XEP-0191 §3.2).
pub(crate) fn query() -> ElementBuilder {
    iq("get", Element::builder("blocklist", ns::BLOCKING))
}

/// Asks for a change (XEP-0191 §3.3 to §3.5).
pub(crate) fn request(change: &Change) -> ElementBuilder {
    let (name, jids) = match change {
        Change::Block(jids) => ("block", &jids[..]),
        Change::Unblock(jids) => ("unblock", &jids[..]),
        Change::UnblockAll => ("unblock", &[][..]),
    };
    iq(
        "set",
        Element::builder(name, ns::BLOCKING).children(jids.iter().map(item)),
    )
}

/// Blocks `jid` and says why (XEP-0377 §6). `account` is whose archive gave the messages their ids.
pub(crate) fn report(jid: &Jid, report: &Report, account: &BareJid) -> ElementBuilder {
    let messages = report.messages.iter().map(|id| {
        Element::builder("stanza-id", core_ns::SID)
            .attr("by", account.as_str())
            .attr("id", id)
    });
    let text = report
        .text
        .as_ref()
        .map(|text| Element::builder("text", ns::REPORTING).text(text));
    let flag = |set: bool, name| set.then(|| Element::builder(name, ns::REPORTING));
    let report = Element::builder("report", ns::REPORTING)
        .attr("reason", report.reason.as_str())
        .children(messages)
        .child_opt(text)
        .child_opt(flag(report.report_origin, "report-origin"))
        .child_opt(flag(report.third_party, "third-party"));
    let block = Element::builder("block", ns::BLOCKING).child(item(jid).child(report));
    iq("set", block)
}

/// The addresses of a list; a malformed one costs no other.
pub(crate) fn jids(list: ElementRef<'_>) -> Vec<Jid> {
    let items = list.children_named("item", ns::BLOCKING);
    items
        .filter_map(|item| {
            let given = item.attr("jid").unwrap_or_default();
            let jid = Jid::new(&given).ok();
            if jid.is_none() {
                tracing::warn!(jid = %shown(&given), "a malformed item of the block list is ignored");
            }
            jid
        })
        .collect()
}

/// What a push says; `None` if that cannot be told.
pub(crate) fn push(payload: ElementRef<'_>) -> Option<Change> {
    let jids = jids(payload);
    match payload.name() {
        "block" if !jids.is_empty() => Some(Change::Block(jids)),
        "unblock" if !jids.is_empty() => Some(Change::Unblock(jids)),
        // Without any item, not without any that can be read.
        "unblock" if payload.children().next().is_none() => Some(Change::UnblockAll),
        _ => None,
    }
}

/// Whether a stanza of type `error` says that its recipient is blocked (XEP-0191 §3.3).
pub(crate) fn is_refusal(stanza: ElementRef<'_>) -> bool {
    stanza
        .child("error", core_ns::CLIENT)
        .is_some_and(|error| error.child("blocked", core_ns::BLOCKING_ERRORS).is_some())
}

fn item(jid: &Jid) -> ElementBuilder {
    Element::builder("item", ns::BLOCKING).attr("jid", jid.as_str())
}

fn iq(type_: &str, payload: ElementBuilder) -> ElementBuilder {
    Element::builder("iq", core_ns::CLIENT)
        .attr("type", type_)
        .child(payload)
}

/// What a peer wrote as a log shows it.
fn shown(text: &str) -> String {
    text.chars()
        .take(128)
        .collect::<String>()
        .escape_debug()
        .to_string()
}
