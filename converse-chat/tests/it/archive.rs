//! The archive of the account, as a test plays it.

use std::sync::Arc;
use std::time::Duration;

use converse_core::bus::Answers;
use converse_core::contract::{ArchivePage, Archived, AwaitedArchive, FetchArchive, PagePosition};
use converse_core::prelude::*;
use converse_core::router::{Condition, StanzaError};
use converse_core::store::MemoryStore;
use converse_testkit::clock;
use converse_testkit::scripted::Plan;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::timeout;

use crate::scene::Scene;

pub(crate) const OTTO: &str = "otto@heron.example";
pub(crate) const INES: &str = "ines@heron.example";
pub(crate) const OWN: &str = "mara@kestrel.example";

type Answer = oneshot::Sender<Result<ArchivePage, Error>>;

/// A page that is asked for, and who waits for it.
pub(crate) struct Asked {
    pub(crate) request: FetchArchive,
    answer: Answer,
}

/// Hears what is asked of the archive.
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

/// A server that makes copies, and vouches for the ids that it gives.
pub(crate) fn plan() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.server_features = vec!["urn:xmpp:carbons:2".to_owned()];
    plan.account_features = vec!["urn:xmpp:sid:0".to_owned()];
    plan
}

/// Runs a test with an archive that it plays; nothing was asked yet.
pub(crate) fn play<F: Future<Output = ()>>(test: impl FnOnce(Scene, Archive) -> F) {
    clock::run(async {
        let (scene, archive) = begin(None).await;
        test(scene, archive).await;
    });
}

/// An instance, which has what earlier ones stored.
pub(crate) async fn begin(store: Option<&Arc<MemoryStore>>) -> (Scene, Archive) {
    begin_with(plan(), store).await
}

pub(crate) async fn begin_with(plan: Plan, store: Option<&Arc<MemoryStore>>) -> (Scene, Archive) {
    let (asked, heard) = mpsc::unbounded_channel();
    let plugin = PluginDefinition::new("converse-mam", move |cx| {
        cx.spawn(Librarian(asked.clone()))
            .answers::<FetchArchive>()?;
        Ok(())
    });
    let scene = Scene::with_archive(plan, store, plugin).await;
    // Whether anybody vouches for ids must be known by then.
    let own: BareJid = OWN.parse().unwrap();
    scene.api.disco().info(&own).await.unwrap();
    clock::settle().await;
    (scene, Archive(Arc::new(Mutex::new(heard))))
}

impl Archive {
    /// What is asked next.
    pub(crate) async fn asked(&self) -> Asked {
        let mut heard = self.0.lock().await;
        let asked = timeout(Duration::from_secs(5), heard.recv()).await;
        asked.expect("the archive is asked").unwrap()
    }

    pub(crate) async fn expect_nothing(&self) {
        let mut heard = self.0.lock().await;
        let asked = timeout(Duration::from_secs(5), heard.recv()).await;
        assert!(asked.is_err(), "{:?}", asked.unwrap().unwrap().request);
    }
}

impl Asked {
    fn is(self, position: PagePosition) -> Self {
        assert_eq!(self.request.position, position);
        assert_eq!(self.request.room, None);
        self
    }

    pub(crate) fn newest(self) -> Self {
        self.is(PagePosition::Newest)
    }

    pub(crate) fn oldest(self) -> Self {
        self.is(PagePosition::Oldest)
    }

    pub(crate) fn after(self, id: &str) -> Self {
        self.is(PagePosition::After(id.to_owned()))
    }

    pub(crate) fn before(self, id: &str) -> Self {
        self.is(PagePosition::Before(id.to_owned()))
    }

    pub(crate) fn with(self, jid: &str) -> Self {
        let with = self.request.with.as_ref().map(|with| with.as_str());
        assert_eq!(with, Some(jid));
        self
    }

    /// It is answered with these messages and nothing is beyond them.
    pub(crate) async fn last(self, messages: Vec<Archived>) {
        self.page(messages, true).await;
    }

    /// It is the newest message that is asked for, and it is this one: nothing follows it.
    pub(crate) async fn ends_with(self, message: Archived) {
        assert_eq!(self.request.max, 1);
        self.newest().page(vec![message], false).await;
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
        clock::settle().await;
    }

    pub(crate) async fn refuse(self, condition: Condition) {
        self.fail(StanzaError::from(condition).into()).await;
    }

    pub(crate) async fn fail(self, error: Error) {
        drop(self.answer.send(Err(error)));
        clock::settle().await;
    }
}

/// What somebody wrote to the account; the number is its id in the archive, on the wire with an `m` before it, and the minute.
pub(crate) fn says(from: &str, number: u32) -> Archived {
    with(
        number,
        &format!("from='{from}/oar' to='{OWN}/desk' id='m{number}'"),
        "",
    )
}

/// What another client of the account wrote.
pub(crate) fn wrote(to: &str, number: u32) -> Archived {
    with(
        number,
        &format!("from='{OWN}/phone' to='{to}' id='m{number}'"),
        "",
    )
}

pub(crate) fn with(number: u32, attributes: &str, more: &str) -> Archived {
    let body = format!("<body>text {number}</body>{more}");
    raw(
        number,
        &format!("<message xmlns='jabber:client' type='chat' {attributes}>{body}</message>"),
    )
}

pub(crate) fn raw(number: u32, xml: &str) -> Archived {
    let time = format!("2026-01-28T{:02}:{:02}:00Z", number / 60, number % 60);
    let time = time.parse().unwrap();
    Archived::new(number.to_string(), Some(time), Stanza::parse(xml).unwrap())
}

/// The same as it comes live.
pub(crate) fn live(from: &str, number: u32) -> String {
    format!(
        "<message from='{from}/oar' type='chat' id='m{number}'><body>text {number}</body>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='{OWN}' id='{number}'/></message>"
    )
}

impl Scene {
    /// The numbers of the messages of a chat.
    pub(crate) fn numbers(&self, jid: &str) -> Vec<u32> {
        let messages = self.messages(jid).into_iter();
        let numbers = messages.map(|message| {
            let number = message.body.strip_prefix("text ");
            number.and_then(|number| number.parse().ok()).unwrap_or(0)
        });
        numbers.collect()
    }

    /// The numbers of the messages that were announced, in their order.
    pub(crate) async fn announced(&self) -> Vec<u32> {
        let added = self.payloads("messageAdded").await.into_iter();
        let numbers = added.map(|added| {
            let body = added["message"]["body"].as_str().unwrap_or_default();
            let number = body.strip_prefix("text ").unwrap_or_default();
            number.parse().unwrap_or(0)
        });
        numbers.collect()
    }

    /// The session is lost, and another one begins.
    pub(crate) async fn begin_anew(&self) {
        let mut states = self.api.session().watch();
        self.server.drop_connection();
        clock::settle().await;
        self.api.session().network_changed().await;
        // No longer than it takes: what comes live waits for the archive a while only.
        let online = states.wait_for(|state| state.is_online());
        let online = timeout(Duration::from_secs(10), online).await;
        drop(online.expect("there is another session").unwrap());
        clock::settle().await;
    }
}
