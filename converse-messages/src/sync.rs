//! Catching up with an archive of messages (XEP-0313): what to ask next, where what came belongs, what is still missing. No
//! I/O: whoever drives it asks, applies what it is given, and writes down the state.
//!
//! An archive is a row of messages that grows at one end; its ids say nothing but which message it is, and its stamps need not
//! ascend. [`ArchiveState`] says how much of the row is known here: everything up to the [cursor](ArchiveState::cursor) but the
//! [gaps](ArchiveState::gaps). [`CatchUp`] moves the cursor to the end, [`Fill`] makes a gap smaller from its newer edge, and
//! [`Held`] keeps what comes live meanwhile, [`Followed`] is the archive while the cursor follows what comes. [`Place`](converse_core::store::Place)s keep the archive's order, whatever the
//! stamps are.
//!
//! What holds whatever an archive answers:
//!
//! - It ends: each page has something that no page before it had, and there are only so many pages.
//! - The cursor stands at a message that came, so that what an archive only says to exist is asked for again.
//! - What may lie between messages that came and was not seen is a gap. An archive that claims that a page is the last one is
//!   believed until the next time, which begins at the same cursor.
//! - What others see in the archive later than what came behind it is asked for again ([`Settling`]).
//! - That nothing follows the cursor, or precedes the edge of a gap, is believed only if the newest message of the archive is none
//!   that is newer, or its oldest none that is older: an archive that has forgotten a message has to say so (XEP-0313 §4.3.1),
//!   but some answer with an empty page, and others as if they had not been asked by a message at all.
//!
//! ```
//! use std::collections::VecDeque;
//! use converse_core::contract::{ArchivePage, FetchArchive};
//! use converse_messages::sync::{ArchiveState, CatchUp, Outcome};
//! # fn fetch(_: FetchArchive) -> Result<ArchivePage, converse_core::Error> {
//! #     let mut page = ArchivePage::default();
//! #     page.is_complete = true;
//! #     Ok(page)
//! # }
//!
//! let state = ArchiveState::default();
//! let mut catch_up = CatchUp::new(None, state);
//! while let Some(request) = catch_up.request() {
//!     let answer = fetch(request);
//!     // Which messages of the archive are here already, and where.
//!     let known = |_archive_id: &str| None;
//!     let now = chrono::Utc::now();
//!     for _message in catch_up.take(answer, now, known) {
//!         // Put it into its history, at its place.
//!     }
//!     // Write down `catch_up.state()` together with the messages.
//! }
//! assert!(matches!(catch_up.into_outcome(), Outcome::Whole));
//! ```

mod asking;
mod catch_up;
mod error;
mod fill;
mod followed;
mod gap;
mod held;
mod live;
mod paging;
mod patience;
mod placing;
mod retry;
mod settling;
mod state;

pub use asking::{fetch, has_archives};
pub use catch_up::{CatchUp, Limits, Outcome};
pub use error::SyncError;
pub use fill::{Fill, Filled};
pub use followed::Followed;
pub use gap::{Gap, Mark};
pub use held::Held;
pub use patience::{PATIENCE, patiently};
pub use placing::Placed;
pub use settling::Settling;
pub use state::{ARCHIVES, ArchiveState};

#[cfg(test)]
mod tests;
