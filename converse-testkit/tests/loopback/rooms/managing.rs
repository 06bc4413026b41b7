//! XEP-0045 §8, §9: roles and affiliations.

use converse_testkit::loopback::{Affiliation, Role};

use crate::client::{condition, verona};
use crate::rooms::{
    ROOM, administer, ask, codes, configure, garden, item, occupant, presence_of, rank,
};

const ADMIN: &str = "http://jabber.org/protocol/muc#admin";

#[tokio::test]
async fn who_is_kicked_is_told_by_whom_and_why() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let mut tybalt = occupant(&server, "tybalt/street", "Tybalt").await;
    juliet.drain().await;
    let kick = "<item nick='Tybalt' role='none'><reason>no brawls</reason></item>";
    let refused = administer(&mut juliet, kick).await;
    assert_eq!(condition(&refused), "forbidden");
    administer(&mut romeo, kick).await;
    let own = tybalt.recv().await;
    assert_eq!(
        (own.attr("type"), codes(&own)),
        (Some("unavailable"), vec![110, 307])
    );
    assert_eq!(rank(&own), ("none", "none"));
    let actor = item(&own).get_child("actor", crate::rooms::USER).unwrap();
    assert_eq!(actor.attr("nick"), Some("Romeo"));
    let reason = item(&own).get_child("reason", crate::rooms::USER).unwrap();
    assert_eq!(reason.text(), "no brawls");
    let heard = juliet.drain().await;
    assert_eq!(codes(presence_of(&heard, "Tybalt")), [307]);
    assert_eq!(
        condition(&administer(&mut romeo, kick).await),
        "item-not-found"
    );
}

#[tokio::test]
async fn voice_is_granted_and_revoked() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    for (given, role) in [
        ("visitor", Role::Visitor),
        ("participant", Role::Participant),
        ("moderator", Role::Moderator),
    ] {
        administer(&mut romeo, &format!("<item nick='Juliet' role='{given}'/>")).await;
        let own = juliet.recv().await;
        assert_eq!(rank(&own), (given, "none"));
        assert_eq!(server.rooms()[0].occupant("Juliet").unwrap().role, role);
    }
    // A moderator who is nobody in particular does not touch the owner.
    for role in ["none", "visitor", "participant"] {
        let refused = administer(&mut juliet, &format!("<item nick='Romeo' role='{role}'/>")).await;
        assert_eq!(condition(&refused), "not-allowed", "{role}");
    }
    let query = "<item role='moderator'/>";
    let list = ask(&mut juliet, "get", ROOM, ADMIN, query).await;
    let list = list.get_child("query", ADMIN).unwrap();
    let nicks: Vec<_> = list
        .children()
        .map(|item| item.attr("nick").unwrap())
        .collect();
    assert_eq!(nicks, ["Juliet", "Romeo"]);
}

#[tokio::test]
async fn affiliations_are_kept_in_lists() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let both = "<item affiliation='admin' jid='juliet@localhost'/>\
                <item affiliation='outcast' jid='tybalt@localhost'><reason>a rapier</reason></item>";
    let done = administer(&mut romeo, both).await;
    assert_eq!(done.attr("type"), Some("result"));
    assert_eq!(rank(&juliet.recv().await), ("moderator", "admin"));
    for (affiliation, jid) in [
        ("owner", "romeo@localhost"),
        ("admin", "juliet@localhost"),
        ("outcast", "tybalt@localhost"),
    ] {
        let query = format!("<item affiliation='{affiliation}'/>");
        let list = ask(&mut juliet, "get", ROOM, ADMIN, &query).await;
        let list = list.get_child("query", ADMIN).unwrap();
        let items: Vec<_> = list.children().collect();
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].attr("jid"), Some(jid));
        assert_eq!(items[0].attr("affiliation"), Some(affiliation));
    }
    let lifted = "<item affiliation='none' jid='tybalt@localhost'/>";
    administer(&mut juliet, lifted).await;
    let mut tybalt = occupant(&server, "tybalt/street", "Tybalt").await;
    for affiliation in ["owner", "admin", "member", "outcast", "none"] {
        let query = format!("<item affiliation='{affiliation}'/>");
        let refused = ask(&mut tybalt, "get", ROOM, ADMIN, &query).await;
        assert_eq!(condition(&refused), "forbidden");
    }
    let by_nick = "<item affiliation='member' nick='Tybalt'/>";
    administer(&mut juliet, by_nick).await;
    assert_eq!(rank(&tybalt.recv().await), ("participant", "member"));
}

#[tokio::test]
async fn nobody_acts_upwards_or_leaves_a_room_without_an_owner() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    administer(
        &mut romeo,
        "<item affiliation='admin' jid='juliet@localhost'/>",
    )
    .await;
    for (item, expected) in [
        (
            "<item affiliation='outcast' jid='romeo@localhost'/>",
            "conflict",
        ),
        (
            "<item affiliation='owner' jid='juliet@localhost'/>",
            "not-allowed",
        ),
        (
            "<item affiliation='admin' jid='tybalt@localhost'/>",
            "not-allowed",
        ),
        (
            "<item affiliation='outcast' jid='juliet@localhost'/>",
            "conflict",
        ),
        (
            "<item affiliation='king' jid='tybalt@localhost'/>",
            "bad-request",
        ),
        ("<item affiliation='member' jid='@@'/>", "jid-malformed"),
        ("<item affiliation='member'/>", "bad-request"),
        (
            "<item affiliation='member' role='visitor' nick='Romeo'/>",
            "bad-request",
        ),
        ("<item role='king' nick='Romeo'/>", "bad-request"),
        ("", "bad-request"),
        // All or nothing.
        (
            "<item affiliation='member' jid='tybalt@localhost'/>\
             <item affiliation='owner' jid='juliet@localhost'/>",
            "not-allowed",
        ),
    ] {
        let refused = administer(&mut juliet, item).await;
        assert_eq!(condition(&refused), expected, "{item}");
    }
    let room = &server.rooms()[0];
    let known: Vec<_> = room.affiliations.iter().map(|(_, known)| *known).collect();
    assert_eq!(known, [Affiliation::Admin, Affiliation::Owner]);
    administer(
        &mut romeo,
        "<item affiliation='owner' jid='juliet@localhost'/>",
    )
    .await;
    administer(
        &mut romeo,
        "<item affiliation='none' jid='romeo@localhost'/>",
    )
    .await;
    let romeo = server.rooms()[0].occupant("Romeo").unwrap().affiliation;
    assert_eq!(romeo, Affiliation::None);
}

#[tokio::test]
async fn who_belongs_to_a_closed_room_no_more_has_to_go() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    administer(
        &mut romeo,
        "<item affiliation='member' jid='juliet@localhost'/>",
    )
    .await;
    configure(&mut romeo, &[("membersonly", "1")]).await;
    juliet.drain().await;
    administer(
        &mut romeo,
        "<item affiliation='none' jid='juliet@localhost'/>",
    )
    .await;
    let own = juliet.recv().await;
    assert_eq!(
        (own.attr("type"), codes(&own)),
        (Some("unavailable"), vec![110, 321])
    );
}
