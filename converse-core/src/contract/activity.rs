//! That somebody uses the application.

use converse_macros::Event;
use serde::Serialize;

/// The user does something: typed, clicked, came back to the window.
///
/// The application says so with [`user().active()`](crate::api::User::active), as often as it likes; this event comes at most
/// once a second.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Event)]
#[event(name = "userActive")]
#[non_exhaustive]
pub struct UserActive {}
