//! From text to commands.

use super::{CommandError, CommandName};
use crate::model::{Affiliation, Role};

/// How much of a name that is none is told, in characters.
const NAME_SHOWN: usize = 64;

/// A command as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Command {
    /// Which one.
    pub name: CommandName,
    /// What it asks for.
    pub action: Action,
}

/// What a command asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// To make somebody something to the room: `/admin`, `/ban`, `/member`, `/owner`, `/revoke`.
    SetAffiliation {
        /// The nick of an occupant, or an address.
        who: String,
        /// What they are to be.
        affiliation: Affiliation,
        /// Why.
        reason: Option<String>,
    },
    /// To give an occupant another role: `/deop`, `/kick`, `/mute`, `/op`, `/voice`.
    SetRole {
        /// Under which nick.
        nick: String,
        /// The role; [`Role::None`] sends the occupant away.
        role: Role,
        /// Why.
        reason: Option<String>,
    },
    /// To forget the messages that are shown.
    Clear,
    /// To say what commands there are.
    Help {
        /// Which one is asked about; `None` for all.
        about: Option<CommandName>,
    },
    /// To say something in the third person (XEP-0245).
    Me {
        /// The whole message, which begins with `/me `.
        message: String,
    },
    /// To take another nick.
    Nick {
        /// The new nick.
        nick: String,
    },
    /// To set the subject.
    Topic {
        /// The new subject.
        text: String,
    },
}

/// Reads a command. Names can be in any case, and white space before the slash does not count.
///
/// Who is meant is one word, or is in double quotes if there are spaces in it: `/kick "king lear" insanity is no defence`.
///
/// # Errors
///
/// A [`CommandError`] that says what is wrong and how the command is written.
pub fn parse(text: &str) -> Result<Command, CommandError> {
    let text = text.trim_start();
    let rest = text.strip_prefix('/').ok_or(CommandError::NotACommand)?;
    let (word, rest) = split_word(rest);
    let name = CommandName::of(word).ok_or_else(|| CommandError::Unknown {
        name: word.chars().take(NAME_SHOWN).collect(),
    })?;
    let action = action(name, rest)?;
    Ok(Command { name, action })
}

fn action(name: CommandName, rest: &str) -> Result<Action, CommandError> {
    let affiliation = |affiliation| {
        let (who, reason) = target(name, rest)?;
        Ok(Action::SetAffiliation {
            who,
            affiliation,
            reason,
        })
    };
    let role = |role| {
        let (nick, reason) = target(name, rest)?;
        Ok(Action::SetRole { nick, role, reason })
    };
    match name {
        CommandName::Admin => affiliation(Affiliation::Admin),
        CommandName::Ban => affiliation(Affiliation::Outcast),
        CommandName::Member => affiliation(Affiliation::Member),
        CommandName::Owner => affiliation(Affiliation::Owner),
        CommandName::Revoke => affiliation(Affiliation::None),
        // A participant is who has voice; there is no role `occupant`.
        CommandName::Deop | CommandName::Voice => role(Role::Participant),
        CommandName::Kick => role(Role::None),
        CommandName::Mute => role(Role::Visitor),
        CommandName::Op => role(Role::Moderator),
        CommandName::Clear if rest.trim().is_empty() => Ok(Action::Clear),
        CommandName::Clear => Err(CommandError::TooMuch { command: name }),
        CommandName::Help => help(rest),
        CommandName::Me => Ok(Action::Me {
            message: format!("/me {}", needed(name, rest)?),
        }),
        CommandName::Nick => Ok(Action::Nick {
            nick: needed(name, rest)?.to_owned(),
        }),
        CommandName::Topic => Ok(Action::Topic {
            text: needed(name, rest)?.to_owned(),
        }),
    }
}

fn help(rest: &str) -> Result<Action, CommandError> {
    let (word, more) = split_word(rest.trim());
    if !more.is_empty() {
        let command = CommandName::Help;
        return Err(CommandError::TooMuch { command });
    }
    if word.is_empty() {
        return Ok(Action::Help { about: None });
    }
    let name = word.strip_prefix('/').unwrap_or(word);
    match CommandName::of(name) {
        Some(about) => Ok(Action::Help { about: Some(about) }),
        None => Err(CommandError::Unknown {
            name: name.chars().take(NAME_SHOWN).collect(),
        }),
    }
}

/// What follows the name, which must be something.
fn needed(command: CommandName, rest: &str) -> Result<&str, CommandError> {
    let rest = rest.trim();
    if rest.is_empty() {
        return Err(CommandError::TooLittle { command });
    }
    Ok(rest)
}

/// Who is meant, and why.
fn target(command: CommandName, rest: &str) -> Result<(String, Option<String>), CommandError> {
    let rest = needed(command, rest)?;
    let (who, reason) = quoted(rest).unwrap_or_else(|| split_word(rest));
    let reason = reason.trim();
    let reason = (!reason.is_empty()).then(|| reason.to_owned());
    Ok((who.to_owned(), reason))
}

/// What is in quotes at the beginning, if it is something and a space or nothing follows; else a quote is a character like
/// others, which nicks may have.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let end = inside.match_indices('"').map(|(at, _)| at).find(|at| {
        let after = inside[at + 1..].chars().next();
        after.is_none_or(char::is_whitespace)
    })?;
    (end > 0).then(|| (&inside[..end], &inside[end + 1..]))
}

fn split_word(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests;
