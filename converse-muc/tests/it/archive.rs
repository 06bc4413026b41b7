//! The archive of a room, as a test plays it.

use std::sync::Arc;
use std::time::Duration;

use converse_core::bus::Answers;
use converse_core::contract::{ArchivePage, Archived, AwaitedArchive, FetchArchive, PagePosition};
use converse_core::prelude::*;
use converse_core::router::{Condition, StanzaError};
use converse_core::store::Store;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

use crate::scene::{ATRIUM, Scene, run_with, store};

/// What rooms with archives announce.
pub(crate) const FEATURES: [&str; 2] = ["urn:xmpp:sid:0", "urn:xmpp:mam:2"];

type Answer = oneshot::Sender<Result<ArchivePage, Error>>;

/// A page that is asked for, and who waits for it.
pub(crate) struct Asked {
    pub(crate) request: FetchArchive,
    answer: Answer,
}

/// Hears what is asked of archives.
#[derive(Clone)]
pub(crate) struct Archive(Arc<Mutex<mpsc::UnboundedReceiver<Asked>>>);

struct Librarian(mpsc::UnboundedSender<Asked>);

impl Answers<FetchArchive> for Librarian {
    async fn answer(&mut self, request: FetchArchive) -> AwaitedArchive {
        let (answer, awaited) = oneshot::channel();
        drop(self.0.send(Asked { request, answer }));
        awaited
    }
}

/// Runs a test with an archive that it plays.
pub(crate) fn play_archive<F: Future<Output = ()>>(test: impl FnOnce(Scene, Archive) -> F) {
    run_archive(&store(), 1, test);
}

/// The run of a program with that number, with an archive that the test plays.
pub(crate) fn run_archive<F: Future<Output = ()>>(
    store: &Arc<dyn Store>,
    number: u64,
    test: impl FnOnce(Scene, Archive) -> F,
) {
    let (asked, heard) = mpsc::unbounded_channel();
    let plugin = PluginDefinition::new("converse-mam", move |cx| {
        cx.spawn(Librarian(asked.clone()))
            .answers::<FetchArchive>()?;
        Ok(())
    });
    let archive = Archive(Arc::new(Mutex::new(heard)));
    run_with(store, number, settings! {}, Some(plugin), |scene| {
        test(scene, archive)
    });
}

impl Archive {
    /// What is asked next.
    pub(crate) async fn asked(&self) -> Asked {
        let mut heard = self.0.lock().await;
        let asked = timeout(Duration::from_secs(1), heard.recv()).await;
        asked.expect("the archive is asked").unwrap()
    }

    pub(crate) async fn expect_nothing(&self) {
        let mut heard = self.0.lock().await;
        let asked = timeout(Duration::from_secs(1), heard.recv()).await;
        assert!(asked.is_err(), "{:?}", asked.unwrap().unwrap().request);
    }
}

impl Asked {
    /// Asserts which page it is.
    pub(crate) fn is(self, position: PagePosition) -> Self {
        assert_eq!(self.request.position, position);
        assert_eq!(
            self.request.room.as_ref().map(|room| room.as_str()),
            Some(ATRIUM)
        );
        self
    }

    pub(crate) fn newest(self) -> Self {
        self.is(PagePosition::Newest)
    }

    pub(crate) fn after(self, id: &str) -> Self {
        self.is(PagePosition::After(id.to_owned()))
    }

    pub(crate) fn before(self, id: &str) -> Self {
        self.is(PagePosition::Before(id.to_owned()))
    }

    /// It is answered with these messages and nothing is beyond them.
    pub(crate) async fn last(self, messages: Vec<Archived>) {
        self.page(messages, true).await;
    }

    /// It is answered with these messages, and there are more.
    pub(crate) async fn some(self, messages: Vec<Archived>) {
        self.page(messages, false).await;
    }

    async fn page(self, messages: Vec<Archived>, is_complete: bool) {
        let mut page = ArchivePage::default();
        page.first = messages.first().map(|message| message.id.clone());
        page.last = messages.last().map(|message| message.id.clone());
        page.is_complete = is_complete;
        page.messages = messages;
        assert!(self.answer.send(Ok(page)).is_ok(), "somebody waits");
        converse_testkit::clock::settle().await;
    }

    pub(crate) async fn refuse(self, condition: Condition) {
        self.fail(StanzaError::from(condition).into()).await;
    }

    pub(crate) async fn fail(self, error: Error) {
        drop(self.answer.send(Err(error)));
        converse_testkit::clock::settle().await;
    }
}

/// A message of an occupant in the archive; `inside` begins with more attributes and `>`.
pub(crate) fn archived(id: &str, time: &str, nick: &str, inside: &str) -> Archived {
    archived_of(id, time, &format!("{ATRIUM}/{nick}"), inside)
}

pub(crate) fn archived_of(id: &str, time: &str, from: &str, inside: &str) -> Archived {
    let xml =
        format!("<message xmlns='jabber:client' from='{from}' type='groupchat' {inside}</message>");
    let time = format!("2026-02-28T{time}Z").parse().unwrap();
    Archived::new(id, Some(time), Stanza::parse(&xml).unwrap())
}

/// One that says nothing but its id in the archive, as `text 7`.
pub(crate) fn text(number: u32) -> Archived {
    let (minute, second) = (number / 60, number % 60);
    let time = format!("09:{minute:02}:{second:02}");
    let inside = format!("id='m{number}'><body>text {number}</body>");
    archived(&format!("a{number}"), &time, "pia", &inside)
}

/// A message as the room sends it live, with the id of its archive.
pub(crate) fn live(id: &str, nick: &str, inside: &str) -> String {
    crate::scene::says(
        ATRIUM,
        nick,
        &format!("{inside}<stanza-id xmlns='urn:xmpp:sid:0' by='{ATRIUM}' id='{id}'/>"),
    )
}

/// The live message that is [`text`] in the archive.
pub(crate) fn live_text(number: u32) -> String {
    let inside = format!("id='m{number}'><body>text {number}</body>");
    live(&format!("a{number}"), "pia", &inside)
}
