//! Looking for words in what was said.

use std::fmt;
use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, JidSelector};
use converse_core::store::{self, Place, Sought};
use converse_messages::keeper::{Keeper, chat_log, chat_of_log};
use converse_messages::model::{History, Message};
use jid::BareJid;

use crate::keeping;
use crate::model::{Kind, Registry};

/// How many records of the store are looked at for one page: rooms have theirs there too.
const MAX_LOOKS: usize = 50;

/// Looks for words in the messages of chats, the newest first; got with [`Chats::search`](super::Chats::search) and
/// [`Messages::search`](super::Messages::search), done by [`fetch`](Self::fetch).
///
/// A message is found if it has all words of the search, the last of which may be the beginning of a word; capital and small
/// letters are the same. Where the setting `message_storage` keeps messages for good, all that were ever kept are looked
/// through, also those of chats that are closed; else those that are here.
///
/// ```
/// use converse_core::prelude::*;
/// use converse_chat::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// # let api = Converse::initialize(settings! {}).await?;
/// let mut search = Some(api.chats().search("yonder wind")?.limit(20));
/// while let Some(page) = search.take() {
///     let page = page.fetch().await?;
///     for hit in &page.hits {
///         println!("{}: {}", hit.jid, hit.message.body);
///     }
///     search = page.next;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is looked for before `fetch`"]
pub struct Search {
    api: Api,
    registry: Arc<Registry>,
    text: String,
    jid: Option<BareJid>,
    before: Option<Place>,
    limit: usize,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hit {
    /// In the chat with whom.
    pub jid: BareJid,
    /// The message.
    pub message: Message,
    /// Where it stands among all messages.
    pub place: Place,
}

/// Some of what was found, the newest first.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct SearchPage {
    /// The messages.
    pub hits: Vec<Hit>,
    /// Looks for older ones; `None` if there are none.
    pub next: Option<Search>,
}

impl Search {
    pub(crate) fn new(api: &Api, registry: Arc<Registry>, text: String) -> Self {
        Self {
            api: api.clone(),
            registry,
            text,
            jid: None,
            before: None,
            limit: 50,
        }
    }

    /// Only in the chat with somebody.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not a JID.
    pub fn with(mut self, jid: impl JidSelector) -> Result<Self, Error> {
        self.jid = Some(jid.bare("chats.search")?);
        Ok(self)
    }

    pub(crate) fn within(mut self, jid: BareJid) -> Self {
        self.jid = Some(jid);
        self
    }

    /// At most so many messages on a page, from 1 to 1,000; 50 if nothing is said.
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit.clamp(1, store::MAX_PAGE_ENTRIES);
        self
    }

    /// The newest messages that have the words. Without a word in the text there are none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](converse_core::ErrorKind::Store) if the store fails.
    pub async fn fetch(self) -> Result<SearchPage, Error> {
        let Some(sought) = Sought::of(&self.text) else {
            return Ok(SearchPage::default());
        };
        let kept = self.registry.kept().and_then(|kept| kept.messages);
        match kept {
            Some(keeper) => {
                // What came a moment ago is found too.
                keeping::flush(&self.registry).await?;
                self.fetch_stored(&keeper).await
            }
            None => Ok(self.fetch_here(&sought)),
        }
    }

    async fn fetch_stored(mut self, keeper: &Keeper) -> Result<SearchPage, Error> {
        let mut hits = Vec::new();
        for _ in 0..MAX_LOOKS {
            let mut search = store::Search::new(self.text.as_str()).limit(self.limit);
            search.log = self.jid.as_ref().map(chat_log);
            search.before = self.before;
            let found = keeper.store().search(search).await?;
            let is_last = found.len() < self.limit;
            let mut found = found.into_iter();
            while hits.len() < self.limit
                && let Some(found) = found.next()
            {
                let place = found.record.place;
                self.before = Some(place);
                let Some(jid) = chat_of_log(&found.log) else {
                    continue;
                };
                if let Ok(message) = History::message_of(found.record) {
                    hits.push(Hit {
                        jid,
                        message,
                        place,
                    });
                }
            }
            if is_last && found.len() == 0 {
                return Ok(SearchPage { hits, next: None });
            }
            if hits.len() >= self.limit {
                break;
            }
        }
        let next = Some(self);
        Ok(SearchPage { hits, next })
    }

    fn fetch_here(mut self, sought: &Sought) -> SearchPage {
        let mut hits = Vec::new();
        for chat in self.registry.all(Kind::Chat) {
            if self.jid.as_ref().is_some_and(|jid| *jid != chat.jid) {
                continue;
            }
            let state = chat.any();
            for (number, message) in state.history.newest_first() {
                let Some(place) = state.history.place_of(number) else {
                    continue;
                };
                let is_older = self.before.is_none_or(|before| place < before);
                if is_older && sought.is_in(&message.body) {
                    let (jid, message) = (chat.jid.clone(), message.clone());
                    hits.push(Hit {
                        jid,
                        message,
                        place,
                    });
                }
            }
        }
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.place));
        let has_more = hits.len() > self.limit;
        hits.truncate(self.limit);
        self.before = hits.last().map(|hit| hit.place);
        SearchPage {
            hits,
            next: has_more.then_some(self),
        }
    }
}

/// What is looked for is private and is left out.
impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("account", &self.api.session().bare_jid())
            .field("jid", &self.jid)
            .field("before", &self.before)
            .finish_non_exhaustive()
    }
}
