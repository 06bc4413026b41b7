//! The commands of the 3.2 manual: text that begins with a slash and asks for something instead of saying it, as
//! `/kick pia wet ropes`.
//!
//! [`parse`] makes requests of text; [`Room::run_command`](crate::Room::run_command) does what they ask for.
//!
//! ```
//! use converse_muc::commands::{self, Action, CommandName};
//! use converse_muc::Role;
//!
//! let command = commands::parse("/kick pia wet ropes")?;
//! assert_eq!(command.name, CommandName::Kick);
//! let Action::SetRole { nick, role, reason } = command.action else { unreachable!() };
//! assert_eq!((nick.as_str(), role, reason.as_deref()), ("pia", Role::None, Some("wet ropes")));
//!
//! let error = commands::parse("/kick").unwrap_err();
//! assert_eq!(error.to_string(), "`/kick` says too little; it is written `/kick nick [reason]`");
//! # Ok::<(), converse_muc::commands::CommandError>(())
//! ```

mod disabled;
mod error;
mod name;
mod parse;

use converse_messages::MessageId;

pub(crate) use disabled::Disabled;
pub use error::CommandError;
pub use name::{CommandHelp, CommandName};
pub use parse::{Action, Command, parse};

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandOutcome {
    /// It is done.
    Done,
    /// It was something to say, and was said.
    Sent(MessageId),
    /// What commands there are, to be shown to the user: those that no setting turned off.
    Help(Vec<CommandHelp>),
}
