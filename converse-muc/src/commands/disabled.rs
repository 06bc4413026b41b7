//! Which commands are turned off.

use serde::Deserialize;

use super::{CommandError, CommandName};

/// The setting `muc_disable_moderator_commands`: all that moderators have, or those that it names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Disabled {
    Moderators(bool),
    These(Vec<String>),
}

impl Disabled {
    /// Whether a command is turned off. A name that is none is an error, so that no command stays on by a slip.
    pub(crate) fn has(&self, command: CommandName) -> Result<bool, CommandError> {
        match self {
            Self::Moderators(all) => Ok(*all && command.is_for_moderators()),
            Self::These(names) => {
                let named = names.iter().map(|name| of(name));
                let named = named.collect::<Result<Vec<_>, _>>()?;
                Ok(named.contains(&command))
            }
        }
    }

    /// Whether it names commands only.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        self.has(CommandName::Help).map(drop)
    }
}

/// The command of a name, with a slash or without.
fn of(name: &str) -> Result<CommandName, CommandError> {
    let command = CommandName::of(name.strip_prefix('/').unwrap_or(name));
    command.ok_or_else(|| CommandError::BadSetting {
        name: name.chars().take(64).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_moderators_have_is_off_or_what_is_named() {
        let all = Disabled::Moderators(true);
        assert_eq!(all.has(CommandName::Kick), Ok(true));
        assert_eq!(all.has(CommandName::Me), Ok(false));
        let none = Disabled::Moderators(false);
        assert_eq!(none.has(CommandName::Kick), Ok(false));

        let some = Disabled::These(vec!["/Kick".to_owned(), "nick".to_owned()]);
        assert_eq!(some.has(CommandName::Kick), Ok(true));
        assert_eq!(some.has(CommandName::Nick), Ok(true));
        assert_eq!(some.has(CommandName::Ban), Ok(false));
    }

    #[test]
    fn a_name_that_is_none_turns_nothing_on() {
        let slip = Disabled::These(vec!["kik".to_owned()]);
        assert!(matches!(
            slip.has(CommandName::Kick),
            Err(CommandError::BadSetting { .. })
        ));
    }
}
