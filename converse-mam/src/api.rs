//! What an application calls: the **archive** grouping of the 3.2 document.

use converse_core::Error;
use converse_core::api::Api;

use crate::actor::Archives;
use crate::asking;
use crate::error::ArchiveError;
use crate::model::{Page, Query};

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
    /// The query is a [`Query`], a map as the 3.2 document has it (`json!({ "with": … })`), an [`Rsm`](crate::Rsm) or its
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
        query.check()?;
        let archives = self.api.require::<Archives>(PLUGIN)?;
        asking::page(&self.api, &archives, &query).await
    }
}
