//! A client that is logged in to a scripted server.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse_core::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::{Captures, Plan, Rule, Server};
use serde_json::Value;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

pub(crate) struct Scene {
    pub(crate) server: Server,
    pub(crate) api: Api,
    pub(crate) seen: Captures,
    events: Arc<Mutex<Vec<(String, Value)>>>,
}

/// Plays `play` in virtual time.
pub(crate) fn play<F: Future<Output = ()>>(play: F) {
    clock::run(play);
}

impl Scene {
    /// An instance that has not logged in.
    pub(crate) async fn offline(change: impl FnOnce(&mut Plan)) -> Self {
        Self::with(change, settings! {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Plan), settings: SettingsMap) -> Self {
        let mut plan = Plan::new("kestrel.example");
        change(&mut plan);
        let server = Server::new(plan);
        let settings = settings.with("security", "plaintext_loopback");
        let api = Converse::new()
            .without_linked_plugins()
            .with_network(server.network())
            .with_environment(clock::environment(7))
            .start(settings)
            .await
            .unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let listen = api.listen().together();
        for name in [
            "connected",
            "reconnecting",
            "reconnected",
            "disconnected",
            "logout",
            "noResumeableSession",
        ] {
            let heard = Arc::clone(&events);
            listen.on_sync(name, move |event| {
                heard
                    .lock()
                    .unwrap()
                    .push((event.name.to_string(), event.arg(0).clone()));
                Ok(())
            });
        }
        Self {
            server,
            api,
            seen: Captures::default(),
            events,
        }
    }

    /// An instance that is online.
    pub(crate) async fn online(change: impl FnOnce(&mut Plan)) -> Self {
        let scene = Self::offline(change).await;
        scene.login().await.unwrap();
        clock::settle().await;
        scene.server.forget_sent();
        scene
    }

    pub(crate) async fn login(&self) -> Result<(), Error> {
        self.api
            .user()
            .login(("mara@kestrel.example/desk", "secret"))
            .await
    }

    /// How often an event was announced.
    pub(crate) fn count(&self, name: &str) -> usize {
        let events = self.events.lock().unwrap();
        events.iter().filter(|(heard, _)| heard == name).count()
    }

    pub(crate) async fn expect(&mut self, pattern: &str) -> Element {
        let found = self.server.expect(pattern, &mut self.seen).await;
        found.unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn send(&self, xml: &str) {
        self.server
            .send(&self.seen.fill(xml).unwrap())
            .await
            .unwrap();
    }

    pub(crate) async fn expect_nothing(&self, pattern: &str) {
        let watched = self
            .server
            .expect_nothing(pattern, &self.seen, Duration::from_secs(1));
        watched.await.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Nobody connects for an hour.
    pub(crate) async fn expect_peace(&self) {
        let before = self.server.attempts().len();
        tokio::time::sleep(HOUR).await;
        assert_eq!(self.server.attempts().len(), before);
    }

    pub(crate) async fn stream_error(&self, condition: &str) {
        let error = format!(
            "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>\
             <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        );
        self.server.send(&error).await.unwrap();
        self.server.close();
        clock::settle().await;
    }

    /// Cuts the connection; the next one has to wait for a decision.
    pub(crate) async fn cut(&self) {
        self.server.answer_connects(Rule::Hold);
        self.server.drop_connection();
        clock::settle().await;
    }

    /// Lets the client in that has waited for it.
    pub(crate) async fn let_in(&self) {
        self.server.decide(Rule::Accept, HOUR).await.unwrap();
        for _ in 0..100 {
            if self.api.connection().connected() {
                return;
            }
            clock::settle().await;
        }
        panic!("it does not come up: {}", self.api.connection().state());
    }
}
