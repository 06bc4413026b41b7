//! vCards, pictures, and what is known of whom; no actor, no I/O.

mod announced;
mod avatar;
mod card;
mod known;
mod photo;
mod queue;
mod table;

pub(crate) use announced::{Announced, Metadata};
pub(crate) use avatar::hash;
pub use avatar::{Avatar, ImageError, ImageType, MAX_IMAGE_BYTES};
pub use card::VCard;
pub(crate) use card::bounded;
pub(crate) use known::{Kept, Known};
pub(crate) use photo::{Others, OwnPhoto, Photo};
pub(crate) use queue::{Next, PACE, Queue};
pub(crate) use table::Table;
