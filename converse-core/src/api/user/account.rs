//! The account itself: registering one, changing its password, deleting it (XEP-0077).

use std::time::Duration;

use jid::{DomainPart, Jid};

use crate::api::{Registration, User};
use crate::error::{Error, ErrorKind};
use crate::forms::Submission;
use crate::ns;
use crate::registration::{self, RegistrationError};
use crate::router::{IntoStanza as _, Stanza};
use crate::settings::{Secret, keys};
use crate::xml::{Element, ElementBuilder};

impl User {
    /// Connects to a server, the one of the setting `registration_domain` if `domain` is empty, and asks what it wants to know of
    /// who registers. This needs no session, and does not touch the one there may be.
    ///
    /// The connection is as secure as one to log in: by the settings `security`, `server` and `tls_roots`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] when the setting `allow_registration` is off, or when the server offers no registration over
    /// XMPP ([`RegistrationError::NotOffered`]); [`ErrorKind::Config`] without a domain, [`ErrorKind::InvalidArgument`] for one
    /// that cannot be, or that the setting `locked_domain` excludes; [`ErrorKind::Stanza`] with a [`RegistrationError`] when the server refuses;
    /// [`ErrorKind::ConnectFailed`] and others when it cannot be reached.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// let registration = api.user().registration("capulet.example").await?;
    /// for field in &registration.form().form.fields {
    ///     println!("{}{}", field.title(), if field.required { "*" } else { "" });
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn registration(&self, domain: &str) -> Result<Registration, Error> {
        let settings = self.api().settings();
        if !settings.read(&keys::ALLOW_REGISTRATION)? {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "registration: the setting `allow_registration` is off",
            ));
        }
        let locked = settings.read(&keys::LOCKED_DOMAIN)?;
        let locked = locked.filter(|domain| !domain.is_empty());
        let wanted = [
            domain.to_owned(),
            settings.read(&keys::REGISTRATION_DOMAIN)?,
            locked.clone().unwrap_or_default(),
        ];
        let wanted = wanted.into_iter().find(|domain| !domain.is_empty());
        let wanted = wanted.ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "registration needs a domain, in the call or in the setting `registration_domain`",
            )
        })?;
        let domain = domain_part(&wanted)?;
        if let Some(locked) = locked
            && domain_part(&locked)? != domain
        {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "registration: only accounts of `{locked}` are for use here (setting `locked_domain`)"
                ),
            ));
        }
        Registration::begin(self.api().clone(), domain).await
    }

    /// Gives the account another password (XEP-0077 §3.3).
    ///
    /// From then on connections are made with it; the setting `password`, if it was the one of this account, is changed too. If
    /// the answer is lost, the session comes back with whichever of the two passwords the server takes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stanza`] with a [`RegistrationError`]: [`FormRequired`](RegistrationError::FormRequired) when the server
    /// wants to know more, which [`change_password_with`](Self::change_password_with) is for.
    /// [`ErrorKind::InvalidArgument`] for an empty password, [`ErrorKind::Disconnected`] without a session; when the session
    /// ends before the answer came, [`Unanswered`](RegistrationError::Unanswered).
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// api.user().change_password("wherefore art thou").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn change_password(&self, new: impl Into<Secret>) -> Result<(), Error> {
        let new = new.into();
        if new.is_empty() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "change_password: the new password is empty",
            ));
        }
        let own = self.own("change_password")?;
        let user = own.node().map(|node| node.as_str()).unwrap_or_default();
        let query = registration::new_password(user, &new);
        self.change_by(&own, query, Some(new)).await
    }

    /// Gives the account another password by the form that the server wanted to be filled out. The new password is its
    /// field `password`.
    ///
    /// # Errors
    ///
    /// As [`change_password`](Self::change_password), and when an answer is missing.
    pub async fn change_password_with(&self, submission: &Submission) -> Result<(), Error> {
        let own = self.own("change_password")?;
        let query = registration::submitted(submission)?;
        let new = submission.value("password").map(Secret::from);
        self.change_by(&own, query, new).await
    }

    /// Deletes the account at the server, for good (XEP-0077 §3.2). The session ends with it, as by
    /// [`logout`](Self::logout), and there is no reconnection.
    ///
    /// It succeeds whether the server says that the account is gone, or only ends the stream.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stanza`] with a [`RegistrationError`], and the session goes on:
    /// [`FormRequired`](RegistrationError::FormRequired) when the server wants to know more, which
    /// [`delete_account_with`](Self::delete_account_with) is for. [`ErrorKind::Disconnected`] without a session; when the
    /// connection is cut before the answer came, and the next login works,
    /// [`Unanswered`](RegistrationError::Unanswered).
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// api.user().delete_account().await?;
    /// assert!(!api.connection().connected());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete_account(&self) -> Result<(), Error> {
        self.delete_by(registration::delete()).await
    }

    /// Deletes the account by the form that the server wanted to be filled out.
    ///
    /// # Errors
    ///
    /// As [`delete_account`](Self::delete_account), and when an answer is missing.
    pub async fn delete_account_with(&self, submission: &Submission) -> Result<(), Error> {
        self.delete_by(registration::submitted(submission)?).await
    }

    async fn change_by(
        &self,
        own: &Jid,
        query: ElementBuilder,
        new: Option<Secret>,
    ) -> Result<(), Error> {
        let session = self.api().session();
        session.password_may_be(new.clone()).await;
        match (self.account_request(query).await, new) {
            (Ok(()), Some(new)) => self.password_is(own, new).await,
            (Ok(()), None) => Ok(()),
            (Err(error), _) => {
                let unanswered =
                    |error: &RegistrationError| matches!(error, RegistrationError::Unanswered(_));
                if !error.cause().is_some_and(unanswered) {
                    session.password_may_be(None).await;
                }
                Err(error)
            }
        }
    }

    async fn delete_by(&self, query: ElementBuilder) -> Result<(), Error> {
        self.own("delete_account")?;
        let session = self.api().session();
        let deleted = session.expect_deletion().await?;
        let Err(error) = self.account_request(query).await else {
            return session.end_deleted().await;
        };
        if !is_cut(&error) {
            return Err(error);
        }
        // The session knows whether it ended because of this: now, or when it has tried to come back.
        match tokio::time::timeout(self.patience()?, deleted).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(error),
        }
    }

    /// Sends a request to the own server, which decides about the account (XEP-0077 §3.2).
    async fn account_request(&self, query: ElementBuilder) -> Result<(), Error> {
        let iq = Element::builder("iq", ns::CLIENT)
            .attr("type", "set")
            .child(query);
        let iq = iq.into_stanza(&*self.api().environment().random)?;
        let session = self.api().session();
        if !session.state().is_active() {
            return Err(not_connected());
        }
        let answer = session.request_whole(iq, self.patience()?).await;
        let answer: Stanza = answer.map_err(|error| match error.kind() {
            ErrorKind::Disconnected | ErrorKind::Timeout => {
                RegistrationError::Unanswered(error).into()
            }
            _ => error,
        })?;
        match answer.type_().as_deref() {
            Some("result") => Ok(()),
            _ => Err(RegistrationError::of(answer.root()).into()),
        }
    }

    async fn password_is(&self, own: &Jid, new: Secret) -> Result<(), Error> {
        let settings = self.api().settings();
        let jid = settings.read(&keys::JID)?;
        let is_own =
            jid.is_some_and(|jid| Jid::new(&jid).is_ok_and(|jid| jid.to_bare() == own.to_bare()));
        if is_own && settings.read(&keys::PASSWORD)?.is_some() {
            settings.set(keys::PASSWORD.name(), new.expose())?;
        }
        self.api().session().renew_password(new).await;
        Ok(())
    }

    fn own(&self, call: &str) -> Result<Jid, Error> {
        let own = self
            .jid()
            .filter(|_| self.api().session().state().is_active());
        own.ok_or_else(not_connected)
            .map_err(|error| Error::new(error.kind(), format!("{call}: {error}")))
    }

    fn patience(&self) -> Result<Duration, Error> {
        let seconds = self.api().settings().read(&keys::IQ_TIMEOUT)?;
        Ok(Duration::from_secs(seconds))
    }
}

/// Whether the session ended before the answer came.
fn is_cut(error: &Error) -> bool {
    error.cause().is_some_and(|cause| {
        matches!(cause, RegistrationError::Unanswered(why) if why.kind() == ErrorKind::Disconnected)
    })
}

fn not_connected() -> Error {
    Error::new(ErrorKind::Disconnected, "there is no session: log in first")
}

fn domain_part(text: &str) -> Result<DomainPart, Error> {
    let domain = DomainPart::new(text).map(std::borrow::Cow::into_owned);
    domain.map_err(|error| {
        Error::new(
            ErrorKind::InvalidArgument,
            format!("registration: `{}` is not a domain", text.escape_debug()),
        )
        .with_source(error)
    })
}
