//! What plugins add to the presence.

use std::sync::atomic::{AtomicU32, Ordering};

use converse_core::contract::PresencePayloadChanged;
use converse_core::prelude::*;

use crate::scene::{Scene, online};

const NS: &str = "urn:example:mood";

/// Adds a number to the presence, which the test moves.
fn add_mood(it: &Scene) -> Arc<AtomicU32> {
    let mood = Arc::new(AtomicU32::new(1));
    let now = Arc::clone(&mood);
    it.api.presence_payloads().add("mood", move || {
        let now = now.load(Ordering::Relaxed);
        (now > 0).then(|| Element::builder("mood", NS).text(now.to_string()))
    });
    mood
}

fn changed(it: &Scene) {
    it.api.publish(PresencePayloadChanged::new("mood"));
}

#[test]
fn it_is_sent_again_once_when_it_has_changed() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        let mood = add_mood(&it);
        for value in 1..=10 {
            mood.store(value, Ordering::Relaxed);
            changed(&it);
        }
        it.expect("<presence><mood xmlns='urn:example:mood'>10</mood></presence>")
            .await;
        changed(&it);
        it.expect_nothing("<presence/>").await;

        it.status().show_to("juno@teal.example").await.unwrap();
        it.expect(
            "<presence to='juno@teal.example'><mood xmlns='urn:example:mood'>10</mood></presence>",
        )
        .await;
        it.status().set("offline", None).await.unwrap();
        let gone = it.expect("<presence type='unavailable'/>").await;
        assert!(gone.child("mood", NS).is_none());
        mood.store(11, Ordering::Relaxed);
        changed(&it);
        it.expect_nothing("<presence/>").await;
    });
}

#[test]
fn what_cannot_be_written_is_left_out() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.api.presence_payloads().add("broken", || {
            Some(Element::builder("broken", NS).text("\u{0}"))
        });
        add_mood(&it);
        changed(&it);
        let presence = it.expect("<presence/>").await;
        assert!(presence.child("mood", NS).is_some());
        assert!(presence.child("broken", NS).is_none());
    });
}
