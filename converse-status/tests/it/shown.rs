//! What the others are told of the presence that was sent.

use std::sync::Mutex;

use converse_core::contract::OwnPresence;
use converse_core::prelude::*;

use crate::scene::{Scene, online};

type Told = Arc<Mutex<Vec<Arc<OwnPresence>>>>;

fn listen(it: &Scene) -> Told {
    let told = Told::default();
    let into = Arc::clone(&told);
    it.api
        .listen()
        .subscribe::<OwnPresence, _, _>(move |presence| {
            into.lock().unwrap().push(presence);
            async { Ok(()) }
        });
    told
}

fn xml(presence: &OwnPresence) -> Vec<String> {
    let elements = presence.elements();
    elements
        .map(|element| element.build().unwrap().to_xml())
        .collect()
}

#[test]
fn it_is_what_the_broadcast_presence_says_without_the_priority() {
    online(settings! { "priority": 5 }, |it| async move {
        it.expect("<presence/>").await;
        let told = listen(&it);
        it.api.presence_payloads().add("mood", || {
            Some(Element::builder("mood", "urn:example:mood").text("calm"))
        });
        it.status().set("xa", Some("on a walk")).await.unwrap();
        it.expect("<presence><show>xa</show><priority>5</priority></presence>")
            .await;
        it.status().set("online", None).await.unwrap();
        it.expect("<presence><priority>5</priority></presence>")
            .await;
        let told = told.lock().unwrap();
        assert_eq!(told.len(), 2);
        assert!(told[0].is_available);
        assert_eq!(told[0].show.as_deref(), Some("xa"));
        assert_eq!(told[0].message.as_deref(), Some("on a walk"));
        let first = xml(&told[0]);
        assert!(first[0].contains("<show") && first[0].contains("xa"));
        assert!(
            first
                .iter()
                .any(|element| element.contains("urn:example:mood"))
        );
        assert!(!first.iter().any(|element| element.contains("priority")));
        assert_eq!(told[1].show, None);
    });
}

#[test]
fn who_is_shown_to_nobody_is_gone_for_everybody() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        let told = listen(&it);
        it.status().set("offline", Some("bye")).await.unwrap();
        it.expect("<presence type='unavailable'/>").await;
        it.status().set("online", None).await.unwrap();
        it.expect("<presence/>").await;
        let told = told.lock().unwrap();
        let there: Vec<_> = told.iter().map(|presence| presence.is_available).collect();
        assert_eq!(there, [false, true]);
    });
}

#[test]
fn nothing_is_told_that_was_not_sent() {
    online(settings! { "default_state": "offline" }, |it| async move {
        let told = listen(&it);
        it.expect_nothing("<presence/>").await;
        let mut states = it.api.session().watch();
        it.server.drop_connection();
        states.wait_for(|state| !state.is_online()).await.unwrap();
        it.status().set("dnd", None).await.unwrap();
        assert!(told.lock().unwrap().is_empty());
    });
}
