//! Which commands there are.

use std::fmt;

use serde::Serialize;

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident, $usage:literal, $about:literal;)*) => {
        /// A command.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "lowercase")]
        #[non_exhaustive]
        pub enum CommandName { $($(#[$doc])* $variant,)* }

        impl CommandName {
            /// All commands, sorted by name.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, without the slash.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How it is written: what is in brackets can be left out.
            #[must_use]
            pub fn usage(self) -> &'static str {
                match self { $(Self::$variant => $usage,)* }
            }

            /// What it does, in one line.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }

            fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }
        }
    };
}

/// For whom a command is.
#[derive(PartialEq)]
enum Kind {
    Everybody,
    Moderator,
}

commands! {
    /// Makes somebody an admin.
    Admin = "admin", Moderator, "/admin nick-or-address [reason]", "Makes somebody an admin of the room.";
    /// Bans somebody.
    Ban = "ban", Moderator, "/ban nick-or-address [reason]", "Sends somebody away who cannot come back.";
    /// Clears what is shown.
    Clear = "clear", Everybody, "/clear", "Forgets the messages that are shown.";
    /// Takes a moderator's rights away.
    Deop = "deop", Moderator, "/deop nick [reason]", "Makes a moderator an occupant like others.";
    /// Says what commands there are.
    Help = "help", Everybody, "/help [command]", "Says what commands there are.";
    /// Sends an occupant away.
    Kick = "kick", Moderator, "/kick nick [reason]", "Sends an occupant away who can come back.";
    /// Speaks in the third person (XEP-0245).
    Me = "me", Everybody, "/me message", "Says something in the third person.";
    /// Makes somebody a member.
    Member = "member", Moderator, "/member nick-or-address [reason]", "Makes somebody a member of the room.";
    /// Takes voice from an occupant.
    Mute = "mute", Moderator, "/mute nick [reason]", "Lets an occupant only listen.";
    /// Takes another nick.
    Nick = "nick", Everybody, "/nick nick", "Takes another nick.";
    /// Makes an occupant a moderator.
    Op = "op", Moderator, "/op nick [reason]", "Makes an occupant a moderator.";
    /// Makes somebody an owner.
    Owner = "owner", Moderator, "/owner nick-or-address [reason]", "Makes somebody an owner of the room.";
    /// Takes somebody's affiliation away.
    Revoke = "revoke", Moderator, "/revoke nick-or-address [reason]", "Takes away what somebody is to the room: member, admin, owner, banned.";
    /// Sets the subject.
    Topic = "topic", Moderator, "/topic text", "Sets the subject of the room.";
    /// Gives voice to an occupant.
    Voice = "voice", Moderator, "/voice nick [reason]", "Lets an occupant talk.";
}

impl CommandName {
    /// The command of a name, in whatever case; `subject` is another name of `topic`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("subject") {
            return Some(Self::Topic);
        }
        let mut all = Self::ALL.iter().copied();
        all.find(|command| command.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether it is one that the setting `muc_disable_moderator_commands` turns off: one that changes the room or what
    /// others are in it.
    #[must_use]
    pub fn is_for_moderators(self) -> bool {
        self.kind() == Kind::Moderator
    }

    /// What to tell the user about it.
    #[must_use]
    pub fn help(self) -> CommandHelp {
        CommandHelp {
            name: self,
            usage: self.usage(),
            about: self.about(),
        }
    }
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What to tell the user about a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CommandHelp {
    /// The command.
    pub name: CommandName,
    /// How it is written.
    pub usage: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
}
