//! What an application calls: the **contacts** grouping of the 3.2 document.

mod changing;
mod options;
mod subscriptions;

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, JidSelector};
use converse_core::router::IntoStanza;
use converse_core::view::{Publisher, View};
use jid::BareJid;

use crate::error::RosterError;
use crate::model::{Book, Contact, Shown, ShownGroup};
use crate::settings::{
    ALLOW_CONTACT_REQUESTS, HIDE_OFFLINE_USERS, ROSTER_GROUPS, SHOW_ONLY_ONLINE_USERS,
};

pub use options::AddOptions;

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
        look_up(&*self.book()?, &jid)
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
        jids.into_iter().map(|jid| look_up(&book, &jid)).collect()
    }

    /// All contacts, each once, sorted by address; none if the plugin does not run.
    #[must_use]
    pub fn all(&self) -> Vec<Contact> {
        self.book().map(|book| book.all()).unwrap_or_default()
    }

    /// All contacts, sorted by address, and then every change, so that a list of them need not be read again.
    ///
    /// Without the plugin it is the list of nobody, and ends.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_roster::prelude::*;
    /// use converse_core::view::Diff;
    ///
    /// # async fn example(api: Api) -> Result<(), converse_core::Error> {
    /// let mut contacts = api.contacts().subscribe();
    /// println!("{} contacts", contacts.snapshot().len());
    /// while let Some(diff) = contacts.next().await {
    ///     if let Diff::Update { index, item } = diff {
    ///         println!("row {index}: {} is {}", item.fullname, item.chat_status);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn subscribe(&self) -> View<Contact> {
        match self.book() {
            Ok(book) => book.follow(),
            Err(_) => Publisher::new().follow(Vec::new),
        }
    }

    /// Those who ask to see the user's presence and wait for an answer, sorted by address.
    #[must_use]
    pub fn requests(&self) -> Vec<Contact> {
        self.those(|contact| contact.requesting)
    }

    /// Those who have not answered the user's request, sorted by address.
    #[must_use]
    pub fn pending(&self) -> Vec<Contact> {
        self.those(|contact| contact.ask.is_some())
    }

    /// The contacts as a list of them shows them: in groups, sorted, those who can be reached first.
    ///
    /// The settings `roster_groups`, `hide_offline_users`, `show_only_online_users` and `allow_contact_requests` say how.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when the plugin does not run.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_roster::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// for group in api.contacts().shown()? {
    ///     println!("{:?}: {} contacts", group.name, group.contacts.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn shown(&self) -> Result<Vec<ShownGroup>, Error> {
        let settings = self.api.settings();
        let shown = Shown {
            groups: settings.read(&ROSTER_GROUPS)?,
            requests: settings.read(&ALLOW_CONTACT_REQUESTS)?,
            offline: !settings.read(&HIDE_OFFLINE_USERS)?,
            only_online: settings.read(&SHOW_ONLY_ONLINE_USERS)?,
        };
        Ok(shown.of(self.book()?.all()))
    }

    /// The version of the roster that the server gave last (RFC 6121 §2.6).
    #[must_use]
    pub fn version(&self) -> Option<String> {
        self.book().ok()?.version()
    }

    fn those(&self, are: impl Fn(&Contact) -> bool) -> Vec<Contact> {
        let mut all = self.all();
        all.retain(are);
        all
    }

    fn book(&self) -> Result<Arc<Book>, Error> {
        let provided = self.api.require::<Arc<Book>>("converse-roster")?;
        Ok(Arc::clone(&provided))
    }

    async fn send(&self, stanza: impl IntoStanza) -> Result<(), Error> {
        self.api.send_untracked(stanza).await
    }

    fn contact(&self, jid: impl JidSelector, call: &'static str) -> Result<Contact, Error> {
        let jid = jid.bare(call)?;
        let book = self.book()?;
        book.contact(&jid)
            .ok_or_else(|| RosterError::NoContact { call, jid }.into())
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

/// An address in its normal form is known by its text; any other is parsed first.
fn look_up(book: &Book, jid: &impl JidSelector) -> Result<Option<Contact>, Error> {
    if let Some(contact) = book.get(jid.as_given()) {
        return Ok(Some(contact));
    }
    let jid = jid.bare("contacts.get")?;
    Ok(book.get(jid.as_str()))
}
