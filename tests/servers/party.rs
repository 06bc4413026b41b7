//! Two resources of an account and a contact with somebody else's client, who see each other.

use converse::prelude::*;
use serde_json::Value;

use crate::client::{Host, account, merge, within};
use crate::peer::Peer;
use crate::resource::Resource;

pub(crate) struct Party {
    pub(crate) desk: Resource,
    pub(crate) phone: Resource,
    pub(crate) peer: Peer,
    /// The account of desk and phone.
    pub(crate) own: String,
    /// What the contact saw of them first.
    pub(crate) seen: Vec<Value>,
}

impl Party {
    /// Everybody logged in and subscribed to each other; nothing where there is no slixmpp.
    pub(crate) async fn meet(server: &impl Host) -> Option<Self> {
        Self::meet_with(server, json!({}), json!({})).await
    }

    /// The same with settings for the desk and for the phone.
    pub(crate) async fn meet_with(server: &impl Host, desk: Value, phone: Value) -> Option<Self> {
        let mut peer = Peer::log_in(server, "juliet").await?;
        peer.order("presence", json!({ "priority": 0 })).await;
        let own = account(server, "romeo").await;
        // Where the server keeps bookmarks as a list, one more capability follows the login, and the presence once more with it.
        let mut at_desk = json!({ "auto_subscribe": true, "allow_bookmarks": false });
        let mut at_phone = json!({ "allow_bookmarks": false });
        merge(&mut at_desk, desk);
        merge(&mut at_phone, phone);
        let mut desk = Resource::log_in(server, &own, "desk", at_desk).await;
        let contact = peer.jid.clone();
        desk.api.contacts().add(&contact, "Juliet").await.unwrap();
        // slixmpp agrees and asks in turn.
        desk.holds("the subscription in both directions", |api| {
            let contact = api.contacts().get(&contact).unwrap();
            contact.is_some_and(|contact| {
                contact.subscription == converse::core::contract::Subscription::Both
            })
        })
        .await;
        let mut phone = Resource::log_in(server, &own, "phone", at_phone).await;
        for resource in [&mut desk, &mut phone] {
            resource
                .holds("the contact's presence", |api| {
                    let contact = api.contacts().get(&contact).unwrap();
                    contact.is_some_and(|contact| !contact.resources.is_empty())
                })
                .await;
        }
        for resource in [&desk, &phone] {
            // What is asked of the server at the start, copies of messages among it, has reached the server then.
            let discovered = resource.api.wait_until("discoInitialized");
            within("discovery", discovered).await.unwrap();
            resource.round_trip().await;
        }
        let mut seen = Vec::new();
        for name in ["desk", "phone"] {
            let jid = format!("{own}/{name}");
            let available =
                |told: &Value| told["from"] == jid.as_str() && told["type"] != "unavailable";
            seen.push(peer.presence("the presence of both", available).await);
        }
        // Nothing of their arrival is told later.
        peer.rest().await;
        Some(Self {
            seen,
            desk,
            phone,
            peer,
            own,
        })
    }

    /// The user at the desk writes to the contact; gives the id.
    pub(crate) async fn say(&self, body: &str) -> String {
        let chats = self.desk.api.chats();
        let sent = chats.send_message(&self.peer.jid, body).await;
        sent.unwrap().as_str().to_owned()
    }

    /// The message with this text, when the contact has it.
    pub(crate) async fn peer_hears(&mut self, body: &str) -> Value {
        let wanted = |told: &Value| told["body"] == body;
        self.peer.message("a text", wanted).await
    }

    pub(crate) async fn part(self) {
        self.desk.stop().await;
        self.phone.stop().await;
        self.peer.stop().await;
    }
}
