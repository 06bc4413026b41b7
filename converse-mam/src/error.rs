//! What can go wrong with a query.

use std::convert::Infallible;

use converse_core::{Error, ErrorKind};

/// Why a query was refused or has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The options are not a map.
    #[error("archive.query: the options are a map of parameters, as {{\"with\": …, \"max\": 10}}")]
    NotAMap,
    /// No parameter has this name.
    #[error(
        "archive.query: `{parameter}` is no parameter; there are with, start, end, max, before, after, index, room, groupchat, before_id, after_id, ids and flip_page"
    )]
    Unknown {
        /// The name.
        parameter: String,
    },
    /// A parameter has a value that it cannot have.
    #[error("archive.query: `{parameter}` must be {expected}, not {found}")]
    Invalid {
        /// Which one.
        parameter: &'static str,
        /// What it can be.
        expected: &'static str,
        /// What was given.
        found: String,
    },
    /// The end of the time is before its start.
    #[error("archive.query: `start` is after `end`")]
    StartAfterEnd,
    /// XEP-0059 knows no query with both.
    #[error("archive.query: give `before` or `after`, not both")]
    BeforeAndAfter,
    /// Which room's archive is asked is not said.
    #[error("archive.query: `groupchat` needs the address of the room in `with`")]
    NoRoom,
    /// Whose archive is asked is said twice.
    #[error("archive.query: give `room` or `groupchat`, not both")]
    TwoRooms,
    /// Too many queries of one archive wait for their turn.
    #[error(
        "archive.query: {most} queries of this archive wait already; ask again when some are answered"
    )]
    TooMany {
        /// How many can wait.
        most: usize,
    },
    /// There is nobody to ask.
    #[error("archive.query: there is no session; log in first")]
    Offline,
    /// There is no archive; the text is that of the 3.2 document.
    #[error("This server does not support XEP-0313, Message Archive Management")]
    Unsupported,
    /// The archive cannot do this (XEP-0313 §8): it does not announce
    /// [`EXTENDED`](crate::ns::EXTENDED).
    #[error(
        "{what}: this archive does not support urn:xmpp:mam:2#extended; do without it, or ask with `before` and `after`"
    )]
    NotExtended {
        /// What was wanted of it.
        what: &'static str,
    },
    /// The archive was silent.
    #[error(
        "archive.query: {archive} did not answer within {ms} ms, the setting `message_archiving_timeout`"
    )]
    Timeout {
        /// Whose archive.
        archive: String,
        /// How long it had.
        ms: u64,
    },
    /// The answer to the query does not end it (XEP-0313 §4.2).
    #[error("archive.query: the answer has no `fin` in it")]
    NoFin,
    /// The archive gave more messages than were asked for, in another order than asked for: which of them to keep is not
    /// known.
    #[error(
        "archive.query: the archive gave more messages than were asked for, in the wrong order; ask without `flip_page`"
    )]
    Disordered,
    /// A page leads back to where another page has led: paging on would never end.
    #[error(
        "archive.pages: the archive goes round in circles, it gave {id:?} as the end of a page once more; resume from another id"
    )]
    NoProgress {
        /// The id that was there before.
        id: String,
    },
    /// The answer to a question about the archive cannot be read.
    #[error("{what}: the answer of the archive cannot be read, {why}")]
    Unreadable {
        /// What was asked.
        what: &'static str,
        /// What is wrong with the answer.
        why: &'static str,
    },
}

impl ArchiveError {
    pub(crate) fn invalid(
        parameter: &'static str,
        expected: &'static str,
        found: impl std::fmt::Display,
    ) -> Self {
        /// What is longer says no more in an error.
        const SHOWN: usize = 100;
        let mut found = found.to_string();
        if let Some((cut, _)) = found.char_indices().nth(SHOWN) {
            found.truncate(cut);
            found.push('…');
        }
        Self::Invalid {
            parameter,
            expected,
            found,
        }
    }
}

impl From<Infallible> for ArchiveError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<ArchiveError> for Error {
    fn from(error: ArchiveError) -> Self {
        let kind = match &error {
            ArchiveError::Offline => ErrorKind::Disconnected,
            ArchiveError::Unsupported | ArchiveError::NotExtended { .. } => ErrorKind::Unsupported,
            ArchiveError::Timeout { .. } => ErrorKind::Timeout,
            ArchiveError::NoFin
            | ArchiveError::Disordered
            | ArchiveError::NoProgress { .. }
            | ArchiveError::Unreadable { .. } => ErrorKind::InvalidResponse,
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
