//! One login, from the first payload to the server's last word.

use super::prep::prepare;
use super::scram::Scram;
use super::{DerivedKey, KeyDerivation, Mechanism, SaslError, Secret};

/// What to do after a challenge.
#[derive(Debug)]
#[must_use]
pub enum Step {
    /// Send this as the response; it may be empty.
    Respond(Vec<u8>),
    /// Run this, on another thread if it is heavy, and hand the key to [`Exchange::derived`].
    Derive(KeyDerivation),
}

/// A login in progress. Every error ends it: nothing but `<abort/>` may be sent afterwards.
///
/// ```
/// # use converse_core::env::SystemRandom;
/// # use converse_core::sasl::{self, ChannelBindings, Credentials, Offer, Policy, Protection, SaslError};
/// # let bindings = ChannelBindings::default();
/// # let mut exchange = sasl::select(&Offer::new(["SCRAM-SHA-1"]), &Credentials::password("user", "pencil"),
/// #     Protection::Tls(&bindings), &Policy::default(), &SystemRandom::new())?;
/// let initial = exchange.initial(); // goes out with <auth/>
/// # let _ = initial;
/// // A server that reports success without having proved anything is not believed.
/// assert_eq!(exchange.success(None), Err(SaslError::NoServerSignature));
/// # Ok::<(), SaslError>(())
/// ```
#[derive(Debug)]
pub struct Exchange {
    mechanism: Mechanism,
    inner: Inner,
    state: State,
}

#[derive(Debug)]
enum Inner {
    Scram(Box<Scram>),
    Single(SinglePayload),
}

/// A mechanism of one message; it may hold the password.
struct SinglePayload(Secret);

impl std::fmt::Debug for SinglePayload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SinglePayload")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Begun,
    Deriving,
    Proved,
    Verified,
    Failed,
}

impl Exchange {
    pub(super) fn scram(mechanism: Mechanism, scram: Scram) -> Self {
        Self {
            mechanism,
            inner: Inner::Scram(Box::new(scram)),
            state: State::Begun,
        }
    }

    /// RFC 4616: `[authzid] NUL authcid NUL passwd`.
    pub(super) fn plain(
        authzid: Option<&str>,
        user: &str,
        password: &Secret,
    ) -> Result<Self, SaslError> {
        let authzid = authzid.map(|authzid| prepare(authzid, "address to act as"));
        let authzid = authzid.transpose()?.unwrap_or_default();
        let user = prepare(user, "user name")?;
        let password = prepare(password.expose(), "password")?;
        let payload = format!("{authzid}\0{user}\0{password}");
        Ok(Self::single(Mechanism::Plain, payload))
    }

    /// RFC 4422 appendix A: the address to act as, or nothing.
    pub(super) fn external(authzid: Option<&str>) -> Result<Self, SaslError> {
        let authzid = authzid.map(|authzid| prepare(authzid, "address to act as"));
        let authzid = authzid.transpose()?.unwrap_or_default();
        Ok(Self::single(Mechanism::External, authzid.into_owned()))
    }

    /// RFC 4505, without trace information.
    pub(super) fn anonymous() -> Self {
        Self::single(Mechanism::Anonymous, String::new())
    }

    fn single(mechanism: Mechanism, payload: String) -> Self {
        Self {
            mechanism,
            inner: Inner::Single(SinglePayload(Secret::new(payload))),
            state: State::Begun,
        }
    }

    /// The mechanism in use. After a success it is worth keeping as the next login's [`Policy::at_least`](super::Policy::at_least).
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The same login with a chosen client nonce, for replaying published exchanges. A nonce used twice lets an
    /// observer replay the login.
    #[must_use]
    pub fn with_client_nonce(mut self, nonce: &str) -> Self {
        if let Inner::Scram(scram) = self.inner {
            self.inner = Inner::Scram(Box::new(scram.with_nonce(nonce)));
        }
        self
    }

    /// The initial response (RFC 6120 §6.3.3, `<auth/>`); may be empty, then it is sent as `=`.
    #[must_use]
    pub fn initial(&self) -> Vec<u8> {
        match &self.inner {
            Inner::Scram(scram) => scram.client_first(),
            Inner::Single(payload) => payload.0.expose().as_bytes().to_vec(),
        }
    }

    /// Takes a `<challenge/>`.
    ///
    /// # Errors
    /// Whatever is wrong with it; see [`SaslError`].
    pub fn challenge(&mut self, payload: &[u8]) -> Result<Step, SaslError> {
        let before = std::mem::replace(&mut self.state, State::Failed);
        let (step, after) = match (&mut self.inner, before) {
            (Inner::Scram(scram), State::Begun) => {
                (Step::Derive(scram.server_first(payload)?), State::Deriving)
            }
            // The signature may come in a challenge of its own, with an empty response (RFC 4422 §3.6).
            (Inner::Scram(scram), State::Proved) => {
                scram.server_final(payload)?;
                (Step::Respond(Vec::new()), State::Verified)
            }
            _ => return Err(SaslError::Malformed("challenge not expected")),
        };
        self.state = after;
        Ok(step)
    }

    /// Takes the derived key and gives the response to the challenge that asked for it.
    ///
    /// # Errors
    /// [`SaslError::Malformed`] if no challenge asked for a key.
    pub fn derived(&mut self, key: &DerivedKey) -> Result<Vec<u8>, SaslError> {
        let before = std::mem::replace(&mut self.state, State::Failed);
        let (Inner::Scram(scram), State::Deriving) = (&mut self.inner, before) else {
            return Err(SaslError::Malformed("key not expected"));
        };
        let response = scram.client_final(key)?;
        self.state = State::Proved;
        Ok(response)
    }

    /// Takes `<success/>` with its additional data, if it had any.
    ///
    /// # Errors
    /// [`SaslError::NoServerSignature`] or [`SaslError::ServerSignature`] if the server did not prove that it knows
    /// the password too. The stream must be closed then: whoever reported this success is not our server.
    pub fn success(&mut self, payload: Option<&[u8]>) -> Result<(), SaslError> {
        let before = std::mem::replace(&mut self.state, State::Failed);
        let payload = payload.unwrap_or_default();
        match (&self.inner, before) {
            (Inner::Single(_), State::Begun) => {}
            (Inner::Scram(_), State::Verified) if payload.is_empty() => {}
            (Inner::Scram(scram), State::Proved | State::Verified) if !payload.is_empty() => {
                scram.server_final(payload)?;
            }
            (Inner::Scram(_), State::Failed) | (Inner::Single(_), _) => {
                return Err(SaslError::Malformed("success not expected"));
            }
            (Inner::Scram(_), _) => return Err(SaslError::NoServerSignature),
        }
        self.state = State::Verified;
        Ok(())
    }
}
