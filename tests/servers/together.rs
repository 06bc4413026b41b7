//! Two own resources and a contact with slixmpp: what one of them does, the others see, and slixmpp says what it saw.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use converse::prelude::*;
use serde_json::{Value, json};

use crate::client::{Host, within};
use crate::party::Party;
use crate::peer::Peer;

/// RFC 6121 §4.7.2.3, §8.5.2.1.1: the contact sees each resource with its priority, and what goes to the account goes to the one
/// with the highest; the same the other way round.
pub(crate) async fn presence_priority(server: &impl Host) {
    let (high, low) = (json!({ "priority": 7 }), json!({ "priority": 3 }));
    let Some(mut party) = Party::meet_with(server, high, low).await else {
        return;
    };
    for (seen, priority) in [(&party.seen[0], 7), (&party.seen[1], 3)] {
        assert_eq!(seen["priority"], priority, "{seen}");
    }
    let order = json!({ "to": party.own, "body": "To whom it may concern" });
    party.peer.say(order).await;
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
    let dnd = is(ChatStatus::Dnd);
    party.desk.holds("the other's status", dnd).await;
    let seen = party.desk.api.contacts().get(&contact).unwrap().unwrap();
    assert_eq!(seen.status.as_deref(), Some("at the ball"));
    assert_eq!(seen.resources.get("other").unwrap().priority, 5);
    assert_eq!(seen.resources.get("slixmpp").unwrap().priority, 0);
    other.stop().await;
    let online = is(ChatStatus::Online);
    party.desk.holds("the first one's status", online).await;
    party.part().await;
}

/// XEP-0280: what the desk sends and gets, the phone has too, as if it had been there; and the contact gets it once.
pub(crate) async fn carbons(server: &impl Host) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let contact = party.peer.jid.clone();
    let id = party.say("But, soft!").await;
    let heard = party.peer_hears("But, soft!").await;
    assert_eq!((&heard["id"], &heard["type"]), (&json!(id), &json!("chat")));
    assert_eq!(heard["origin_id"], id.as_str());
    let copy = party.phone.message("But, soft!").await;
    assert_eq!((&copy["sender"], &copy["id"]), (&json!("me"), &json!(id)));
    // The answer goes to the resource that asked.
    let to = party.desk.jid();
    party.peer.say(json!({ "to": to, "body": "Ay me." })).await;
    for resource in [&mut party.desk, &mut party.phone] {
        let message = resource.message("Ay me.").await;
        assert_eq!(
            (&message["sender"], &message["from"]),
            (&json!("them"), &json!(party.peer.full))
        );
    }
    for resource in [&party.desk, &party.phone] {
        resource.round_trip().await;
        let chat = resource.api.chats().get(&contact).unwrap().unwrap();
        let bodies: Vec<String> = bodies(&chat);
        assert_eq!(bodies, ["But, soft!", "Ay me."]);
    }
    // What is not for the others stays away from them.
    let private = json!({ "to": to, "body": "for your eyes only", "private": true });
    party.peer.say(private).await;
    party.desk.message("for your eyes only").await;
    party.phone.round_trip().await;
    let chat = party.phone.api.chats().get(&contact).unwrap().unwrap();
    assert_eq!(bodies(&chat).len(), 2);
    let twice = |told: &Value| told["body"] == "But, soft!";
    assert!(!party.peer.rest().await.iter().any(twice));
    party.part().await;
}

/// XEP-0184: who asks is told once, and what is told is seen on every resource.
pub(crate) async fn receipts(server: &impl Host) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let id = party.say("Art thou there?").await;
    let heard = party.peer_hears("Art thou there?").await;
    assert_eq!(heard["request_receipt"], true, "{heard}");
    party.phone.message("Art thou there?").await;
    let from = heard["from"].clone();
    party.peer.say(json!({ "to": from, "receipt": id })).await;
    let contact = party.peer.jid.clone();
    for resource in [&mut party.desk, &mut party.phone] {
        resource.comes_to(&contact, &id, Delivery::Delivered).await;
    }
    // The other way: one of the two answers, and only once.
    let to = party.desk.jid();
    let asking = json!({ "to": to, "body": "Do you hear me?", "request_receipt": true });
    let asked = party.peer.say(asking).await;
    let wanted = asked.clone();
    let receipt = move |told: &Value| told["receipt"] == wanted.as_str();
    let told = party.peer.message("a receipt", &receipt).await;
    assert_eq!(told["from"], to.as_str());
    for resource in [&party.desk, &party.phone] {
        resource.round_trip().await;
    }
    assert!(!party.peer.rest().await.iter().any(receipt));
    party.part().await;
}

/// XEP-0333, XEP-0490: what was displayed is told to who has sent it, and to the other resources.
pub(crate) async fn markers(server: &impl Host) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let contact = party.peer.jid.clone();
    let id = party.say("Read this").await;
    let heard = party.peer_hears("Read this").await;
    assert_eq!(heard["markable"], true, "{heard}");
    party.phone.message("Read this").await;
    let from = heard["from"].clone();
    party.peer.say(json!({ "to": from, "displayed": id })).await;
    for resource in [&mut party.desk, &mut party.phone] {
        resource.comes_to(&contact, &id, Delivery::Displayed).await;
    }
    // The user is at the desk, and the phone has put the chat aside.
    let on_phone = party.phone.api.chats().get(&contact).unwrap().unwrap();
    on_phone.minimize().unwrap();
    let to = party.desk.jid();
    let markable = json!({ "to": to, "body": "And this", "markable": true });
    let asked = party.peer.say(markable).await;
    party.desk.message("And this").await;
    party.phone.message("And this").await;
    assert_eq!(on_phone.unread().unwrap(), 1);
    let on_desk = party.desk.api.chats().get(&contact).unwrap().unwrap();
    on_desk.focus().unwrap();
    let displayed = move |told: &Value| told["displayed"] == asked.as_str();
    party.peer.message("that it was displayed", displayed).await;
    let seen = |_: &Api| on_phone.unread().unwrap() == 0;
    party.phone.holds("that nothing is unread", seen).await;
    party.part().await;
}

/// XEP-0308: what was corrected says the new text on every side, and is still one message.
pub(crate) async fn corrections(server: &impl Host) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let contact = party.peer.jid.clone();
    let id = party.say("But, sotf!").await;
    party.peer_hears("But, sotf!").await;
    let chat = party.desk.api.chats().get(&contact).unwrap().unwrap();
    chat.correct(&id, "But, soft!").await.unwrap();
    let heard = party.peer_hears("But, soft!").await;
    assert_eq!(heard["replace"], id.as_str());
    let to = party.desk.jid();
    let order = json!({ "to": to, "body": "Ay mee." });
    let wrong = party.peer.say(order).await;
    let order = json!({ "to": to, "body": "Ay me.", "replace": wrong });
    party.peer.say(order).await;
    for resource in [&mut party.desk, &mut party.phone] {
        let corrected = |api: &Api| {
            let chat = api.chats().get(&contact).unwrap();
            chat.is_some_and(|chat| bodies(&chat) == ["But, soft!", "Ay me."])
        };
        resource.holds("both corrections", corrected).await;
        let chat = resource.api.chats().get(&contact).unwrap().unwrap();
        let messages = chat.messages().all().unwrap();
        assert!(messages.iter().all(|message| message.edited.is_some()));
        assert_eq!(messages[0].id.as_ref().unwrap().as_str(), id);
    }
    party.part().await;
}

/// XEP-0444: reactions of both, and what takes their place.
pub(crate) async fn reactions(server: &impl Host) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let contact = party.peer.jid.clone();
    let id = party.say("It is the lark").await;
    let heard = party.peer_hears("It is the lark").await;
    party.phone.message("It is the lark").await;
    for (given, shown) in [(json!(["🐦", "🌅"]), 2), (json!(["🌙"]), 1), (json!([]), 0)] {
        let reactions = json!({ "id": id, "values": given });
        let order = json!({ "to": heard["from"], "reactions": reactions });
        party.peer.say(order).await;
        for resource in [&mut party.desk, &mut party.phone] {
            let has = |api: &Api| {
                let chat = api.chats().get(&contact).unwrap().unwrap();
                let message = chat.messages().get(&id).unwrap().unwrap();
                message.reactions.len() == shown
            };
            resource.holds("her reactions", has).await;
        }
    }
    let order = json!({ "to": party.own, "body": "It was the nightingale" });
    let hers = party.peer.say(order).await;
    party.desk.message("It was the nightingale").await;
    let chat = party.desk.api.chats().get(&contact).unwrap().unwrap();
    chat.react(&hers, ["🎶"]).await.unwrap();
    let reacted = |told: &Value| told["reactions"]["id"] == hers.as_str();
    let heard = party.peer.message("his reaction", reacted).await;
    assert_eq!(heard["reactions"]["values"], json!(["🎶"]));
    let has = |api: &Api| {
        let chat = api.chats().get(&contact).unwrap();
        let message = chat.and_then(|chat| chat.messages().get(&hers).unwrap());
        message.is_some_and(|message| message.reactions.len() == 1)
    };
    party.phone.holds("the own reaction", has).await;
    party.part().await;
}

/// XEP-0085: that somebody writes.
pub(crate) async fn chat_states(server: &impl Host) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let contact = party.peer.jid.clone();
    let chat = party.desk.api.chats().open(&contact).await.unwrap();
    chat.composing().unwrap();
    let composing = |told: &Value| told["chat_state"] == "composing";
    party.peer.message("that he writes", composing).await;
    let to = party.desk.jid();
    party
        .peer
        .say(json!({ "to": to, "chat_state": "composing" }))
        .await;
    let writes = |_: &Api| {
        let state = chat.contact_chat_state().unwrap();
        state.is_some_and(|state| json!(state) == "composing")
    };
    party.desk.holds("that she writes", writes).await;
    party.part().await;
}

/// XEP-0191: who is blocked cannot write, does not see the user, and every resource knows. ejabberd does not say that the user
/// is gone (§3.3), and newer Prosodys do not say that nobody is there.
pub(crate) async fn blocking(server: &impl Host) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let contact = party.peer.jid.clone();
    for resource in [&party.desk, &party.phone] {
        let known = resource.api.wait_until("blocklistInitialized");
        within("the block list", known).await.unwrap();
    }
    party.desk.api.blocking().block([&contact]).await.unwrap();
    for resource in [&mut party.desk, &mut party.phone] {
        let blocked = |api: &Api| api.blocking().is_blocked(&contact).unwrap();
        resource.holds("that she is blocked", blocked).await;
    }
    if !server.is_ejabberd() {
        for name in ["desk", "phone"] {
            let from = format!("{}/{name}", party.own);
            let gone =
                move |told: &Value| told["from"] == from.as_str() && told["type"] == "unavailable";
            party.peer.presence("that he has gone", gone).await;
        }
    }
    party.peer.rest().await;
    let status = party.phone.api.user().status();
    status.set("dnd", "in exile").await.unwrap();
    party.phone.round_trip().await;
    let order = json!({ "to": party.own, "body": "Romeo?" });
    party.peer.say(order).await;
    for told in party.peer.rest().await {
        assert_ne!(told["status"], "in exile");
        let refused = told["heard"] == "message" && told["type"] == "error";
        assert!(!refused || told["error"] == "service-unavailable", "{told}");
    }
    // ejabberd asks the list when the desk's session takes the message, which can be later than the contact's next answer.
    party.desk.round_trip().await;
    let chat = party.desk.api.chats().get(&contact).unwrap();
    assert!(chat.is_none_or(|chat| bodies(&chat).is_empty()));
    let unblocking = party.phone.api.blocking().unblock([&contact]).await;
    unblocking.unwrap();
    for resource in [&mut party.desk, &mut party.phone] {
        let unblocked = |api: &Api| !api.blocking().is_blocked(&contact).unwrap();
        resource.holds("that she is not blocked", unblocked).await;
    }
    let order = json!({ "to": party.desk.jid(), "body": "Romeo!" });
    party.peer.say(order).await;
    party.desk.message("Romeo!").await;
    let chat = party.desk.api.chats().get(&contact).unwrap().unwrap();
    assert_eq!(bodies(&chat), ["Romeo!"]);
    party.part().await;
}

/// XEP-0084, XEP-0153: pictures, in both directions.
pub(crate) async fn avatars(server: &impl Host) {
    let Some(mut party) = Party::meet(server).await else {
        return;
    };
    let contact = party.peer.jid.clone();
    let order = json!({ "data": BLACK, "type": "image/png" });
    party.peer.order("publish_avatar", order).await;
    for resource in [&mut party.desk, &mut party.phone] {
        let has = |api: &Api| {
            let contact = api.contacts().get(&contact).unwrap().unwrap();
            contact.image() == Some(BLACK)
        };
        resource.holds("her picture", has).await;
        let seen = resource.api.contacts().get(&contact).unwrap().unwrap();
        assert_eq!(seen.image_type(), Some("image/png"));
    }
    let red = BASE64.decode(RED).unwrap();
    let vcard = party.desk.api.vcard();
    vcard.set_avatar(red, "image/png").await.unwrap();
    let own = party.own.clone();
    let of_his = move |told: &Value| told["heard"] == "avatar" && told["from"] == own.as_str();
    let told = party.peer.until("his picture", &of_his).await;
    let order = json!({ "jid": party.own, "id": told["info"]["id"] });
    let fetched = party.peer.order("avatar", order).await;
    assert_eq!(fetched["data"], RED);
    assert_eq!(fetched["sha1"], told["info"]["id"]);
    party.part().await;
}

/// A black pixel and a red one.
const BLACK: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC";
const RED: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

fn bodies(chat: &Chat) -> Vec<String> {
    let messages = chat.messages().all().unwrap();
    messages.into_iter().map(|message| message.body).collect()
}

rules! {
    loopback;
    presence_priority
    carbons
    receipts
    markers
    corrections
    reactions
    chat_states
    blocking
    avatars
}
