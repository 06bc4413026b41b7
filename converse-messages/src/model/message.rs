//! A message as everybody reads it.

mod changing;
mod moment;

use std::fmt;

use chrono::{DateTime, Utc};
use jid::{BareJid, Jid};
use serde::{Deserialize, Serialize};

use super::attachment::Attachment;
use super::delivery::{Delivery, MessageError};
use super::edit::Edit;
use super::moderation::Moderation;
use super::reaction::Reaction;
use super::reply::{Reference, ReferenceKind, Reply};
use super::styling::{self, Style};
use super::text;

/// The id of a message on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// An id that is chosen here, or was read.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for MessageId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SentBy {
    /// The user, here or with another client.
    Me,
    /// The other one.
    Them,
}

impl fmt::Display for SentBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Me => "me",
            Self::Them => "them",
        })
    }
}

/// What a message is for (RFC 6121 §5.2.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum MessageKind {
    /// Part of a conversation.
    Chat,
    /// On its own; also every type that is not known.
    #[default]
    Normal,
    /// An announcement that expects no answer.
    Headline,
    /// What is said in a room, to everybody there (XEP-0045 §7.4).
    Groupchat,
}

impl MessageKind {
    /// What a type on the wire stands for.
    #[must_use]
    pub fn of(type_: Option<&str>) -> Self {
        match type_ {
            Some("chat") => Self::Chat,
            Some("headline") => Self::Headline,
            Some("groupchat") => Self::Groupchat,
            _ => Self::Normal,
        }
    }

    /// The type on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Normal => "normal",
            Self::Headline => "headline",
            Self::Groupchat => "groupchat",
        }
    }
}

/// A message of a chat or room: a snapshot that does not change.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// The id on the wire, which its sender chose; some senders choose none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// The id that its sender knows it by wherever it turns up (XEP-0359 §3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_id: Option<String>,
    /// The id that the account's server gave it, or in a room the room, as in the archive there (XEP-0359 §3.1). It is here
    /// only if whoever gives it vouches for such ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stanza_id: Option<String>,
    /// Who wrote it.
    pub sender: SentBy,
    /// From which address; in a room, that of the occupant.
    pub from: Jid,
    /// In a room: under which nick it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nick: Option<String>,
    /// In a room that vouches for such ids: the id of the occupant, which he keeps whatever his nick (XEP-0421).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupant_id: Option<String>,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// The text.
    pub body: String,
    /// The subject, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When it was sent, as far as is known, else when it came.
    #[serde(with = "converse_core::contract::rfc3339")]
    pub time: DateTime<Utc>,
    /// Whether it was delivered late (XEP-0203).
    #[serde(default)]
    pub delayed: bool,
    /// For what the user wrote here: how far it has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// Why it did not arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<MessageError>,
    /// That it was corrected (XEP-0308): the text is what the newest correction says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Edit>,
    /// The id of the message that this one corrects and that is not here (XEP-0308). If that comes later, it is this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<MessageId>,
    /// When its sender retracted it (XEP-0424), or a moderator had it retracted; it has no text any more.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "moment")]
    pub retracted: Option<DateTime<Utc>>,
    /// In a room: that a moderator had it retracted (XEP-0425).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moderated: Option<Moderation>,
    /// What people reacted with, in the order in which each emoji came first (XEP-0444).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Which message it answers (XEP-0461).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Reply>,
    /// Who and what is mentioned (XEP-0372).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Files that come with it (XEP-0066, XEP-0447).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Its sender wants the text shown as it is (XEP-0393 §6).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unstyled: bool,
    /// Its sender wants to know when it is displayed (XEP-0333 §4.1).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub markable: bool,
    /// It was encrypted in a way that is not known here (XEP-0380). Then the text is no more than what the sender's program
    /// says in that case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub encrypted: bool,
}

impl Message {
    /// A text and nothing else.
    pub fn new(sender: SentBy, from: Jid, body: String, time: DateTime<Utc>) -> Self {
        Self {
            id: None,
            origin_id: None,
            stanza_id: None,
            sender,
            from,
            nick: None,
            occupant_id: None,
            kind: MessageKind::Chat,
            body,
            subject: None,
            time,
            delayed: false,
            delivery: None,
            error: None,
            edited: None,
            replaces: None,
            retracted: None,
            moderated: None,
            reactions: Vec::new(),
            reply_to: None,
            references: Vec::new(),
            attachments: Vec::new(),
            unstyled: false,
            markable: false,
            encrypted: false,
        }
    }

    /// What the sender does, if he writes of himself: `laughs` for `/me laughs` (XEP-0245).
    #[must_use]
    pub fn action(&self) -> Option<&str> {
        self.body.strip_prefix("/me ")
    }

    /// Who is mentioned, as the sender says.
    pub fn mentions(&self) -> impl Iterator<Item = BareJid> + '_ {
        self.references
            .iter()
            .filter(|reference| reference.kind == ReferenceKind::Mention)
            .filter_map(Reference::mentioned)
    }

    /// Whether it calls somebody in a room who has this nick there and this account, as far as is known: by a mention
    /// (XEP-0372), or with the nick as a word of its own and in the same case.
    #[must_use]
    pub fn calls(&self, nick: &str, account: Option<&BareJid>) -> bool {
        let mut references = self.references.iter();
        let is_meant = |who: Jid| match who.resource() {
            Some(who_) => who.to_bare() == self.from.to_bare() && who_.as_str() == nick,
            None => Some(&who.to_bare()) == account,
        };
        text::has_word(&self.body, nick)
            || references.any(|reference| reference.mentioned_address().is_some_and(is_meant))
    }

    /// How its text is to look (XEP-0393): ranges of it in bytes, by where they begin, what is in another after it. The
    /// text itself stays as it is, with the signs that make it so.
    ///
    /// ```no_run
    /// # use converse_messages::{Message, StyleKind};
    /// # fn example(message: Message) {
    /// for style in message.styled() {
    ///     let part = &message.body[style.range.clone()];
    ///     if style.kind == StyleKind::Strong {
    ///         println!("in bold: {part}");
    ///     }
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn styled(&self) -> Vec<Style> {
        if self.unstyled {
            return Vec::new();
        }
        styling::parse(&self.body)
    }

    /// How the others refer to it: by the id that they know it by (XEP-0444 §4, XEP-0461 §4). In a room that is the id
    /// that the room gave it, and nothing else.
    #[must_use]
    pub fn reference_id(&self) -> Option<&str> {
        if self.kind == MessageKind::Groupchat {
            return self.stanza_id.as_deref();
        }
        let id = self.id.as_ref().map(MessageId::as_str);
        self.origin_id.as_deref().or(id)
    }

    /// What it takes in memory, about.
    pub fn size(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let mut size = size_of::<Self>() + self.body.len() + length(&self.subject);
        size += length(&self.origin_id) + length(&self.stanza_id);
        size += length(&self.nick) + length(&self.occupant_id);
        size += self.moderated.as_ref().map_or(0, Moderation::extra_size);
        if let Some(edit) = &self.edited {
            size += edit.size();
        }
        for attachment in &self.attachments {
            size += attachment.extra_size();
        }
        for reference in &self.references {
            size += size_of::<Reference>() + reference.uri.len();
        }
        for reaction in &self.reactions {
            size += size_of::<Reaction>() + reaction.emoji.len() + 64 * reaction.by.len();
        }
        size
    }
}

/// The texts are private and are left out.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &self.id)
            .field("sender", &self.sender)
            .field("from", &self.from.as_str())
            .field("time", &self.time)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}
