//! Reading what is asked of an archive (XEP-0313 §4.1, §4.3).

use chrono::{DateTime, Utc};
use jid::Jid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::settings::Archives;

/// What is asked: which messages, and which page of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Query {
    pub(super) id: Option<String>,
    pub(in super::super) with: Option<Jid>,
    pub(super) start: Option<DateTime<Utc>>,
    pub(super) end: Option<DateTime<Utc>>,
    /// The ids between which the messages are.
    pub(super) after_id: Option<String>,
    pub(super) before_id: Option<String>,
    /// The messages, one by one.
    pub(super) ids: Option<Vec<String>>,
    pub(super) most: Option<usize>,
    pub(super) position: Position,
    /// Whether an id that is not there is no error.
    pub(super) is_lenient: bool,
    /// Whether the newest message of the page is to come first.
    pub(super) flipped: bool,
}

/// Where the page is that is asked for (XEP-0059 §2).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Position {
    #[default]
    Start,
    After(String),
    Before(String),
    End,
    Index(usize),
}

impl Query {
    pub(in super::super) fn read(
        query: &Element,
        archives: &Archives,
    ) -> Result<Self, DefinedCondition> {
        if query.attr("node").is_some() {
            // Archives of nodes are those of XEP-0442.
            return Err(DefinedCondition::FeatureNotImplemented);
        }
        let mut read = Self {
            id: query.attr("queryid").map(str::to_owned),
            is_lenient: !archives.refuse_unknown,
            flipped: archives.extended && query.has_child("flip-page", ns::MAM),
            ..Self::default()
        };
        if let Some(form) = query.get_child("x", ns::DATA_FORMS) {
            read.filter(form, archives.extended)?;
        }
        if let Some(set) = query.get_child("set", ns::RSM) {
            read.page(set, archives.counts)?;
        }
        Ok(read)
    }

    fn filter(&mut self, form: &Element, extended: bool) -> Result<(), DefinedCondition> {
        let fields = form
            .children()
            .filter(|child| child.is("field", ns::DATA_FORMS));
        for field in fields {
            let values = field.children();
            let values = values.filter(|child| child.is("value", ns::DATA_FORMS));
            let mut values = values.map(|value| value.text().trim().to_owned());
            match field.attr("var").unwrap_or_default() {
                "FORM_TYPE" if values.next().as_deref() == Some(ns::MAM) => {}
                "FORM_TYPE" => return Err(DefinedCondition::BadRequest),
                "ids" if extended => self.ids = Some(values.collect()),
                name => self.field(name, values.next(), extended)?,
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        name: &str,
        value: Option<String>,
        extended: bool,
    ) -> Result<(), DefinedCondition> {
        let value = value.filter(|value| !value.is_empty());
        match name {
            "with" => self.with = value.map(|jid| address(&jid)).transpose()?,
            "start" => self.start = value.map(|stamp| time(&stamp)).transpose()?,
            "end" => self.end = value.map(|stamp| time(&stamp)).transpose()?,
            "after-id" if extended => self.after_id = value,
            "before-id" if extended => self.before_id = value,
            // Nothing of rooms is in an account's archive, and nothing else in a room's.
            "include-groupchat" if extended => {}
            _ => return Err(DefinedCondition::FeatureNotImplemented),
        }
        Ok(())
    }

    fn page(&mut self, set: &Element, counts: bool) -> Result<(), DefinedCondition> {
        let text = |name: &str| {
            let child = set.get_child(name, ns::RSM)?;
            Some(child.text().trim().to_owned())
        };
        let number = |name: &str| {
            let number = text(name).map(|text| text.parse());
            number.transpose().map_err(|_| DefinedCondition::BadRequest)
        };
        self.most = number("max")?;
        let after = text("after").filter(|after| !after.is_empty());
        self.position = match (after, text("before"), number("index")?) {
            (None, None, None) => Position::Start,
            (Some(after), None, None) => Position::After(after),
            (None, Some(before), None) if before.is_empty() => Position::End,
            (None, Some(before), None) => Position::Before(before),
            (None, None, Some(index)) if counts => Position::Index(index),
            (None, None, Some(_)) => return Err(DefinedCondition::FeatureNotImplemented),
            // What two of them mean together nobody has said.
            _ => return Err(DefinedCondition::BadRequest),
        };
        Ok(())
    }
}

fn address(jid: &str) -> Result<Jid, DefinedCondition> {
    Jid::new(jid).map_err(|_| DefinedCondition::JidMalformed)
}

/// A date of XEP-0082.
fn time(stamp: &str) -> Result<DateTime<Utc>, DefinedCondition> {
    let stamp = DateTime::parse_from_rfc3339(stamp);
    let stamp = stamp.map_err(|_| DefinedCondition::BadRequest)?;
    Ok(stamp.to_utc())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn read(payload: &str) -> Result<Query, DefinedCondition> {
        let query = format!("<query xmlns='urn:xmpp:mam:2' queryid='q'>{payload}</query>");
        Query::read(&query.parse().unwrap(), &Archives::default())
    }

    fn form(var: &str, value: &str) -> String {
        format!(
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>\
             <field var='{var}'><value>{value}</value></field></x>"
        )
    }

    fn set(payload: &str) -> String {
        format!("<set xmlns='http://jabber.org/protocol/rsm'>{payload}</set>")
    }

    #[test]
    fn what_is_asked_is_understood() {
        let with = read(&form("with", " Juliet@localhost ")).unwrap().with;
        assert_eq!(with.unwrap().as_str(), "juliet@localhost");
        let start = read(&form("start", "2026-01-01T02:00:00.5+02:00")).unwrap();
        assert_eq!(
            start.start.unwrap().to_rfc3339(),
            "2026-01-01T00:00:00.500+00:00"
        );
        for (asked, position) in [
            ("", Position::Start),
            ("<after/>", Position::Start),
            ("<after>a</after>", Position::After("a".to_owned())),
            ("<before/>", Position::End),
            ("<before>a</before>", Position::Before("a".to_owned())),
            ("<index>3</index>", Position::Index(3)),
        ] {
            assert_eq!(read(&set(asked)).unwrap().position, position, "{asked}");
        }
        assert_eq!(read(&set("<max>0</max>")).unwrap().most, Some(0));
        assert_eq!(read("").unwrap().id.as_deref(), Some("q"));
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        use DefinedCondition::{BadRequest, FeatureNotImplemented, JidMalformed};
        for (payload, condition) in [
            (form("with", "@@"), JidMalformed),
            (form("start", "some other day"), BadRequest),
            (form("end", "2026-02-30T00:00:00Z"), BadRequest),
            (
                form("{urn:example}free-text", "love"),
                FeatureNotImplemented,
            ),
            (form("FORM_TYPE", "urn:example"), BadRequest),
            (set("<max>-1</max>"), BadRequest),
            (set("<before/><after>a</after>"), BadRequest),
            (set("<before/><index>1</index>"), BadRequest),
        ] {
            assert_eq!(read(&payload), Err(condition), "{payload}");
        }
    }
}
