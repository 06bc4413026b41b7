//! Doing what commands ask for.

use converse_core::Error;
use jid::{BareJid, Jid};

use super::Room;
use crate::commands::{
    self, Action, Command, CommandError, CommandHelp, CommandName, CommandOutcome,
};
use crate::settings::MUC_DISABLE_MODERATOR_COMMANDS;

impl Room {
    /// Reads a [command](crate::commands) and does what it asks for, as `/kick pia wet ropes`. Text that is no command is
    /// an error, and is not sent.
    ///
    /// Who is banned or made something to the room can be named by nick if the room shows the occupant's address to the
    /// user, and by address in any case.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_muc::prelude::*;
    /// use converse_muc::commands::CommandOutcome;
    ///
    /// # async fn run(room: Room, typed: &str) -> Result<(), Error> {
    /// if typed.starts_with('/') {
    ///     if let CommandOutcome::Help(commands) = room.run_command(typed).await? {
    ///         for command in commands {
    ///             println!("{}: {}", command.usage, command.about);
    ///         }
    ///     }
    /// } else {
    ///     room.send_message(typed).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) with the [`CommandError`] as its cause for
    /// what cannot be read; [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) for what the setting
    /// `muc_disable_moderator_commands` turned off; and those of the call that the command stands for.
    pub async fn run_command(&self, text: &str) -> Result<CommandOutcome, Error> {
        let Command { name, action } = commands::parse(text)?;
        if self.is_disabled(name)? {
            return Err(CommandError::Disabled { command: name }.into());
        }
        drop(self.opened.open()?);
        match action {
            Action::SetAffiliation {
                who,
                affiliation,
                reason,
            } => {
                let jid = self.address_of(&who)?;
                self.set_affiliation(&jid, affiliation, reason.as_deref())
                    .await?;
            }
            Action::SetRole { nick, role, reason } => {
                self.set_role(&nick, role, reason.as_deref()).await?;
            }
            Action::Clear => self.clear_messages()?,
            Action::Help { about } => return Ok(CommandOutcome::Help(self.help(about)?)),
            Action::Me { message } => {
                let id = self.send_message(message).await?;
                return Ok(CommandOutcome::Sent(id));
            }
            Action::Nick { nick } => self.set_nick(nick).await?,
            Action::Topic { text } => self.set_subject(text).await?,
        }
        Ok(CommandOutcome::Done)
    }

    /// Forgets the messages that are kept here; the room keeps its own.
    fn clear_messages(&self) -> Result<(), Error> {
        let mut open = self.opened.open()?;
        open.talk.history.clear();
        self.set_unread(&mut open, 0);
        Ok(())
    }

    fn help(&self, about: Option<CommandName>) -> Result<Vec<CommandHelp>, Error> {
        let all = CommandName::ALL.iter().copied();
        let mut helps = Vec::new();
        for name in all.filter(|name| about.is_none_or(|about| about == *name)) {
            if !self.is_disabled(name)? {
                helps.push(name.help());
            }
        }
        Ok(helps)
    }

    fn is_disabled(&self, name: CommandName) -> Result<bool, Error> {
        let setting = self.api.settings().read(&MUC_DISABLE_MODERATOR_COMMANDS)?;
        Ok(setting.has(name)?)
    }

    /// Whose address is meant: an occupant's, by nick, or one that is written out. An occupant who took somebody else's
    /// address as nick gets nobody into trouble.
    fn address_of(&self, who: &str) -> Result<BareJid, Error> {
        let written = Jid::new(who).ok().map(Jid::into_bare);
        let written = written.filter(|jid| jid.node().is_some());
        let who = who.to_owned();
        let found = match (self.occupant(&who)?, written) {
            (Some(occupant), written) => {
                let real = occupant.real_jid.as_ref().map(Jid::to_bare);
                match (real, written) {
                    (real, Some(written)) if real.as_ref() != Some(&written) => {
                        Err(CommandError::Ambiguous { who })
                    }
                    (Some(real), _) => Ok(real),
                    (None, _) => Err(CommandError::HiddenAddress { nick: who }),
                }
            }
            (None, Some(written)) => Ok(written),
            (None, None) => Err(CommandError::Nobody { who }),
        };
        Ok(found?)
    }
}
