//! What private chats announce. What happens in other chats too has the same name as there, with a `chatbox` of the type
//! `chatroom-private`.

use converse_core::bus::Event;
use converse_core::router::Stanza;
use converse_messages::model::{
    ChatState, Message, MessageError, MessageId, Refusal, Undone, Update,
};
use serde::{Serialize, Serializer};

use super::api::PrivateChat;

macro_rules! about_a_private_chat {
    ($($(#[$doc:meta])* $event:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Event)]
        #[event(name = $name)]
        #[serde(transparent)]
        #[non_exhaustive]
        pub struct $event {
            /// The private chat.
            pub chatbox: PrivateChat,
        }
    )*};
}

about_a_private_chat! {
    /// A private chat was opened, by the application or by what an occupant wrote.
    PrivateChatOpened = "privateChatOpened";
    /// A private chat was closed; the handle can be read no more.
    PrivateChatClosed = "chatBoxClosed";
    /// The other one of a private chat has another nick, has left the room or is back, or his nick belongs to somebody else
    /// now ([`PrivateChat::is_over`]).
    PrivateChatChanged = "privateChatChanged";
}

macro_rules! events {
    ($($(#[$doc:meta])* $event:ident = $name:literal { $($(#[$about:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Event)]
        #[event(name = $name)]
        #[non_exhaustive]
        pub struct $event {
            /// The private chat; by name it is its attributes.
            pub chatbox: PrivateChat,
            $($(#[$about])* pub $field: $type,)*
        }
    )*};
}

events! {
    /// A message was added to a private chat: one that came or one that is being sent.
    PrivateMessageAdded = "messageAdded" {
        /// The message.
        message: Message,
    }

    /// A message came to a private chat, from the other one or another client of the user's.
    PrivateMessageReceived = "message" {
        /// The stanza; by name it is its XML.
        #[serde(serialize_with = "xml")]
        stanza: Stanza,
    }

    /// A message that was sent has come further, or has failed.
    PrivateMessageDeliveryChanged = "messageDeliveryChanged" {
        /// The message now.
        message: Message,
    }

    /// A message of a private chat was corrected, retracted or reacted to.
    PrivateMessageUpdated = "messageUpdated" {
        /// The message now.
        message: Message,
        /// What has become of it.
        update: Update,
    }

    /// A correction, retraction or reaction of the user's own did not arrive.
    PrivateMessageUpdateFailed = "messageUpdateFailed" {
        /// The message now: as it was before a correction or reaction, unless others came since.
        message: Message,
        /// What was to become of it.
        update: Update,
        /// Why it did not.
        error: MessageError,
    }

    /// A message was taken back before it left: it is not among those of the chat any more.
    PrivateMessageWithdrawn = "messageWithdrawn" {
        /// The id that the message had.
        id: MessageId,
    }

    /// What somebody said of a message is ignored: he may not, or it makes no sense.
    PrivateMessageRefused = "messageRefused" {
        /// The id of the message, as whoever said something of it has it.
        id: MessageId,
        /// Why it is ignored.
        reason: Refusal,
    }

    /// How many messages of a private chat are unread has changed.
    PrivateUnreadChanged = "unreadChanged" {
        /// How many it is now.
        count: usize,
    }

    /// The other one's chat state changed (XEP-0085).
    PrivateChatStateChanged = "chatStateChanged" {
        /// The state now; `None` if nothing is known any more.
        state: Option<ChatState>,
    }
}

impl PrivateMessageUpdateFailed {
    pub(super) fn new(chatbox: PrivateChat, undone: Undone, error: MessageError) -> Self {
        Self {
            chatbox,
            message: undone.message,
            update: undone.update,
            error,
        }
    }
}

fn xml<S: Serializer>(stanza: &Stanza, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&stanza.element().to_xml())
}
