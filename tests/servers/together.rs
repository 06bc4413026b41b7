//! Two own resources and a contact with slixmpp: what one of them does, the others see, and slixmpp says what it saw.

use converse::prelude::*;
use converse_testkit::servers::Server;
use serde_json::json;

use crate::party::Party;
use crate::peer::Peer;

/// RFC 6121 §4.7.2.3, §8.5.2.1.1: the contact sees each resource with its priority, and what goes to the account goes to the one
/// with the highest; the same the other way round.
pub(crate) async fn presence_priority(server: &Server) {
    let (high, low) = (json!({ "priority": 7 }), json!({ "priority": 3 }));
    let Some(mut party) = Party::meet_with(server, high, low).await else {
        return;
    };
    for (seen, priority) in [(&party.seen[0], 7), (&party.seen[1], 3)] {
        assert_eq!(seen["priority"], priority, "{seen}");
    }
    party
        .peer
        .say(json!({ "to": party.own, "body": "To whom it may concern" }))
        .await;
    let message = party.desk.message("To whom it may concern").await;
    assert_eq!(message["from"], party.peer.full.as_str());
    // The contact's other client becomes the more important one, and speaks for the contact.
    let contact = party.peer.jid.clone();
    let mut other = Peer::at(server, &contact, "other").await;
    let busy = json!({ "priority": 5, "show": "dnd", "status": "at the ball" });
    other.order("presence", busy).await;
    let is = |status: ChatStatus| {
        let contact = contact.clone();
        move |api: &Api| {
            let contact = api.contacts().get(&contact).unwrap().unwrap();
            contact.chat_status == status
        }
    };
    party
        .desk
        .holds("the other's status", is(ChatStatus::Dnd))
        .await;
    let seen = party.desk.api.contacts().get(&contact).unwrap().unwrap();
    assert_eq!(seen.status.as_deref(), Some("at the ball"));
    assert_eq!(seen.resources.get("other").unwrap().priority, 5);
    assert_eq!(seen.resources.get("slixmpp").unwrap().priority, 0);
    other.stop().await;
    party
        .desk
        .holds("the first one's status", is(ChatStatus::Online))
        .await;
    party.part().await;
}

/// A test of each rule against both Prosodys.
macro_rules! rules {
    ($($rule:ident)*) => {
        mod prosody {
            $(#[actix::test]
            async fn $rule() {
                crate::on_prosody(super::$rule).await;
            })*
        }

        mod newer_prosody {
            $(#[actix::test]
            async fn $rule() {
                crate::on_newer_prosody(super::$rule).await;
            })*
        }

        /// All of them against one server.
        pub(crate) async fn everything(server: &Server) {
            $($rule(server).await;)*
        }
    };
}

rules! {
    presence_priority
}
