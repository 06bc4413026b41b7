//! Who sees whose presence (RFC 6121 §3).

use converse_core::Error;
use converse_core::api::JidSelector;
use jid::BareJid;

use super::Contacts;
use crate::error::RosterError;
use crate::message::EndRequest;
use crate::settings::ALLOW_CONTACT_REQUESTS;
use crate::wire;

impl Contacts {
    /// Lets somebody who asked see the user's presence, and asks to see theirs.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for what is no address of a person or the own one, and those of
    /// [`Api::send`](converse_core::Api::send).
    pub async fn accept(&self, jid: impl JidSelector) -> Result<(), Error> {
        let jid = self.somebody_else(jid, "contacts.accept")?;
        self.send(wire::subscription("subscribed", &jid)).await?;
        self.answered(&jid).await?;
        self.ask(&jid).await
    }

    /// Lets somebody who asked see the user's presence, and does not ask to see theirs (RFC 6121 §3.1.4).
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub async fn approve(&self, jid: impl JidSelector) -> Result<(), Error> {
        let jid = self.somebody_else(jid, "contacts.approve")?;
        self.send(wire::subscription("subscribed", &jid)).await?;
        self.answered(&jid).await
    }

    /// Agrees to a request that somebody has not made yet (RFC 6121 §3.4): the server answers it then. The contact's
    /// `approved` says so until that happens; [`refuse`](Self::refuse) takes it back.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept), and [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when the server does not offer it.
    pub async fn pre_approve(&self, jid: impl JidSelector) -> Result<(), Error> {
        const CALL: &str = "contacts.pre_approve";
        let jid = self.somebody_else(jid, CALL)?;
        let book = self.book()?;
        let is_waiting = book
            .get(jid.as_str())
            .is_some_and(|contact| contact.requesting);
        if !is_waiting && !book.can_pre_approve() {
            return Err(RosterError::NoPreApproval { call: CALL }.into());
        }
        self.approve(jid).await
    }

    /// Refuses somebody's request, stops showing a contact the user's presence, or takes back an approval that was given
    /// before the request (RFC 6121 §3.1.4, §3.2, §3.4.3).
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept).
    pub async fn refuse(&self, jid: impl JidSelector) -> Result<(), Error> {
        let jid = self.somebody_else(jid, "contacts.refuse")?;
        self.send(wire::subscription("unsubscribed", &jid)).await?;
        self.answered(&jid).await
    }

    /// Asks to see somebody's presence; `message` is what they read with it. Whoever has been asked or agreed already is not
    /// asked again.
    ///
    /// Unlike [`add`](Self::add) it leaves it to the server to put them into the roster.
    ///
    /// # Errors
    ///
    /// As [`accept`](Self::accept), and [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when the setting `allow_contact_requests` is off.
    pub async fn request<'a>(
        &self,
        jid: impl JidSelector,
        message: impl Into<Option<&'a str>>,
    ) -> Result<(), Error> {
        const CALL: &str = "contacts.request";
        let jid = self.somebody_else(jid, CALL)?;
        if !self.api.settings().read(&ALLOW_CONTACT_REQUESTS)? {
            return Err(RosterError::RequestsNotAllowed { call: CALL }.into());
        }
        if self.is_asked(&jid)? {
            return Ok(());
        }
        self.send(wire::request(&jid, message.into())).await
    }

    /// Does not want to see a contact's presence any more, or takes back the user's own request (RFC 6121 §3.3). They stay a
    /// contact.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for somebody who is no contact, and those of
    /// [`Api::send`](converse_core::Api::send).
    pub async fn unsubscribe(&self, jid: impl JidSelector) -> Result<(), Error> {
        let contact = self.contact(jid, "contacts.unsubscribe")?;
        self.send(wire::subscription("unsubscribe", &contact.jid))
            .await
    }

    async fn ask(&self, jid: &BareJid) -> Result<(), Error> {
        if self.is_asked(jid)? {
            return Ok(());
        }
        self.send(wire::subscription("subscribe", jid)).await
    }

    /// Whether the user sees them, or has asked to.
    fn is_asked(&self, jid: &BareJid) -> Result<bool, Error> {
        let known = self.book()?.get(jid.as_str());
        Ok(known
            .is_some_and(|contact| contact.subscription.sees_contact() || contact.ask.is_some()))
    }

    /// The request of `jid` does not wait for an answer any more.
    async fn answered(&self, jid: &BareJid) -> Result<(), Error> {
        let answered = EndRequest { jid: jid.clone() };
        Ok(self.api.bus().call(answered).await?)
    }
}
