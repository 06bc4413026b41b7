//! Message archives that a test speaks for.
#![allow(
    clippy::panic,
    reason = "what a test expects and does not get fails it, as in a scene"
)]

use std::sync::Arc;
use std::time::Duration;

use converse_core::Error;
use converse_core::bus::Answers;
use converse_core::contract::{ArchivePage, Archived, AwaitedArchive, FetchArchive, PagePosition};
use converse_core::plugin::PluginDefinition;
use converse_core::router::{Condition, StanzaError};
use jid::BareJid;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

use crate::clock;

/// For how long a test waits for a question, and for none: in virtual time, so that nobody else waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// Stands for the plugin that fetches what archives have (XEP-0313), and lets the test answer: for those who write a plugin that
/// catches up with an archive.
///
/// Its methods, and those of [`AskedPage`], panic with what was asked instead.
///
/// ```
/// use converse_core::contract::{Archived, FetchArchive, PagePosition};
/// use converse_core::prelude::*;
/// use converse_testkit::clock;
/// use converse_testkit::scripted::{Plan, Scene, Librarian};
///
/// clock::run(async {
///     let (plugin, archive) = Librarian::own();
///     let scene = Scene::of(Plan::new("kestrel.example")).plugin(plugin).start().await;
///
///     let request = FetchArchive::own(PagePosition::Newest);
///     let answer = scene.api.bus().call(request).await?;
///     let message = Stanza::parse("<message xmlns='jabber:client' from='ines@heron.example'/>")?;
///     archive.asked().await.newest().last(vec![Archived::new("7", None, message)]).await;
///
///     let page = answer.await.map_err(|_| "nobody answers")??;
///     assert!(page.is_complete);
///     assert_eq!(page.messages[0].id, "7");
/// #   Ok::<(), Box<dyn std::error::Error>>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Librarian {
    asked: Arc<Mutex<mpsc::UnboundedReceiver<AskedPage>>>,
    room: Option<BareJid>,
}

/// A page that somebody waits for.
#[derive(Debug)]
pub struct AskedPage {
    /// What is asked for.
    pub request: FetchArchive,
    answer: oneshot::Sender<Result<ArchivePage, Error>>,
}

struct Desk(mpsc::UnboundedSender<AskedPage>);

impl Answers<FetchArchive> for Desk {
    async fn answer(&mut self, request: FetchArchive) -> AwaitedArchive {
        let (answer, awaited) = oneshot::channel();
        // When the test is over nobody answers any more.
        drop(self.0.send(AskedPage { request, answer }));
        awaited
    }
}

impl Librarian {
    /// The archive of the user's own account, and the plugin that asks it.
    #[must_use]
    pub fn own() -> (PluginDefinition, Self) {
        Self::of(None)
    }

    /// The archive of a room, and the plugin that asks it.
    #[must_use]
    pub fn of_room(room: BareJid) -> (PluginDefinition, Self) {
        Self::of(Some(room))
    }

    fn of(room: Option<BareJid>) -> (PluginDefinition, Self) {
        let (tell, asked) = mpsc::unbounded_channel();
        let plugin = PluginDefinition::new("converse-mam", move |cx| {
            cx.spawn(Desk(tell.clone())).answers::<FetchArchive>()?;
            Ok(())
        });
        let asked = Arc::new(Mutex::new(asked));
        (plugin, Self { asked, room })
    }

    /// The next page that is asked for.
    ///
    /// # Panics
    ///
    /// Nothing is asked within five seconds, or another archive is.
    pub async fn asked(&self) -> AskedPage {
        match self.next().await {
            Some(asked) => {
                assert_eq!(asked.request.room, self.room, "another archive is asked");
                asked
            }
            None => panic!("the archive is not asked"),
        }
    }

    /// Nothing is asked for five seconds.
    ///
    /// # Panics
    ///
    /// Something is.
    pub async fn expect_nothing(&self) {
        if let Some(asked) = self.next().await {
            panic!("the archive is asked for {:?}", asked.request);
        }
    }

    /// What follows this message is asked for next, and the archive ends with it.
    ///
    /// # Panics
    ///
    /// Something else is asked for.
    pub async fn nothing_follows(&self, message: Archived) {
        let asked = self.asked().await;
        asked.after(&message.id).last(Vec::new()).await;
        // An empty page alone is not believed.
        self.asked().await.ends_with(message).await;
    }

    async fn next(&self) -> Option<AskedPage> {
        let mut asked = self.asked.lock().await;
        timeout(PATIENCE, asked.recv()).await.ok().flatten()
    }
}

impl AskedPage {
    /// Asserts which page it is.
    ///
    /// # Panics
    ///
    /// It is another one; so in the methods below.
    #[must_use]
    pub fn is(self, position: PagePosition) -> Self {
        assert_eq!(self.request.position, position);
        self
    }

    /// It is the one from the beginning on.
    #[must_use]
    pub fn oldest(self) -> Self {
        self.is(PagePosition::Oldest)
    }

    /// It is the one before the end.
    #[must_use]
    pub fn newest(self) -> Self {
        self.is(PagePosition::Newest)
    }

    /// It is the one that follows this message.
    #[must_use]
    pub fn after(self, id: &str) -> Self {
        self.is(PagePosition::After(id.to_owned()))
    }

    /// It is the one that precedes this message.
    #[must_use]
    pub fn before(self, id: &str) -> Self {
        self.is(PagePosition::Before(id.to_owned()))
    }

    /// Only what was said with this one is asked for.
    ///
    /// # Panics
    ///
    /// It is not.
    #[must_use]
    pub fn with(self, jid: &str) -> Self {
        let with = self.request.with.as_ref().map(|with| with.as_str());
        assert_eq!(with, Some(jid));
        self
    }

    /// It is answered with these messages, and nothing is beyond them.
    pub async fn last(self, messages: Vec<Archived>) {
        self.page(messages, true).await;
    }

    /// It is answered with these messages, and there are more.
    pub async fn some(self, messages: Vec<Archived>) {
        self.page(messages, false).await;
    }

    /// The newest message alone is asked for, and it is this one: nothing follows it.
    ///
    /// # Panics
    ///
    /// Something else is asked for.
    pub async fn ends_with(self, message: Archived) {
        assert_eq!(self.request.max, 1);
        self.newest().page(vec![message], false).await;
    }

    async fn page(self, messages: Vec<Archived>, is_complete: bool) {
        let mut page = ArchivePage::default();
        page.first = messages.first().map(|message| message.id.clone());
        page.last = messages.last().map(|message| message.id.clone());
        page.is_complete = is_complete;
        page.messages = messages;
        assert!(self.answer.send(Ok(page)).is_ok(), "nobody waits");
        clock::settle().await;
    }

    /// The archive answers with an error of this condition.
    pub async fn refuse(self, condition: Condition) {
        self.fail(StanzaError::from(condition).into()).await;
    }

    /// The archive cannot be asked. Whoever waits may have stopped waiting.
    pub async fn fail(self, error: Error) {
        drop(self.answer.send(Err(error)));
        clock::settle().await;
    }
}
