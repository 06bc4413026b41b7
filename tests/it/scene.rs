//! A server in the process and instances that are logged in to it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use converse::prelude::*;
use converse_testkit::loopback::{Loopback, LoopbackBuilder};
use serde_json::Value;
use tokio::sync::mpsc;

/// How long a test waits for what must come; only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Scene {
    pub(crate) server: Loopback,
}

impl Scene {
    /// romeo and juliet, who see each other; benvolio, whom nobody knows.
    pub(crate) async fn new() -> Self {
        Self::of(|server| server.subscribed("romeo", "juliet")).await
    }

    pub(crate) async fn of(change: impl FnOnce(LoopbackBuilder) -> LoopbackBuilder) -> Self {
        let server = Loopback::builder("localhost")
            .account("romeo", "secret")
            .account("juliet", "secret")
            .account("benvolio", "secret");
        let server = change(server).start().await.unwrap();
        Self { server }
    }

    pub(crate) fn settings(&self, user: &str) -> SettingsMap {
        settings! {
            "jid": format!("{user}@localhost"),
            "password": "secret",
            "server": self.server.addr().to_string(),
            "security": "plaintext_loopback",
        }
    }

    /// An instance whose session is up and whose contacts are there.
    pub(crate) async fn online(&self, user: &str) -> Api {
        self.online_with(user, settings! {}).await
    }

    pub(crate) async fn online_with(&self, user: &str, more: SettingsMap) -> Api {
        let settings = more.over(self.settings(user));
        let api = Converse::initialize(settings).await.unwrap();
        within(api.wait_until("rosterContactsFetched"))
            .await
            .unwrap();
        api
    }
}

/// What must come soon.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future)
        .await
        .expect("it did not come in time")
}

/// The events of some names, in their order.
pub(crate) struct Events {
    coming: mpsc::UnboundedReceiver<(String, Value)>,
    passed: VecDeque<String>,
}

impl Events {
    pub(crate) fn of(api: &Api, names: &[&str]) -> Self {
        let (tell, coming) = mpsc::unbounded_channel();
        let listen = api.listen().together();
        for name in names {
            let tell = tell.clone();
            listen.on_sync(*name, move |event| {
                let _ = tell.send((event.name.to_string(), event.arg(0).clone()));
                Ok(())
            });
        }
        Self {
            coming,
            passed: VecDeque::new(),
        }
    }

    /// The next event, whatever its name.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        let event = within(self.coming.recv()).await.unwrap();
        self.passed.push_back(event.0.clone());
        event
    }

    /// The argument of the next event, which must have this name.
    pub(crate) async fn expect(&mut self, name: &str) -> Value {
        let (found, value) = self.next().await;
        assert_eq!(found, name, "{value}");
        value
    }

    /// The argument of the next event of this name; others before it are passed over.
    pub(crate) async fn until(&mut self, name: &str) -> Value {
        loop {
            let (found, value) = self.next().await;
            if found == name {
                return value;
            }
        }
    }

    /// No event has come that was not taken; `api.bus().settle()` first makes that certain.
    pub(crate) fn assert_none(&mut self) {
        let next = self.coming.try_recv();
        assert!(next.is_err(), "{next:?}");
    }
}

/// Stanzas as they arrive at another instance.
pub(crate) fn stanzas(api: &Api, route: Route) -> mpsc::UnboundedReceiver<Stanza> {
    let (tell, coming) = mpsc::unbounded_channel();
    api.hear_sync(route, move |stanza| {
        let _ = tell.send(stanza.clone());
        Ok(())
    })
    .unwrap();
    coming
}

pub(crate) async fn next<T>(coming: &mut mpsc::UnboundedReceiver<T>) -> T {
    within(coming.recv()).await.unwrap()
}

/// A value that two closures share.
pub(crate) fn shared<T: Default>() -> Arc<Mutex<T>> {
    Arc::default()
}
