//! The own presence as a stanza, and what others and other clients of the account send.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::Jid;

use crate::model::{OwnResource, Presence, Status};

/// How much of a text of others is kept, in bytes.
const LONGEST_TEXT: usize = 4096;

/// The presence for everybody who sees the user (RFC 6121 §4.2, §4.4, §4.5).
pub(crate) fn broadcast(
    presence: &Presence,
    priority: i8,
    payloads: Vec<ElementBuilder>,
) -> ElementBuilder {
    if !presence.status.is_available() {
        return stanza(presence).attr("type", "unavailable");
    }
    let priority = (priority != 0).then(|| child("priority", &priority.to_string()));
    stanza(presence).child_opt(priority).children(payloads)
}

/// The presence for one who would not see it otherwise (RFC 6121 §4.6.1), also while nobody else does.
pub(crate) fn directed(
    to: &Jid,
    presence: &Presence,
    payloads: Vec<ElementBuilder>,
) -> ElementBuilder {
    stanza(presence).attr("to", to.as_str()).children(payloads)
}

/// One who was shown the presence sees it no longer (RFC 6121 §4.6.1).
pub(crate) fn withdrawn(to: &Jid) -> ElementBuilder {
    Element::builder("presence", ns::CLIENT)
        .attr("to", to.as_str())
        .attr("type", "unavailable")
}

fn stanza(presence: &Presence) -> ElementBuilder {
    let Presence { status, message } = presence;
    Element::builder("presence", ns::CLIENT)
        .child_opt(status.show().map(|show| child("show", show)))
        .child_opt(message.as_ref().map(|message| child("status", message)))
}

fn child(name: &'static str, text: &str) -> ElementBuilder {
    Element::builder(name, ns::CLIENT).text(text)
}

/// When the user was there last (XEP-0319 §3).
pub(crate) fn idle(since: DateTime<Utc>) -> ElementBuilder {
    let since = since.to_rfc3339_opts(SecondsFormat::Secs, true);
    Element::builder("idle", ns::IDLE).attr("since", since)
}

/// What the presence of another client of the account says.
pub(crate) fn resource(
    resource: &str,
    presence: ElementRef<'_>,
    now: DateTime<Utc>,
) -> OwnResource {
    let text = |name| presence.child_text(name, ns::CLIENT);
    let show = text("show").map(|show| show.trim().parse());
    let since = presence
        .child("idle", ns::IDLE)
        .and_then(|idle| DateTime::parse_from_rfc3339(idle.attr("since")?.trim()).ok());
    OwnResource {
        resource: resource.to_owned(),
        status: match show {
            Some(Ok(status @ (Status::Chat | Status::Away | Status::Dnd | Status::Xa))) => status,
            // RFC 6121 §4.7.2.1: no other value is defined.
            _ => Status::Online,
        },
        message: text("status")
            .map(|text| bounded(&text).to_owned())
            .filter(|text| !text.is_empty()),
        priority: text("priority")
            .and_then(|priority| priority.trim().parse().ok())
            .unwrap_or(0),
        idle_since: since
            .map(|since| since.to_utc())
            .filter(|since| *since <= now),
    }
}

/// As much of a text as is kept.
fn bounded(text: &str) -> &str {
    let mut end = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Asks for how long somebody has not been there (XEP-0012).
pub(crate) fn last_request(to: &Jid) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", "get")
        .attr("to", to.as_str())
        .child(Element::builder("query", ns::LAST))
}

/// For how long nobody has been here.
pub(crate) fn last(idle: Duration) -> ElementBuilder {
    Element::builder("query", ns::LAST).attr("seconds", idle.as_secs().to_string())
}

/// The time that an answer speaks of, and the text in it; `None` if it says nothing that can be.
pub(crate) fn read_last(answer: ElementRef<'_>) -> Option<(TimeDelta, Option<String>)> {
    let query = answer.child("query", ns::LAST)?;
    let seconds: u32 = query.attr("seconds")?.trim().parse().ok()?;
    let text = query.text();
    let text = Some(bounded(text.trim()).to_owned()).filter(|text| !text.is_empty());
    Some((TimeDelta::seconds(i64::from(seconds)), text))
}

#[cfg(test)]
mod tests {
    use converse_core::xml::{Element, XmlError};

    use super::{bounded, broadcast, directed, read_last, resource};
    use crate::model::{Presence, Status};

    fn own(status: Status, message: Option<&str>) -> Presence {
        Presence {
            status,
            message: message.map(ToOwned::to_owned),
        }
    }

    fn xml(status: Status, message: Option<&str>, priority: i8) -> String {
        let written = broadcast(&own(status, message), priority, Vec::new()).build();
        written.map_or_else(|error| error.to_string(), |element| element.to_xml())
    }

    #[test]
    fn a_status_has_one_form_on_the_wire() {
        let start = "<presence xmlns='jabber:client'";
        assert_eq!(xml(Status::Online, None, 0), format!("{start}/>"));
        assert_eq!(
            xml(Status::Dnd, Some("a<b"), -5),
            format!(
                "{start}><show>dnd</show><status>a&lt;b</status><priority>-5</priority></presence>"
            )
        );
        let gone = format!("{start} type='unavailable'/>");
        assert_eq!(xml(Status::Offline, None, 3), gone);
        assert_eq!(xml(Status::Unavailable, None, 3), gone);
        let unsendable = own(Status::Online, Some("\u{0}"));
        assert!(broadcast(&unsendable, 0, Vec::new()).build().is_err());
    }

    #[test]
    fn one_may_see_what_others_do_not() -> Result<(), Box<dyn std::error::Error>> {
        let to = "juliet@capulet.example/balcony".parse()?;
        let shown = directed(&to, &own(Status::Offline, None), Vec::new()).build()?;
        assert_eq!(
            shown.to_xml(),
            "<presence xmlns='jabber:client' to='juliet@capulet.example/balcony'/>"
        );
        Ok(())
    }

    #[test]
    fn what_makes_no_sense_in_a_presence_is_as_if_it_were_not_there() -> Result<(), XmlError> {
        let odd = Element::parse(
            "<presence><show>offline</show><priority>128</priority><status/>\
             <idle xmlns='urn:xmpp:idle:1' since='2036-01-01T00:00:00Z'/></presence>",
        )?;
        let Ok(now) = "2026-01-01T00:00:00Z".parse() else {
            return Ok(());
        };
        let odd = resource("phone", odd.view(), now);
        assert_eq!(odd.status, Status::Online);
        assert_eq!((odd.priority, odd.message, odd.idle_since), (0, None, None));
        Ok(())
    }

    #[test]
    fn of_a_long_text_the_beginning_is_kept() {
        let text = "é".repeat(5000);
        assert_eq!(bounded(&text).len(), 4096);
        assert_eq!(bounded("\u{10ffff}a"), "\u{10ffff}a");
        assert_eq!(bounded(&format!("a{text}")).len(), 4095);
    }

    #[test]
    fn seconds_that_are_no_number_are_no_answer() -> Result<(), XmlError> {
        for (seconds, valid) in [("903", true), (" 0 ", true), ("-1", false), ("", false)] {
            let answer = Element::parse(&format!(
                "<iq><query xmlns='jabber:iq:last' seconds='{seconds}'>Heading Home</query></iq>"
            ))?;
            assert_eq!(read_last(answer.view()).is_some(), valid, "{seconds}");
        }
        Ok(())
    }
}
