//! What an application calls: the **chats** grouping of the 3.2 document.

mod archive;
mod chat;
mod messages;
mod searching;

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, JidSelector};
use converse_core::contract::{ContactDirectory, Standing};
use converse_core::view::View;
use jid::BareJid;

use crate::error::ChatError;
use crate::keeping;
use crate::model::{Kind, Registry};
use crate::settings::ALLOW_NON_ROSTER_MESSAGING;
use converse_messages::model::MessageId;

pub use archive::{ArchivePosition, ArchiveProgress};
pub use chat::{Chat, Composer};
pub use messages::Messages;
pub use searching::{Hit, Search, SearchPage};

/// Adds the **chats** grouping to [`Api`].
pub trait ChatsExt {
    /// The conversations with one person.
    fn chats(&self) -> Chats;
}

impl ChatsExt for Api {
    fn chats(&self) -> Chats {
        Chats { api: self.clone() }
    }
}

/// The conversations with one person that are open; for rooms there is a grouping of its own.
///
/// ```
/// use converse_core::prelude::*;
/// use converse_chat::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let api = Converse::initialize(settings! {}).await?;
/// assert!(api.chats().get("juliet@capulet.example")?.is_none());
///
/// let chat = api.chats().open("juliet@capulet.example/balcony").await?;
/// assert_eq!(chat.jid().as_str(), "juliet@capulet.example");
/// assert_eq!(api.chats().all().len(), 1);
///
/// chat.close().await?;
/// assert!(chat.messages().all().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Chats {
    api: Api,
}

impl Chats {
    /// The open chat with somebody, `None` if there is none: this opens nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not a JID,
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the plugin does not run.
    pub fn get(&self, jid: impl JidSelector) -> Result<Option<Chat>, Error> {
        let jid = jid.bare("chats.get")?;
        let registry = self.registry()?;
        let chat = registry.get(Kind::Chat, &jid);
        Ok(chat.map(|chat| Chat::new(&self.api, &registry, chat)))
    }

    /// The chats with several people, in their order; `None` in the place of each with whom none is open.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    pub fn get_many<J: JidSelector>(
        &self,
        jids: impl IntoIterator<Item = J>,
    ) -> Result<Vec<Option<Chat>>, Error> {
        jids.into_iter().map(|jid| self.get(jid)).collect()
    }

    /// All open chats with one person, sorted by address; none if the plugin does not run.
    #[must_use]
    pub fn all(&self) -> Vec<Chat> {
        self.all_of(Kind::Chat)
    }

    /// The chats with one person as they are now, sorted by address, and then each change: those that are opened and
    /// closed, and an update for one in which something is different, as its messages, what is unread or an attribute.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_core::view::Diff;
    /// # use converse_chat::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let mut shown = api.chats().subscribe()?;
    /// let chat = api.chats().open("juliet@capulet.example").await?;
    /// assert_eq!(shown.next().await, Some(Diff::Insert { index: 0, item: chat.clone() }));
    /// assert_eq!(shown.snapshot(), [chat]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the plugin does not run.
    pub fn subscribe(&self) -> Result<View<Chat>, Error> {
        let registry = self.registry()?;
        Ok(registry.follow(|chat| Chat::new(&self.api, &registry, chat)))
    }

    /// The announcements that came, by who made them. They are not among the [chats](Self::all), and can be read and
    /// closed like those.
    #[must_use]
    pub fn headlines(&self) -> Vec<Chat> {
        self.all_of(Kind::Headlines)
    }

    /// The chat with somebody, opened if it is not open; one that is hidden is shown.
    ///
    /// A contact who sees the user's presence is told that the user is there (XEP-0085).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not a JID, or that of somebody
    /// who is no contact while the setting `allow_non_roster_messaging` is off.
    pub async fn open(&self, jid: impl JidSelector) -> Result<Chat, Error> {
        let jid = self.admitted(jid, "chats.open")?;
        let registry = self.registry()?;
        keeping::begin(&self.api, &registry).await;
        let (chat, is_new) = Chat::find_or_open(&self.api, &registry, Kind::Chat, &jid, true);
        chat.fetch().await;
        if is_new {
            chat.tell_active().await;
        }
        // Somebody else may have closed it already; then the handle says so.
        let _ = chat.show();
        chat.begin_reading();
        Ok(chat)
    }

    /// The chats with several people, in their order, opened if they are not open.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), for the first that fails; those before it are open then.
    pub async fn open_many<J: JidSelector>(
        &self,
        jids: impl IntoIterator<Item = J>,
    ) -> Result<Vec<Chat>, Error> {
        let mut chats = Vec::new();
        for jid in jids {
            chats.push(self.open(jid).await?);
        }
        Ok(chats)
    }

    /// Sends a message to somebody and adds it to the chat with them, which is opened if it is not open. That the user is
    /// there is told by the message itself.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open) and [`Chat::send_message`].
    pub async fn send_message(
        &self,
        jid: impl JidSelector,
        body: impl Into<String>,
    ) -> Result<MessageId, Error> {
        let jid = self.admitted(jid, "chats.send_message")?;
        let registry = self.registry()?;
        keeping::begin(&self.api, &registry).await;
        let (chat, _) = Chat::find_or_open(&self.api, &registry, Kind::Chat, &jid, true);
        chat.fetch().await;
        chat.send_message(body).await
    }

    /// Looks for words in the messages of all chats; [`Search::fetch`] does it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if the plugin does not run.
    pub fn search(&self, text: impl Into<String>) -> Result<Search, Error> {
        Ok(Search::new(&self.api, self.registry()?, text.into()))
    }

    /// Somebody with whom the user may have a chat.
    fn admitted(&self, jid: impl JidSelector, call: &str) -> Result<BareJid, Error> {
        let jid = jid.bare(call)?;
        let is_own = self.api.session().bare_jid().as_ref() == Some(&jid);
        if !is_own
            && standing(&self.api, &jid) == Standing::Stranger
            && !self.api.settings().read(&ALLOW_NON_ROSTER_MESSAGING)?
        {
            return Err(ChatError::Stranger { jid }.into());
        }
        Ok(jid)
    }

    fn registry(&self) -> Result<Arc<Registry>, Error> {
        let provided = self.api.require::<Arc<Registry>>("converse-chat")?;
        Ok(Arc::clone(&provided))
    }

    fn all_of(&self, kind: Kind) -> Vec<Chat> {
        let Ok(registry) = self.registry() else {
            return Vec::new();
        };
        let chats = registry.all(kind).into_iter();
        chats
            .map(|chat| Chat::new(&self.api, &registry, chat))
            .collect()
    }
}

/// What somebody is to the user; unknown if no plugin keeps a roster.
pub(crate) fn standing(api: &Api, jid: &BareJid) -> Standing {
    api.provided::<ContactDirectory>()
        .map_or(Standing::Unknown, |directory| directory.standing(jid))
}
