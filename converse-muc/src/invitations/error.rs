//! What can go wrong with an invitation, apart from what others answer.

use converse_core::{Error, ErrorKind};
use jid::{BareJid, Jid};

/// Why a call about invitations was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvitationError {
    /// The setting `allow_muc_invitations` is off.
    #[error("room.invite: the setting `allow_muc_invitations` is off, so nobody is invited")]
    NotAllowed,
    /// Only somebody can be invited: an address with a local part.
    #[error("room.invite: `{jid}` cannot be invited; the address of somebody has a local part")]
    NotSomebody {
        /// The address.
        jid: Jid,
    },
    /// It is answered already, or had to make room for newer ones.
    #[error("the invitation to `{room}` waits no more; it was answered")]
    Over {
        /// The room.
        room: BareJid,
    },
}

impl From<InvitationError> for Error {
    fn from(error: InvitationError) -> Self {
        let kind = match &error {
            InvitationError::NotAllowed => ErrorKind::Unsupported,
            InvitationError::NotSomebody { .. } => ErrorKind::InvalidArgument,
            InvitationError::Over { .. } => ErrorKind::Closed,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
