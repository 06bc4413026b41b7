//! Elements to invitations and back.

use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::settings::Secret;
use converse_core::xml::{Element, ElementBuilder, ElementRef};
use jid::{BareJid, Jid};

use super::options::InviteOptions;
use super::received::Invite;
use crate::wire::shortened;

/// Direct invitations (XEP-0249), the feature of who understands them too (§3).
pub(super) const DIRECT: &str = ns::CONFERENCE;

/// The types of these messages: rooms say normal (XEP-0045 §7.8.2), clients what they like.
pub(super) const TYPES: [&str; 2] = ["normal", "chat"];

/// The longest password that is taken, in bytes.
const LONGEST_PASSWORD: usize = 1024;
/// The longest thread that is taken, in bytes.
const LONGEST_THREAD: usize = 1024;

/// What a message is about.
#[derive(Debug)]
pub(super) enum Read {
    /// Somebody invites to a room.
    Direct(BareJid, Invite),
    /// A room says that somebody invites to it.
    Mediated(BareJid, Invite),
    /// A room says that somebody does not want to come.
    Declined(Declined),
}

/// Somebody does not want to come to a room.
#[derive(Debug)]
pub(super) struct Declined {
    pub(super) room: BareJid,
    pub(super) by: Jid,
    pub(super) reason: Option<String>,
}

/// What a message says about invitations, if it does, and can be believed as far as its sender goes: only the room itself
/// passes on what others say (XEP-0045 §7.8.2).
pub(super) fn read(stanza: &Stanza) -> Option<Read> {
    let from = stanza.from()?;
    let user = stanza.child("x", ns::MUC_USER);
    let invite = user.and_then(|user| user.child("invite", ns::MUC_USER));
    if let (Some(user), Some(invite)) = (user, invite) {
        // Old services put a direct invitation beside it, which says nothing more.
        let room = room_of(from)?;
        return Some(Read::Mediated(room, mediated(user, invite)));
    }
    if let Some(decline) = user.and_then(|user| user.child("decline", ns::MUC_USER)) {
        return Some(Read::Declined(Declined {
            room: room_of(from)?,
            by: address(decline)?,
            reason: text(decline, "reason"),
        }));
    }
    let direct = stanza.child("x", DIRECT)?;
    let room = Jid::new(&direct.attr("jid")?).ok()?;
    Some(Read::Direct(room_of(&room)?, direct_from(from, direct)))
}

/// The room that has an address: that of a room has a local part and no resource.
fn room_of(jid: &Jid) -> Option<BareJid> {
    let is_room = jid.is_bare() && jid.node().is_some();
    is_room.then(|| jid.to_bare())
}

fn mediated(user: ElementRef<'_>, invite: ElementRef<'_>) -> Invite {
    let continues = invite.child("continue", ns::MUC_USER);
    let thread = continues.and_then(|continues| continues.attr("thread"));
    Invite {
        inviter: address(invite),
        reason: text(invite, "reason"),
        password: user.child_text("password", ns::MUC_USER).and_then(secret),
        continues: continues.is_some(),
        thread: thread.and_then(usable_thread),
        trusted: false,
    }
}

fn direct_from(from: &Jid, direct: ElementRef<'_>) -> Invite {
    let continues = direct.attr("continue");
    let reason = direct.attr("reason");
    Invite {
        inviter: Some(from.clone()),
        reason: reason.and_then(|reason| shortened(reason.trim())),
        password: direct.attr("password").and_then(secret),
        continues: continues.is_some_and(|value| matches!(value.trim(), "true" | "1")),
        thread: direct.attr("thread").and_then(usable_thread),
        trusted: false,
    }
}

fn address(element: ElementRef<'_>) -> Option<Jid> {
    Jid::new(&element.attr("from")?).ok()
}

fn text(element: ElementRef<'_>, name: &str) -> Option<String> {
    let text = element.child_text(name, ns::MUC_USER)?;
    shortened(text.trim())
}

fn secret(text: impl AsRef<str>) -> Option<Secret> {
    let text = text.as_ref();
    let is_usable = !text.is_empty() && text.len() <= LONGEST_PASSWORD;
    is_usable.then(|| Secret::new(text))
}

fn usable_thread(thread: impl AsRef<str>) -> Option<String> {
    let thread = thread.as_ref();
    let is_usable = !thread.is_empty() && thread.len() <= LONGEST_THREAD;
    is_usable.then(|| thread.to_owned())
}

/// Invites somebody directly (XEP-0249 §2); `password` is that of the room.
pub(super) fn invite_directly(
    recipient: &Jid,
    room: &BareJid,
    options: &InviteOptions,
    password: Option<&Secret>,
) -> ElementBuilder {
    let invitation = Element::builder("x", DIRECT)
        .attr("jid", room.as_str())
        .attr_opt("password", password.map(Secret::expose))
        .attr_opt("reason", options.reason.as_deref())
        .attr_opt("continue", options.continues.then_some("true"))
        .attr_opt("thread", options.thread.as_deref());
    message(recipient.as_str()).child(invitation)
}

/// Asks a room to invite somebody (XEP-0045 §7.8.2).
pub(super) fn invite_through_room(
    recipient: &Jid,
    room: &BareJid,
    options: &InviteOptions,
) -> ElementBuilder {
    let continues = options.continues.then(|| {
        Element::builder("continue", ns::MUC_USER).attr_opt("thread", options.thread.as_deref())
    });
    let invite = Element::builder("invite", ns::MUC_USER)
        .attr("to", recipient.as_str())
        .child_opt(reason(options.reason.as_deref()))
        .child_opt(continues);
    message(room.as_str()).child(Element::builder("x", ns::MUC_USER).child(invite))
}

/// Tells a room, and through it the inviter, that the user does not come (XEP-0045 §7.8.2).
pub(super) fn decline(room: &BareJid, inviter: &Jid, why: Option<&str>) -> ElementBuilder {
    let decline = Element::builder("decline", ns::MUC_USER)
        .attr("to", inviter.as_str())
        .child_opt(reason(why));
    message(room.as_str()).child(Element::builder("x", ns::MUC_USER).child(decline))
}

fn reason(text: Option<&str>) -> Option<ElementBuilder> {
    text.map(|text| Element::builder("reason", ns::MUC_USER).text(text))
}

fn message(to: &str) -> ElementBuilder {
    Element::builder("message", ns::CLIENT).attr("to", to)
}
