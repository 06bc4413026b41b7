//! What can be wrong with a change of bookmarks.

use converse_core::{Error, ErrorKind};
use jid::BareJid;

/// Why a call of the grouping was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BookmarkError {
    /// The address is not that of a room.
    #[error("{call}: `{jid}` is no room; the address of one is `room@service`")]
    NoRoom {
        /// The call, such as `bookmarks.set`.
        call: &'static str,
        /// The address.
        jid: BareJid,
    },
    /// There is no such bookmark.
    #[error("{call}: there is no bookmark of `{jid}`; `bookmarks.set` makes one")]
    NotFound {
        /// The call.
        call: &'static str,
        /// The room.
        jid: BareJid,
    },
    /// A bookmark was changed into one of another room.
    #[error(
        "{call}: the bookmark of `{jid}` cannot become one of another room; set that one and remove this one"
    )]
    AnotherRoom {
        /// The call.
        call: &'static str,
        /// The room.
        jid: BareJid,
    },
    /// There are as many bookmarks as there may be.
    #[error("{call}: there are {most} bookmarks already; remove one first")]
    TooMany {
        /// The call.
        call: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// The setting `allow_bookmarks` is off.
    #[error("{call}: the setting `allow_bookmarks` is off")]
    NotAllowed {
        /// The call.
        call: &'static str,
    },
    /// The server has no place where bookmarks are kept from others: it does not check the preconditions of a publication, and has no private
    /// storage.
    #[error(
        "{call}: the server has no place where others cannot read bookmarks (XEP-0223, XEP-0049)"
    )]
    Unsupported {
        /// The call.
        call: &'static str,
    },
    /// What the server keeps cannot be read, so that changing it could lose something.
    #[error("{call}: what is in {place} cannot be read, and is left as it is")]
    Unreadable {
        /// The call.
        call: &'static str,
        /// Where it is kept.
        place: &'static str,
    },
    /// There is no session.
    #[error("{call}: there is no session")]
    Offline {
        /// The call.
        call: &'static str,
    },
}

impl From<BookmarkError> for Error {
    fn from(error: BookmarkError) -> Self {
        let kind = match &error {
            BookmarkError::NoRoom { .. }
            | BookmarkError::NotFound { .. }
            | BookmarkError::AnotherRoom { .. } => ErrorKind::InvalidArgument,
            BookmarkError::TooMany { .. }
            | BookmarkError::NotAllowed { .. }
            | BookmarkError::Unsupported { .. } => ErrorKind::Unsupported,
            BookmarkError::Unreadable { .. } => ErrorKind::InvalidResponse,
            BookmarkError::Offline { .. } => ErrorKind::Disconnected,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
