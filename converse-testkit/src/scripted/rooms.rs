//! Rooms that let the client in (XEP-0045 §7.2), for tests of what happens inside.

use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder};
use serde::Deserialize;

const MUC: &str = "http://jabber.org/protocol/muc";

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Occupant {
    /// The name in the room.
    pub nick: String,
    /// `owner`, `admin`, `member`, `none` or `outcast`.
    #[serde(default = "none")]
    pub affiliation: String,
    /// `moderator`, `participant`, `visitor` or `none`.
    #[serde(default = "participant")]
    pub role: String,
    /// The real address, where everybody may see it.
    #[serde(default)]
    pub jid: Option<String>,
}

/// A room that answers disco requests and lets the client in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Room {
    /// The room's address.
    pub jid: String,
    /// The client's name in it.
    pub nick: String,
    /// The client's affiliation.
    #[serde(default = "none")]
    pub affiliation: String,
    /// The client's role.
    #[serde(default = "participant")]
    pub role: String,
    /// What it announces besides `http://jabber.org/protocol/muc`.
    #[serde(default)]
    pub features: Vec<String>,
    /// Who else is in it.
    #[serde(default)]
    pub occupants: Vec<Occupant>,
}

fn none() -> String {
    "none".to_owned()
}

fn participant() -> String {
    "participant".to_owned()
}

impl Room {
    /// What it tells about itself (XEP-0045 §6.4).
    pub(super) fn info(&self) -> ElementBuilder {
        let identity = Element::builder("identity", ns::DISCO_INFO)
            .attr("category", "conference")
            .attr("type", "text");
        let all = std::iter::once(MUC).chain(self.features.iter().map(String::as_str));
        let features = all.map(|feature| {
            Element::builder("feature", ns::DISCO_INFO).attr("var", feature.to_owned())
        });
        let features: Vec<_> = features.collect();
        Element::builder("query", ns::DISCO_INFO)
            .child(identity)
            .children(features)
    }

    /// What a client is sent that comes in: those who are there, itself, and the subject.
    pub(super) fn welcome(&self) -> Vec<String> {
        let own = Occupant {
            nick: self.nick.clone(),
            affiliation: self.affiliation.clone(),
            role: self.role.clone(),
            jid: None,
        };
        let mut stanzas: Vec<String> = self
            .occupants
            .iter()
            .map(|occupant| self.presence(occupant, ""))
            .collect();
        stanzas.push(self.presence(&own, "<status code='110'/>"));
        stanzas.push(format!(
            "<message from='{}' type='groupchat'><subject/></message>",
            self.jid
        ));
        stanzas
    }

    fn presence(&self, occupant: &Occupant, status: &str) -> String {
        let jid = occupant.jid.as_ref().map(|jid| format!(" jid='{jid}'"));
        format!(
            "<presence from='{}/{}'><x xmlns='http://jabber.org/protocol/muc#user'>\
             <item affiliation='{}' role='{}'{}/>{status}</x></presence>",
            self.jid,
            occupant.nick,
            occupant.affiliation,
            occupant.role,
            jid.unwrap_or_default()
        )
    }

    /// Whether a presence asks to come in.
    pub(super) fn is_entered_by(&self, presence: &Element) -> bool {
        let to = presence.attr("to").unwrap_or_default();
        presence.name() == "presence"
            && presence.attr("type").is_none()
            && to
                .strip_prefix(self.jid.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
    }
}
