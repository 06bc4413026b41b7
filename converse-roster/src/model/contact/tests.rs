#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;

fn contact() -> Contact {
    Contact::new("otto@heron.example".parse().unwrap())
}

fn resource(priority: i8, chat_status: ChatStatus, seconds: i64, order: u64) -> Resource {
    Resource {
        priority,
        chat_status,
        status: None,
        since: DateTime::from_timestamp(seconds, 0).unwrap(),
        order,
    }
}

#[test]
fn the_highest_priority_counts_then_the_newest() {
    let mut contact = contact();
    let it = contact.change();
    it.arrive("a", resource(0, ChatStatus::Away, 10, 1));
    it.arrive("b", resource(0, ChatStatus::Dnd, 5, 2));
    assert_eq!(it.chat_status, ChatStatus::Away);
    it.arrive("b", resource(0, ChatStatus::Dnd, 10, 3));
    assert_eq!(it.chat_status, ChatStatus::Dnd);
    it.arrive("c", resource(1, ChatStatus::Online, 1, 4));
    assert_eq!(it.chat_status, ChatStatus::Online);
    it.arrive("d", resource(-1, ChatStatus::Chat, 99, 5));
    assert_eq!(it.chat_status, ChatStatus::Online);
    it.leave(Some("c"), Some("bye".into()));
    assert_eq!(it.chat_status, ChatStatus::Dnd);
    assert_eq!(it.status, None);
    it.leave(None, Some("good night".into()));
    assert_eq!(it.chat_status, ChatStatus::Offline);
    assert_eq!(it.status.as_deref(), Some("good night"));
}

#[test]
fn a_snapshot_does_not_change() {
    let mut contact = contact();
    let before = contact.clone();
    contact.change().fullname = "Otto".to_owned();
    assert_eq!(before.fullname, "otto@heron.example");
    assert_eq!(contact.fullname, "Otto");
}

#[test]
fn every_documented_attribute_has_its_name() {
    let mut contact = contact();
    let it = contact.change();
    it.ask = Some(Ask::Subscribe);
    it.status = Some("rowing".into());
    let mut profile = Profile::new("2026-02-01T00:00:00Z".parse().unwrap());
    for field in [
        &mut profile.image,
        &mut profile.image_type,
        &mut profile.url,
    ] {
        *field = Some("x".to_owned());
    }
    it.introduce(Arc::new(profile));
    let value = serde_json::to_value(&contact).unwrap();
    let documented = [
        "ask",
        "fullname",
        "jid",
        "requesting",
        "subscription",
        "id",
        "chat_status",
        "user_id",
        "resources",
        "groups",
        "status",
        "image_type",
        "image",
        "url",
        "vcard_updated",
    ];
    for attribute in documented {
        assert!(value.get(attribute).is_some(), "{attribute}");
    }
    assert_eq!(value["ask"], "subscribe");
    assert_eq!(value["user_id"], "otto");
    assert_eq!(value["vcard_updated"], "2026-02-01T00:00:00.000Z");
    assert_eq!(serde_json::from_value::<Contact>(value).unwrap(), contact);
}

#[test]
fn the_name_that_the_user_gave_goes_first() {
    let mut contact = contact();
    let it = contact.change();
    let mut profile = Profile::new("2026-02-01T00:00:00Z".parse().unwrap());
    profile.nickname = Some("Oar".to_owned());
    it.introduce(Arc::new(profile.clone()));
    assert_eq!((it.fullname.as_str(), it.name()), ("Oar", None));
    profile.fullname = Some("Otto B.".to_owned());
    it.introduce(Arc::new(profile.clone()));
    assert_eq!(it.fullname, "Otto B.");
    let mut item = RosterItem::new(it.jid.clone());
    item.name = Some("Otto".to_owned());
    it.apply(item.clone(), Groups::default());
    it.introduce(Arc::new(profile));
    assert_eq!((it.fullname.as_str(), it.name()), ("Otto", Some("Otto")));
    assert!(it.is_as(&item));
    item.name = None;
    assert!(!it.is_as(&item));
    it.apply(item, Groups::default());
    assert_eq!(it.fullname, "Otto B.");
}
