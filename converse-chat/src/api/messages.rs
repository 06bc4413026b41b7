//! The messages of a chat.

use converse_core::Error;
use converse_core::view::View;

use super::{Chat, Search};
use converse_messages::model::{Message, Older, SentBy};

/// The messages of a chat, in the order in which they are shown: the newest 1,000, or as many as 4 MiB hold, and those that
/// were [asked for](Self::load_older). Got with [`Chat::messages`]; cheap to clone.
///
/// Where the setting `message_storage` keeps messages for good, the newest 50 are here when a chat is opened, also after a
/// restart.
///
/// ```
/// use converse_core::prelude::*;
/// use converse_core::view::Diff;
/// use converse_chat::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// # let api = Converse::initialize(settings! {}).await?;
/// let chat = api.chats().open("juliet@capulet.example").await?;
/// assert!(chat.messages().all()?.is_empty());
///
/// let mut shown = chat.messages().subscribe()?;
/// while let Some(Diff::Insert { index, item }) = shown.try_next() {
///     println!("{index}: {}", item.body);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Messages {
    chat: Chat,
}

impl Messages {
    pub(crate) fn new(chat: Chat) -> Self {
        Self { chat }
    }

    /// All of them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed), as of the other methods.
    pub fn all(&self) -> Result<Vec<Message>, Error> {
        let open = self.chat.conversation().open()?;
        Ok(open.history.iter().cloned().collect())
    }

    /// The newest.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn last(&self) -> Result<Option<Message>, Error> {
        let open = self.chat.conversation().open()?;
        Ok(open.history.iter().next_back().cloned())
    }

    /// The message with an id: one on the wire, an origin id or that of a correction. Both sides choose such ids; should both
    /// have chosen the same, it is the other one's message.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn get(&self, id: impl AsRef<str>) -> Result<Option<Message>, Error> {
        let open = self.chat.conversation().open()?;
        let found = [SentBy::Them, SentBy::Me]
            .into_iter()
            .find_map(|sender| open.history.find(sender, id.as_ref()));
        Ok(found.cloned())
    }

    /// How many there are.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn count(&self) -> Result<usize, Error> {
        Ok(self.chat.conversation().open()?.history.len())
    }

    /// The messages as they are now, and then each change with its place. It ends when the chat is closed; whoever reads it
    /// too slowly gets all of them anew.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn subscribe(&self) -> Result<View<Message>, Error> {
        Ok(self.chat.conversation().open()?.history.follow())
    }

    /// Has older messages come here, about `count` at once: those that are kept, and those that only the account's archive has
    /// (XEP-0313). They stand before those that are here, or fill a gap between them; who [follows](Self::subscribe) the
    /// messages hears of each. Those of the archive are announced by `messageAdded` too, since nobody has heard of them.
    ///
    /// ```
    /// # use converse_core::prelude::*;
    /// # use converse_chat::prelude::*;
    /// # #[actix::main]
    /// # async fn main() -> Result<(), converse_core::Error> {
    /// # let api = Converse::initialize(settings! {}).await?;
    /// let chat = api.chats().open("juliet@capulet.example").await?;
    /// let older = chat.messages().load_older(50).await?;
    /// assert!(older.is_complete && older.added == 0);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) if as many are here as fit, which is 20,000 more than
    /// usual, [`ErrorKind::Store`](converse_core::ErrorKind::Store) if the store fails,
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected), [`ErrorKind::Timeout`](converse_core::ErrorKind::Timeout)
    /// or what the archive answers if it has to be asked, and [`ErrorKind::Closed`](converse_core::ErrorKind::Closed). An error
    /// comes only if nothing else has: otherwise the next call tells it.
    pub async fn load_older(&self, count: usize) -> Result<Older, Error> {
        self.chat.read_on(count).await
    }

    /// Has the newest messages come here that the account's archive has, a page of them; how many of them were not here.
    ///
    /// What is missed is fetched after each login anyway, and the newest messages of a chat of which nothing is here when it is
    /// [opened](super::Chats::open): this is for whoever wants to be sure. While it goes on, another call waits for it and asks
    /// for nothing.
    ///
    /// # Errors
    ///
    /// What the archive answers, as [`load_older`](Self::load_older); [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported)
    /// if there is no archive.
    pub async fn load_newest(&self) -> Result<usize, Error> {
        self.chat.read_newest().await
    }

    /// Looks for words in the messages of this chat, also in those that are not here; [`Search::fetch`] does it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub fn search(&self, text: impl Into<String>) -> Result<Search, Error> {
        self.chat.search(text.into())
    }

    /// Forgets all messages of the chat, here and where they are kept. It returns when that is certain. Those that an archive
    /// has are not deleted there, and may come from there again.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](converse_core::ErrorKind::Store) if the store fails, which is tried again later; and
    /// [`ErrorKind::Closed`](converse_core::ErrorKind::Closed).
    pub async fn clear(&self) -> Result<(), Error> {
        self.chat.clear_messages().await
    }

    /// Forgets the message with an id as for [`get`](Self::get), here and where it is kept; whether it was here. The other one
    /// still has it: [`Chat::retract`] asks him to forget it too.
    ///
    /// # Errors
    ///
    /// As [`clear`](Self::clear).
    pub async fn remove(&self, id: impl AsRef<str>) -> Result<bool, Error> {
        self.chat.remove_message(id.as_ref()).await
    }
}
