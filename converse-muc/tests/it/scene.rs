//! A scripted server that plays rooms, and an instance that is logged in to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse_core::prelude::*;
use converse_core::store::{MemoryStore, Store};
use converse_muc::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Captures, Plan, Rule, Server};
use serde_json::Value;

pub(crate) const ATRIUM: &str = "atrium@rooms.kestrel.example";
pub(crate) const ANNEX: &str = "annex@rooms.kestrel.example";

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) api: Api,
}

/// Runs a test in virtual time with an instance that is online.
pub(crate) fn play<F: Future<Output = ()>>(test: impl FnOnce(Scene) -> F) {
    play_with(settings! {}, test);
}

pub(crate) fn play_with<F: Future<Output = ()>>(more: SettingsMap, test: impl FnOnce(Scene) -> F) {
    run_on(&store(), 1, more, test);
}

/// Something that a program that is started anew finds again.
pub(crate) fn store() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new().as_durable())
}

/// The run of a program with that number, with what the runs before have stored. It ends as one does that is killed, with no time
/// for anything.
pub(crate) fn run_on<F: Future<Output = ()>>(
    store: &Arc<dyn Store>,
    number: u64,
    more: SettingsMap,
    test: impl FnOnce(Scene) -> F,
) {
    run_with(store, number, more, None, test);
}

/// The run of a program that begins while the server cannot be reached: the login goes on beside.
pub(crate) fn run_offline<F: Future<Output = ()>>(
    store: &Arc<dyn Store>,
    number: u64,
    test: impl FnOnce(Scene) -> F,
) {
    clock::run(async {
        let server = Server::new(Plan::new("kestrel.example"));
        server.answer_connects(Rule::Refuse);
        let converse = Converse::new()
            .with_network(server.network())
            .with_environment(clock::environment(number))
            .with_store(Arc::clone(store));
        let settings = settings! {
            "jid": "mara@kestrel.example/desk",
            "password": "secret",
            "security": "plaintext_loopback",
            "auto_login": false,
        };
        let api = converse.start(settings).await.unwrap();
        let user = api.user();
        let login = tokio::spawn(async move { user.login(()).await });
        clock::settle().await;
        test(Scene { server, api }).await;
        drop(login);
    });
}

/// The same with a plugin more.
pub(crate) fn run_with<F: Future<Output = ()>>(
    store: &Arc<dyn Store>,
    number: u64,
    more: SettingsMap,
    plugin: Option<PluginDefinition>,
    test: impl FnOnce(Scene) -> F,
) {
    clock::run(async {
        let server = Server::new(Plan::new("kestrel.example"));
        let settings = settings! {
            "jid": "mara@kestrel.example/desk",
            "password": "secret",
            "security": "plaintext_loopback",
        };
        let converse = Converse::new()
            .with_network(server.network())
            .with_environment(clock::environment(number))
            .with_store(Arc::clone(store));
        let mut settings = more.over(settings);
        if let Some(plugin) = plugin {
            settings = settings! { "whitelisted_plugins": [plugin.name()] }.over(settings);
            converse.plugins().add(plugin).unwrap();
        }
        let api = converse.start(settings).await.unwrap();
        // What every session begins with is not the rooms' doing.
        clock::settle().await;
        server.forget_sent();
        test(Scene { server, api }).await;
    });
}

impl Scene {
    /// The server sends a stanza and the client does what follows.
    pub(crate) async fn says(&self, xml: impl AsRef<str>) {
        self.server.send(xml.as_ref()).await.unwrap();
    }

    pub(crate) async fn expect(&self, pattern: impl AsRef<str>) {
        self.take(pattern.as_ref()).await;
    }

    /// What was sent, if it is of this kind.
    pub(crate) async fn take(&self, pattern: &str) -> Element {
        let mut captures = Captures::default();
        self.server.expect(pattern, &mut captures).await.unwrap()
    }

    pub(crate) async fn expect_nothing(&self, pattern: impl AsRef<str>) {
        let within = Duration::from_secs(2);
        self.server
            .expect_nothing(pattern.as_ref(), &Captures::default(), within)
            .await
            .unwrap();
    }

    /// The room is asked what it is, and answers.
    pub(crate) async fn answers_info(&self, room: &str, features: &[&str]) {
        let id = self.asked(room, "").await;
        let features: String = features
            .iter()
            .map(|var| format!("<feature var='{var}'/>"))
            .collect();
        self.says(format!(
            "<iq type='result' id='{id}' from='{room}'><query xmlns='http://jabber.org/protocol/disco#info'>\
             <identity category='conference' type='text' name='A room'/>\
             <feature var='http://jabber.org/protocol/muc'/>{features}</query></iq>"
        ))
        .await;
    }

    /// The id of a disco#info request.
    pub(crate) async fn asked(&self, room: &str, attributes: &str) -> String {
        let mut captures = Captures::default();
        let pattern = format!(
            "<iq type='get' id='{{{{id}}}}' to='{room}'>\
             <query xmlns='http://jabber.org/protocol/disco#info' {attributes}/></iq>"
        );
        self.server.expect(&pattern, &mut captures).await.unwrap();
        captures.get("id").unwrap().to_owned()
    }

    /// As [`asked`](Self::asked) for what the room is, which may take its time.
    pub(crate) async fn asked_within(&self, room: &str, within: Duration) -> String {
        let pattern = format!(
            "<iq type='get' id='{{{{id}}}}' to='{room}'>\
             <query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
        );
        let mut captures = Captures::default();
        let asked = self
            .server
            .expect_within(&pattern, &mut captures, within)
            .await;
        asked.unwrap();
        captures.get("id").unwrap().to_owned()
    }

    /// Nothing like this was sent so far.
    pub(crate) async fn expect_nothing_now(&self, pattern: &str) {
        let nothing = Captures::default();
        let within = Duration::ZERO;
        let unsent = self.server.expect_nothing(pattern, &nothing, within).await;
        unsent.unwrap();
    }

    pub(crate) async fn expect_join(&self, room: &str, nick: &str) {
        self.expect(format!(
            "<presence to='{room}/{nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
        ))
        .await;
    }

    /// Opens the atrium and gets as far as the room's answer.
    pub(crate) async fn knocks(&self) -> Room {
        let room = self.api.rooms().open(ATRIUM, "mara").await.unwrap();
        self.answers_info(ATRIUM, &[]).await;
        self.expect_join(ATRIUM, "mara").await;
        room
    }

    /// A presence of an occupant who is nothing special.
    pub(crate) async fn shows(&self, room: &str, nick: &str, status: &str) {
        self.says(presence(room, nick, "", "role='participant'", status))
            .await;
    }

    /// Opens a room and enters it; `pia` and the user, `mara`, are there.
    pub(crate) async fn enter(&self, room: &str) -> Room {
        self.enter_with(room, &["urn:xmpp:sid:0"]).await
    }

    /// The same of a room with other features.
    pub(crate) async fn enter_with(&self, room: &str, features: &[&str]) -> Room {
        let opened = self.api.rooms().open(room, "mara").await.unwrap();
        self.answers_info(room, features).await;
        self.expect_join(room, "mara").await;
        self.shows(room, "pia", "").await;
        self.shows(room, "mara", "<status code='110'/>").await;
        opened.entered().await.unwrap();
        opened
    }

    /// The connection is cut, and a new session takes the place of the old one.
    pub(crate) async fn reconnects(&self) {
        let mut states = self.api.session().watch();
        self.server.drop_connection();
        states.wait_for(|state| !state.is_online()).await.unwrap();
        states.wait_for(|state| state.is_online()).await.unwrap();
        self.api.bus().settle().await;
    }

    /// The arguments of events of a name, as they come.
    pub(crate) fn hear(&self, name: &'static str) -> Arc<Mutex<Vec<Value>>> {
        let heard: Arc<Mutex<Vec<Value>>> = Arc::default();
        let into = Arc::clone(&heard);
        self.api.listen().on_sync(name, move |event| {
            into.lock().unwrap().push(event.arg(0).clone());
            Ok(())
        });
        heard
    }
}

/// A presence of an occupant.
pub(crate) fn presence(room: &str, nick: &str, attr: &str, item: &str, status: &str) -> String {
    format!(
        "<presence from='{room}/{nick}' to='mara@kestrel.example/desk' {attr}>\
         <x xmlns='http://jabber.org/protocol/muc#user'><item {item}/>{status}</x></presence>"
    )
}

pub(crate) fn refusal(room: &str, nick: &str, type_: &str, condition: &str) -> String {
    format!(
        "<presence from='{room}/{nick}' to='mara@kestrel.example/desk' type='error'>\
         <error type='{type_}'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"
    )
}

/// A message of an occupant; `inside` begins with more attributes and `>`.
pub(crate) fn says(room: &str, nick: &str, inside: &str) -> String {
    format!(
        "<message from='{room}/{nick}' to='mara@kestrel.example/desk' type='groupchat' {inside}</message>"
    )
}
