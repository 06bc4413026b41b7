//! Changing the roster (RFC 6121 §2.3 to §2.5). The server's push then changes what everybody reads.

use converse_core::Error;
use converse_core::api::JidSelector;
use converse_core::xml::is_xml_char;

use super::{AddOptions, Contacts};
use crate::error::RosterError;
use crate::settings::ALLOW_CONTACT_REQUESTS;
use crate::wire;

impl Contacts {
    /// Adds a contact and asks to see their presence; `name` is what the user calls them, without one it is the address.
    ///
    /// It returns when the server has added the contact. The contact's answer comes later, as a push. Somebody who is
    /// a contact already gets the new name, if there is one, and is asked only if the user does not see them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for what is no address of a person or the own one, and for a name that cannot
    /// be sent, [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when the setting `allow_contact_requests` is off, and the errors of
    /// [`Api::iq`](converse_core::Api::iq); nothing more is sent then.
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
        let options = match name.into() {
            Some(name) => AddOptions::new().name(name),
            None => AddOptions::new(),
        };
        self.add_as("contacts.add", jid, options).await
    }

    /// The same with groups, or with a message that goes with the request.
    ///
    /// Somebody who is a contact already gets what is given, and keeps the rest.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add), and [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a group without a name.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_roster::prelude::*;
    /// # async fn example(api: Api) -> Result<(), converse_core::Error> {
    /// let options = AddOptions::new().name("Buddy").groups(["Friends"]);
    /// api.contacts().add_with("buddy@example.com", options).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_with(&self, jid: impl JidSelector, options: AddOptions) -> Result<(), Error> {
        self.add_as("contacts.add_with", jid, options).await
    }

    async fn add_as(
        &self,
        call: &'static str,
        jid: impl JidSelector,
        options: AddOptions,
    ) -> Result<(), Error> {
        let jid = self.somebody_else(jid, call)?;
        let book = self.book()?;
        if !self.api.settings().read(&ALLOW_CONTACT_REQUESTS)? {
            return Err(RosterError::RequestsNotAllowed { call }.into());
        }
        let name = checked_name(call, options.name.as_deref().unwrap_or_default())?;
        let groups = checked_groups(call, options.groups)?;
        checked(
            call,
            "message",
            options.message.as_deref().unwrap_or_default(),
        )?;
        let known = book.contact(&jid);
        let is_news = known.as_ref().is_none_or(|contact| {
            name.is_some_and(|name| contact.name() != Some(name))
                || (!groups.is_empty() && groups[..] != contact.groups[..])
        });
        if is_news {
            let (name, groups) = match &known {
                Some(contact) if groups.is_empty() => {
                    (name.or(contact.name()), &contact.groups[..])
                }
                Some(contact) => (name.or(contact.name()), &groups[..]),
                None => (Some(name.unwrap_or_else(|| jid.as_str())), &groups[..]),
            };
            self.api.iq(wire::set(&jid, name, groups)).await?;
        }
        let is_asked = known
            .is_some_and(|contact| contact.subscription.sees_contact() || contact.ask.is_some());
        if is_asked || options.without_request {
            return Ok(());
        }
        let request = wire::request(&jid, options.message.as_deref());
        self.send(request).await
    }

    /// Gives a contact another name, or with an empty one none; the groups stay.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for somebody who is no contact or a name that cannot be sent, and the
    /// errors of [`Api::iq`](converse_core::Api::iq).
    pub async fn rename(&self, jid: impl JidSelector, name: &str) -> Result<(), Error> {
        const CALL: &str = "contacts.rename";
        let contact = self.contact(jid, CALL)?;
        let name = checked_name(CALL, name)?;
        let request = wire::set(&contact.jid, name, &contact.groups);
        self.api.iq(request).await.map(drop)
    }

    /// Puts a contact into these groups and no others; the name stays.
    ///
    /// # Errors
    ///
    /// As [`rename`](Self::rename), and [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for a group without a name.
    pub async fn set_groups<G: Into<String>>(
        &self,
        jid: impl JidSelector,
        groups: impl IntoIterator<Item = G>,
    ) -> Result<(), Error> {
        const CALL: &str = "contacts.set_groups";
        let contact = self.contact(jid, CALL)?;
        let groups = checked_groups(CALL, groups.into_iter().map(Into::into))?;
        let request = wire::set(&contact.jid, contact.name(), &groups);
        self.api.iq(request).await.map(drop)
    }

    /// Removes a contact: neither sees the other's presence any more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) for somebody who is no contact, and the errors of [`Api::iq`](converse_core::Api::iq).
    pub async fn remove(&self, jid: impl JidSelector) -> Result<(), Error> {
        let contact = self.contact(jid, "contacts.remove")?;
        self.api.iq(wire::remove(&contact.jid)).await.map(drop)
    }
}

/// A name without the space around it; nothing for an empty one.
fn checked_name<'a>(call: &'static str, name: &'a str) -> Result<Option<&'a str>, RosterError> {
    checked(call, "name", name)?;
    Ok(Some(name.trim()).filter(|name| !name.is_empty()))
}

/// Groups, each once; one without a name cannot be (RFC 6121 §2.3.3).
fn checked_groups(
    call: &'static str,
    groups: impl IntoIterator<Item = String>,
) -> Result<Vec<String>, RosterError> {
    let mut checked_groups = Vec::new();
    for group in groups {
        checked(call, "groups", &group)?;
        if group.trim().is_empty() {
            return Err(RosterError::InvalidText {
                call,
                argument: "groups",
                reason: "a group needs a name",
            });
        }
        if !checked_groups.contains(&group) {
            checked_groups.push(group);
        }
    }
    Ok(checked_groups)
}

/// Whether a text can be sent.
fn checked(call: &'static str, argument: &'static str, text: &str) -> Result<(), RosterError> {
    if text.chars().all(is_xml_char) {
        return Ok(());
    }
    Err(RosterError::InvalidText {
        call,
        argument,
        reason: "it has a character that XML cannot carry",
    })
}
