//! Elements to model and back.

mod occupant;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use converse_core::disco::Info;
use converse_core::router::{Stanza, StanzaError};
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use converse_core::{Error, ns};
use converse_messages::wire as messages;
use jid::{BareJid, FullJid, Jid};

pub(crate) use occupant::PICTURE;
use occupant::read_about;

use crate::model::{
    Affiliation, Item, PresenceKind, Removal, Role, RoomInfo, RoomPresence, Subject,
};

/// What a client that enters a room says (XEP-0045 §7.2).
pub(crate) const MUC: &str = "http://jabber.org/protocol/muc";
/// The node of the question for a reserved nick (XEP-0045 §7.12).
const RESERVED_NICK: &str = "x-roomuser-item";
/// Data forms (XEP-0004).
const FORM: &str = "jabber:x:data";

/// The longest reason or description that is kept, in characters.
const LONGEST_TEXT: usize = 1024;
/// The longest subject that is kept, in bytes.
const LONGEST_SUBJECT: usize = 4096;
/// How many status codes of a stanza are read.
const MAX_CODES: usize = 32;

/// The question what a room is (XEP-0045 §6.4).
pub(crate) fn ask_info(room: &BareJid) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", "get")
        .attr("to", room.as_str())
        .child(Element::builder("query", ns::DISCO_INFO))
}

/// The question which nick the room keeps for the user (XEP-0045 §7.12).
pub(crate) fn ask_reserved_nick(room: &BareJid) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", "get")
        .attr("to", room.as_str())
        .child(Element::builder("query", ns::DISCO_INFO).attr("node", RESERVED_NICK))
}

/// Asks the own occupant, which only a room that knows the user passes on (XEP-0410 §3).
pub(crate) fn ping(me: &FullJid) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", "get")
        .attr("to", me.as_str())
        .child(Element::builder("ping", ns::PING))
}

/// Which old messages a room is asked for on entering (XEP-0045 §7.2.14).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted {
    /// So many at most; `None` lets the room decide.
    pub(crate) most: Option<u32>,
    /// Those from this time on.
    pub(crate) since: Option<DateTime<Utc>>,
}

impl Wanted {
    /// What was said before comes from elsewhere.
    pub(crate) const NOTHING: Self = Self {
        most: Some(0),
        since: None,
    };
}

/// How far the clocks of the room and of the user may be apart, so that no message falls between the visits.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// Enters a room (XEP-0045 §7.2).
pub(crate) fn enter(
    me: &FullJid,
    password: Option<&str>,
    wanted: Wanted,
    lists: Option<ElementBuilder>,
) -> ElementBuilder {
    let mut muc = Element::builder("x", MUC);
    if let Some(password) = password {
        muc = muc.child(Element::builder("password", MUC).text(password));
    }
    presence(me).child(muc.child_opt(history(wanted)).child_opt(lists))
}

fn history(wanted: Wanted) -> Option<ElementBuilder> {
    let since = wanted
        .since
        .and_then(|since| since.checked_sub_signed(SKEW));
    if wanted.most.is_none() && since.is_none() {
        return None;
    }
    let mut history = Element::builder("history", MUC);
    if let Some(most) = wanted.most {
        history = history.attr("maxstanzas", most.to_string());
    }
    if let Some(since) = since {
        history = history.attr("since", since.to_rfc3339_opts(SecondsFormat::Secs, true));
    }
    Some(history)
}

/// Takes another nick (XEP-0045 §7.6).
pub(crate) fn rename(me: &FullJid) -> ElementBuilder {
    presence(me)
}

/// Tells those in a room what the user's presence says (XEP-0045 §7.7).
pub(crate) fn availability(me: &FullJid) -> ElementBuilder {
    presence(me)
}

/// Leaves a room (XEP-0045 §7.14).
pub(crate) fn leave(me: &FullJid) -> ElementBuilder {
    presence(me).attr("type", "unavailable")
}

fn presence(me: &FullJid) -> ElementBuilder {
    Element::builder("presence", ns::CLIENT).attr("to", me.as_str())
}

/// The nick that the room keeps for the user (XEP-0045 §7.12), if it can be one.
pub(crate) fn read_reserved_nick(answer: &Stanza, room: &BareJid) -> Option<String> {
    let info = Info::from_answer(answer).ok()?;
    let nick = info.name("conference")?;
    let there = room.with_resource_str(nick).ok()?;
    Some(there.resource().as_str().to_owned())
}

/// The description in a disco#info answer (XEP-0045 §6.4).
pub(crate) fn description(answer: &Stanza) -> Option<String> {
    let query = answer.child("query", ns::DISCO_INFO)?;
    let mut fields = query
        .children_named("x", FORM)
        .flat_map(|form| form.children_named("field", FORM));
    let field =
        fields.find(|field| field.attr("var").as_deref() == Some("muc#roominfo_description"))?;
    let text = field.child_text("value", FORM)?;
    shortened(&text)
}

/// What a room says about itself (XEP-0045 §6.4).
pub(crate) fn read_info(answer: &Stanza) -> Result<RoomInfo, Error> {
    let info = Info::from_answer(answer)?;
    Ok(RoomInfo::new(&info, description(answer)))
}

/// What a presence from a room says; `None` for a type that no room sends.
pub(crate) fn read_presence(stanza: &Stanza, from: &Jid) -> Option<RoomPresence> {
    let user = stanza.child("x", ns::MUC_USER);
    let kind = match stanza.type_().as_deref() {
        None => PresenceKind::Available,
        Some("unavailable") => PresenceKind::Unavailable {
            destroyed: user
                .and_then(|user| user.child("destroy", ns::MUC_USER))
                .map(read_destroy),
        },
        Some("error") => PresenceKind::Refused {
            error: StanzaError::of(stanza.root()),
            moved: read_gone(stanza),
        },
        Some(_) => return None,
    };
    let item = user.and_then(|user| user.child("item", ns::MUC_USER));
    Some(RoomPresence {
        kind,
        nick: from.resource().map(|nick| nick.as_str().to_owned()),
        item: item.map(|item| read_item(item, from)).unwrap_or_default(),
        about: read_about(stanza),
        codes: user.map(read_codes).unwrap_or_default(),
    })
}

/// The status codes of a stanza (XEP-0045 §15.6).
pub(crate) fn codes(stanza: &Stanza) -> Vec<u16> {
    let user = stanza.child("x", ns::MUC_USER);
    user.map(read_codes).unwrap_or_default()
}

fn read_codes(user: ElementRef<'_>) -> Vec<u16> {
    let statuses = user.children_named("status", ns::MUC_USER);
    let codes = statuses.filter_map(|status| status.attr("code")?.parse().ok());
    codes.take(MAX_CODES).collect()
}

fn read_item(item: ElementRef<'_>, from: &Jid) -> Item {
    let actor = item.child("actor", ns::MUC_USER);
    let actor = actor.and_then(|actor| actor.attr("nick").or_else(|| actor.attr("jid")));
    let reason = item.child_text("reason", ns::MUC_USER);
    let mut read = Item {
        actor: actor.and_then(|actor| shortened(&actor)),
        reason: reason.and_then(|reason| shortened(&reason)),
        ..Item::default()
    };
    // A room of thousands has thousands of them: one look at each attribute.
    for attribute in item.attrs().filter(|attribute| attribute.ns().is_empty()) {
        let value = &*attribute.value();
        match attribute.name() {
            "role" => read.role = Role::from_word(Some(value)),
            "affiliation" => read.affiliation = Affiliation::from_word(Some(value)),
            "jid" => read.jid = Jid::new(value).ok(),
            "nick" => {
                let renamed = from.to_bare().with_resource_str(value).ok();
                read.nick = renamed.map(|renamed| renamed.resource().as_str().to_owned());
            }
            _ => {}
        }
    }
    read
}

fn read_destroy(destroy: ElementRef<'_>) -> Removal {
    let reason = destroy.child_text("reason", ns::MUC_USER);
    Removal {
        moved: destroy
            .attr("jid")
            .and_then(|jid| BareJid::new(&jid).ok())
            .filter(|jid| jid.node().is_some()),
        reason: reason.and_then(|reason| shortened(&reason)),
    }
}

/// Where a room is instead, from an error that says it is gone or elsewhere: an XMPP URI (RFC 5122).
fn read_gone(stanza: &Stanza) -> Option<BareJid> {
    let error = stanza.child("error", ns::CLIENT)?;
    let uri = ["gone", "redirect"]
        .iter()
        .find_map(|name| error.child_text(name, ns::STANZA_ERRORS))?;
    let address = uri.trim().strip_prefix("xmpp:")?;
    let address = address.split(['?', '#']).next()?;
    BareJid::new(address)
        .ok()
        .filter(|jid| jid.node().is_some())
}

/// The subject in a stanza: a message with one and without a text (XEP-0045 §8.1).
pub(crate) fn read_subject(stanza: &Stanza, from: &Jid) -> Option<Subject> {
    let root = stanza.root();
    let subject = root.child_text("subject", ns::CLIENT)?;
    if root.child("body", ns::CLIENT).is_some() || root.child("thread", ns::CLIENT).is_some() {
        return None;
    }
    let mut text = subject.into_owned();
    if text.len() > LONGEST_SUBJECT {
        let end = (0..=LONGEST_SUBJECT)
            .rev()
            .find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
    }
    let author = from.resource().map(|nick| nick.as_str().to_owned());
    Some(Subject::new(text, author))
}

/// The id that a room gave a message (XEP-0359 §3.1): it gives one and no more (§4).
pub(crate) fn stanza_id(stanza: &Stanza, room: &BareJid) -> Option<String> {
    let ids = stanza.root().children_named("stanza-id", ns::SID);
    let by_room = |id: &ElementRef<'_>| {
        id.attr("by")
            .is_some_and(|by| Jid::new(&by).is_ok_and(|by| by == *room))
    };
    let mut ids = ids.filter(by_room);
    let id = messages::usable(ids.next()?.attr("id"));
    id.filter(|_| ids.next().is_none())
}

/// The address of who has said something, as an archive may tell it (XEP-0313 §5.1.2).
pub(crate) fn real_jid(archived: &Stanza) -> Option<BareJid> {
    let user = archived.child("x", ns::MUC_USER)?;
    let jid = user.child("item", ns::MUC_USER)?.attr("jid")?;
    Jid::new(&jid).ok().map(Jid::into_bare)
}

/// Whether a stanza wraps another one as a carbon (XEP-0280), which a room never does.
pub(crate) fn is_carbon(stanza: &Stanza) -> bool {
    stanza
        .root()
        .children()
        .any(|child| child.ns() == ns::CARBONS && matches!(child.name(), "received" | "sent"))
}

pub(crate) fn shortened(text: &str) -> Option<String> {
    let text: String = text.chars().take(LONGEST_TEXT).collect();
    (!text.is_empty()).then_some(text)
}
