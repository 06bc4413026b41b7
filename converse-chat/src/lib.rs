//! The chat grouping: conversations with one person.
//!
//! RFC 6121 §5 (messages), XEP-0066 (links), XEP-0085 (chat states), XEP-0184 (receipts), XEP-0203 (delayed delivery), XEP-0245
//! (`/me`), XEP-0280 (carbons), XEP-0297 (forwarding), XEP-0308 (corrections), XEP-0333 (displayed markers), XEP-0334 (hints),
//! XEP-0359 (stanza ids), XEP-0372 (mentions), XEP-0393 (styling), XEP-0424 (retractions), XEP-0428 (fallbacks), XEP-0444
//! (reactions), XEP-0446 and XEP-0447 (files), XEP-0461 (replies), XEP-0490 (displayed on all clients).
//!
//! What a message is stands in `converse-messages`, which has its types in common with the grouping for rooms.
//!
//! Modules in reading order: [`plugin`], [`api`], [`message`], [`error`].
//!
//! ```no_run
//! use converse_core::prelude::*;
//! use converse_chat::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), converse_core::Error> {
//! let chat = api.chats().open("juliet@capulet.example").await?;
//! chat.send_message("But, soft! what light through yonder window breaks?").await?;
//! for message in chat.messages().all()? {
//!     println!("{}: {}", message.sender, message.body);
//! }
//! # Ok(())
//! # }
//! ```

mod actor;
pub mod api;
mod carbons;
mod displayed;
pub mod error;
mod forwarding;
mod keeping;
mod line;
pub mod message;
mod model;
pub mod plugin;
mod receipts;
mod settings;
mod sharing;
mod tasks;

pub use api::{
    ArchivePosition, ArchiveProgress, Chat, Chats, ChatsExt, Composer, Hit, Messages, Search,
    SearchPage,
};
pub use converse_messages::{
    Attachment, ChatState, ContentError, Delivery, Disposition, Edit, FileHash, Hint, Message,
    MessageError, MessageId, MessageKind, Reaction, Reference, ReferenceKind, Refusal, Reply,
    SentBy, Style, StyleKind, Update, Version, safe_file_name,
};
pub use error::ChatError;

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{Chat, Chats, ChatsExt, Messages};
    pub use crate::message::{
        ChatBoxClosed, ChatBoxFocused, ChatBoxInitialized, ChatBoxOpened, ChatBoxToggled,
        ChatStateChanged, MessageAdded, MessageDeliveryChanged, MessageReceived, MessageRefused,
        MessageSend, MessageUpdateFailed, MessageUpdated, MessageWithdrawn, UnreadChanged,
    };
    pub use converse_messages::model::{
        Attachment, ChatState, Delivery, Hint, Message, MessageId, Refusal, SentBy, Update,
    };
}
