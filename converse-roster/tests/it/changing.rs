//! Changing the roster (RFC 6121 §2.3–2.5, §3.1).

use converse_core::prelude::*;
use converse_roster::prelude::*;
use converse_testkit::clock;

use crate::scene::with_roster;

#[test]
fn api_130_131_135_adding_sets_the_roster_then_asks() {
    with_roster(|mut it| async move {
        it.server.plan(|plan| {
            plan.auto.remove("roster");
        });
        let api = it.api.clone();
        let adding = tokio::task::spawn_local(async move {
            api.contacts().add("Buddy@Example.com", "Buddy").await
        });
        it.expect("<iq type='set' id='{{a}}'><query xmlns='jabber:iq:roster'><item jid='buddy@example.com' name='Buddy'/></query></iq>").await;
        it.expect_nothing("<presence type='subscribe'/>").await;
        it.recv("<iq type='result' id='{{a}}'/>").await;
        adding.await.unwrap().unwrap();
        it.expect("<presence type='subscribe' to='buddy@example.com'/>")
            .await;

        let api = it.api.clone();
        let refused =
            tokio::task::spawn_local(
                async move { api.contacts().add("no@example.com", None).await },
            );
        it.expect("<iq type='set' id='{{b}}'><query xmlns='jabber:iq:roster'><item jid='no@example.com' name='no@example.com'/></query></iq>").await;
        it.recv(
            "<iq type='error' id='{{b}}'><error type='cancel'>\
             <not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        )
        .await;
        assert_eq!(
            refused.await.unwrap().unwrap_err().kind(),
            ErrorKind::Stanza
        );
        it.expect_nothing("<presence type='subscribe'/>").await;
    });
}

#[test]
fn api_132_134_what_cannot_be_a_contact_is_refused_before_anything_is_sent() {
    with_roster(|it| async move {
        let contacts = it.api.contacts();
        for text in ["invalid jid", "", "example.com", "@example.com", "a@b@c"] {
            let error = contacts.add(text, None).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}");
            assert!(
                error.to_string().starts_with("contacts.add: invalid jid"),
                "{error}"
            );
        }
        let error = contacts
            .add("Mara@kestrel.example/x", None)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        it.expect_nothing("<iq type='set'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
        it.expect_nothing("<presence type='subscribe'/>").await;
    });
}

#[test]
fn api_133_a_contact_is_not_added_twice() {
    with_roster(|mut it| async move {
        it.api
            .contacts()
            .add("otto@heron.example", None)
            .await
            .unwrap();
        it.expect_nothing("<iq type='set'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
        it.api
            .contacts()
            .add("otto@heron.example", "O.")
            .await
            .unwrap();
        it.expect("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example' name='O.'/></query></iq>").await;
        it.expect_nothing("<presence type='subscribe'/>").await;
    });
}

#[test]
fn renaming_keeps_the_groups_and_grouping_the_name() {
    with_roster(|mut it| async move {
        it.recv(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example' name='Otto' subscription='both'>\
             <group>Kin</group></item></query></iq>",
        )
        .await;
        let contacts = it.api.contacts();
        contacts
            .rename("otto@heron.example", "O. & Co")
            .await
            .unwrap();
        it.expect("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example' name='O. &amp; Co'><group>Kin</group></item></query></iq>").await;
        contacts
            .set_groups("otto@heron.example", ["Coxes"])
            .await
            .unwrap();
        it.expect("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example' name='Otto'><group>Coxes</group></item></query></iq>").await;
        contacts.remove("otto@heron.example").await.unwrap();
        it.expect("<iq type='set'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example' subscription='remove'/></query></iq>").await;
        // The push says that it is gone, not the answer.
        assert!(it.contact("otto@heron.example").is_some());
        let error = contacts
            .rename("juno@teal.example", "Juno")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn without_a_session_it_says_so() {
    with_roster(|it| async move {
        it.api.connection().disconnect().await.unwrap();
        clock::settle().await;
        let error = it
            .api
            .contacts()
            .add("buddy@example.com", None)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
    });
}
