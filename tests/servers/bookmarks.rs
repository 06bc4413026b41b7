//! Bookmarks: what one client puts down, the others see, whatever they know of bookmarks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use converse::core::router::Sender;
use converse::prelude::*;
use serde_json::Value;

use crate::client::{Host, account, within};
use crate::peer::Peer;
use crate::resource::Resource;

/// The elements that slixmpp keeps in private storage, and on a node.
const PRIVATE: &str = "xep_0049";
const NODE: &str = "xep_0223";

/// A resource to which the server tells what is published: it has asked what the resource wants to hear, and got the answer.
async fn online(server: &impl Host, account: &str, name: &str) -> Resource {
    let mut resource = Resource::log_in(server, account, name, json!({})).await;
    resource.event("bookmarksInitialized", |_| true).await;
    let told = Arc::<AtomicBool>::default();
    let hears = Arc::clone(&told);
    let route = Route::pep("urn:xmpp:bookmarks:1").from(Sender::OwnAccount);
    let route = resource.api.hear_sync(route, move |_| {
        hears.store(true, Ordering::Relaxed);
        Ok(())
    });
    let bookmarks = resource.api.bookmarks();
    let trying = async {
        for attempt in 0.. {
            let probe = room(name).nick(format!("{attempt}"));
            bookmarks.set(probe).await.unwrap();
            resource.round_trip().await;
            if told.load(Ordering::Relaxed) {
                break;
            }
        }
    };
    within("what the server tells of itself", trying).await;
    resource.api.end_route(route.unwrap());
    let probe = room(name).jid;
    bookmarks.remove(&probe).await.unwrap();
    resource
}

fn room(name: &str) -> Bookmark {
    Bookmark::new(format!("{name}@rooms.example").parse().unwrap()).name(name)
}

fn about(jid: &str) -> impl Fn(&Value) -> bool {
    move |told| told["bookmark"]["jid"] == jid
}

/// XEP-0402: all of it, between two clients of an account; and what they have put down is there for the next session.
pub(crate) async fn native(server: &impl Host) {
    let own = account(server, "romeo").await;
    let mut desk = online(server, &own, "desk").await;
    let mut phone = online(server, &own, "phone").await;
    let state = "<state xmlns='urn:example:state' minimized='true'/>";
    let garden = room("garden").nick("Ro").password("rose & <thorn>");
    let garden = garden.extension(Element::parse(state).unwrap());
    desk.api.bookmarks().set(garden.clone()).await.unwrap();
    phone
        .event("bookmarkAdded", about("garden@rooms.example"))
        .await;
    let seen = phone.api.bookmarks().get("garden@rooms.example");
    assert_eq!(seen.unwrap(), Some(garden.clone()));

    // What the phone does not say stays.
    let renamed = room("garden").name("The garden");
    phone.api.bookmarks().set(renamed).await.unwrap();
    desk.event("bookmarkChanged", about("garden@rooms.example"))
        .await;
    let seen = desk.api.bookmarks().get("garden@rooms.example");
    assert_eq!(seen.unwrap(), Some(garden.name("The garden")));

    // A node that keeps one item alone would lose the others.
    for number in 0..12 {
        let room = room(&format!("room{number:02}"));
        desk.api.bookmarks().set(room).await.unwrap();
    }
    phone
        .event("bookmarkAdded", about("room11@rooms.example"))
        .await;
    phone
        .api
        .bookmarks()
        .remove("room00@rooms.example")
        .await
        .unwrap();
    desk.event("bookmarkRemoved", about("room00@rooms.example"))
        .await;
    for resource in [&desk, &phone] {
        resource.round_trip().await;
        assert_eq!(resource.api.bookmarks().all().len(), 12);
    }
    let expected = desk.api.bookmarks().all();
    desk.stop().await;
    let late = online(server, &own, "late").await;
    assert_eq!(late.api.bookmarks().all(), expected);
    late.stop().await;
    phone.stop().await;
}

/// XEP-0048 on a node: a client that knows nothing else sees the same.
pub(crate) async fn list_on_a_node(server: &impl Host) {
    list(server, NODE).await;
}

/// XEP-0048 in private storage (XEP-0049): a client that knows nothing else sees the same.
pub(crate) async fn list_in_private_storage(server: &impl Host) {
    list(server, PRIVATE).await;
}

async fn list(server: &impl Host, method: &str) {
    let Some(peer) = Peer::log_in(server, "juliet").await else {
        return;
    };
    let own = peer.jid.clone();
    let mut old = peer;
    // ejabberd 24.12 tells the others through a resource that may be this one, and only if it is available.
    old.order("presence", json!({ "priority": 0 })).await;
    let list = |bookmarks: Value| json!({ "method": method, "bookmarks": bookmarks });
    let hall = json!({ "jid": "hall@rooms.example", "name": "hall", "nick": "Jule" });
    old.order("set_bookmarks", list(json!([hall]))).await;

    let mut desk = online(server, &own, "desk").await;
    let known = desk.api.bookmarks().all();
    assert_eq!(known, [room("hall").nick("Jule")]);
    let garden = room("garden").nick("Ro");
    desk.api.bookmarks().set(garden).await.unwrap();
    let seen = old.order("bookmarks", json!({ "method": method })).await;
    let mut seen = seen.as_array().unwrap().clone();
    seen.sort_by_key(|one| one["jid"].to_string());
    let text = |index: usize, name: &str| seen[index][name].as_str().unwrap().to_owned();
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(
        (text(0, "jid"), text(0, "nick")),
        ("garden@rooms.example".into(), "Ro".into())
    );
    assert_eq!(
        (text(1, "jid"), text(1, "nick")),
        ("hall@rooms.example".into(), "Jule".into())
    );

    // The other way: it is seen at once what the older client adds and removes.
    let lobby = json!({ "jid": "lobby@rooms.example", "name": "lobby" });
    old.order("set_bookmarks", list(json!([hall, lobby]))).await;
    desk.event("bookmarkAdded", about("lobby@rooms.example"))
        .await;
    desk.event("bookmarkRemoved", about("garden@rooms.example"))
        .await;
    desk.round_trip().await;
    desk.stop().await;
    let late = online(server, &own, "late").await;
    let known = late.api.bookmarks().all();
    let names: Vec<_> = known.iter().map(|one| one.name.clone().unwrap()).collect();
    assert_eq!(names, ["hall", "lobby"]);
    late.stop().await;
    old.stop().await;
}

rules! {
    native
    list_on_a_node
    list_in_private_storage
}

#[actix::test]
async fn loopback_native_and_list_on_a_node() {
    crate::on_loopback(async |server| {
        native(server).await;
        list_on_a_node(server).await;
    })
    .await;
}
