//! What is wrong with a command.

use converse_core::{Error, ErrorKind};

use super::CommandName;

/// Why a command was not run; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The text is something to say.
    #[error("a command begins with `/`, as `/help`")]
    NotACommand,
    /// There is no such command.
    #[error("there is no command `/{}`; `/help` says which there are", .name.escape_debug())]
    Unknown {
        /// What was taken for the name, at most 64 characters of it.
        name: String,
    },
    /// Something is missing.
    #[error("`/{command}` says too little; it is written `{}`", .command.usage())]
    TooLittle {
        /// Which command.
        command: CommandName,
    },
    /// There is something that the command has no use for.
    #[error("`/{command}` says too much; it is written `{}`", .command.usage())]
    TooMuch {
        /// Which command.
        command: CommandName,
    },
    /// The setting `muc_disable_moderator_commands` turned it off.
    #[error("`/{command}` is turned off by the setting `muc_disable_moderator_commands`")]
    Disabled {
        /// Which command.
        command: CommandName,
    },
    /// The setting names a command that there is not.
    #[error("the setting `muc_disable_moderator_commands` names a command that there is not: `{}`", .name.escape_debug())]
    BadSetting {
        /// What it names.
        name: String,
    },
    /// Nobody in the room has that nick, and it is no address.
    #[error("nobody in the room has the nick `{}`, and it is no address of a person", .who.escape_debug())]
    Nobody {
        /// What was given.
        who: String,
    },
    /// The room does not show the occupant's address.
    #[error("the room does not show the address of `{}`; give the address itself", .nick.escape_debug())]
    HiddenAddress {
        /// Under which nick.
        nick: String,
    },
    /// An occupant has somebody else's address as nick.
    #[error("`{}` is an address, and the nick of an occupant who has another one", .who.escape_debug())]
    Ambiguous {
        /// What was given.
        who: String,
    },
}

impl From<CommandError> for Error {
    fn from(error: CommandError) -> Self {
        let kind = match &error {
            CommandError::Disabled { .. } => ErrorKind::Unsupported,
            CommandError::BadSetting { .. } => ErrorKind::Config,
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
