//! What an application calls: the **archive** grouping of the 3.2 document.

mod pages;

use converse_core::Error;
use converse_core::api::Api;
use jid::BareJid;

use crate::actor::Archives;
use crate::asking;
use crate::error::ArchiveError;
use crate::model::{ArchivedMessage, Metadata, Page, Preferences, Query, Rsm};
use crate::{preferring, support, tasks, wire};

pub use pages::Pages;

const PLUGIN: &str = "converse-mam";

/// Adds the **archive** grouping to [`Api`].
pub trait ArchiveExt {
    /// The archives of messages (XEP-0313).
    fn archive(&self) -> Archive;
}

impl ArchiveExt for Api {
    fn archive(&self) -> Archive {
        Archive { api: self.clone() }
    }
}

/// The archives of messages.
#[derive(Debug, Clone)]
pub struct Archive {
    api: Api,
}

impl Archive {
    /// Asks an archive for one page of messages: the own archive, or with [`Query::groupchat`] that of a room.
    ///
    /// The query is a [`Query`], a map as the 3.2 document has it (`json!({ "with": … })`), an [`Rsm`] or its
    /// `next` and `previous`, or `()` for everything. Any number of queries can be
    /// made at once; of one archive four are asked at a time, and up to 1,000 more wait in their order.
    ///
    /// What others send as results is ignored: a result counts only while its query runs, and only from the archive that
    /// was asked. Nothing is added to chats, and no message is announced.
    ///
    /// ```
    /// use converse_core::prelude::*;
    /// use converse_mam::prelude::*;
    ///
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// let api = Converse::initialize(settings! {}).await?;
    /// let error = api.archive().query(json!({ "max": -1 })).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    /// let error = api.archive().query(Query::new().max(10)).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Disconnected);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) naming the parameter: dates that are
    ///   none, `start` after `end`, a negative `max`, `before` with `after`, `groupchat` without a room. Nothing was sent.
    /// - [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) at once without a session, or when it ends
    ///   before the archive has answered.
    /// - [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when there is no such archive: *This server
    ///   does not support XEP-0313, Message Archive Management*. What is there is asked once a session (XEP-0030).
    /// - [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) with the
    ///   [`StanzaError`](converse_core::router::StanzaError) as its cause when the archive refuses.
    /// - [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout) when all of it takes longer than the setting
    ///   `message_archiving_timeout`, in milliseconds from when it was its turn.
    /// - [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) when the answer cannot be read.
    pub async fn query<Q>(&self, query: Q) -> Result<Page, Error>
    where
        Q: TryInto<Query>,
        ArchiveError: From<Q::Error>,
    {
        let query = query.try_into().map_err(ArchiveError::from)?;
        ask(&self.api, &query).await
    }

    /// As [`query`](Self::query), in the form of the 3.2 document, for those who port code: it returns at once, and one of the two
    /// is called, once. `errback` hears of errors only, also of those of the arguments.
    ///
    /// The callback may ask on with what it gets; it may be called on another thread.
    ///
    /// ```no_run
    /// use converse_core::prelude::*;
    /// use converse_mam::prelude::*;
    ///
    /// # fn example(api: &Api) {
    /// let (again, report) = (api.archive(), |error| eprintln!("{error}"));
    /// let options = json!({ "with": "john@doe.example", "max": 10 });
    /// api.archive().query_then(
    ///     options,
    ///     move |messages, mut rsm| {
    ///         println!("{} messages", messages.len());
    ///         again.query_then(rsm.next(10), |messages, _| println!("{} more", messages.len()), report);
    ///     },
    ///     report,
    /// );
    /// # }
    /// ```
    pub fn query_then<Q>(
        &self,
        query: Q,
        callback: impl FnOnce(Vec<ArchivedMessage>, Rsm) + Send + 'static,
        errback: impl FnOnce(Error) + Send + 'static,
    ) where
        Q: TryInto<Query>,
        ArchiveError: From<Q::Error>,
    {
        let query = query.try_into().map_err(ArchiveError::from);
        let api = self.api.clone();
        tasks::detach(&self.api, async move {
            let page = match query {
                Ok(query) => ask(&api, &query).await,
                Err(error) => Err(error.into()),
            };
            match page {
                Ok(Page { messages, rsm }) => callback(messages, rsm),
                Err(error) => errback(error),
            }
        });
    }

    /// All pages that a query asks for, fetched one after the other when they are wanted: from the oldest message on, or with
    /// [`Query::before`] (`""` for the end) from there back to the oldest. A page has as many messages as [`Query::max`] or the
    /// setting `archived_messages_page_size` says, or fewer if the archive wants it so.
    ///
    /// What is wrong with the query is the error in the place of the first page.
    ///
    /// ```no_run
    /// use converse_core::prelude::*;
    /// use converse_mam::prelude::*;
    ///
    /// # async fn example(api: Api) -> Result<(), BoxError> {
    /// let mut pages = api.archive().pages(Query::new().room("garden@chat.montague.example".parse::<BareJid>()?));
    /// while let Some(page) = pages.next().await {
    ///     for message in page?.messages {
    ///         println!("{:?} {}", message.time, message.body().unwrap_or_default());
    ///     }
    ///     println!("{} of {:?}", pages.progress().messages, pages.progress().total);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages<Q>(&self, query: Q) -> Pages
    where
        Q: TryInto<Query>,
        ArchiveError: From<Q::Error>,
    {
        Pages::new(&self.api, query.try_into().map_err(ArchiveError::from))
    }

    /// The first and the last message of the own archive, or of that of a room (XEP-0313 §5).
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query), and [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) with
    /// [`ArchiveError::NotExtended`] as its cause when the archive does not do that.
    pub async fn metadata(&self, room: Option<&BareJid>) -> Result<Metadata, Error> {
        support::require(&self.api, room, Some("archive.metadata")).await?;
        let answer = self.api.iq(wire::metadata::request(room)).await?;
        Ok(wire::metadata::read(&answer)?)
    }

    /// What the server archives of the account's messages (XEP-0441 §2.1).
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_mam::prelude::*;
    /// # async fn example(api: Api) -> Result<(), BoxError> {
    /// let montague: BareJid = "montague@montague.example".parse()?;
    /// let preferences = api.archive().preferences().await?;
    /// api.archive().set_preferences(preferences.never(montague)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Api::iq`]; [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) with the condition `feature-not-implemented` where
    /// they cannot be set, [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) where there is no archive,
    /// [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) when something on the lists is no JID.
    pub async fn preferences(&self) -> Result<Preferences, Error> {
        preferring::read(&self.api).await
    }

    /// Sets what the server archives of the account's messages, all of it at once. What it archives then is returned, which may
    /// be something else: the server has the last word.
    ///
    /// What the setting `message_archiving` says is set again at the next login.
    ///
    /// # Errors
    ///
    /// As [`preferences`](Self::preferences).
    pub async fn set_preferences(&self, preferences: Preferences) -> Result<Preferences, Error> {
        preferring::set(&self.api, preferences).await
    }
}

async fn ask(api: &Api, query: &Query) -> Result<Page, Error> {
    query.check()?;
    let archives = api.require::<Archives>(PLUGIN)?;
    asking::page(api, &archives, query).await
}
