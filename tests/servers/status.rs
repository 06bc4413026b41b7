//! The user's own status, and whether anybody is there: two own resources, and a contact with slixmpp.

use converse::prelude::*;
use converse_testkit::servers::Server;
use serde_json::{Value, json};

use crate::client::{Client, PING, within};
use crate::party::Party;
use crate::resource::Resource;

fn status_is(status: Status) -> impl Fn(&Api) -> bool {
    move |api| api.user().status().get().unwrap() == status
}

/// What slixmpp hears of a resource when it shows this.
fn shows(resource: &Resource, show: &'static str) -> impl Fn(&Value) -> bool {
    let from = resource.jid().to_string();
    move |told| {
        told["from"] == from.as_str() && told["show"] == show && told["type"] != "unavailable"
    }
}

/// RFC 6121 §4.4, §4.5, §4.7: each status as a contact's client understands it; the account's other resource follows, says
/// nothing itself, and knows of this one.
pub(crate) async fn each_status(server: &Server) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    for value in ["away", "chat", "xa", "dnd"] {
        let status = party.desk.api.user().status();
        status.set(value, value).await.unwrap();
        let told = party.peer.presence(value, shows(&party.desk, value)).await;
        assert_eq!(told["status"], value);
        let value = value.parse().unwrap();
        party
            .phone
            .holds("the other's status", status_is(value))
            .await;
    }
    let status = party.desk.api.user().status();
    status.set_priority(-5).await.unwrap();
    let told = party
        .peer
        .presence("the priority", |told| told["priority"] == -5)
        .await;
    assert_eq!(told["from"], party.desk.jid().as_str());
    party
        .phone
        .holds("what the other one shows", |api| {
            let others = api.user().status().resources().unwrap();
            others.len() == 1
                && others[0].resource == "desk"
                && others[0].status == Status::Dnd
                && others[0].priority == -5
        })
        .await;
    status.set("offline", "").await.unwrap();
    let from = party.desk.jid().to_string();
    let gone = |told: &Value| told["from"] == from.as_str() && told["type"] == "unavailable";
    party.peer.presence("the end", gone).await;
    party
        .phone
        .holds("the other one's end", |api| {
            api.user().status().resources().unwrap().is_empty()
        })
        .await;
    assert!(party.desk.api.connection().connected());
    status.set("online", None).await.unwrap();
    party
        .peer
        .presence("the return", shows(&party.desk, ""))
        .await;
    // Whoever follows has said nothing.
    let phone = party.phone.jid().to_string();
    let said = party.peer.rest().await;
    assert!(
        said.iter().all(|told| told["from"] != phone.as_str()),
        "{said:?}"
    );
    party.part().await;
}

/// XEP-0319, XEP-0012: the contact sees that nobody is there and since when, and may ask.
pub(crate) async fn idle(server: &Server) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    party.desk.api.settings().set("auto_away", 1).unwrap();
    let desk = party.desk.jid().to_string();
    party
        .desk
        .holds("nobody is there", status_is(Status::Away))
        .await;
    let told = party
        .peer
        .presence("nobody is there", shows(&party.desk, "away"))
        .await;
    assert!(told["idle"].is_string(), "{told}");
    let seconds = party
        .peer
        .order("last_activity", json!({ "jid": desk }))
        .await;
    assert!(seconds.as_u64().unwrap() >= 1, "{seconds}");
    // Who does not see the user does not learn it: the server or the client refuses.
    let stranger = Client::log_in(server, "benvolio").await;
    let request = format!("<iq type='get' to='{desk}'><query xmlns='jabber:iq:last'/></iq>");
    let refused = stranger.ask(&request).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Stanza);
    stranger.stop().await;

    party.desk.api.user().active();
    party
        .desk
        .holds("somebody is there", status_is(Status::Online))
        .await;
    let told = party
        .peer
        .presence("somebody is there", shows(&party.desk, ""))
        .await;
    assert!(told["idle"].is_null(), "{told}");
    party.part().await;
}

/// XEP-0012: when an account that is offline was there last, which its server knows.
pub(crate) async fn last_activity_of_who_is_offline(server: &Server) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    party
        .peer
        .order(
            "presence",
            json!({ "type": "unavailable", "status": "Good night" }),
        )
        .await;
    let contact = party.peer.jid.clone();
    party
        .desk
        .holds("the contact's end", |api| {
            let contact = api.contacts().get(&contact).unwrap().unwrap();
            contact.resources.is_empty()
        })
        .await;
    let Party {
        desk, phone, peer, ..
    } = party;
    peer.stop().await;
    let last = desk.api.user().status();
    let last = within("the last activity", last.last_activity(&contact))
        .await
        .unwrap();
    let ago = desk.api.environment().clock.now() - last.at;
    assert!(ago.num_seconds() < 60, "{last:?}");
    desk.stop().await;
    phone.stop().await;
}

/// XEP-0352: while nobody looks the server holds presence back, and gives it when somebody does; a message comes at once.
pub(crate) async fn client_state(server: &Server) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let nobody = json!({ "csi_waiting_time": 1, "auto_away": 1 });
    party.desk.api.settings().set_many(nobody).unwrap();
    party
        .desk
        .holds("nobody is there", status_is(Status::Away))
        .await;
    // The server has heard that nobody looks when it has answered what was sent behind it.
    within("a pong", party.desk.api.iq(PING)).await.unwrap();
    let contact = party.peer.jid.clone();
    let status = |wanted: ChatStatus| {
        let contact = contact.clone();
        move |api: &Api| api.contacts().get(&contact).unwrap().unwrap().chat_status == wanted
    };
    // What somebody else asks of the desk meanwhile lets all that is held back pass, so there are several tries.
    let mut is_held_back = false;
    for (show, wanted) in [
        ("xa", ChatStatus::Xa),
        ("away", ChatStatus::Away),
        ("chat", ChatStatus::Chat),
        ("xa", ChatStatus::Xa),
    ] {
        party.peer.order("presence", json!({ "show": show })).await;
        party
            .phone
            .holds("the contact's status", status(wanted))
            .await;
        // What the server had for the desk is on its way when it answers what was asked behind it.
        within("a pong", party.phone.api.iq(PING)).await.unwrap();
        party.desk.api.bus().settle().await;
        is_held_back = !status(wanted)(&party.desk.api);
        if is_held_back {
            break;
        }
    }
    assert!(is_held_back, "presence comes although nobody looks");
    party
        .peer
        .say(json!({ "to": party.desk.jid().to_string(), "body": "Wake up" }))
        .await;
    party.desk.message("Wake up").await;

    party.peer.order("presence", json!({ "show": "dnd" })).await;
    party
        .phone
        .holds("the contact's status", status(ChatStatus::Dnd))
        .await;
    party.desk.api.user().active();
    party
        .desk
        .holds("the contact's status", status(ChatStatus::Dnd))
        .await;
    party.part().await;
}

rules! {
    each_status
    idle
    last_activity_of_who_is_offline
    client_state
}
