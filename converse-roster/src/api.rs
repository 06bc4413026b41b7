//! What an application calls: the **contacts** grouping of the 3.2 document.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, JidSelector};
use converse_core::router::IntoStanza;
use jid::BareJid;

use crate::error::RosterError;
use crate::message::EndRequest;
use crate::model::{Book, Contact};
use crate::settings::ALLOW_CONTACT_REQUESTS;
use crate::wire;

/// Adds the **contacts** grouping to [`Api`].
pub trait ContactsExt {
    /// The contacts of the account.
    fn contacts(&self) -> Contacts;
}

impl ContactsExt for Api {
    fn contacts(&self) -> Contacts {
        Contacts { api: self.clone() }
    }
}

/// The contacts of the account; reading them takes no round trip.
///
/// Before the event `rosterContactsFetched` there are none. What a handler reads is at least as new as the event it handles.
///
/// ```
/// use converse_core::prelude::*;
/// use converse_roster::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let api = Converse::initialize(settings! {}).await?;
/// assert!(api.contacts().get("juliet@capulet.example")?.is_none());
/// assert!(api.contacts().all().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Contacts {
    api: Api,
}

impl Contacts {
    /// The contact of this address, whatever its resource and the case of its letters; `None` for nobody known.
    ///
    /// Those who only ask to become a contact are known too, with `requesting` set.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not a JID.
    pub fn get(&self, jid: impl JidSelector) -> Result<Option<Contact>, Error> {
        let jid = jid.bare("contacts.get")?;
        Ok(self.book()?.get(&jid))
    }

    /// The contacts of several addresses, in their order; `None` in the place of each that is not known.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_roster::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let nobody = api.contacts().get_many(["juliet@capulet.example", "romeo@montague.example"])?;
    /// assert_eq!(nobody, [None, None]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_many<J: JidSelector>(
        &self,
        jids: impl IntoIterator<Item = J>,
    ) -> Result<Vec<Option<Contact>>, Error> {
        let book = self.book()?;
        jids.into_iter()
            .map(|jid| Ok(book.get(&jid.bare("contacts.get")?)))
            .collect()
    }

    /// All contacts, each once, sorted by address; none if the plugin does not run.
    #[must_use]
    pub fn all(&self) -> Vec<Contact> {
        self.book().map(|book| book.all()).unwrap_or_default()
    }

    /// The version of the roster that the server gave last (RFC 6121 §2.6).
    #[must_use]
    pub fn version(&self) -> Option<String> {
        self.book().ok()?.version()
    }

    /// Adds a contact and asks to see their presence; `name` is what the user calls them, without one it is the address.
    ///
    /// It returns when the server has added the contact. The contact's answer comes later, as a push. Somebody who is
    /// a contact already gets the new name, if there is one, and is asked only if the user does not see them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for what is no address of a person or the own one, [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when
    /// the setting `allow_contact_requests` is off, and the errors of [`Api::iq`]; nothing more is sent then.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_roster::prelude::*;
    /// # async fn example(api: Api) -> Result<(), converse_core::Error> {
    /// api.contacts().add("buddy@example.com", "Buddy").await?;
    /// api.contacts().add("friend@example.com", None).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add<'a>(
        &self,
        jid: impl JidSelector,
        name: impl Into<Option<&'a str>>,
    ) -> Result<(), Error> {
        const CALL: &str = "contacts.add";
        let jid = self.somebody_else(jid, CALL)?;
        let book = self.book()?;
        if !self.api.settings().read(&ALLOW_CONTACT_REQUESTS)? {
            return Err(RosterError::RequestsNotAllowed { call: CALL }.into());
        }
        let name = name.into().map(str::trim).filter(|name| !name.is_empty());
        let known = book.get(&jid).filter(|_| book.is_contact(&jid));
        let is_news = match &known {
            Some(contact) => name.is_some_and(|name| name != contact.fullname),
            None => true,
        };
        if is_news {
            let groups = known.as_ref().map_or(&[][..], |contact| &contact.groups);
            let name = name.unwrap_or_else(|| jid.as_str());
            self.api.iq(wire::set(&jid, Some(name), groups)).await?;
        }
        let is_asked = known
            .is_some_and(|contact| contact.subscription.sees_contact() || contact.ask.is_some());
        if is_asked {
            return Ok(());
        }
        self.send(wire::subscription("subscribe", &jid)).await
    }

    /// Gives a contact another name, or with an empty one none; the groups stay.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for somebody who is no contact, and the errors of [`Api::iq`].
    pub async fn rename(&self, jid: impl JidSelector, name: &str) -> Result<(), Error> {
        let contact = self.contact(jid, "contacts.rename")?;
        let name = Some(name.trim()).filter(|name| !name.is_empty());
        let request = wire::set(&contact.jid, name, &contact.groups);
        self.api.iq(request).await.map(drop)
    }

    /// Puts a contact into these groups and no others; the name stays.
    ///
    /// # Errors
    ///
    /// As [`rename`](Self::rename).
    pub async fn set_groups<G: Into<String>>(
        &self,
        jid: impl JidSelector,
        groups: impl IntoIterator<Item = G>,
    ) -> Result<(), Error> {
        let contact = self.contact(jid, "contacts.set_groups")?;
        let groups: Vec<String> = groups.into_iter().map(Into::into).collect();
        let name = Some(contact.fullname.as_str()).filter(|name| *name != contact.jid.as_str());
        let request = wire::set(&contact.jid, name, &groups);
        self.api.iq(request).await.map(drop)
    }

    /// Removes a contact: neither sees the other's presence any more.
    ///
    /// # Errors
    ///
    /// As [`rename`](Self::rename).
    pub async fn remove(&self, jid: impl JidSelector) -> Result<(), Error> {
        let contact = self.contact(jid, "contacts.remove")?;
        self.api.iq(wire::remove(&contact.jid)).await.map(drop)
    }

    /// Lets somebody who asked see the user's presence, and asks to see theirs.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for what is no address of a person, and the errors of [`add`](Self::add).
    pub async fn accept(&self, jid: impl JidSelector) -> Result<(), Error> {
        let jid = self.somebody_else(jid, "contacts.accept")?;
        self.send(wire::subscription("subscribed", &jid)).await?;
        self.answered(&jid).await?;
        let known = self.book()?.get(&jid);
        let is_asked = known
            .is_some_and(|contact| contact.subscription.sees_contact() || contact.ask.is_some());
        if is_asked {
            return Ok(());
        }
        self.send(wire::subscription("subscribe", &jid)).await
    }

    /// Refuses somebody's request, or stops showing them the user's presence.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for what is no address of a person, and those of [`Api::send`].
    pub async fn refuse(&self, jid: impl JidSelector) -> Result<(), Error> {
        let jid = self.somebody_else(jid, "contacts.refuse")?;
        self.send(wire::subscription("unsubscribed", &jid)).await?;
        self.answered(&jid).await
    }

    fn book(&self) -> Result<Arc<Book>, Error> {
        let provided = self.api.require::<Arc<Book>>("converse-roster")?;
        Ok(Arc::clone(&provided))
    }

    /// The request of `jid` does not wait for an answer any more.
    async fn answered(&self, jid: &BareJid) -> Result<(), Error> {
        let answered = EndRequest { jid: jid.clone() };
        Ok(self.api.bus().call(answered).await?)
    }

    async fn send(&self, stanza: impl IntoStanza) -> Result<(), Error> {
        self.api.send_untracked(stanza).await
    }

    fn contact(&self, jid: impl JidSelector, call: &'static str) -> Result<Contact, Error> {
        let jid = jid.bare(call)?;
        let book = self.book()?;
        let contact = book.get(&jid).filter(|_| book.is_contact(&jid));
        contact.ok_or_else(|| RosterError::NoContact { call, jid }.into())
    }

    /// An address that can be a contact's.
    fn somebody_else(&self, jid: impl JidSelector, call: &'static str) -> Result<BareJid, Error> {
        let invalid = |reason: String| RosterError::InvalidJid { call, reason };
        let jid = jid.bare(call).map_err(|error| {
            let text = error.to_string();
            let reason = text.strip_prefix(call).unwrap_or(&text);
            Error::from(invalid(reason.trim_start_matches(": ").to_owned()))
        })?;
        if jid.node().is_none() {
            return Err(invalid(format!("`{jid}` has no part before an `@`")).into());
        }
        if self.api.session().bare_jid().as_ref() == Some(&jid) {
            return Err(RosterError::Own { call, jid }.into());
        }
        Ok(jid)
    }
}
