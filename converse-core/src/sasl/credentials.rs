//! Who logs in, and by what.

use crate::settings::Secret;

/// Overwrites bytes that were secret; `black_box` keeps the write from being optimised away.
pub(super) fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    std::hint::black_box(bytes);
}

/// What an account proves its identity with.
///
/// ```
/// use converse_core::sasl::Credentials;
///
/// let credentials = Credentials::password("mara", "tidewrack77");
/// assert!(!format!("{credentials:?}").contains("tidewrack77"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    pub(super) proof: Proof,
    pub(super) authzid: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proof {
    Password { user: String, password: Secret },
    Certificate,
    Nothing,
}

impl Credentials {
    /// A user name (the local part of the account's address) and its password: SCRAM or PLAIN.
    pub fn password(user: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self::new(Proof::Password {
            user: user.into(),
            password: password.into(),
        })
    }

    /// The client certificate that the TLS connection was made with: EXTERNAL.
    #[must_use]
    pub fn external() -> Self {
        Self::new(Proof::Certificate)
    }

    /// A throw-away account that the server invents: ANONYMOUS.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::new(Proof::Nothing)
    }

    /// Asks to act as this address instead of the authenticated one (RFC 4422 §3.4.1); for EXTERNAL it says which
    /// of a certificate's addresses is meant (XEP-0178 §3). ANONYMOUS has none.
    #[must_use]
    pub fn acting_as(mut self, authzid: impl Into<String>) -> Self {
        self.authzid = Some(authzid.into());
        self
    }

    fn new(proof: Proof) -> Self {
        Self {
            proof,
            authzid: None,
        }
    }
}
