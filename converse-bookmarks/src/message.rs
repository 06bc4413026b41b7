//! What the grouping announces, and what its actor is told.

use converse_core::Error;
use converse_core::bus::{Event, Request};
use serde::Serialize;

use crate::model::{Bookmark, Offer, Ticket, Written};

/// The bookmarks of this session are known, or it is certain that they will not come.
///
/// Rooms that are to be entered by themselves are entered from now on.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "bookmarksInitialized", promise)]
#[non_exhaustive]
pub struct BookmarksInitialized {
    /// All of them, sorted by address.
    pub bookmarks: Vec<Bookmark>,
    /// Whether these are all that the server has. They are not where it did not answer, keeps none, or the setting `allow_bookmarks` is off.
    pub complete: bool,
}

impl BookmarksInitialized {
    pub(crate) fn new(bookmarks: Vec<Bookmark>, complete: bool) -> Self {
        Self {
            bookmarks,
            complete,
        }
    }
}

/// There is a new bookmark, made here or with another client.
///
/// Those that are there at the first start of a session are told by [`BookmarksInitialized`] alone.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "bookmarkAdded")]
#[non_exhaustive]
pub struct BookmarkAdded {
    /// The bookmark.
    pub bookmark: Bookmark,
}

/// A bookmark says something else, here or at another client's word.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "bookmarkChanged")]
#[non_exhaustive]
pub struct BookmarkChanged {
    /// The bookmark now.
    pub bookmark: Bookmark,
    /// What it was.
    pub before: Bookmark,
}

/// A bookmark is gone, removed here or with another client.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "bookmarkRemoved")]
#[non_exhaustive]
pub struct BookmarkRemoved {
    /// What it was.
    pub bookmark: Bookmark,
}

/// Where bookmarks are kept is known, or why not.
pub(crate) struct OfferKnown {
    pub(crate) session: u64,
    pub(crate) offer: Result<Offer, Error>,
}

impl Request for OfferKnown {
    type Response = ();
}

/// A change from here was made in these places.
pub(crate) struct Changed {
    pub(crate) ticket: Ticket,
    pub(crate) written: Vec<Written>,
}

impl Request for Changed {
    type Response = ();
}
