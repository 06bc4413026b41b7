//! Registering an account (XEP-0077 §3.1).

use std::fmt;
use std::time::Duration;

use jid::{BareJid, DomainPart, NodePart};

use crate::api::{Api, LoginOptions};
use crate::error::{Error, ErrorKind};
use crate::forms::Submission;
use crate::registration::{RegistrationError, RegistrationForm};
use crate::session::Registering;
use crate::settings::{Secret, keys};

/// A registration on its way: a connection of its own to the server, on which nobody is logged in, and the server's form. Got from
/// [`User::registration`](crate::api::User::registration).
///
/// The form may be filled out for as long as that takes: if the server closes the connection meanwhile, another one is made to
/// submit it. Dropping this cuts the connection; [`cancel`](Self::cancel) is more polite.
pub struct Registration {
    api: Api,
    domain: DomainPart,
    form: RegistrationForm,
    /// Until a connection is lost.
    connection: Option<Registering>,
}

/// An account that was registered; [`login`](crate::api::User::login) takes it.
///
/// ```no_run
/// # use converse_core::prelude::*;
/// # async fn run(api: Api) -> Result<(), Error> {
/// let mut registration = api.user().registration("capulet.example").await?;
/// let registered = registration.register("juliet", "R0m30").await?;
/// api.user().login(registered).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Registered {
    /// Its address.
    pub jid: BareJid,
    /// Its password, unless the server's form has no field `password`.
    pub password: Option<Secret>,
}

impl From<Registered> for LoginOptions {
    fn from(registered: Registered) -> Self {
        Self {
            jid: Some(registered.jid.to_string()),
            password: registered.password,
        }
    }
}

impl Registration {
    pub(super) async fn begin(api: Api, domain: DomainPart) -> Result<Self, Error> {
        let mut connection = connect(&api, &domain).await?;
        let form = connection.form(patience(&api)?).await?;
        Ok(Self {
            api,
            domain,
            form,
            connection: Some(connection),
        })
    }

    /// The server.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.domain.as_str()
    }

    /// What the server wants to know. Without fields, registration is possible elsewhere only; its
    /// [`url`](RegistrationForm::url) says where.
    #[must_use]
    pub fn form(&self) -> &RegistrationForm {
        &self.form
    }

    /// Begins to fill out the form.
    #[must_use]
    pub fn fill(&self) -> Submission {
        self.form.fill()
    }

    /// Registers at a server that wants to know a user name and a password only.
    ///
    /// # Errors
    ///
    /// As [`submit`](Self::submit).
    pub async fn register(
        &mut self,
        user: &str,
        password: impl Into<Secret>,
    ) -> Result<Registered, Error> {
        let mut submission = self.fill();
        submission.set("username", user)?;
        submission.set("password", &password.into())?;
        self.submit(&submission).await
    }

    /// Submits the form that was filled out. The account is there when this returns, and nobody is logged in.
    ///
    /// After a refusal the form can be submitted again with other answers, on the same connection; a form with a CAPTCHA has
    /// to be [renewed](Self::renew) first.
    ///
    /// # Errors
    ///
    /// With a [`RegistrationError`] as its [`cause`](Error::cause): [`ErrorKind::Stanza`] for the server's refusals,
    /// [`ErrorKind::Unsupported`] when registration is possible elsewhere only, [`ErrorKind::Disconnected`] when nobody knows
    /// whether the account is there, [`ErrorKind::Timeout`] when the server has another form by now, which
    /// [`form`](Self::form) then gives. [`ErrorKind::InvalidArgument`] before anything is sent, when an answer is missing or
    /// the user name cannot be one. And those of connecting again.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// use converse_core::registration::RegistrationError;
    ///
    /// let mut registration = api.user().registration("capulet.example").await?;
    /// let mut submission = registration.fill();
    /// submission.set("username", "juliet")?.set("password", "R0m30")?;
    /// if submission.has("email") {
    ///     submission.set("email", "juliet@capulet.example")?;
    /// }
    /// if let Err(error) = registration.submit(&submission).await
    ///     && let Some(RegistrationError::Conflict(_)) = error.cause()
    /// {
    ///     submission.set("username", "juliet2")?;
    ///     registration.submit(&submission).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn submit(&mut self, submission: &Submission) -> Result<Registered, Error> {
        let query = self.form.submit(submission)?;
        let registered = self.registered(submission)?;
        let within = patience(&self.api)?;
        let mut connection = self.connected().await?;
        let outcome = connection.submit(query, within).await;
        let lost = matches!(&outcome, Err(error) if error.kind() == ErrorKind::Disconnected);
        match outcome {
            Ok(()) => connection.goodbye().await,
            Err(_) if lost => drop(connection),
            Err(_) => self.connection = Some(connection),
        }
        outcome.map(|()| registered)
    }

    /// Asks for the form anew: a CAPTCHA can be tried once only.
    ///
    /// # Errors
    ///
    /// As [`User::registration`](crate::api::User::registration).
    pub async fn renew(&mut self) -> Result<&RegistrationForm, Error> {
        let within = patience(&self.api)?;
        let mut connection = match self.open_connection().await {
            Some(connection) => connection,
            None => connect(&self.api, &self.domain).await?,
        };
        self.form = connection.form(within).await?;
        self.connection = Some(connection);
        Ok(&self.form)
    }

    /// Ends the connection; nothing was registered.
    pub async fn cancel(mut self) {
        if let Some(connection) = self.connection.take() {
            connection.goodbye().await;
        }
    }

    /// The connection, or another one at whose end the server asks the same.
    async fn connected(&mut self) -> Result<Registering, Error> {
        if let Some(connection) = self.open_connection().await {
            return Ok(connection);
        }
        let mut connection = connect(&self.api, &self.domain).await?;
        let form = connection.form(patience(&self.api)?).await?;
        if form.asks_the_same_as(&self.form) {
            return Ok(connection);
        }
        self.form = form;
        self.connection = Some(connection);
        Err(RegistrationError::FormChanged.into())
    }

    async fn open_connection(&mut self) -> Option<Registering> {
        let mut connection = self.connection.take()?;
        connection.is_open().await.then_some(connection)
    }

    /// What comes of the answers; a user name that is no part of an address is not sent.
    fn registered(&self, submission: &Submission) -> Result<Registered, Error> {
        let user = submission.value("username").unwrap_or_default();
        let node = NodePart::new(user).map_err(|error| {
            Error::new(
                ErrorKind::InvalidArgument,
                "registration: `username` is not the local part of an address",
            )
            .with_source(error)
        })?;
        Ok(Registered {
            jid: BareJid::from_parts(Some(&node), &self.domain),
            password: submission.value("password").map(Secret::from),
        })
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("domain", &self.domain.as_str())
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

async fn connect(api: &Api, domain: &DomainPart) -> Result<Registering, Error> {
    let network = api.session().network();
    let random = &api.environment().random;
    Registering::connect(domain.as_str(), &api.settings(), &*network, random).await
}

/// How long an answer may take.
fn patience(api: &Api) -> Result<Duration, Error> {
    Ok(Duration::from_secs(api.settings().read(&keys::IQ_TIMEOUT)?))
}
