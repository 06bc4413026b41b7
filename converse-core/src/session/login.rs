//! With what and to where a session is opened, gathered from the settings and from the call of `login`.

use std::fmt;

use jid::{BareJid, Jid};

use crate::sasl::Credentials;
use crate::settings::Secret;

/// How the account proves who it is (setting `authentication`).
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Authentication {
    Password(Secret),
    External,
    Anonymous,
}

/// One login: address, proof, and the resource that is asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    pub(crate) jid: Jid,
    pub(crate) authentication: Authentication,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("jid", &self.jid.as_str())
            .finish_non_exhaustive()
    }
}

impl Login {
    /// With a password.
    #[must_use]
    pub fn with_password(jid: Jid, password: impl Into<Secret>) -> Self {
        Self {
            jid,
            authentication: Authentication::Password(password.into()),
        }
    }

    /// With the client certificate of the TLS connection (XEP-0178).
    #[must_use]
    pub fn external(jid: Jid) -> Self {
        Self {
            jid,
            authentication: Authentication::External,
        }
    }

    /// Without an account; only the domain of `jid` counts (XEP-0175).
    #[must_use]
    pub fn anonymous(jid: Jid) -> Self {
        Self {
            jid,
            authentication: Authentication::Anonymous,
        }
    }

    /// The password was changed; other proofs stay as they are.
    pub(crate) fn renew_password(&mut self, new: Secret) {
        if let Authentication::Password(password) = &mut self.authentication {
            *password = new;
        }
    }

    pub(crate) fn has_password(&self) -> bool {
        matches!(self.authentication, Authentication::Password(_))
    }

    pub(crate) fn is_anonymous(&self) -> bool {
        self.authentication == Authentication::Anonymous
    }

    /// The account, unless it is still to be invented by the server.
    pub(crate) fn account(&self) -> Option<BareJid> {
        (!self.is_anonymous()).then(|| self.jid.to_bare())
    }

    pub(crate) fn credentials(&self) -> Credentials {
        match &self.authentication {
            Authentication::Password(password) => {
                let user = self
                    .jid
                    .node()
                    .map(|node| node.as_str())
                    .unwrap_or_default();
                Credentials::password(user, password.clone())
            }
            Authentication::External => {
                Credentials::external().acting_as(self.jid.to_bare().as_str())
            }
            Authentication::Anonymous => Credentials::anonymous(),
        }
    }
}
