//! Chats and messages; no actor, no I/O.

mod attachment;
mod conversation;
mod delivery;
mod edit;
mod focus;
mod fold;
mod hint;
mod history;
mod message;
pub(crate) mod reaction;
mod registry;
mod reply;
mod seen;
mod sent;
mod state;
mod styling;
pub(crate) mod text;
mod typing;

pub(crate) use attachment::is_usable;
pub use attachment::{Attachment, Disposition, FileHash, safe_file_name};
pub(crate) use conversation::{Conversation, Kind, State};
pub use delivery::{Delivery, MessageError};
pub use edit::{Edit, Version};
pub(crate) use fold::{Added, Author, Change, Fold, Folded};
pub use fold::{Refusal, Update};
pub use hint::Hint;
pub use message::{Message, MessageId, MessageKind, SentBy};
pub use reaction::Reaction;
pub(crate) use registry::Registry;
pub use reply::{Reference, ReferenceKind, Reply};
pub(crate) use sent::Undone;
pub use state::ChatState;
pub use styling::{Style, StyleKind};
