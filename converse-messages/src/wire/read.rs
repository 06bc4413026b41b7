//! What a stanza says, read in one pass over its children.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use converse_core::ns;
use converse_core::router::Stanza;
use converse_core::xml::ElementRef;
use jid::{BareJid, Jid};

use super::moderation::{self, Says};
use super::{attachment, fallback, reference};
use crate::model::text::Cuts;
use crate::model::{
    ChatState, Fold, Message, MessageId, MessageKind, Reference, Refusal, Reply, SentBy, reaction,
};

/// The longest subject that is kept, in bytes.
const LONGEST_SUBJECT: usize = 4096;
/// The longest id that is kept, in bytes; nobody needs one that long.
const LONGEST_ID: usize = 1024;
/// How many references, files and fallbacks of one message are read.
const MAX_PARTS: usize = 64;

/// Whose a stanza is, and what is known about it from around it.
#[derive(Debug)]
pub struct Envelope {
    /// The stanza, without what it was forwarded in.
    pub stanza: Stanza,
    /// From whom.
    pub from: Jid,
    /// In the chat with whom it belongs.
    pub peer: BareJid,
    /// Who wrote it.
    pub sender: SentBy,
    /// The user's account.
    pub own: BareJid,
    /// When it came.
    pub now: DateTime<Utc>,
    /// When it was sent, if whoever forwarded it knows.
    pub sent_at: Option<DateTime<Utc>>,
    /// Whether the account's server, or for what is said in a room the room, vouches for the stanza ids that it gives
    /// (XEP-0359 §5).
    pub has_stanza_ids: bool,
    /// Whether the room vouches for the ids of its occupants (XEP-0421 §5).
    pub has_occupant_ids: bool,
}

/// What a stanza says.
#[derive(Debug)]
pub struct Incoming {
    /// The stanza's id.
    pub id: Option<MessageId>,
    /// What it is for.
    pub kind: MessageKind,
    /// When it was sent, as far as is known, else when it came.
    pub time: DateTime<Utc>,
    /// It came late, or says so.
    pub delayed: bool,
    /// A text or files.
    pub message: Option<Message>,
    /// Something that concerns another message.
    pub fold: Option<Fold>,
    /// Why the part that concerns another message says nothing, and which message it is.
    pub refused: Option<(String, Refusal)>,
    /// What its sender does (XEP-0085).
    pub state: Option<ChatState>,
    /// It belongs to a room (XEP-0045): a private message of an occupant, or an invitation.
    pub is_from_room: bool,
    /// Who among the occupants of the room says it, if the room vouches for such ids (XEP-0421).
    pub occupant_id: Option<String>,
    /// It has something of delivery receipts (XEP-0184) in it.
    pub has_receipts: bool,
    /// It has something of displayed markers (XEP-0333) in it.
    pub has_markers: bool,
}

/// Reads a stanza.
pub fn read(envelope: &Envelope) -> Incoming {
    let mut parts = Parts {
        is_groupchat: envelope.stanza.type_().as_deref() == Some("groupchat"),
        ..Parts::default()
    };
    for child in envelope.stanza.root().children() {
        parts.take(child, envelope);
    }
    parts.read(envelope)
}

/// The children that say something, as they stand in the stanza.
#[derive(Default)]
struct Parts<'a> {
    /// It is said in a room.
    is_groupchat: bool,
    body: Option<ElementRef<'a>>,
    subject: Option<ElementRef<'a>>,
    origin_id: Option<Cow<'a, str>>,
    stanza_id: Option<Cow<'a, str>>,
    stanza_ids: usize,
    sent_at: Option<DateTime<Utc>>,
    /// A stamp of the account or its server, which is better than one that came with the message.
    is_own_stamp: bool,
    is_late: bool,
    replace: Option<Cow<'a, str>>,
    retract: Option<ElementRef<'a>>,
    apply: Option<ElementRef<'a>>,
    retracted: Option<ElementRef<'a>>,
    occupant_id: Option<ElementRef<'a>>,
    occupant_ids: usize,
    reactions: Option<ElementRef<'a>>,
    reply: Option<ElementRef<'a>>,
    fallbacks: Vec<ElementRef<'a>>,
    references: Vec<ElementRef<'a>>,
    files: Vec<ElementRef<'a>>,
    links: Vec<ElementRef<'a>>,
    state: Option<ChatState>,
    unstyled: bool,
    markable: bool,
    encrypted: bool,
    is_from_room: bool,
    has_receipts: bool,
    has_markers: bool,
}

impl<'a> Parts<'a> {
    fn take(&mut self, child: ElementRef<'a>, envelope: &Envelope) {
        match (child.ns(), child.name()) {
            (ns::CLIENT, "body") => drop(self.body.get_or_insert(child)),
            (ns::CLIENT, "subject") => drop(self.subject.get_or_insert(child)),
            (ns::CHAT_STATES, name) => self.state = self.state.or(ChatState::from_name(name)),
            (ns::SID, "origin-id") => self.origin_id = child.attr("id").filter(is_usable),
            (ns::SID, "stanza-id") => self.take_stanza_id(child, envelope),
            (ns::RECEIPTS, _) => self.has_receipts = true,
            (ns::CHAT_MARKERS, "markable") => self.markable = true,
            (ns::CHAT_MARKERS, _) => self.has_markers = true,
            (ns::DELAY, "delay") => self.take_stamp(child, envelope),
            (ns::CORRECTION, "replace") => self.replace = child.attr("id").filter(is_usable),
            (ns::RETRACTION, "retract") => drop(self.retract.get_or_insert(child)),
            (ns::RETRACTION, "retracted") => drop(self.retracted.get_or_insert(child)),
            (ns::FASTEN, "apply-to") => drop(self.apply.get_or_insert(child)),
            (ns::OCCUPANT_ID, "occupant-id") => {
                self.occupant_ids += 1;
                self.occupant_id = Some(child);
            }
            (ns::REACTIONS, "reactions") => drop(self.reactions.get_or_insert(child)),
            (ns::REPLY, "reply") => drop(self.reply.get_or_insert(child)),
            (ns::FALLBACK, "fallback") => push(&mut self.fallbacks, child),
            (ns::REFERENCE, "reference") => push(&mut self.references, child),
            (ns::FILE_SHARING, "file-sharing") => push(&mut self.files, child),
            (ns::OOB, "x") => push(&mut self.links, child),
            (ns::STYLING, "unstyled") => self.unstyled = true,
            (ns::ENCRYPTION, "encryption") => self.encrypted = true,
            (ns::MUC_USER, "x") => self.is_from_room = true,
            _ => {}
        }
    }

    /// Only the own account gives stanza ids to its messages, only a room to what is said in it, and never two (XEP-0359 §4).
    fn take_stanza_id(&mut self, child: ElementRef<'a>, envelope: &Envelope) {
        let giver = if self.is_groupchat {
            &envelope.peer
        } else {
            &envelope.own
        };
        let by = child.attr("by").unwrap_or_default();
        let is_giver = *by == *giver.as_str() || Jid::new(&by).is_ok_and(|by| by == *giver);
        if is_giver && envelope.has_stanza_ids {
            self.stanza_ids += 1;
            self.stanza_id = child.attr("id").filter(is_usable);
        }
    }

    /// A stamp counts if it is of the account or its server, or else if the sender says when he himself sent it; nobody else
    /// knows (XEP-0203 §5). In a room the room says it, and no occupant (XEP-0045 §7.2.13).
    fn take_stamp(&mut self, child: ElementRef<'a>, envelope: &Envelope) {
        self.is_late = true;
        let by = child.attr("from").filter(|by| !by.is_empty());
        let by = by.map(|by| Jid::new(&by));
        let is_occupant = matches!(&by, Some(Ok(by)) if by.resource().is_some());
        let by = by.map(|by| by.map(Jid::into_bare));
        let is = |jid: &BareJid, whose: &BareJid| {
            jid == whose || (jid.node().is_none() && jid.domain() == whose.domain())
        };
        let (is_own, is_senders) = match &by {
            None => (false, true),
            Some(Err(_)) => return,
            Some(Ok(_)) if self.is_groupchat && is_occupant => return,
            Some(Ok(by)) => (is(by, &envelope.own), is(by, &envelope.from.to_bare())),
        };
        if !is_own && (!is_senders || self.is_own_stamp) {
            return;
        }
        if let Some(time) = converse_core::contract::stamp(child, envelope.now) {
            (self.sent_at, self.is_own_stamp) = (Some(time), is_own);
        }
    }

    fn read(self, envelope: &Envelope) -> Incoming {
        let id = envelope.stanza.id().filter(is_usable).map(MessageId::new);
        let kind = MessageKind::of(envelope.stanza.type_().as_deref());
        let sent_at = envelope.sent_at.or(self.sent_at);
        let mut incoming = Incoming {
            id,
            kind,
            time: sent_at.unwrap_or(envelope.now),
            delayed: sent_at.is_some(),
            message: None,
            fold: None,
            refused: None,
            state: self.state.filter(|_| !self.is_late),
            is_from_room: self.is_from_room,
            occupant_id: self.read_occupant_id(envelope),
            has_receipts: self.has_receipts,
            has_markers: self.has_markers,
        };
        let says = Says {
            is_room: envelope.from.resource().is_none(),
            has_occupant_ids: envelope.has_occupant_ids,
        };
        let says = self.is_groupchat.then_some(says);
        if let Some(retract) = self.retract.filter(|retract| has_usable_id(*retract)) {
            // What is said besides is for those who know no retractions.
            incoming.fold = moderation::read_retract(retract, says);
            return incoming;
        }
        if let (Some(apply), Some(says)) = (self.apply, says)
            && let Some(fold) = moderation::read_apply(apply, says)
        {
            incoming.fold = Some(fold);
            return incoming;
        }
        if let Some(reactions) = self.reactions {
            self.read_reactions(reactions, &mut incoming);
        }
        if let Some(mut message) = self.read_message(envelope, &incoming) {
            match &self.replace {
                Some(id) => {
                    message.replaces = Some(MessageId::new(id.as_ref()));
                    incoming.fold = Some(Fold::Correction(Box::new(message)));
                }
                None => incoming.message = Some(message),
            }
        }
        incoming
    }

    /// A room that vouches for them gives exactly one (XEP-0421 §4).
    fn read_occupant_id(&self, envelope: &Envelope) -> Option<String> {
        let is_believed = self.is_groupchat && envelope.has_occupant_ids && self.occupant_ids == 1;
        let given = self.occupant_id.filter(|_| is_believed)?;
        moderation::occupant_id(given)
    }

    fn read_reactions(&self, reactions: ElementRef<'a>, incoming: &mut Incoming) {
        let Some(id) = reactions.attr("id").filter(is_usable) else {
            return;
        };
        let all = reactions.children_named("reaction", ns::REACTIONS);
        let mut all = all.take(MAX_PARTS).map(ElementRef::text).peekable();
        let is_removal = all.peek().is_none();
        let emojis = reaction::usable(all);
        let id = id.into_owned();
        if emojis.is_empty() && !is_removal {
            incoming.refused = Some((id, Refusal::NoEmoji));
        } else {
            incoming.fold = Some(Fold::Reactions { id, emojis });
        }
    }

    /// The text and the files, if there are any.
    fn read_message(&self, envelope: &Envelope, incoming: &Incoming) -> Option<Message> {
        let text = self.body.map(ElementRef::text).unwrap_or_default();
        let files = attachment::read(&self.files, &self.links);
        if text.is_empty() && files.is_empty() {
            return self.read_tombstone(envelope, incoming);
        }
        let reply = self.reply.and_then(read_reply);
        let (body, cuts) = if self.fallbacks.is_empty() {
            (text.into_owned(), None)
        } else {
            let known = |spec: &str| match spec {
                ns::REPLY => reply.is_some(),
                ns::REACTIONS => self.reactions.is_some(),
                ns::FILE_SHARING => !self.files.is_empty() && !files.is_empty(),
                ns::OOB => !files.is_empty(),
                _ => false,
            };
            fallback::strip(text, &self.fallbacks, known)
        };
        if body.is_empty() && files.is_empty() {
            return None;
        }
        let mut message = self.bare_message(envelope, incoming, body);
        if let Some(subject) = self.subject.map(ElementRef::text) {
            let subject = Some(subject.into_owned());
            message.subject =
                subject.filter(|subject| !subject.is_empty() && subject.len() <= LONGEST_SUBJECT);
        }
        message.reply_to = reply;
        if !self.references.is_empty() {
            message.references = self.read_references(&message.body, cuts.as_ref());
        }
        message.attachments = files;
        message.unstyled = self.unstyled;
        message.markable = self.markable;
        message.encrypted = self.encrypted;
        Some(message)
    }

    /// A message with all that says which one it is.
    fn bare_message(&self, envelope: &Envelope, incoming: &Incoming, body: String) -> Message {
        let mut message = Message::new(envelope.sender, envelope.from.clone(), body, incoming.time);
        message.id.clone_from(&incoming.id);
        message.origin_id = self.origin_id.as_deref().map(ToOwned::to_owned);
        if self.stanza_ids == 1 {
            message.stanza_id = self.stanza_id.as_deref().map(ToOwned::to_owned);
        }
        message.kind = incoming.kind;
        message.delayed = incoming.delayed;
        if self.is_groupchat {
            let nick = envelope.from.resource();
            message.nick = nick.map(|nick| nick.as_str().to_owned());
            message.occupant_id.clone_from(&incoming.occupant_id);
        }
        message
    }

    /// What a room has in the place of a message that is no more; it is in archives and histories only.
    fn read_tombstone(&self, envelope: &Envelope, incoming: &Incoming) -> Option<Message> {
        let is_old = self.is_groupchat && incoming.delayed;
        let retracted = self.retracted.filter(|_| is_old)?;
        let says = Says {
            is_room: true,
            has_occupant_ids: envelope.has_occupant_ids,
        };
        let tombstone = moderation::read_tombstone(retracted, envelope.now, says);
        let mut message = self.bare_message(envelope, incoming, String::new());
        message.retracted = Some(tombstone.time.unwrap_or(incoming.time));
        message.moderated = tombstone.moderation;
        Some(message)
    }

    fn read_references(&self, body: &str, cuts: Option<&Cuts>) -> Vec<Reference> {
        let length = body.chars().count();
        let references = self.references.iter();
        references
            .filter_map(|reference| reference::read(*reference, length, cuts))
            .collect()
    }
}

fn push<'a>(list: &mut Vec<ElementRef<'a>>, child: ElementRef<'a>) {
    if list.len() < MAX_PARTS {
        list.push(child);
    }
}

fn has_usable_id(element: ElementRef<'_>) -> bool {
    element.attr("id").filter(is_usable).is_some()
}

fn read_reply(reply: ElementRef<'_>) -> Option<Reply> {
    let id = reply.attr("id").filter(is_usable)?.into_owned();
    let to = reply.attr("to").and_then(|to| Jid::new(&to).ok());
    Some(Reply { id, to })
}

#[allow(
    clippy::ptr_arg,
    reason = "it filters optional attributes, which are of this type"
)]
fn is_usable(id: &Cow<'_, str>) -> bool {
    !id.is_empty() && id.len() <= LONGEST_ID
}
