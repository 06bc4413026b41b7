//! What a message is, wherever it stands: the groupings for chats and for rooms both read, keep and write messages with this
//! crate, and give their applications its types. It has no actor and no plugin; what it does with a store stands in [`keeper`],
//! what it does with the session in [`outbox`].
//!
//! XEP-0066 (links), XEP-0085 (chat states), XEP-0203 (delayed delivery), XEP-0245 (`/me`), XEP-0308 (corrections), XEP-0333
//! (displayed markers), XEP-0334 (hints), XEP-0359 (stanza ids), XEP-0372 (mentions), XEP-0393 (styling), XEP-0424
//! (retractions), XEP-0426 (places in a text), XEP-0428 (fallbacks), XEP-0444 (reactions), XEP-0446 and XEP-0447 (files),
//! XEP-0461 (replies).
//!
//! Modules in reading order: [`model`], [`keeper`], [`wire`], [`sync`], [`outbox`], [`error`].

pub mod error;
pub mod keeper;
pub mod model;
pub mod outbox;
pub mod sync;
pub mod wire;

pub use error::ContentError;
pub use model::{
    Attachment, ChatState, Delivery, Disposition, Edit, FileHash, Hint, Message, MessageError,
    MessageId, MessageKind, Moderation, Older, Reaction, Reference, ReferenceKind, Refusal, Reply,
    SentBy, Style, StyleKind, Update, Version, safe_file_name,
};
