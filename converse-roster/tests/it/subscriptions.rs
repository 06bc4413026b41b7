//! The subscription handshake from the user's side (RFC 6121 §3).

use converse_core::prelude::*;
use converse_roster::AddOptions;
use converse_roster::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Rule;

use crate::fetching::wait_for;
use crate::scene::{Scene, plan, with_roster};

const OTTO: &str = "otto@heron.example";

/// The push of an item of otto's.
fn push(attributes: &str) -> String {
    format!(
        "<iq type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example' {attributes}/></query></iq>"
    )
}

#[test]
fn a_request_is_granted() {
    with_roster(|it| async move {
        it.recv(&push("subscription='none' ask='subscribe'")).await;
        assert_eq!(it.api.contacts().pending().len(), 1);
        it.events().await;
        it.recv("<presence type='subscribed' from='otto@heron.example'/>")
            .await;
        it.recv(&push("subscription='to'")).await;
        assert_eq!(it.events().await, ["contactSubscribed", "rosterPush"]);
        assert!(it.api.contacts().pending().is_empty());
    });
}

#[test]
fn a_request_is_denied_and_the_contact_stays() {
    with_roster(|it| async move {
        it.recv(&push("subscription='none' ask='subscribe'")).await;
        it.events().await;
        it.recv("<presence type='unsubscribed' from='otto@heron.example'/>")
            .await;
        assert_eq!(it.events().await, ["contactUnsubscribed"]);
        assert!(it.contact(OTTO).unwrap().ask.is_none());
        // Who was not asked has nothing to refuse or to grant.
        it.recv("<presence type='unsubscribed' from='juno@teal.example'/>")
            .await;
        it.recv("<presence type='subscribed' from='juno@teal.example'/>")
            .await;
        it.recv("<presence type='subscribed' from='otto@heron.example'/>")
            .await;
        assert!(it.events().await.is_empty());
    });
}

#[test]
fn a_request_that_cannot_be_delivered_is_announced() {
    with_roster(|it| async move {
        let error = "<error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
        let failed = format!("<presence type='error' from='otto@heron.example'>{error}</presence>");
        it.recv(&failed).await;
        it.recv(&push("subscription='none' ask='subscribe'")).await;
        let from_client =
            format!("<presence type='error' from='otto@heron.example/oar'>{error}</presence>");
        it.recv(&from_client).await;
        it.events().await;
        it.recv(&failed).await;
        let events = it.payloads("contactRequestFailed").await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0]["jid"], OTTO);
        let reason = events[0]["reason"].as_str().unwrap();
        assert!(reason.contains("remote-server-not-found"), "{reason}");
    });
}

#[test]
fn the_user_takes_a_request_back_or_does_not_want_to_see_a_contact() {
    with_roster(|mut it| async move {
        let contacts = it.api.contacts();
        contacts.unsubscribe(OTTO).await.unwrap();
        it.expect("<presence type='unsubscribe' to='otto@heron.example'/>")
            .await;
        assert!(it.contact(OTTO).is_some());
        let error = contacts.unsubscribe("juno@teal.example").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().starts_with("contacts.unsubscribe: "));
        contacts.refuse(OTTO).await.unwrap();
        it.expect("<presence type='unsubscribed' to='otto@heron.example'/>")
            .await;
    });
}

#[test]
fn approving_alone_asks_for_nothing_in_return() {
    with_roster(|mut it| async move {
        it.recv("<presence type='subscribe' from='juno@teal.example'/>")
            .await;
        assert_eq!(it.api.contacts().requests().len(), 1);
        it.api
            .contacts()
            .approve("juno@teal.example")
            .await
            .unwrap();
        it.expect("<presence type='subscribed' to='juno@teal.example'/>")
            .await;
        it.expect_nothing("<presence type='subscribe'/>").await;
        assert!(it.api.contacts().requests().is_empty());
    });
}

#[test]
fn asking_carries_a_message_and_is_done_once() {
    with_roster(|mut it| async move {
        let contacts = it.api.contacts();
        contacts
            .request("juno@teal.example", "It is me")
            .await
            .unwrap();
        it.expect("<presence type='subscribe' to='juno@teal.example'><status>It is me</status></presence>")
            .await;
        // Otto is seen already.
        contacts.request(OTTO, None).await.unwrap();
        it.expect_nothing("<presence type='subscribe' to='otto@heron.example'/>")
            .await;
    });
}

#[test]
fn an_approval_before_the_request_needs_the_servers_help() {
    with_roster(|it| async move {
        let error = it
            .api
            .contacts()
            .pre_approve("juno@teal.example")
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        it.expect_nothing("<presence type='subscribed'/>").await;
    });
    clock::run(async {
        let mut plan = plan(&[]);
        plan.features
            .push("<sub xmlns='urn:xmpp:features:pre-approval'/>".to_owned());
        let mut it = Scene::new(plan, settings! {}).await;
        let contacts = it.api.contacts();
        contacts.pre_approve("juno@teal.example").await.unwrap();
        it.expect("<presence type='subscribed' to='juno@teal.example'/>")
            .await;
        it.recv(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>\
             <item jid='juno@teal.example' subscription='none' approved='true'/></query></iq>",
        )
        .await;
        assert!(it.contact("juno@teal.example").unwrap().approved);
        // A request that reaches the client nevertheless is agreed to, and is no news.
        it.events().await;
        it.recv("<presence type='subscribe' from='juno@teal.example'/>")
            .await;
        it.expect("<presence type='subscribed' to='juno@teal.example'/>")
            .await;
        assert!(it.events().await.is_empty());
    });
}

#[test]
fn a_contact_is_added_with_groups_and_a_message() {
    with_roster(|mut it| async move {
        let options = AddOptions::new()
            .name(" Buddy ")
            .groups(["Friends", "Rowers", "Friends"])
            .message("Hello");
        it.api
            .contacts()
            .add_with("buddy@example.com", options)
            .await
            .unwrap();
        let set = "<iq type='set'><query xmlns='jabber:iq:roster'><item jid='buddy@example.com' name='Buddy'/></query></iq>";
        let set = it.expect(set).await;
        let query = set.child("query", "jabber:iq:roster").unwrap();
        let item = query.child("item", "jabber:iq:roster").unwrap();
        let groups: Vec<_> = item.children().map(|group| group.text()).collect();
        assert_eq!(groups, ["Friends", "Rowers"]);
        it.expect(
            "<presence type='subscribe' to='buddy@example.com'><status>Hello</status></presence>",
        )
        .await;
        let options = AddOptions::new().without_request();
        it.api
            .contacts()
            .add_with("quiet@example.com", options)
            .await
            .unwrap();
        it.expect_nothing("<presence type='subscribe' to='quiet@example.com'/>")
            .await;
    });
}

#[test]
fn errors_name_the_call_and_the_argument() {
    with_roster(|it| async move {
        let contacts = it.api.contacts();
        let bad_group = AddOptions::new().groups(["Kin", " "]);
        let bad_name = AddOptions::new().name("a\u{0}b");
        let bad_message = AddOptions::new().message("\u{1}");
        let errors = [
            (
                contacts.add_with("buddy@example.com", bad_group).await,
                "contacts.add_with: invalid groups: ",
            ),
            (
                contacts.add_with("buddy@example.com", bad_name).await,
                "contacts.add_with: invalid name: ",
            ),
            (
                contacts.add_with("buddy@example.com", bad_message).await,
                "contacts.add_with: invalid message: ",
            ),
            (
                contacts.add_with("not a jid", AddOptions::new()).await,
                "contacts.add_with: invalid jid: ",
            ),
            (
                contacts.rename(OTTO, "\u{8}").await,
                "contacts.rename: invalid name: ",
            ),
            (
                contacts.set_groups(OTTO, [""]).await,
                "contacts.set_groups: invalid groups: ",
            ),
            (
                contacts.accept("heron.example").await,
                "contacts.accept: invalid jid: ",
            ),
            (
                contacts.approve("@").await,
                "contacts.approve: invalid jid: ",
            ),
            (contacts.refuse("").await, "contacts.refuse: invalid jid: "),
            (
                contacts.request("mara@kestrel.example", None).await,
                "contacts.request: `mara@kestrel.example` is the own address",
            ),
            (
                contacts.remove("juno@teal.example").await,
                "contacts.remove: `juno@teal.example` is no contact",
            ),
        ];
        for (outcome, text) in errors {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
            assert!(error.to_string().starts_with(text), "{error}");
        }
        it.expect_nothing("<iq type='set'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
        it.expect_nothing("<presence to='otto@heron.example'/>")
            .await;
    });
}

#[test]
fn requests_survive_a_reconnection_and_are_not_announced_again() {
    clock::run(async {
        let mut plan = plan(&[(OTTO, "Otto")]);
        plan.roster[0].subscription = Some("to".to_owned());
        let mut it = Scene::new(plan, settings! { "reconnect_min": 1 }).await;
        for from in ["juno@teal.example", OTTO] {
            it.recv(&format!("<presence type='subscribe' from='{from}'/>"))
                .await;
        }
        it.events().await;
        it.server.answer_connects(Rule::Accept);
        it.server.drop_connection();
        wait_for(&it, "rosterContactsFetched").await;
        let requests = it.api.contacts().requests();
        let names: Vec<_> = requests.iter().map(|it| it.user_id()).collect();
        assert_eq!(names, ["juno", "otto"]);
        // The server brings them again with each session (RFC 6121 §3.1.3).
        for from in ["juno@teal.example", OTTO] {
            it.recv(&format!("<presence type='subscribe' from='{from}'/>"))
                .await;
        }
        assert!(it.payloads("contactRequest").await.is_empty());
        it.api.contacts().accept("juno@teal.example").await.unwrap();
        it.expect("<presence type='subscribed' to='juno@teal.example'/>")
            .await;
        assert_eq!(it.api.contacts().requests().len(), 1);
    });
}

#[test]
fn a_withdrawal_is_announced() {
    with_roster(|it| async move {
        it.recv("<presence type='subscribe' from='juno@teal.example'/>")
            .await;
        it.events().await;
        for from in ["juno@teal.example", OTTO, "vex@mallard.example"] {
            it.recv(&format!("<presence type='unsubscribe' from='{from}'/>"))
                .await;
        }
        let withdrawn = it.payloads("contactRequestWithdrawn").await;
        let who: Vec<_> = withdrawn
            .iter()
            .map(|contact| &contact["user_id"])
            .collect();
        assert_eq!(who, ["juno", "otto"]);
        assert!(it.contact(OTTO).is_some());
    });
}

#[test]
fn roster_items_that_others_suggest_are_not_followed() {
    with_roster(|mut it| async move {
        it.events().await;
        let items = "<x xmlns='http://jabber.org/protocol/rosterx'>\
                     <item action='add' jid='trap@mallard.example' name='Bank'/>\
                     <item action='delete' jid='otto@heron.example'/></x>";
        for from in ["vex@mallard.example/x9", "otto@heron.example/oar"] {
            it.recv(&format!("<message from='{from}'>{items}</message>"))
                .await;
        }
        it.recv(&format!(
            "<iq type='set' id='x' from='otto@heron.example/oar'>{items}</iq>"
        ))
        .await;
        it.expect("<iq type='error' id='x' to='otto@heron.example/oar'/>")
            .await;
        it.expect_nothing("<iq type='set'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
        it.expect_nothing("<presence type='subscribe'/>").await;
        assert!(it.events().await.is_empty());
        assert_eq!(it.api.contacts().all().len(), 2);
    });
}

#[test]
fn who_is_shown_is_a_matter_of_settings() {
    clock::run(async {
        let contacts = [(OTTO, "Otto"), ("ines@heron.example", "Ines")];
        let it = Scene::new(plan(&contacts), settings! { "hide_offline_users": true }).await;
        it.recv("<presence from='ines@heron.example/oar'><show>away</show></presence>")
            .await;
        let names = |it: &Scene| -> Vec<String> {
            let groups = it.api.contacts().shown().unwrap();
            let shown = groups.iter().flat_map(|group| &group.contacts);
            shown.map(|contact| contact.fullname.clone()).collect()
        };
        assert_eq!(names(&it), ["Ines"]);
        it.api
            .settings()
            .set("show_only_online_users", true)
            .unwrap();
        assert!(names(&it).is_empty());
        it.api.settings().set("hide_offline_users", false).unwrap();
        it.api
            .settings()
            .set("show_only_online_users", false)
            .unwrap();
        assert_eq!(names(&it), ["Ines", "Otto"]);
    });
}
