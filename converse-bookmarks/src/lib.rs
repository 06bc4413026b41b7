//! The bookmarks grouping: the rooms that the user has put down, on the server, for all clients.
//!
//! Native bookmarks (XEP-0402), and where older clients need it the list of XEP-0048, on a node or in private storage (XEP-0049).
//!
//! Modules in reading order: [`plugin`], [`api`], [`message`], [`model`], [`error`]. The grouping mirrors what the server has, so that reading
//! takes no round trip. Rooms whose bookmarks say so are entered at the start of a session, and when another client of the user's wants
//! it, entered or left: through [`EnterRoom`](converse_core::contract::EnterRoom) and [`LeaveRoom`](converse_core::contract::LeaveRoom), which
//! the grouping of rooms answers.
//!
//! ```no_run
//! use converse_bookmarks::prelude::*;
//! use converse_core::prelude::*;
//!
//! # async fn example(api: Api) -> Result<(), Box<dyn std::error::Error>> {
//! api.wait_until("bookmarksInitialized").await?;
//! for bookmark in api.bookmarks().all() {
//!     println!("{} ({})", bookmark.name.as_deref().unwrap_or("a room"), bookmark.jid);
//! }
//! let play = Bookmark::new("theplay@conference.shakespeare.example".parse()?);
//! api.bookmarks().set(play.name("The Play's the Thing").autojoin(true)).await?;
//! # Ok(())
//! # }
//! ```

mod actor;
pub mod api;
pub mod error;
pub mod message;
pub mod model;
mod ns;
pub mod plugin;
mod settings;
mod wire;

pub use api::{Bookmarks, BookmarksExt};
pub use error::BookmarkError;
pub use model::Bookmark;

/// What programs import: `use converse::prelude::*;`.
pub mod prelude {
    pub use crate::api::{Bookmarks, BookmarksExt};
    pub use crate::message::{
        BookmarkAdded, BookmarkChanged, BookmarkRemoved, BookmarksInitialized,
    };
    pub use crate::model::Bookmark;
}
