//! The rooms grouping: multi-user chat.
//!
//! XEP-0045 (multi-user chat: discovery, joining, leaving, occupants, subject, messages, nick changes), XEP-0203 (delayed
//! delivery), XEP-0359 (stanza and origin ids), XEP-0410 (self-ping, after a message came back).
//!
//! Modules in reading order: [`plugin`], [`api`], [`message`], [`model`], [`error`].
//!
//! ```no_run
//! use converse_core::prelude::*;
//! use converse_muc::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), converse_core::Error> {
//! let garden = api.rooms().open("garden@chat.montague.example", RoomOptions::nick("Romeo")).await?;
//! garden.send_message("But, soft! what light through yonder window breaks?").await?;
//! for occupant in garden.occupants()? {
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
pub mod managing;
pub mod message;
pub mod model;
pub mod plugin;
mod settings;
mod wire;

pub use api::{Room, Rooms, RoomsExt};
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
    Affiliation, ConnectionStatus, Disconnection, Occupant, Role, RoomDelivery, RoomDetails,
    RoomFeature, RoomInfo, RoomMessage, RoomMessageError, RoomMessageId, RoomOptions, RoomSender,
    StatusCode, Subject,
};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{Room, Rooms, RoomsExt};
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
        ChatRoomOpened, OccupantChanged, OccupantJoined, OccupantLeft, OccupantRenamed, RoomClosed,
        RoomInfoChanged, RoomMessageAdded, RoomMessageDeliveryChanged, RoomMessageReceived,
        RoomNotice, RoomStatusChanged, RoomSubjectChanged, RoomToggled, RoomsPanelRendered,
    };
    pub use crate::model::{
        Affiliation, ConnectionStatus, Occupant, Role, RoomDelivery, RoomFeature, RoomMessage,
        RoomOptions, RoomSender, StatusCode,
    };
}
