//! A whole client of the framework, with every grouping that is linked: one resource of an account.

use std::collections::VecDeque;
use std::sync::Arc;

use converse::core::store::Store;
use converse::prelude::*;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::client::{Host, settings, within};

/// The events that the tests wait for.
const EVENTS: &[&str] = &[
    "avatarChanged",
    "blocklistInitialized",
    "bookmarkAdded",
    "bookmarkChanged",
    "bookmarkRemoved",
    "bookmarksInitialized",
    "chatStateChanged",
    "contactBlocked",
    "contactOnline",
    "contactRequest",
    "contactStatusChanged",
    "contactUnblocked",
    "messageAdded",
    "messageDeliveryChanged",
    "messageUpdated",
    "occupantRenamed",
    "roomConfigured",
    "roomInfoChanged",
    "roomInviteDeclined",
    "roomInviteReceived",
    "roomStatusChanged",
    "rosterContactsFetched",
    "rosterPush",
    "statusChanged",
    "unreadChanged",
    "vcardUpdated",
    "voiceRequested",
];

/// One instance that is logged in.
pub(crate) struct Resource {
    pub(crate) api: Api,
    converse: Converse,
    told: mpsc::UnboundedReceiver<(String, Value)>,
    kept: VecDeque<(String, Value)>,
}

impl Resource {
    /// Logs a resource of an account in and waits until its contacts are there.
    pub(crate) async fn log_in(
        server: &impl Host,
        account: &str,
        resource: &str,
        more: Value,
    ) -> Self {
        Self::log_in_by(Converse::new(), server, account, resource, more).await
    }

    /// The same with what an earlier program has stored.
    pub(crate) async fn log_in_on(
        store: &Arc<dyn Store>,
        server: &impl Host,
        account: &str,
        resource: &str,
    ) -> Self {
        let converse = Converse::new().with_store(Arc::clone(store));
        Self::log_in_by(converse, server, account, resource, json!({})).await
    }

    async fn log_in_by(
        converse: Converse,
        server: &impl Host,
        account: &str,
        resource: &str,
        more: Value,
    ) -> Self {
        let jid = format!("{account}/{resource}");
        let settings = settings(server, server.addr(), &jid, more);
        let api = converse.start(settings).await.unwrap();
        let (tell, told) = mpsc::unbounded_channel();
        let listen = api.listen().together();
        for name in EVENTS {
            let tell = tell.clone();
            listen.on_sync(*name, move |event| {
                // A test that has ended hears nothing.
                let _ = tell.send((event.name.to_string(), event.arg(0).clone()));
                Ok(())
            });
        }
        for route in [Route::message(), Route::presence()] {
            let tell = tell.clone();
            // Wakes up who waits for something that has no event of its own.
            let heard = api.hear_sync(route, move |_| {
                let _ = tell.send((String::new(), Value::Null));
                Ok(())
            });
            heard.unwrap();
        }
        let mut this = Self {
            api,
            converse,
            told,
            kept: VecDeque::new(),
        };
        within("the login", this.api.user().login(()))
            .await
            .unwrap();
        this.event("rosterContactsFetched", |_| true).await;
        this
    }

    pub(crate) fn jid(&self) -> Jid {
        self.api.user().jid().unwrap()
    }

    /// The first event of a name that is wanted and was not taken before.
    pub(crate) async fn event(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let fits = |(found, value): &(String, Value)| found == name && wanted(value);
        if let Some(index) = self.kept.iter().position(fits) {
            return self.kept.remove(index).unwrap().1;
        }
        let kept = &mut self.kept;
        let told = &mut self.told;
        let coming = async {
            loop {
                let next = told.recv().await.unwrap();
                if fits(&next) {
                    return next.1;
                }
                kept.push_back(next);
            }
        };
        within(&format!("the event {name}"), coming).await
    }

    /// Waits until something holds; it is looked at whenever something has come.
    pub(crate) async fn holds(&mut self, what: &str, holds: impl Fn(&Api) -> bool) {
        let (api, told, kept) = (&self.api, &mut self.told, &mut self.kept);
        let coming = async {
            loop {
                api.bus().settle().await;
                if holds(api) {
                    return;
                }
                kept.push_back(told.recv().await.unwrap());
            }
        };
        within(what, coming).await;
    }

    /// The message with this text, when it is in a chat.
    pub(crate) async fn message(&mut self, body: &str) -> Value {
        let fits = |added: &Value| added["message"]["body"] == body;
        self.event("messageAdded", fits).await["message"].clone()
    }

    /// Waits until a message of a chat has come so far.
    pub(crate) async fn comes_to(&mut self, with: &str, id: &str, wanted: Delivery) {
        let has = |api: &Api| {
            let chat = api.chats().get(with).unwrap().unwrap();
            let message = chat.messages().get(id).unwrap().unwrap();
            message.delivery >= Some(wanted)
        };
        self.holds(&format!("that a message is {wanted:?}"), has)
            .await;
    }

    /// A round trip: everything that the server sent before has been heard when this returns.
    pub(crate) async fn round_trip(&self) {
        let ping = "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>";
        self.api.bus().settle().await;
        within("a pong", self.api.iq(ping)).await.unwrap();
        self.api.bus().settle().await;
    }

    /// Ends the session and the instance.
    pub(crate) async fn stop(self) {
        within("the end", self.converse.stop()).await;
    }
}
