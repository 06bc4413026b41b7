//! Roster pushes (RFC 6121 §2.1.6).

use converse_roster::prelude::*;

use crate::scene::with_roster;

#[test]
fn a_push_adds_changes_and_removes() {
    with_roster(|mut it| async move {
        it.events().await;
        it.recv(
            "<iq type='set' id='p1'><query xmlns='jabber:iq:roster'>\
             <item jid='juno@teal.example' name='Juno' subscription='to'><group>Kin</group></item></query></iq>",
        )
        .await;
        it.expect("<iq type='result' id='p1'/>").await;
        assert_eq!(it.events().await, ["rosterPush"]);
        let juno = it.contact("juno@teal.example").unwrap();
        assert_eq!(
            (juno.fullname.as_str(), &juno.groups[..]),
            ("Juno", &["Kin".to_owned()][..])
        );

        it.recv("<presence from='otto@heron.example/oar'><show>away</show></presence>")
            .await;
        it.events().await;
        it.recv(
            "<iq type='set' id='p2' from='mara@kestrel.example'><query xmlns='jabber:iq:roster'>\
             <item jid='otto@heron.example' name='Otto B.' subscription='both'><group>Coxes</group></item></query></iq>",
        )
        .await;
        it.expect("<iq type='result' id='p2'/>").await;
        let otto = it.contact("otto@heron.example").unwrap();
        assert_eq!(otto.fullname, "Otto B.");
        assert_eq!(
            (otto.chat_status, otto.resources.len()),
            (ChatStatus::Away, 1)
        );

        it.recv(
            "<iq type='set' id='p3'><query xmlns='jabber:iq:roster'>\
             <item jid='otto@heron.example' subscription='remove'/></query></iq>",
        )
        .await;
        it.expect("<iq type='result' id='p3'/>").await;
        it.expect_nothing("<iq type='set'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
        assert!(it.contact("otto@heron.example").is_none());
        let events = it.events().await;
        assert!(events.contains(&"contactOffline".to_owned()));
        assert_eq!(events.last().unwrap(), "rosterPush");
        assert!(events.contains(&"contactRemoved".to_owned()));
    });
}

#[test]
fn a_push_from_anybody_else_changes_nothing() {
    with_roster(|it| async move {
        it.events().await;
        for (n, from) in [
            "vex@mallard.example/x9",
            "otto@heron.example",
            "kestrel.example",
            "mara@kestrel.example/phone",
            "mara@kestrel.example.mallard.example",
        ]
        .iter()
        .enumerate()
        {
            it.recv(&format!(
                "<iq type='set' id='e{n}' from='{from}'><query xmlns='jabber:iq:roster'>\
                 <item jid='vex@mallard.example' subscription='both'/></query></iq>"
            ))
            .await;
        }
        it.expect_nothing("<iq type='result'/>").await;
        assert!(it.events().await.is_empty());
        assert!(it.contact("vex@mallard.example").is_none());
    });
}

#[test]
fn the_good_items_of_a_bad_push_count_and_one_without_any_is_refused() {
    with_roster(|mut it| async move {
        it.recv(
            "<iq type='set' id='p1'><query xmlns='jabber:iq:roster'><item jid='not a jid' subscription='both'/>\
             <item jid='juno@teal.example' subscription='both'/></query></iq>",
        )
        .await;
        it.expect("<iq type='result' id='p1'/>").await;
        assert!(it.contact("juno@teal.example").is_some());
        it.recv(
            "<iq type='set' id='p2'><query xmlns='jabber:iq:roster'><item jid='@'/></query></iq>",
        )
        .await;
        it.expect(
            "<iq type='error' id='p2'><error type='modify'>\
             <bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        )
        .await;
    });
}
