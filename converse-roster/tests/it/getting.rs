//! Reading the contacts, and their attributes (the 3.2 document's table).

use converse_core::contract::{Profile, ProfileChanged};
use converse_core::prelude::*;
use converse_roster::prelude::*;

use crate::scene::{with_roster, without_roster};

#[test]
fn api_118_one_known_address_gives_its_attributes() {
    with_roster(|it| async move {
        let otto = it.api.contacts().get("otto@heron.example").unwrap();
        let otto = otto.unwrap();
        assert_eq!(otto.jid.as_str(), "otto@heron.example");
        assert_eq!((otto.id(), otto.user_id()), (&otto.jid, "otto"));
        assert_eq!(otto.fullname, "Otto");
        let by_jid: BareJid = "otto@heron.example".parse().unwrap();
        assert_eq!(it.api.contacts().get(&by_jid).unwrap(), Some(otto));
    });
}

#[test]
fn api_119_an_unknown_address_gives_nothing_and_no_error() {
    with_roster(|it| async move {
        assert_eq!(it.api.contacts().get("juno@teal.example").unwrap(), None);
    });
}

#[test]
fn api_120_121_a_list_gives_a_list_of_the_same_order_with_gaps() {
    with_roster(|it| async move {
        let contacts = it.api.contacts();
        let found = contacts
            .get_many(["otto@heron.example", "ines@heron.example"])
            .unwrap();
        let names: Vec<_> = found.iter().flatten().map(|it| it.user_id()).collect();
        assert_eq!(names, ["otto", "ines"]);
        let found = contacts
            .get_many(["otto@heron.example", "juno@teal.example"])
            .unwrap();
        assert_eq!(found.len(), 2);
        assert!(found[0].is_some() && found[1].is_none());
    });
}

#[test]
fn api_122_an_empty_list_gives_nobody() {
    with_roster(|it| async move {
        let found = it.api.contacts().get_many(Vec::<String>::new()).unwrap();
        assert!(found.is_empty());
    });
}

#[test]
fn api_123_all_gives_everybody_once() {
    with_roster(|it| async move {
        let all = it.api.contacts().all();
        let names: Vec<_> = all.iter().map(|contact| contact.user_id()).collect();
        assert_eq!(names, ["ines", "otto"]);
    });
}

#[test]
fn api_124_resource_and_case_do_not_matter() {
    with_roster(|it| async move {
        let otto = it.api.contacts().get("Otto@Heron.example/x").unwrap();
        assert_eq!(otto, it.contact("otto@heron.example"));
        assert!(otto.is_some());
    });
}

#[test]
fn api_125_what_is_no_address_is_an_error_that_names_the_call() {
    with_roster(|it| async move {
        for text in ["not a jid", "", "@", "a@b@c", "\u{0}"] {
            let error = it.api.contacts().get(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{text}");
            assert!(error.to_string().starts_with("contacts.get: "), "{error}");
        }
    });
}

#[test]
fn api_126_before_the_roster_there_is_nobody() {
    without_roster(|mut it| async move {
        it.expect("<iq type='get' id='{{r}}'><query xmlns='jabber:iq:roster'/></iq>")
            .await;
        assert!(it.api.contacts().all().is_empty());
        assert_eq!(it.api.contacts().get("otto@heron.example").unwrap(), None);
        it.recv(
            "<iq type='result' id='{{r}}'><query xmlns='jabber:iq:roster'>\
             <item jid='otto@heron.example'/></query></iq>",
        )
        .await;
        assert!(it.api.promises().is_resolved("rosterContactsFetched"));
        assert_eq!(it.api.contacts().all().len(), 1);
    });
}

#[test]
fn api_127_what_was_got_stays_as_it_was() {
    with_roster(|it| async move {
        let before = it.contact("otto@heron.example").unwrap();
        it.recv("<presence from='otto@heron.example/oar'><show>away</show></presence>")
            .await;
        assert_eq!(before.chat_status, ChatStatus::Offline);
        let after = it.contact("otto@heron.example").unwrap();
        assert_eq!(after.chat_status, ChatStatus::Away);
    });
}

#[test]
fn api_128_every_attribute_of_the_document_is_there() {
    with_roster(|it| async move {
        it.recv(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>\
             <item jid='otto@heron.example' subscription='to' ask='subscribe'><group>Kin</group></item></query></iq>",
        )
        .await;
        it.recv(
            "<presence from='otto@heron.example/oar'><show>dnd</show><status>rowing</status>\
             <priority>3</priority></presence>",
        )
        .await;
        it.recv("<presence type='subscribe' from='otto@heron.example'/>")
            .await;
        it.events().await;
        let mut profile = Profile::new("2026-02-01T00:00:00Z".parse().unwrap());
        profile.fullname = Some("Otto Bill".to_owned());
        profile.image = Some("aW1hZ2U=".to_owned());
        profile.image_type = Some("image/png".to_owned());
        profile.url = Some("https://heron.example/".to_owned());
        let jid: BareJid = "otto@heron.example".parse().unwrap();
        for _ in 0..2 {
            let changed = ProfileChanged::new(jid.clone(), Arc::new(profile.clone()));
            it.api.publish(changed);
        }
        assert_eq!(it.events().await, ["contactProfileChanged"]);

        let otto = it.contact("otto@heron.example").unwrap();
        assert_eq!(otto.image(), Some("aW1hZ2U="));
        assert_eq!(otto.image_type(), Some("image/png"));
        assert_eq!(otto.url(), Some("https://heron.example/"));
        assert_eq!(otto.vcard_updated(), Some(profile.updated));
        let resource = otto.resources.get("oar").unwrap();
        assert_eq!(
            (resource.priority, resource.status.as_deref()),
            (3, Some("rowing"))
        );
        let mut value = json!(otto);
        value["resources"]["oar"]["since"] = json!(null);
        assert_eq!(
            value,
            json!({
                "ask": "subscribe", "fullname": "Otto Bill", "jid": "otto@heron.example", "requesting": true,
                "subscription": "to", "id": "otto@heron.example", "chat_status": "dnd", "user_id": "otto",
                "resources": { "oar": {
                    "priority": 3, "chat_status": "dnd", "status": "rowing", "since": null,
                } },
                "groups": ["Kin"], "status": "rowing", "image_type": "image/png", "image": "aW1hZ2U=",
                "url": "https://heron.example/", "vcard_updated": "2026-02-01T00:00:00.000Z",
            })
        );

        // What the user calls them goes first, and is all that goes into the roster.
        it.recv(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>\
             <item jid='otto@heron.example' name='O.' subscription='both'/></query></iq>",
        )
        .await;
        let otto = it.contact("otto@heron.example").unwrap();
        assert_eq!(
            (otto.fullname.as_str(), otto.url()),
            ("O.", Some("https://heron.example/"))
        );
    });
}

#[test]
fn a_name_that_only_the_contact_gave_does_not_go_into_the_roster() {
    with_roster(|mut it| async move {
        it.recv(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example'/></query></iq>",
        )
        .await;
        let mut profile = Profile::new("2026-02-01T00:00:00Z".parse().unwrap());
        profile.nickname = Some("Oar".to_owned());
        let jid: BareJid = "otto@heron.example".parse().unwrap();
        it.api
            .publish(ProfileChanged::new(jid.clone(), Arc::new(profile)));
        it.events().await;
        assert_eq!(it.contact(jid.as_str()).unwrap().fullname, "Oar");
        it.api.contacts().set_groups(&jid, ["Kin"]).await.unwrap();
        let set = "<iq type='set'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example'><group>Kin</group></item></query></iq>";
        let set = it.expect(set).await;
        let query = set.child("query", "jabber:iq:roster").unwrap();
        let item = query.child("item", "jabber:iq:roster").unwrap();
        assert!(item.attr("name").is_none());
    });
}

#[test]
fn the_newest_pictures_are_kept_as_many_as_fit() {
    with_roster(|it| async move {
        it.recv(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='otto@heron.example'/>\
             <item jid='ines@heron.example'/></query></iq>",
        )
        .await;
        let mut profile = Profile::new("2026-02-01T00:00:00Z".parse().unwrap());
        profile.image = Some("A".repeat(40 * 1024 * 1024));
        profile.url = Some("https://heron.example/".to_owned());
        let profile = Arc::new(profile);
        for jid in ["otto@heron.example", "ines@heron.example"] {
            let changed = ProfileChanged::new(jid.parse().unwrap(), Arc::clone(&profile));
            it.api.publish(changed);
            it.events().await;
            assert!(it.contact(jid).unwrap().image().is_some());
        }
        let otto = it.contact("otto@heron.example").unwrap();
        assert_eq!(otto.image(), None);
        assert_eq!(otto.url(), Some("https://heron.example/"));
    });
}

#[test]
fn api_129_every_status_has_its_name() {
    with_roster(|it| async move {
        let shows = [
            ("", "online"),
            ("<show>chat</show>", "chat"),
            ("<show>away</show>", "away"),
            ("<show>xa</show>", "xa"),
            ("<show>dnd</show>", "dnd"),
        ];
        for (show, status) in shows {
            it.recv(&format!(
                "<presence from='otto@heron.example/oar'>{show}</presence>"
            ))
            .await;
            let otto = json!(it.contact("otto@heron.example").unwrap());
            assert_eq!(otto["chat_status"], status);
        }
        it.recv("<presence type='unavailable' from='otto@heron.example/oar'/>")
            .await;
        let otto = json!(it.contact("otto@heron.example").unwrap());
        assert_eq!(otto["chat_status"], "offline");
        // The document calls it `busy`: that is understood.
        let busy: ChatStatus = serde_json::from_value(json!("busy")).unwrap();
        assert_eq!(busy, ChatStatus::Dnd);
    });
}
