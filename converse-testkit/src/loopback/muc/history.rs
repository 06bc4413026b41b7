//! What was said in a room before (XEP-0045 §7.2.13, §7.2.14).

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;

use super::super::dom::{Dom, size};
use super::turn::delay;

const HINTS: &str = "urn:xmpp:hints";

/// The last messages of a room, the oldest first.
#[derive(Debug, Default)]
pub(super) struct History {
    messages: VecDeque<(DateTime<Utc>, Element)>,
}

/// How much of the history somebody wants; all of these at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    stanzas: Option<usize>,
    characters: Option<usize>,
    since: Option<DateTime<Utc>>,
}

impl Wanted {
    /// Reads the `<x/>` of a presence; what cannot be read is not said.
    pub(super) fn read(muc: &Element, now: DateTime<Utc>) -> Self {
        let Some(history) = muc.get_child("history", ns::MUC) else {
            return Self::default();
        };
        let number = |name: &str| history.attr(name)?.trim().parse::<u32>().ok();
        let seconds = number("seconds").map(|seconds| now - TimeDelta::seconds(seconds.into()));
        let since = history.attr("since").and_then(|since| since.parse().ok());
        Self {
            stanzas: number("maxstanzas").map(|most| most as usize),
            characters: number("maxchars").map(|most| most as usize),
            since: seconds.max(since),
        }
    }
}

impl History {
    /// Keeps a message, if it is one to keep, and drops the oldest of more than `most`.
    pub(super) fn keep(&mut self, now: DateTime<Utc>, message: &Element, most: usize) {
        let said =
            message.has_child("body", ns::JABBER_CLIENT) || message.has_child("store", HINTS);
        let refused = ["no-store", "no-permanent-store"];
        if said && !refused.iter().any(|hint| message.has_child(hint, HINTS)) {
            self.messages.push_back((now, message.clone()));
        }
        let surplus = self.messages.len().saturating_sub(most);
        self.messages.drain(..surplus);
    }

    /// Drops the message to which the room has given an id; `false` if it is not kept.
    pub(super) fn forget(&mut self, id: &str, by: &str) -> bool {
        let is_it = |child: &Element| {
            child.is("stanza-id", ns::SID) && child.id() == Some(id) && child.attr("by") == Some(by)
        };
        let kept = self.messages.len();
        self.messages
            .retain(|(_, message)| !message.children().any(is_it));
        self.messages.len() < kept
    }

    /// The messages that somebody wants, at most so many, each with when it was said.
    pub(super) fn recall(&self, wanted: &Wanted, most: usize, by: &str) -> Vec<Element> {
        let most = wanted.stanzas.map_or(most, |stanzas| stanzas.min(most));
        let mut room = wanted.characters.unwrap_or(usize::MAX);
        let newest = self.messages.iter().rev();
        let new_enough =
            |(then, _): &&(DateTime<Utc>, Element)| wanted.since.is_none_or(|since| *then >= since);
        let mut recalled = Vec::new();
        for (then, message) in newest.take(most).take_while(new_enough) {
            let message = message.clone().holding(delay(by, *then));
            let Some(rest) = room.checked_sub(size(&message)) else {
                break;
            };
            room = rest;
            recalled.push(message);
        }
        recalled.reverse();
        recalled
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn at(second: u32) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000 + i64::from(second), 0).unwrap()
    }

    fn history() -> History {
        let mut history = History::default();
        for second in 0..5 {
            let body = Element::bare("body", ns::JABBER_CLIENT).saying(&second.to_string());
            let message = Element::bare("message", ns::JABBER_CLIENT).holding(body);
            history.keep(at(second), &message, 4);
        }
        history
    }

    fn recalled(attributes: &str) -> Vec<String> {
        let muc = format!("<x xmlns='{}'><history {attributes}/></x>", ns::MUC);
        let wanted = Wanted::read(&muc.parse().unwrap(), at(5));
        let messages = history().recall(&wanted, 3, "room@conference.localhost");
        let body = |message: Element| message.get_child("body", ns::JABBER_CLIENT).unwrap().text();
        messages.into_iter().map(body).collect()
    }

    #[test]
    fn everybody_gets_as_much_as_they_want_and_there_is() {
        assert_eq!(recalled(""), ["2", "3", "4"]);
        assert_eq!(recalled("maxstanzas='2'"), ["3", "4"]);
        assert_eq!(recalled("maxstanzas='100'"), ["2", "3", "4"]);
        assert_eq!(recalled("maxstanzas='-1'"), ["2", "3", "4"]);
        assert_eq!(recalled("maxchars='0'"), [""; 0]);
        assert_eq!(recalled("seconds='2'"), ["3", "4"]);
        let since = at(4).to_rfc3339();
        assert_eq!(recalled(&format!("since='{since}' seconds='100'")), ["4"]);
        assert_eq!(recalled("since='yesterday'"), ["2", "3", "4"]);
    }

    #[test]
    fn what_is_not_to_be_kept_is_not() {
        let mut history = History::default();
        for payload in ["<body/><no-store xmlns='urn:xmpp:hints'/>", "<subject/>"] {
            let message = format!("<message xmlns='jabber:client'>{payload}</message>");
            history.keep(at(0), &message.parse().unwrap(), 4);
        }
        assert!(history.recall(&Wanted::default(), 4, "room").is_empty());
    }
}
