//! Pictures of those who are nobody's contact.

use std::fmt;
use std::sync::Arc;

use jid::FullJid;
use tokio::sync::oneshot;

use crate::bus::Request;
use crate::error::Error;

/// A picture that may be shown: it is not too large, in a format that it says it is in, and has the hash that it has.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Picture {
    /// The picture. Its first bytes have been looked at, nothing more: it comes from a stranger.
    pub bytes: Arc<[u8]>,
    /// Its media type.
    pub media_type: &'static str,
    /// The SHA-1 of the bytes, in lower-case hexadecimal.
    pub hash: String,
}

impl Picture {
    /// A picture that whoever makes this has checked.
    #[must_use]
    pub fn new(bytes: Arc<[u8]>, media_type: &'static str, hash: String) -> Self {
        Self {
            bytes,
            media_type,
            hash,
        }
    }
}

/// The picture may be private and is left out.
impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("bytes", &self.bytes.len())
            .field("media_type", &self.media_type)
            .field("hash", &self.hash)
            .finish()
    }
}

/// Where the answer to a [`FetchPicture`] comes out: `None` if the picture is not there any more, or may not be shown.
pub type AwaitedPicture = oneshot::Receiver<Result<Option<Picture>, Error>>;

/// The picture that an occupant of a room says to have (XEP-0153 §3.2) is wanted. Its vCard is asked of the occupant, which the
/// room hands on to the account (XEP-0045 §17.4); of one hash it is asked once.
///
/// Nobody answers where there are no vCards.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FetchPicture {
    /// Of whom.
    pub occupant: FullJid,
    /// The SHA-1 of the picture, in lower-case hexadecimal.
    pub hash: String,
}

impl FetchPicture {
    /// The picture of that hash of that occupant.
    #[must_use]
    pub fn new(occupant: FullJid, hash: impl Into<String>) -> Self {
        Self {
            occupant,
            hash: hash.into(),
        }
    }
}

impl Request for FetchPicture {
    type Response = AwaitedPicture;
}
