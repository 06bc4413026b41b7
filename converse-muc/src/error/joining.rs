//! How an attempt to enter a room can end without the user being in it.

use converse_core::router::{Condition, ErrorType, StanzaError};
use jid::BareJid;
use serde::Serialize;

/// Why a room did not let the user in (XEP-0045 §7.2).
///
/// [`Room::entered`](crate::Room::entered) fails with it as a cause, and [`Room::join_error`](crate::Room::join_error) has it
/// until the next attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[non_exhaustive]
pub enum JoinError {
    /// The room did not answer in the time of the setting `iq_timeout`.
    #[error("the room did not answer in time")]
    NoAnswer,
    /// No nick was given, the room keeps none for the user, and no setting has one.
    #[error("there is no nick; give one")]
    NickMissing,
    /// The nick is somebody else's: of an occupant, or reserved for a member (§7.2.8).
    #[error("the nick belongs to somebody else; choose another")]
    NickConflict,
    /// The room wants the nick that it keeps for the user, and no other (§7.12):
    /// [`Room::reserved_nick`](crate::Room::reserved_nick) asks for it.
    #[error("the room admits the user under the registered nick only")]
    NickNotAccepted,
    /// The nick cannot be one in this room (§7.2.1).
    #[error("the room says that the nick cannot be one; choose another")]
    NickMalformed,
    /// The room wants a password (§7.2.5).
    #[error("{}", if *.given { "the password is wrong" } else { "the room wants a password" })]
    Password {
        /// Whether one was given, which then is the wrong one.
        given: bool,
    },
    /// Only members may enter, and the user is none (§7.2.6).
    #[error("only members may enter the room")]
    MembersOnly,
    /// The user is banned (§7.2.7).
    #[error("the user is banned from the room")]
    Banned,
    /// There is no place left (§7.2.9).
    #[error("the room is full")]
    Full,
    /// Its owner has not finished creating it (§7.2.10).
    #[error("the room is locked until its owner has configured it")]
    Locked,
    /// There is no such room, and the service does not let the user create it.
    #[error("there is no such room")]
    NotFound,
    /// The service does not let the user create rooms (§10.1.1).
    #[error("there is no such room, and the user may not create one")]
    CreationRestricted,
    /// The room is no more (§10.9).
    #[error("the room is no more{}", to_where(.to.as_ref()))]
    Destroyed {
        /// Which room takes its place, if the room told. Nobody follows by itself.
        to: Option<BareJid>,
    },
    /// The room is to be found at another address (RFC 6120 §8.3.3.16).
    #[error("the room is somewhere else{}", to_where(.to.as_ref()))]
    Redirected {
        /// Where it is, if the service told. Nobody follows by itself.
        to: Option<BareJid>,
    },
    /// The room's server cannot be reached.
    #[error("the server of the room cannot be reached")]
    Unreachable,
    /// The attempt could not be made here.
    #[error("the attempt to enter the room could not be sent")]
    NotSent,
    /// Another refusal.
    #[error("the room refused the user: {condition}")]
    Refused {
        /// The name of the stanza error's condition (RFC 6120 §8.3.3).
        condition: &'static str,
    },
}

fn to_where(to: Option<&BareJid>) -> String {
    to.map(|to| format!("; it went to `{to}`"))
        .unwrap_or_default()
}

/// What was known of a room when it refused the user.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Known {
    /// It told what it is: there is such a room.
    pub(crate) exists: bool,
    /// A password was sent.
    pub(crate) password_given: bool,
}

impl JoinError {
    /// What a refusal means (§7.2.16); `to` is where the room is instead, if it told.
    pub(crate) fn of(error: &StanzaError, to: Option<BareJid>, known: Known) -> Self {
        match error.condition {
            Condition::Conflict => Self::NickConflict,
            Condition::NotAcceptable => Self::NickNotAccepted,
            Condition::JidMalformed => Self::NickMalformed,
            Condition::NotAuthorized => Self::Password {
                given: known.password_given,
            },
            Condition::RegistrationRequired => Self::MembersOnly,
            Condition::Forbidden => Self::Banned,
            Condition::ServiceUnavailable => Self::Full,
            Condition::ItemNotFound if known.exists => Self::Locked,
            Condition::ItemNotFound => Self::NotFound,
            Condition::NotAllowed => Self::CreationRestricted,
            Condition::Gone => Self::Destroyed { to },
            Condition::Redirect => Self::Redirected { to },
            Condition::RemoteServerNotFound | Condition::RemoteServerTimeout => Self::Unreachable,
            condition => Self::Refused {
                condition: condition.as_str(),
            },
        }
    }

    /// Whether the same attempt may do better later.
    pub(crate) fn may_pass(&self, type_: ErrorType) -> bool {
        type_ == ErrorType::Wait || *self == Self::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_found_is_locked_if_it_told_what_it_is() {
        let error = Condition::ItemNotFound.into();
        let of = |exists| {
            let known = Known {
                exists,
                password_given: false,
            };
            JoinError::of(&error, None, known)
        };
        assert_eq!(of(true), JoinError::Locked);
        assert_eq!(of(false), JoinError::NotFound);
    }

    #[test]
    fn a_wrong_password_is_told_from_a_missing_one() {
        let error = Condition::NotAuthorized.into();
        for given in [true, false] {
            let known = Known {
                exists: true,
                password_given: given,
            };
            let found = JoinError::of(&error, None, known);
            assert_eq!(found, JoinError::Password { given });
        }
    }

    #[test]
    fn only_what_may_pass_is_worth_another_attempt() {
        let of = |condition: Condition| {
            let error = StanzaError::from(condition);
            JoinError::of(&error, None, Known::default()).may_pass(error.type_)
        };
        assert!(of(Condition::RemoteServerTimeout) && of(Condition::RemoteServerNotFound));
        assert!(of(Condition::ResourceConstraint));
        assert!(!of(Condition::Forbidden) && !of(Condition::Conflict) && !of(Condition::Gone));
    }
}
