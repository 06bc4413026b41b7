//! What rooms announce and are asked. Names and payloads by name are those of converse.js 3.2 where it has them.
//!
//! Of what happens in chats and in rooms alike, converse.js has one event: `messageAdded`, `message` and `chatBoxClosed` are
//! announced for rooms by those names too, and so is what else they have in common. Who listens by name hears chats and rooms and tells them apart by the
//! attribute `type` of the `chatbox`, which is `chatroom`; who listens to [`RoomMessageAdded`] hears rooms only.

use std::sync::Arc;

use converse_core::Error;
use converse_core::bus::{Event, Request};
use converse_core::router::Stanza;
use converse_messages::{ChatState, Message, MessageError, MessageId, Refusal, Update};
use jid::{BareJid, Jid};
use serde::{Serialize, Serializer};
use tokio::sync::oneshot;

use crate::api::Room;
use crate::error::JoinError;
use crate::model::{
    ConnectionStatus, Disconnection, Occupant, Opened, RoomOptions, StatusCode, Subject,
};

/// From now on rooms can be opened: the session is up. The promise of that name is kept by it.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "roomsPanelRendered", promise)]
#[non_exhaustive]
pub struct RoomsPanelRendered {}

macro_rules! about_a_room {
    ($($(#[$doc:meta])* $event:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Event)]
        #[event(name = $name)]
        #[serde(transparent)]
        #[non_exhaustive]
        pub struct $event {
            /// The room.
            pub chatbox: Room,
        }
    )*};
}

about_a_room! {
    /// A room was opened; whether the user gets in is told by [`RoomStatusChanged`].
    ChatRoomOpened = "chatRoomOpened";
    /// A room was closed; the handle can be read no more.
    RoomClosed = "chatBoxClosed";
    /// The room told about itself (again): name, description, features.
    RoomInfoChanged = "roomInfoChanged";
    /// A room was put aside, or brought back.
    RoomToggled = "chatBoxToggled";
}

macro_rules! events {
    ($($(#[$doc:meta])* $event:ident = $name:literal { $($(#[$about:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize, Event)]
        #[event(name = $name)]
        #[non_exhaustive]
        pub struct $event {
            /// The room; by name it is its attributes.
            pub chatbox: Room,
            $($(#[$about])* pub $field: $type,)*
        }
    )*};
}

events! {
    /// The user is in the room, or is not any more, or something else is needed to get in.
    RoomStatusChanged = "roomStatusChanged" {
        /// Where the user is now.
        status: ConnectionStatus,
        /// Why the user could not enter, if that is so.
        error: Option<JoinError>,
    }

    /// The room says something about itself that the user should know: on entering, that everybody sees the real address (100), that what
    /// is said is logged (170), that the room is new (201) or that it gave another nick (210); later, that one of this has changed
    /// (102–104, 170–174). It comes before what the room tells when it is asked anew, which [`RoomInfoChanged`] announces.
    RoomNotice = "roomNotice" {
        /// What it says.
        codes: Vec<StatusCode>,
    }

    /// The room has a subject now, or another one.
    RoomSubjectChanged = "roomSubjectChanged" {
        /// The subject now.
        subject: Subject,
    }

    /// Somebody is in the room; on entering, also those who were there before, and the user.
    OccupantJoined = "occupantJoined" {
        /// Who it is.
        occupant: Occupant,
    }

    /// An occupant's role, affiliation or known address is another one.
    OccupantChanged = "occupantChanged" {
        /// The occupant now.
        occupant: Occupant,
    }

    /// An occupant has another nick.
    OccupantRenamed = "occupantRenamed" {
        /// The occupant now.
        occupant: Occupant,
        /// The nick before.
        old_nick: String,
    }

    /// Somebody has left the room. For the user's own leaving there is [`RoomStatusChanged`].
    OccupantLeft = "occupantLeft" {
        /// Who it was.
        occupant: Occupant,
        /// Why, if it was not of their own will.
        removal: Option<Disconnection>,
    }

    /// A message was added to a room: one that came or one that is being sent.
    RoomMessageAdded = "messageAdded" {
        /// The message.
        message: Message,
    }

    /// A message came to a room from an occupant. The reflection of what was sent from here is none.
    RoomMessageReceived = "message" {
        /// The stanza; by name it is its XML.
        #[serde(serialize_with = "xml")]
        stanza: Stanza,
    }

    /// A message that was sent has come further, or has failed.
    RoomMessageDeliveryChanged = "messageDeliveryChanged" {
        /// The message now.
        message: Message,
    }

    /// A message was corrected, retracted, moderated or reacted to.
    RoomMessageUpdated = "messageUpdated" {
        /// The message now.
        message: Message,
        /// What has become of it.
        update: Update,
    }

    /// A correction, retraction or reaction of the user's own did not arrive.
    RoomMessageUpdateFailed = "messageUpdateFailed" {
        /// The message now: as it was before a correction or reaction, unless others came since.
        message: Message,
        /// What was to become of it.
        update: Update,
        /// Why it did not.
        error: MessageError,
    }

    /// A message was taken back before it left: it is not among those of the room any more.
    RoomMessageWithdrawn = "messageWithdrawn" {
        /// The id that the message had.
        id: MessageId,
    }

    /// What somebody said of a message is ignored: he may not correct, retract or moderate it, or it makes no sense.
    RoomMessageRefused = "messageRefused" {
        /// The id of the message, as whoever said something of it has it.
        id: MessageId,
        /// The occupant who it was, or the room.
        by: Jid,
        /// Why it is ignored.
        reason: Refusal,
    }

    /// Somebody has displayed everything up to a message (XEP-0333).
    RoomMessageDisplayed = "messageDisplayed" {
        /// Under which nick.
        nick: String,
        /// The message.
        message: Message,
    }

    /// Somebody else is writing, or is not any more (XEP-0085).
    RoomChatStateChanged = "chatStateChanged" {
        /// Under which nick.
        nick: String,
        /// The state now; `None` if a message came or nothing is known any more.
        state: Option<ChatState>,
    }

    /// How many messages of a room are unread has changed.
    RoomUnreadChanged = "unreadChanged" {
        /// How many it is now.
        count: usize,
        /// How many of them call the user.
        mentions: usize,
    }
}

fn xml<S: Serializer>(stanza: &Stanza, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&stanza.element().to_xml())
}

/// Opens a room, or finds it.
pub(crate) struct OpenRoom {
    pub(crate) jid: BareJid,
    pub(crate) options: RoomOptions,
}

impl Request for OpenRoom {
    type Response = Result<Arc<Opened>, Error>;
}

/// Tries again to enter an open room in which the user is not.
pub(crate) struct JoinRoom {
    pub(crate) room: Arc<Opened>,
    pub(crate) options: RoomOptions,
}

impl Request for JoinRoom {
    type Response = Result<(), Error>;
}

/// Leaves and forgets a room.
pub(crate) struct CloseRoom {
    pub(crate) room: Arc<Opened>,
}

impl Request for CloseRoom {
    type Response = ();
}

/// Time has passed.
#[derive(Debug)]
pub(crate) struct Wake;

impl Request for Wake {
    type Response = Result<(), Error>;
}

/// Takes another nick; the answer to wait for is the room's.
pub(crate) struct ChangeNick {
    pub(crate) room: Arc<Opened>,
    pub(crate) nick: String,
}

impl Request for ChangeNick {
    type Response = Result<oneshot::Receiver<Result<(), Error>>, Error>;
}
