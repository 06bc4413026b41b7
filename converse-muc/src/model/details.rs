//! What a room tells about itself in a form.

use converse_core::disco::{Form, Info};
use jid::BareJid;
use serde::Serialize;

/// The form (XEP-0045 §16.5.4).
const ROOM_INFO: &str = "http://jabber.org/protocol/muc#roominfo";

/// The longest text that is kept, in characters.
const LONGEST: usize = 1024;
/// How many addresses of people to turn to are kept.
const MAX_CONTACTS: usize = 20;

/// What a room tells about itself if it likes (XEP-0045 §6.4, §16.5.4). Nothing of it is certain: a room can say anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RoomDetails {
    /// How many are in it.
    pub occupants: Option<u32>,
    /// What it is about at the moment; at most 1,024 characters.
    pub subject: Option<String>,
    /// Whether every occupant with voice may change the subject.
    pub subject_can_be_changed: Option<bool>,
    /// Whom to turn to, its owners as a rule; at most 20.
    pub contacts: Vec<BareJid>,
    /// The language that is spoken there, as `en`.
    pub language: Option<String>,
    /// Where its discussions can be read on the web: an `http:` or `https:` address.
    pub logs: Option<String>,
    /// How many old messages it sends at most to who enters.
    pub max_history: Option<u32>,
    /// How many seconds occupants must wait between two messages (slow mode); zero when they need not.
    pub slow_mode: Option<u32>,
    /// The group of a directory whose people are its members: an LDAP distinguished name.
    pub ldap_group: Option<String>,
    /// The publish-subscribe node that belongs to it: an XMPP URI.
    pub pubsub: Option<String>,
}

impl RoomDetails {
    pub(super) fn new(info: &Info) -> Self {
        let Some(form) = info.form(ROOM_INFO) else {
            return Self::default();
        };
        let contacts = form.fields.get("muc#roominfo_contactjid");
        let contacts = contacts.into_iter().flatten();
        Self {
            occupants: number(form, "muc#roominfo_occupants"),
            subject: text(form, "muc#roominfo_subject"),
            subject_can_be_changed: [
                "muc#roominfo_subjectmod",
                "muc#roominfo_changesubject",
                "muc#roomconfig_changesubject",
            ]
            .into_iter()
            .find_map(|var| yes_or_no(form.value(var)?)),
            contacts: contacts
                .filter_map(|jid| BareJid::new(jid.trim()).ok())
                .take(MAX_CONTACTS)
                .collect(),
            language: text(form, "muc#roominfo_lang"),
            logs: text(form, "muc#roominfo_logs").filter(|url| is_web(url)),
            max_history: number(form, "muc#maxhistoryfetch"),
            slow_mode: number(form, "muc#roominfo_slow_mode_duration"),
            ldap_group: text(form, "muc#roominfo_ldapgroup"),
            pubsub: text(form, "muc#roomconfig_pubsub"),
        }
    }
}

fn text(form: &Form, var: &str) -> Option<String> {
    let text: String = form.value(var)?.trim().chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(text)
}

fn number(form: &Form, var: &str) -> Option<u32> {
    form.value(var)?.trim().parse().ok()
}

fn yes_or_no(value: &str) -> Option<bool> {
    match value.trim() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// Whether it is an address on the web: others are a danger to who opens them.
fn is_web(url: &str) -> bool {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
    })
}
