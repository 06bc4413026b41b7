//! The rooms grouping: multi-user chat.
//!
//! XEP-0045 (multi-user chat: discovery, joining, leaving, occupants, subject, messages, private messages, nick changes,
//! availability, invitations), XEP-0059 (paged lists of rooms), XEP-0085 (chat states), XEP-0203 (delayed delivery),
//! XEP-0249 (direct invitations), XEP-0308 (corrections), XEP-0313
//! (archives of rooms), XEP-0333 (displayed markers), XEP-0359 (stanza and origin ids),
//! XEP-0372 (mentions), XEP-0410 (self-ping), XEP-0421 (occupant ids), XEP-0424 (retractions), XEP-0425 (moderation),
//! XEP-0433 (searching for rooms), XEP-0444 (reactions), XEP-0461 (replies).
//!
//! What a message is stands in `converse-messages`, which has its types in common with the grouping for chats.
//!
//! Modules in reading order: [`plugin`], [`api`], [`private`], [`message`], [`model`], [`error`].
//!
//! ```no_run
//! use converse_core::prelude::*;
//! use converse_muc::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), converse_core::Error> {
//! let garden = api.rooms().open("garden@chat.montague.example", RoomOptions::nick("Romeo")).await?;
//! garden.send_message("But, soft! what light through yonder window breaks?").await?;
//! for occupant in garden.occupants().all()? {
//!     println!("{} is a {}", occupant.nick, occupant.role);
//! }
//! # Ok(())
//! # }
//! ```

mod actor;
pub mod api;
pub mod commands;
pub mod error;
pub mod finding;
pub mod invitations;
mod keeping;
mod line;
pub mod managing;
pub mod message;
pub mod model;
pub mod plugin;
pub mod private;
mod settings;
mod wire;

pub use api::{Occupants, Room, RoomComposer, RoomMessages, Rooms, RoomsExt};
pub use converse_core::contract::ChatStatus;
pub use converse_messages::{
    Attachment, ChatState, ContentError, Delivery, Disposition, Edit, FileHash, Hint, Message,
    MessageError, MessageId, MessageKind, Moderation, Older, Reaction, Reference, ReferenceKind,
    Refusal, Reply, SentBy, Style, StyleKind, Update, Version, safe_file_name,
};
pub use error::{JoinError, MucError};
pub use finding::{
    FindError, FoundRoom, ListedRoom, Paging, RoomPage, RoomService, SearchOrder, SearchPage,
    SearchQuery,
};
pub use invitations::{Invitation, InvitationError, InviteOptions};
pub use managing::{
    Affiliate, Affiliates, AffiliationChange, Destruction, ManagingError, RegistrationRequest,
    RoleHolder, RoomConfig, RoomConfiguration, RoomRegistration, VoiceRequest,
};
pub use model::{
    Affiliation, ConnectionStatus, Disconnection, Hat, Occupant, OccupantAttributes, OccupantId,
    Role, RoomDetails, RoomFeature, RoomInfo, RoomOptions, StatusCode, Subject,
};
pub use private::{PrivateChat, PrivateChatError, PrivateChats, PrivateComposer, PrivateMessages};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{Occupants, Room, RoomMessages, Rooms, RoomsExt};
    pub use crate::error::JoinError;
    pub use crate::finding::{Paging, RoomsListed, SearchQuery};
    pub use crate::invitations::{
        Invitation, InviteOptions, RoomInviteDeclined, RoomInviteFailed, RoomInviteReceived,
        RoomInviteSent,
    };
    pub use crate::managing::message::{
        AffiliationChanged, RoomConfigurationFailed, RoomConfigurationRequired, RoomConfigured,
        RoomRegistrationRequested, VoiceRequestRefused, VoiceRequested,
    };
    pub use crate::managing::{
        Affiliate, AffiliationChange, Destruction, RoomConfig, RoomConfiguration,
    };
    pub use crate::message::{
        ChatRoomOpened, OccupantChanged, OccupantJoined, OccupantLeft, OccupantRenamed,
        RoomChatStateChanged, RoomClosed, RoomInfoChanged, RoomMessageAdded,
        RoomMessageDeliveryChanged, RoomMessageDisplayed, RoomMessageReceived, RoomMessageRefused,
        RoomMessageUpdateFailed, RoomMessageUpdated, RoomMessageWithdrawn, RoomNotice,
        RoomStatusChanged, RoomSubjectChanged, RoomToggled, RoomUnreadChanged, RoomsPanelRendered,
    };
    pub use crate::model::{
        Affiliation, ConnectionStatus, Hat, Occupant, OccupantId, Role, RoomFeature, RoomOptions,
        StatusCode,
    };
    pub use crate::private::message::{
        PrivateChatChanged, PrivateChatClosed, PrivateChatOpened, PrivateChatStateChanged,
        PrivateMessageAdded, PrivateMessageDeliveryChanged, PrivateMessageReceived,
        PrivateMessageRefused, PrivateMessageUpdateFailed, PrivateMessageUpdated,
        PrivateMessageWithdrawn, PrivateUnreadChanged,
    };
    pub use crate::private::{PrivateChat, PrivateChats, PrivateComposer, PrivateMessages};
    pub use converse_core::contract::ChatStatus;
    pub use converse_messages::{
        Attachment, ChatState, Delivery, Hint, Message, MessageId, Refusal, SentBy, Update,
    };
}
