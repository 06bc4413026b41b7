//! Which servers there are.

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerKind {
    /// <https://prosody.im>
    Prosody,
    /// <https://www.ejabberd.im>
    Ejabberd,
}

impl ServerKind {
    /// Its name as its authors write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ServerKind::Prosody => "Prosody",
            ServerKind::Ejabberd => "ejabberd",
        }
    }

    /// Its program, relative to the root of a package.
    pub(super) fn program(self) -> &'static str {
        match self {
            ServerKind::Prosody => "usr/bin/prosody",
            ServerKind::Ejabberd => "usr/sbin/ejabberdctl",
        }
    }

    /// What installs it.
    pub(super) fn how(self) -> &'static str {
        match self {
            ServerKind::Prosody => "apt-get install prosody prosody-modules lua-sec",
            ServerKind::Ejabberd => "apt-get install ejabberd",
        }
    }
}
