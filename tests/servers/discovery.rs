//! What servers and other clients can, and what is published: as real servers have it.

use std::sync::Mutex;

use converse::core::pubsub::{Items, PepEvent, PublishOptions};
use converse::prelude::*;
use converse_testkit::servers::{Installation, Options, Server};

use crate::client::{account, settings, within};
use crate::{on_prosody, on_prosody_with};

const NODE: &str = "urn:example:notes";

/// An instance with everything that is linked, logged in.
async fn online(server: &Server, jid: &str) -> Api {
    let settings = settings(
        server,
        server.starttls_addr(),
        jid,
        json!({ "auto_login": true }),
    );
    let api = within("the login", Converse::initialize(settings))
        .await
        .unwrap();
    let known = within("what the server can", api.wait_until("discoInitialized"));
    known.await.unwrap();
    api
}

/// The server, the account with its personal eventing service, and services say what they are.
pub(crate) async fn is_answered(server: &Server) {
    let jid = account(server, "romeo").await;
    let api = online(server, &jid).await;
    let disco = api.disco();
    assert!(disco.server().await.unwrap().is("server", "im"));
    let own = disco.account().await.unwrap();
    assert!(own.is("pubsub", "pep"), "{own:?}");
    assert!(own.has("http://jabber.org/protocol/pubsub#publish-options"));
    let services = within("the services", disco.services()).await.unwrap();
    let mut services = services.iter();
    assert!(services.any(|service| service.info.is("conference", "text")));
}

/// One resource learns what another can by the hash in its presence, and the server's answers are not in the way.
pub(crate) async fn hashes_are_believed(server: &Server) {
    let jid = account(server, "romeo").await;
    let first = online(server, &format!("{jid}/first")).await;
    let second = online(server, &format!("{jid}/second")).await;
    first.features().add("urn:example:mark");
    let presence = Element::builder("presence", converse::ns::CLIENT)
        .attr("to", second.user().jid().unwrap().as_str())
        .children(first.presence_payloads().elements());
    let (tell, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let route = second.hear_sync(Route::presence(), move |presence| {
        // The test may be over.
        let _ = tell.send(presence.from().cloned());
        Ok(())
    });
    route.unwrap();
    first.send(presence).await.unwrap();
    let resource = first.user().jid().unwrap();
    let full = resource.clone().try_into_full().unwrap();
    // What the server keeps of the resource, from before the mark, may come behind it; then the next presence has the mark.
    let marked = async {
        loop {
            if heard.recv().await.unwrap().as_ref() == Some(&resource)
                && let Some(info) = second.disco().capabilities(&full).await
                && info.has("urn:example:mark")
            {
                break info;
            }
        }
    };
    let info = within("the mark", marked).await;
    assert_eq!(*info, first.features().info());
}

/// A node that others can read becomes one that they cannot before something private goes there.
pub(crate) async fn nodes_are_as_private_as_asked(server: &Server) {
    let (romeo, juliet) = (
        account(server, "romeo").await,
        account(server, "juliet").await,
    );
    let (api, other) = (online(server, &romeo).await, online(server, &juliet).await);
    let own: BareJid = romeo.parse().unwrap();
    let note = |text: &str| Element::builder("note", NODE).text(text);
    let pubsub = api.pubsub();
    let read = async |api: &Api| {
        let pubsub = api.pubsub();
        let items = pubsub.items(&own, NODE, Items::all());
        within("items", items).await
    };

    let open = PublishOptions::open();
    let published = pubsub.publish(NODE, Some("1"), note("for all"), &open);
    assert_eq!(within("a publication", published).await.unwrap(), "1");
    assert_eq!(read(&other).await.unwrap().len(), 1);

    let private = PublishOptions::private().with("pubsub#max_items", "10");
    let published = pubsub.publish(NODE, Some("2"), note("for me"), &private);
    assert_eq!(within("a publication", published).await.unwrap(), "2");
    let items = read(&api).await.unwrap();
    let second = items.iter().find(|item| item.id == "2").unwrap();
    assert_eq!(second.payload.as_ref().unwrap().text(), "for me");
    assert!(read(&other).await.is_err());

    within("a retraction", pubsub.retract(NODE, "2"))
        .await
        .unwrap();
    assert!(read(&api).await.unwrap().iter().all(|item| item.id != "2"));
    within("a deletion", pubsub.delete(NODE)).await.unwrap();
    assert!(read(&api).await.unwrap().is_empty());
    within("a deletion", pubsub.delete(NODE)).await.unwrap();
    within("a retraction", pubsub.retract(NODE, "2"))
        .await
        .unwrap();
}

/// As many items as the server keeps.
pub(crate) async fn nodes_keep_all(server: &Server) {
    let jid = account(server, "romeo").await;
    let api = online(server, &jid).await;
    let (pubsub, own): (_, BareJid) = (api.pubsub(), jid.parse().unwrap());
    let options = PublishOptions::private().keeping_all();
    for number in 0..3 {
        let note = Element::builder("note", NODE).text(number.to_string());
        let id = number.to_string();
        let published = pubsub.publish(NODE, Some(&id), note, &options);
        let _: String = within("a publication", published).await.unwrap();
    }
    let items = pubsub.items(&own, NODE, Items::all());
    assert_eq!(within("items", items).await.unwrap().len(), 3);
    let newest = pubsub.items(&own, NODE, Items::newest(1));
    assert_eq!(within("items", newest).await.unwrap().len(), 1);
}

/// What one resource publishes another hears, because it says so in its presence.
pub(crate) async fn what_is_published_is_heard(server: &Server) {
    let jid = account(server, "romeo").await;
    let first = online(server, &format!("{jid}/first")).await;
    let second = online(server, &format!("{jid}/second")).await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel::<PepEvent>();
    let tell = Mutex::new(tell);
    let route = second.pubsub().on(NODE, Sender::OwnAccount, move |event| {
        let _ = tell.lock().unwrap().send(event);
        std::future::ready(Ok(()))
    });
    route.unwrap();
    // New presence goes out with that.
    // The server may ask what the hash stands for before it tells anything.
    let publish = async {
        for number in 0.. {
            let note = Element::builder("note", NODE).text(number.to_string());
            let private = PublishOptions::private();
            let pubsub = first.pubsub();
            pubsub
                .publish(NODE, Some("1"), note, &private)
                .await
                .unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let event = tokio::select! {
        event = within("an event", told.recv()) => event.unwrap(),
        () = publish => return,
    };
    assert_eq!(event.from.to_string(), jid);
    assert_eq!(event.items[0].id, "1");
}

/// All of these.
pub(crate) async fn all(server: &Server) {
    is_answered(server).await;
    hashes_are_believed(server).await;
    nodes_are_as_private_as_asked(server).await;
    nodes_keep_all(server).await;
    what_is_published_is_heard(server).await;
}

#[actix::test]
async fn prosody_says_what_is_there_and_keeps_what_is_published() {
    on_prosody(all).await;
}

#[actix::test]
async fn prosody_newer_says_what_is_there_and_keeps_what_is_published() {
    let options = Options {
        installation: Installation::Newer,
        ..Options::default()
    };
    on_prosody_with(options, all).await;
}
