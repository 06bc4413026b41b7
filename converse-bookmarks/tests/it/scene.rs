//! A scripted server and an instance that is logged in to it, with a stand-in for who enters rooms.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

use converse_bookmarks::prelude::*;
use converse_core::contract::{EnterRoom, LeaveRoom};
use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{self, Captures, Plan};
use serde_json::Value;
use tokio::task::JoinHandle;

pub(crate) const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
pub(crate) const NATIVE: &str = "urn:xmpp:bookmarks:1";
pub(crate) const LIST: &str = "storage:bookmarks";
pub(crate) const OPTIONS: &str = "http://jabber.org/protocol/pubsub#publish-options";
pub(crate) const COMPAT: &str = "urn:xmpp:bookmarks:1#compat";
pub(crate) const GARDEN: &str = "garden@rooms.example";
pub(crate) const HALL: &str = "hall@rooms.example";

/// A room that cannot be entered if it is the first one that is tried.
pub(crate) const SHUT: &str = "shut@rooms.example";

pub(crate) struct Scene {
    scene: scripted::Scene,
    moves: Arc<Mutex<Vec<String>>>,
}

/// A server whose account and domain have these features; what bookmarks there are, the test says.
pub(crate) fn plan(account: &[&str], server: &[&str]) -> Plan {
    let features = |list: &[&str]| list.iter().map(|it| (*it).to_owned()).collect();
    let mut plan = Plan::new("kestrel.example");
    plan.auto.remove("bookmarks");
    plan.pep = true;
    plan.account_features = features(account);
    plan.server_features = features(server);
    plan
}

/// Runs a test in virtual time.
pub(crate) fn with_server<F: Future>(plan: Plan, test: impl FnOnce(Scene) -> F) -> F::Output {
    clock::run(async { test(Scene::new(plan, settings! {}).await).await })
}

/// The same at a server that shows older clients the same bookmarks, of which there are these.
pub(crate) fn with_items<F: Future>(items: &str, test: impl FnOnce(Scene) -> F) -> F::Output {
    clock::run(async {
        let mut scene = Scene::new(plan(&[OPTIONS, COMPAT], &[]), settings! {}).await;
        scene.give_node(NATIVE, items).await;
        scene.events().await;
        scene.server.forget_sent();
        test(scene).await
    })
}

pub(crate) fn room(jid: &str) -> Bookmark {
    Bookmark::new(jid.parse().unwrap())
}

/// An item with a native bookmark.
pub(crate) fn item(jid: &str, attributes: &str, inside: &str) -> String {
    format!(
        "<item id='{jid}'><conference xmlns='{NATIVE}' {attributes}>{inside}</conference></item>"
    )
}

/// An item with a list.
pub(crate) fn list(entries: &str) -> String {
    format!("<item id='current'><storage xmlns='{LIST}'>{entries}</storage></item>")
}

impl Scene {
    pub(crate) async fn new(plan: Plan, settings: SettingsMap) -> Self {
        let moves: Arc<Mutex<Vec<String>>> = Arc::default();
        let scene = scripted::Scene::of(plan)
            .settings(settings)
            .plugin(rooms(&moves))
            .recording(&NAMES);
        let scene = scene.start().await;
        Self { scene, moves }
    }

    pub(crate) fn bookmarks(&self) -> Bookmarks {
        self.api.bookmarks()
    }

    /// Begins a call; the test plays the server meanwhile.
    pub(crate) fn begin<F: Future + 'static>(
        &self,
        call: impl FnOnce(Bookmarks) -> F,
    ) -> JoinHandle<F::Output> {
        actix::spawn(call(self.bookmarks()))
    }

    /// Waits until something like this was sent; what it captures is all that is captured.
    pub(crate) async fn expect(&mut self, pattern: &str) {
        self.captures = Captures::default();
        self.scene.expect(pattern).await;
    }

    /// A node is asked for.
    pub(crate) async fn expect_get(&mut self, node: &str) {
        self.expect(&format!(
            "<iq type='get' id='{{{{id}}}}'><pubsub xmlns='{PUBSUB}'><items node='{node}'/></pubsub></iq>"
        ))
        .await;
    }

    /// Something is done to a node.
    pub(crate) async fn expect_set(&mut self, what: &str) {
        self.expect(&format!(
            "<iq type='set' id='{{{{id}}}}'><pubsub xmlns='{PUBSUB}'>{what}</pubsub></iq>"
        ))
        .await;
    }

    /// Nothing is written, whatever it is.
    pub(crate) async fn expect_no_set(&self) {
        for payload in [
            format!("<pubsub xmlns='{PUBSUB}'/>"),
            format!("<pubsub xmlns='{PUBSUB}#owner'/>"),
            "<query xmlns='jabber:iq:private'/>".to_owned(),
        ] {
            self.expect_nothing(&format!("<iq type='set'>{payload}</iq>"))
                .await;
        }
    }

    /// A node is asked for, as a whole or for one item, and has these items.
    pub(crate) async fn give_node(&mut self, node: &str, items: &str) {
        self.expect_get(node).await;
        self.recv(&format!(
            "<iq type='result' id='{{{{id}}}}'><pubsub xmlns='{PUBSUB}'>\
               <items node='{node}'>{items}</items></pubsub></iq>"
        ))
        .await;
    }

    /// Private storage is asked, and has this list.
    pub(crate) async fn give_private(&mut self, entries: &str) {
        self.expect(&format!(
            "<iq type='get' id='{{{{id}}}}'><query xmlns='jabber:iq:private'><storage xmlns='{LIST}'/></query></iq>"
        ))
        .await;
        self.recv(&format!(
            "<iq type='result' id='{{{{id}}}}'><query xmlns='jabber:iq:private'>\
               <storage xmlns='{LIST}'>{entries}</storage></query></iq>"
        ))
        .await;
    }

    /// Something is published to a node, and accepted.
    pub(crate) async fn accept(&mut self, node: &str, item: &str) {
        self.expect_set(&format!("<publish node='{node}'>{item}</publish>"))
            .await;
        self.done().await;
    }

    /// The last request is granted.
    pub(crate) async fn done(&mut self) {
        self.recv("<iq type='result' id='{{id}}'/>").await;
    }

    /// The last request is refused.
    pub(crate) async fn refuse(&mut self, condition: &str) {
        self.recv(&format!(
            "<iq type='error' id='{{{{id}}}}'><error type='cancel'>\
               <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        ))
        .await;
    }

    /// The account tells of a node.
    pub(crate) async fn tell(&mut self, node: &str, inside: &str) {
        self.tell_from("mara@kestrel.example", node, inside).await;
    }

    pub(crate) async fn tell_from(&mut self, from: &str, node: &str, inside: &str) {
        self.recv(&format!(
            "<message from='{from}' to='mara@kestrel.example/desk' type='headline'>\
               <event xmlns='http://jabber.org/protocol/pubsub#event'>\
                 <items node='{node}'>{inside}</items></event></message>"
        ))
        .await;
    }

    /// The bookmarks, each as its address, its name and `!` if it is entered by itself.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.bookmarks().all().iter().map(shown).collect()
    }

    /// What became of rooms since the last time.
    pub(crate) async fn moves(&self) -> Vec<String> {
        clock::settle().await;
        std::mem::take(&mut *self.moves.lock().unwrap())
    }

    /// The events since the last time, with the room that they are about.
    pub(crate) async fn events(&self) -> Vec<String> {
        let events = self.recorded().await.into_iter();
        let shown = events.map(|(name, value)| {
            let jid = value.pointer("/bookmark/jid").and_then(Value::as_str);
            jid.map_or(name.clone(), |jid| format!("{name} {jid}"))
        });
        shown.collect()
    }
}

pub(crate) fn shown(bookmark: &Bookmark) -> String {
    let name = bookmark.name.as_deref();
    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
    let autojoin = if bookmark.autojoin { " !" } else { "" };
    format!("{}{name}{autojoin}", bookmark.jid)
}

/// Who enters and leaves rooms, and only says so.
fn rooms(moves: &Arc<Mutex<Vec<String>>>) -> PluginDefinition {
    let moves = Arc::clone(moves);
    PluginDefinition::new("rooms", move |cx| {
        let entered = Arc::clone(&moves);
        cx.bus().answer("rooms", move |request: EnterRoom| {
            let nick = request.nick.unwrap_or_default();
            let password = request.password.unwrap_or_default();
            let line = format!("enter {} {nick} {password}", request.jid);
            let mut entered = entered.lock().unwrap();
            entered.push(line.trim_end().to_owned());
            let offline = request.jid.as_str() == SHUT && entered.len() == 1;
            async move {
                match offline {
                    true => Err(Error::new(ErrorKind::Disconnected, "there is no session")),
                    false => Ok(()),
                }
            }
        })?;
        let left = Arc::clone(&moves);
        cx.bus().answer("rooms", move |request: LeaveRoom| {
            let line = format!("leave {}", request.jid);
            left.lock().unwrap().push(line);
            async { Ok(()) }
        })?;
        Ok(())
    })
}

const NAMES: [&str; 5] = [
    "bookmarksInitialized",
    "bookmarkAdded",
    "bookmarkChanged",
    "bookmarkRemoved",
    "handlerFailed",
];

impl Deref for Scene {
    type Target = scripted::Scene;

    fn deref(&self) -> &Self::Target {
        &self.scene
    }
}

impl DerefMut for Scene {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.scene
    }
}
