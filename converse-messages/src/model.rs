//! Messages, what is said about them, and the history that keeps them; no actor, no I/O.

mod attachment;
mod delivery;
mod draft;
mod edit;
mod fold;
mod hint;
mod history;
mod message;
mod moderation;
pub mod reaction;
mod reply;
mod seen;
mod sent;
mod state;
mod styling;
pub(crate) mod text;
mod typing;
mod whose;

pub(crate) use attachment::is_usable;
pub use attachment::{Attachment, Disposition, FileHash, safe_file_name};
pub use delivery::{Delivery, MessageError};
pub use draft::Draft;
pub use edit::{Edit, Version};
pub use fold::{Added, Author, Change, Fold, Folded, Refusal, Update};
pub use hint::Hint;
pub use history::{History, Spot};
pub use message::{Message, MessageId, MessageKind, SentBy};
pub use moderation::Moderation;
pub use reaction::Reaction;
pub use reply::{Reference, ReferenceKind, Reply};
pub use seen::{Displayed, Seen};
pub use sent::{Before, SentChanges, Undone};
pub use state::ChatState;
pub use styling::{Style, StyleKind};
pub use typing::Typing;
pub use whose::Whose;
