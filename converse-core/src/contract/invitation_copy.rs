//! Copies of invitations to rooms.

use std::fmt;

use chrono::{DateTime, Utc};
use converse_macros::Event;
use serde::{Serialize, Serializer};

use crate::ns;
use crate::xml::{Element, ElementRef};

/// The server gave a message about an invitation to a room to another client of the account, and this client got a copy
/// (XEP-0280 §6.1).
///
/// Who announces it has made sure that the own account made the copy and that the message passed the account; what the
/// message says is as (un)certain as if it had come here.
#[derive(Clone, Serialize, Event)]
#[event(name = "invitationCopied")]
#[non_exhaustive]
pub struct InvitationCopy {
    /// The message; by name it is its XML.
    #[serde(serialize_with = "xml")]
    pub message: Element,
    /// When the server had it, if it says so (XEP-0297 §3.2).
    #[serde(skip)]
    pub sent_at: Option<DateTime<Utc>>,
}

impl InvitationCopy {
    /// A copy of `message`.
    #[must_use]
    pub fn new(message: Element, sent_at: Option<DateTime<Utc>>) -> Self {
        Self { message, sent_at }
    }

    /// Whether a message is about an invitation: a direct one (XEP-0249), one that a room passes on, or one that somebody
    /// declines (XEP-0045 §7.8.2).
    ///
    /// ```
    /// use converse_core::contract::InvitationCopy;
    /// use converse_core::xml::Element;
    ///
    /// let message = Element::parse("<message><x xmlns='jabber:x:conference' jid='coven@chat.shakespeare.example'/></message>")?;
    /// assert!(InvitationCopy::fits(message.view()));
    /// # Ok::<(), converse_core::xml::XmlError>(())
    /// ```
    #[must_use]
    pub fn fits(message: ElementRef<'_>) -> bool {
        Self::is_of_room(message) || message.child("x", ns::CONFERENCE).is_some()
    }

    /// Whether a message is what a room passes on about an invitation (XEP-0045 §7.8.2). Some rooms say the same in words,
    /// which nobody has written.
    #[must_use]
    pub fn is_of_room(message: ElementRef<'_>) -> bool {
        message.child("x", ns::MUC_USER).is_some_and(|user| {
            let has = |name| user.child(name, ns::MUC_USER).is_some();
            has("invite") || has("decline")
        })
    }
}

/// The message may have a password in it and is left out.
impl fmt::Debug for InvitationCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvitationCopy")
            .field("sent_at", &self.sent_at)
            .finish_non_exhaustive()
    }
}

fn xml<S: Serializer>(message: &Element, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&message.to_xml())
}
