//! The presence of contacts (RFC 6121 §4).

use converse_core::contract::{ContactDirectory, Standing};
use converse_roster::prelude::*;

use crate::scene::with_roster;

#[test]
fn the_status_follows_the_resource_that_counts() {
    with_roster(|it| async move {
        let steps = [
            (
                "<presence from='otto@heron.example/p1'><priority>1</priority></presence>",
                "online",
                1,
            ),
            (
                "<presence from='otto@heron.example/p0'><show>xa</show></presence>",
                "online",
                2,
            ),
            (
                "<presence from='otto@heron.example/p2'><priority>2</priority><show>dnd</show></presence>",
                "dnd",
                3,
            ),
            (
                "<presence from='otto@heron.example/p2' type='unavailable'/>",
                "online",
                2,
            ),
            (
                "<presence from='otto@heron.example/p1' type='unavailable'/>",
                "xa",
                1,
            ),
            (
                "<presence from='otto@heron.example/p0' type='unavailable'/>",
                "offline",
                0,
            ),
            (
                "<presence from='otto@heron.example/p0'><show>snoozing</show><priority>many</priority></presence>",
                "online",
                1,
            ),
            (
                "<presence from='otto@heron.example' type='unavailable'/>",
                "offline",
                0,
            ),
        ];
        for (stanza, status, resources) in steps {
            it.recv(stanza).await;
            let otto = it.contact("otto@heron.example").unwrap();
            assert_eq!(
                (otto.chat_status.as_str(), otto.resources.len()),
                (status, resources),
                "{stanza}"
            );
        }
    });
}

#[test]
fn coming_and_going_is_announced_once() {
    with_roster(|it| async move {
        it.events().await;
        it.recv("<presence from='otto@heron.example/a'><status>at the lock</status></presence>")
            .await;
        assert_eq!(
            it.events().await,
            [
                "contactStatusChanged",
                "contactOnline",
                "contactStatusMessageChanged"
            ]
        );
        it.recv("<presence from='otto@heron.example/a'><status>at the lock</status></presence>")
            .await;
        it.recv("<presence from='otto@heron.example/b'><status>at the lock</status></presence>")
            .await;
        assert!(it.events().await.is_empty());
        it.recv("<presence from='otto@heron.example/b'/>").await;
        assert_eq!(it.events().await, ["contactStatusMessageChanged"]);
        it.recv("<presence from='otto@heron.example/b' type='unavailable'/><presence from='otto@heron.example/a' type='unavailable'/>").await;
        let status = it.payloads("contactStatusChanged").await;
        assert_eq!(status.len(), 1);
        assert_eq!(
            (&status[0]["jid"], &status[0]["chat_status"]),
            (&"otto@heron.example".into(), &"offline".into())
        );
    });
}

#[test]
fn errors_strangers_rooms_and_oneself_change_nothing() {
    with_roster(|it| async move {
        it.recv("<presence from='otto@heron.example/oar'/>").await;
        it.events().await;
        it.recv(
            "<presence type='error' from='otto@heron.example/oar'><error type='cancel'>\
             <gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
        )
        .await;
        it.recv("<presence from='stranger@teal.example/z'/>").await;
        it.recv("<presence from='mara@kestrel.example/phone'><show>dnd</show></presence>")
            .await;
        it.recv("<presence type='probe' from='ines@heron.example'/>")
            .await;
        it.recv(
            "<presence from='ines@heron.example/pia'><show>dnd</show>\
             <x xmlns='http://jabber.org/protocol/muc#user'/></presence>",
        )
        .await;
        it.recv("<presence><show>away</show></presence>").await;
        assert!(it.events().await.is_empty());
        assert_eq!(it.api.contacts().all().len(), 2);
        assert!(it.contact("otto@heron.example").unwrap().is_online());
        assert!(!it.contact("ines@heron.example").unwrap().is_online());
    });
}

#[test]
fn a_flood_of_resources_is_bounded() {
    with_roster(|it| async move {
        for batch in 0..20 {
            let flood: String = (0..250)
                .map(|n| format!("<presence from='otto@heron.example/r{batch}-{n}'/>"))
                .collect();
            it.recv(&flood).await;
        }
        assert_eq!(
            it.contact("otto@heron.example").unwrap().resources.len(),
            64
        );
    });
}

#[test]
fn others_learn_who_is_a_contact() {
    with_roster(|it| async move {
        let directory = it.api.provided::<ContactDirectory>().unwrap();
        let standing = |jid: &str| directory.standing(&jid.parse().unwrap());
        assert!(matches!(standing("otto@heron.example"), Standing::Contact(s) if s.is_seen()));
        assert_eq!(standing("vex@mallard.example"), Standing::Stranger);
    });
}
