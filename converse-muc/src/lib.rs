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
//! for occupant in garden.occupants().all()? {
//!     println!("{} is a {}", occupant.nick, occupant.role);
//! }
//! # Ok(())
//! # }
//! ```

mod actor;
pub mod api;
pub mod error;
pub mod managing;
pub mod message;
pub mod model;
pub mod plugin;
mod settings;
mod wire;

pub use api::{Occupants, Room, Rooms, RoomsExt};
pub use converse_core::contract::ChatStatus;
pub use error::{JoinError, MucError};
pub use managing::{ManagingError, RoomConfig, RoomConfiguration};
pub use model::{
    Affiliation, ConnectionStatus, Disconnection, Hat, Occupant, OccupantAttributes, OccupantId,
    Role, RoomDelivery, RoomFeature, RoomInfo, RoomMessage, RoomMessageError, RoomMessageId,
    RoomOptions, RoomSender, StatusCode, Subject,
};

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{Occupants, Room, Rooms, RoomsExt};
    pub use crate::error::JoinError;
    pub use converse_core::contract::ChatStatus;

    pub use crate::message::{
        ChatRoomOpened, OccupantChanged, OccupantJoined, OccupantLeft, OccupantRenamed, RoomClosed,
        RoomInfoChanged, RoomMessageAdded, RoomMessageDeliveryChanged, RoomMessageReceived,
        RoomNotice, RoomStatusChanged, RoomSubjectChanged, RoomToggled, RoomsPanelRendered,
    };
    pub use crate::model::{
        Affiliation, ConnectionStatus, Hat, Occupant, OccupantId, Role, RoomDelivery, RoomFeature,
        RoomMessage, RoomOptions, RoomSender, StatusCode,
    };
}
