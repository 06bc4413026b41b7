//! What chats announce. Names and payloads by name are those of converse.js 3.2.

use converse_core::bus::Event;
use converse_core::router::Stanza;
use jid::BareJid;
use serde::{Serialize, Serializer};

use crate::api::Chat;
use converse_messages::model::{
    ChatState, Message, MessageError, MessageId, Refusal, Undone, Update,
};

macro_rules! about_a_chat {
    ($($(#[$doc:meta])* $event:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Event)]
        #[event(name = $name)]
        #[serde(transparent)]
        #[non_exhaustive]
        pub struct $event {
            /// The chat.
            pub chatbox: Chat,
        }

        impl $event {
            pub(crate) fn new(chatbox: Chat) -> Self {
                Self { chatbox }
            }
        }
    )*};
}

about_a_chat! {
    /// A chat is there, and empty.
    ChatBoxInitialized = "chatBoxInitialized";
    /// A chat was opened, by the application or by a message.
    ChatBoxOpened = "chatBoxOpened";
    /// A chat was closed; the handle can be read no more.
    ChatBoxClosed = "chatBoxClosed";
    /// A chat has the user's attention.
    ChatBoxFocused = "chatBoxFocused";
    /// A chat was minimized or maximized.
    ChatBoxToggled = "chatBoxToggled";
    /// What is kept of a chat's messages has been loaded; comes before anything is fetched from an archive.
    AfterMessagesFetched = "afterMessagesFetched";
}

/// The chats of before are open again; from now on chats can be worked with.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "chatBoxesFetched", promise)]
#[serde(transparent)]
#[non_exhaustive]
pub struct ChatBoxesFetched {
    /// The open chats.
    pub items: Vec<Chat>,
}

/// A message came from somebody else, or from another client of the user's.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "message")]
#[non_exhaustive]
pub struct MessageReceived {
    /// The stanza; by name it is its XML.
    #[serde(serialize_with = "xml")]
    pub stanza: Stanza,
    /// The chat it belongs to.
    pub chatbox: Chat,
}

impl MessageReceived {
    pub(crate) fn new(stanza: Stanza, chatbox: Chat) -> Self {
        Self { stanza, chatbox }
    }
}

/// A message was added to a chat: one that came or one that is being sent.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "messageAdded")]
#[non_exhaustive]
pub struct MessageAdded {
    /// The chat.
    pub chatbox: Chat,
    /// The message.
    pub message: Message,
}

impl MessageAdded {
    pub(crate) fn new(chatbox: Chat, message: Message) -> Self {
        Self { chatbox, message }
    }
}

/// A message is about to be sent; by name it is its text.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "messageSend")]
#[serde(transparent)]
#[non_exhaustive]
pub struct MessageSend {
    /// The message.
    #[serde(serialize_with = "body")]
    pub message: Message,
    /// The chat.
    #[serde(skip)]
    pub chatbox: Chat,
}

impl MessageSend {
    pub(crate) fn new(chatbox: Chat, message: Message) -> Self {
        Self { message, chatbox }
    }
}

/// A message that was sent has come further, or has failed.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "messageDeliveryChanged")]
#[non_exhaustive]
pub struct MessageDeliveryChanged {
    /// The chat.
    pub chatbox: Chat,
    /// The message now.
    pub message: Message,
}

impl MessageDeliveryChanged {
    pub(crate) fn new(chatbox: Chat, message: Message) -> Self {
        Self { chatbox, message }
    }
}

/// A message was corrected, retracted or reacted to.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "messageUpdated")]
#[non_exhaustive]
pub struct MessageUpdated {
    /// The chat.
    pub chatbox: Chat,
    /// The message now.
    pub message: Message,
    /// What has become of it.
    pub update: Update,
}

impl MessageUpdated {
    pub(crate) fn new(chatbox: Chat, message: Message, update: Update) -> Self {
        Self {
            chatbox,
            message,
            update,
        }
    }
}

/// A correction, retraction or reaction of the user's own did not arrive.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "messageUpdateFailed")]
#[non_exhaustive]
pub struct MessageUpdateFailed {
    /// The chat.
    pub chatbox: Chat,
    /// The message now: as it was before a correction or reaction, unless others came since.
    pub message: Message,
    /// What was to become of it.
    pub update: Update,
    /// Why it did not.
    pub error: MessageError,
}

impl MessageUpdateFailed {
    pub(crate) fn new(chatbox: Chat, undone: Undone, error: MessageError) -> Self {
        Self {
            chatbox,
            message: undone.message,
            update: undone.update,
            error,
        }
    }
}

/// A message was taken back before it left: it is not among those of the chat any more.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "messageWithdrawn")]
#[non_exhaustive]
pub struct MessageWithdrawn {
    /// The chat.
    pub chatbox: Chat,
    /// The id that the message had.
    pub id: MessageId,
}

impl MessageWithdrawn {
    pub(crate) fn new(chatbox: Chat, id: MessageId) -> Self {
        Self { chatbox, id }
    }
}

/// What somebody said of a message is ignored: he may not correct, retract or acknowledge it, or it makes no sense.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "messageRefused")]
#[non_exhaustive]
pub struct MessageRefused {
    /// The chat.
    pub chatbox: Chat,
    /// The id of the message, as whoever said something of it has it.
    pub id: MessageId,
    /// Who it was.
    pub by: BareJid,
    /// Why it is ignored.
    pub reason: Refusal,
}

impl MessageRefused {
    pub(crate) fn new(chatbox: Chat, id: &str, by: BareJid, reason: Refusal) -> Self {
        let id = MessageId::new(id);
        Self {
            chatbox,
            id,
            by,
            reason,
        }
    }
}

/// The other one's chat state changed (XEP-0085).
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "chatStateChanged")]
#[non_exhaustive]
pub struct ChatStateChanged {
    /// The chat.
    pub chatbox: Chat,
    /// The state now; `None` if nothing is known any more.
    pub state: Option<ChatState>,
}

impl ChatStateChanged {
    pub(crate) fn new(chatbox: Chat, state: Option<ChatState>) -> Self {
        Self { chatbox, state }
    }
}

/// How many messages of a chat are unread has changed.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "unreadChanged")]
#[non_exhaustive]
pub struct UnreadChanged {
    /// The chat.
    pub chatbox: Chat,
    /// How many it is now.
    pub count: usize,
}

impl UnreadChanged {
    pub(crate) fn new(chatbox: Chat, count: usize) -> Self {
        Self { chatbox, count }
    }
}

fn xml<S: Serializer>(stanza: &Stanza, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&stanza.element().to_xml())
}

fn body<S: Serializer>(message: &Message, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&message.body)
}
