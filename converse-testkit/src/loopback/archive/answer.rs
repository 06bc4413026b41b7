//! Writing what an archive answers (XEP-0313 §4.2–§4.4).

use chrono::{DateTime, SecondsFormat, Utc};
use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::dom::{Dom, name};
use super::page::Page;
use super::query::Query;
use super::settings::Archives;
use super::{Archive, Entry};

const EXTENDED: &str = "urn:xmpp:mam:2#extended";
const VALIDATE: &str = "http://jabber.org/protocol/xdata-validate";

/// What whoever has an archive says of it (XEP-0313 §7).
pub(in super::super) fn features(
    archives: &Archives,
) -> impl Iterator<Item = &'static str> + use<> {
    let extended = [EXTENDED, "urn:xmpp:mam:2#groupchat-field"];
    let extended = extended.into_iter().filter({
        let offered = archives.extended;
        move |_| offered
    });
    [ns::MAM].into_iter().chain(extended)
}

/// Whether a message is a result: nobody but who has asked is to have it.
pub(in super::super) fn is_result(message: &Element) -> bool {
    message.has_child("result", ns::MAM)
}

/// The fields that can be asked by (XEP-0313 §4.1.5).
pub(in super::super) fn fields(archives: &Archives) -> Element {
    let field = |var: &str, kind: &str| {
        Element::bare("field", ns::DATA_FORMS)
            .with(name::VAR, var)
            .with(name::TYPE, kind)
    };
    let value = Element::bare("value", ns::DATA_FORMS).saying(ns::MAM);
    let mut form = Element::bare("x", ns::DATA_FORMS)
        .with(name::TYPE, "form")
        .holding(field("FORM_TYPE", "hidden").holding(value))
        .holding(field("with", "jid-single"))
        .holding(field("start", "text-single"))
        .holding(field("end", "text-single"));
    if archives.extended {
        let open = Element::bare("validate", VALIDATE)
            .with(name::DATATYPE, "xs:string")
            .holding(Element::bare("open", VALIDATE));
        form.append_child(field("before-id", "text-single"));
        form.append_child(field("after-id", "text-single"));
        form.append_child(field("ids", "list-multi").holding(open));
        form.append_child(field("include-groupchat", "boolean"));
    }
    Element::bare("query", ns::MAM).holding(form)
}

impl Archive {
    /// The first and the last message there are (XEP-0313 §4.4).
    pub(in super::super) fn metadata(&self) -> Element {
        let mut metadata = Element::bare("metadata", ns::MAM);
        let ends = [
            ("start", self.entries.front()),
            ("end", self.entries.back()),
        ];
        for (end, entry) in ends {
            if let Some(entry) = entry {
                let end = Element::bare(end, ns::MAM)
                    .with(name::ID, &entry.id)
                    .with(name::TIMESTAMP, &written(entry.stamp));
                metadata.append_child(end);
            }
        }
        metadata
    }
}

impl Page<'_> {
    /// The results, each without whom it goes to; `shown` says how a message of the page is shown to who asks.
    pub(in super::super) fn results(
        &self,
        query: &Query,
        archive: &BareJid,
        shown: impl Fn(&Entry) -> Element,
    ) -> Vec<Element> {
        let result = |entry: &&Entry| {
            let mut result = Element::bare("result", ns::MAM).with(name::ID, &entry.id);
            if let Some(query) = &query.id {
                result.put(name::QUERYID, query);
            }
            let delay = Element::bare("delay", ns::DELAY).with(name::STAMP, &written(entry.stamp));
            let forwarded = Element::bare("forwarded", ns::FORWARD)
                .holding(delay)
                .holding(shown(entry));
            Element::bare("message", ns::JABBER_CLIENT)
                .with(name::FROM, archive.as_str())
                .holding(result.holding(forwarded))
        };
        let mut results: Vec<Element> = self.entries.iter().map(result).collect();
        if query.flipped {
            results.reverse();
        }
        results
    }

    /// What ends the results, and says where the page lies.
    pub(in super::super) fn fin(&self, archives: &Archives) -> Element {
        let field = |name: &str, text: &str| Element::bare(name, ns::RSM).saying(text);
        let mut set = Element::bare("set", ns::RSM);
        if let (Some(first), Some(last)) = (self.entries.first(), self.entries.last()) {
            let mut first = field("first", &first.id);
            if archives.counts {
                first.put(name::INDEX, &self.index.to_string());
            }
            set.append_child(first);
            set.append_child(field("last", &last.id));
        }
        if archives.counts {
            set.append_child(field("count", &self.count.to_string()));
        }
        let mut fin = Element::bare("fin", ns::MAM);
        if self.is_complete {
            fin.put(name::COMPLETE, "true");
        }
        if !archives.stable {
            fin.put(name::STABLE, "false");
        }
        fin.holding(set)
    }
}

/// A time as archives tell it.
pub(super) fn written(stamp: DateTime<Utc>) -> String {
    stamp.to_rfc3339_opts(SecondsFormat::Micros, true)
}
