//! XEP-0045 §7.2, §7.14, §10.1: coming in, and going.

use crate::client::{Client, condition, verona};
use crate::rooms::{
    ROOM, USER, administer, codes, configure, enter, garden, item, occupant, presence_of, rank,
};

#[tokio::test]
async fn whoever_enters_a_room_that_is_not_there_makes_it() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let heard = enter(&mut romeo, "Romeo", "").await;
    assert_eq!(heard.len(), 2, "{heard:?}");
    let own = presence_of(&heard, "Romeo");
    assert_eq!(codes(own), [110, 201]);
    assert_eq!(rank(own), ("moderator", "owner"));
    assert_eq!(own.attr("id"), Some("enter"));
    assert_eq!(item(own).attr("jid"), Some("romeo@localhost/orchard"));
    let subject = &heard[1];
    assert_eq!(subject.attr("from"), Some(ROOM));
    assert_eq!(
        subject
            .get_child("subject", "jabber:client")
            .unwrap()
            .text(),
        ""
    );
    // Nobody else gets in before its owner has said how it is to be.
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    let heard = enter(&mut juliet, "Juliet", "").await;
    assert_eq!(condition(&heard[0]), "item-not-found");
    assert!(server.rooms()[0].locked);
    configure(&mut romeo, &[]).await;
    let heard = enter(&mut juliet, "Juliet", "").await;
    assert_eq!(rank(presence_of(&heard, "Juliet")), ("participant", "none"));
}

#[tokio::test]
async fn everybody_there_is_told_first_and_oneself_last() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    tybalt
        .send(&format!(
            "<presence id='p' to='{ROOM}/Tybalt'><show>dnd</show><status>sword in hand</status>\
             <x xmlns='http://jabber.org/protocol/muc'/>\
             <x xmlns='{USER}'><item affiliation='owner' role='moderator'/></x>\
             <occupant-id xmlns='urn:xmpp:occupant-id:0' id='forged'/></presence>"
        ))
        .await;
    let heard = tybalt.drain().await;
    let from: Vec<&str> = heard.iter().map(|one| one.attr("from").unwrap()).collect();
    let nick = |nick: &str| format!("{ROOM}/{nick}");
    assert_eq!(
        from,
        [
            nick("Juliet"),
            nick("Romeo"),
            nick("Tybalt"),
            ROOM.to_owned()
        ]
    );
    assert_eq!(codes(&heard[2]), [110]);
    // Who is nobody in particular does not see who the others are; who keeps order does.
    assert_eq!(item(&heard[0]).attr("jid"), None);
    let seen = romeo.drain().await;
    let seen = presence_of(&seen, "Tybalt");
    assert_eq!(item(seen).attr("jid"), Some("tybalt@localhost/street"));
    let heard = juliet.drain().await;
    let seen = presence_of(&heard, "Tybalt");
    assert_eq!(item(seen).attr("jid"), None);
    assert_eq!(rank(seen), ("participant", "none"));
    let said = |name| seen.get_child(name, "jabber:client").unwrap().text();
    assert_eq!(
        (said("show"), said("status")),
        ("dnd".into(), "sword in hand".into())
    );
    let ids: Vec<_> = seen
        .children()
        .filter(|child| child.name() == "occupant-id")
        .collect();
    assert_eq!(ids.len(), 1);
    assert_ne!(ids[0].attr("id"), Some("forged"));
    assert_eq!(
        seen.children().filter(|child| child.is("x", USER)).count(),
        1
    );
}

#[tokio::test]
async fn who_leaves_is_told_so_and_missed() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    juliet
        .send(&format!(
            "<presence type='unavailable' to='{ROOM}/Juliet'><status>the nurse calls</status></presence>"
        ))
        .await;
    let own = juliet.recv().await;
    assert_eq!(
        (own.attr("type"), codes(&own)),
        (Some("unavailable"), vec![110])
    );
    let seen = romeo.recv().await;
    assert_eq!((rank(&seen), codes(&seen)), (("none", "none"), vec![]));
    assert_eq!(
        seen.get_child("status", "jabber:client").unwrap().text(),
        "the nurse calls"
    );
    // Who is not there is not missed.
    juliet
        .send(&format!(
            "<presence type='unavailable' to='{ROOM}/Juliet'/>"
        ))
        .await;
    juliet.hears_nothing().await;
    romeo.hears_nothing().await;
}

#[tokio::test]
async fn who_disappears_has_left() {
    let server = verona().await;
    let (mut romeo, juliet) = garden(&server).await;
    assert_eq!(server.cut("juliet"), 1);
    let seen = romeo.recv().await;
    assert_eq!(seen.attr("from"), Some(format!("{ROOM}/Juliet").as_str()));
    assert_eq!(seen.attr("type"), Some("unavailable"));
    drop(juliet);
    romeo.close().await;
    server.wait_for_rooms(<[_]>::is_empty).await;
}

#[tokio::test]
async fn going_offline_is_leaving() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    juliet.send("<presence/>").await;
    juliet.drain().await;
    juliet
        .send("<presence type='unavailable'><status>to sleep</status></presence>")
        .await;
    juliet.drain().await;
    let heard = romeo.drain().await;
    let seen = presence_of(&heard, "Juliet");
    assert_eq!(seen.attr("type"), Some("unavailable"));
    assert_eq!(
        seen.get_child("status", "jabber:client").unwrap().text(),
        "to sleep"
    );
}

#[tokio::test]
async fn a_room_that_is_there_from_the_start_stays() {
    let server = crate::client::builder()
        .room("garden", "romeo")
        .start()
        .await
        .unwrap();
    let juliet = occupant(&server, "juliet/balcony", "Juliet").await;
    juliet.close().await;
    server
        .wait_for_rooms(|rooms| rooms[0].occupants.is_empty())
        .await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let heard = enter(&mut romeo, "Romeo", "").await;
    let own = presence_of(&heard, "Romeo");
    assert_eq!((rank(own), codes(own)), (("moderator", "owner"), vec![110]));
}

#[tokio::test]
async fn who_may_not_come_in_is_told_why() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    async fn tried(tybalt: &mut Client, nick: &str, more: &str) -> String {
        let heard = enter(tybalt, nick, more).await;
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert_eq!(
            heard[0].attr("from"),
            Some(format!("{ROOM}/{nick}").as_str())
        );
        assert_eq!(heard[0].attr("id"), Some("enter"));
        assert!(heard[0].has_child("x", "http://jabber.org/protocol/muc"));
        condition(&heard[0]).to_owned()
    }
    assert_eq!(tried(&mut tybalt, "Juliet", "").await, "conflict");
    configure(&mut romeo, &[("membersonly", "1")]).await;
    assert_eq!(
        tried(&mut tybalt, "Tybalt", "").await,
        "registration-required"
    );
    // Juliet had to go (XEP-0045 §10.2).
    let heard = juliet.drain().await;
    assert_eq!(codes(presence_of(&heard, "Juliet")), [110, 322]);
    let locked = [
        ("membersonly", "0"),
        ("passwordprotectedroom", "1"),
        ("roomsecret", "rosemary"),
    ];
    configure(&mut romeo, &locked).await;
    assert_eq!(tried(&mut tybalt, "Tybalt", "").await, "not-authorized");
    let wrong = "<password>rue</password>";
    assert_eq!(tried(&mut tybalt, "Tybalt", wrong).await, "not-authorized");
    configure(&mut romeo, &[("maxusers", "1")]).await;
    let right = "<password>rosemary</password>";
    assert_eq!(
        tried(&mut tybalt, "Tybalt", right).await,
        "service-unavailable"
    );
    configure(&mut romeo, &[("maxusers", "none")]).await;
    let heard = enter(&mut tybalt, "Tybalt", right).await;
    assert_eq!(rank(presence_of(&heard, "Tybalt")), ("participant", "none"));
    romeo.drain().await;
    administer(
        &mut romeo,
        "<item affiliation='outcast' jid='tybalt@localhost'/>",
    )
    .await;
    let heard = tybalt.drain().await;
    assert_eq!(codes(presence_of(&heard, "Tybalt")), [110, 301]);
    assert_eq!(tried(&mut tybalt, "Tybalt", right).await, "forbidden");
}

#[tokio::test]
async fn an_address_without_a_nick_is_none_to_enter() {
    let server = verona().await;
    let (_romeo, mut juliet) = garden(&server).await;
    for (to, expected) in [
        (ROOM, "jid-malformed"),
        ("conference.localhost", "service-unavailable"),
        ("conference.localhost/Juliet", "service-unavailable"),
    ] {
        juliet
            .send(&format!(
                "<presence to='{to}'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
            ))
            .await;
        assert_eq!(condition(&juliet.recv().await), expected, "{to}");
    }
}

#[tokio::test]
async fn who_only_thinks_to_be_in_the_room_is_told() {
    let server = verona().await;
    let (mut romeo, _juliet) = garden(&server).await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    for room in [ROOM, "nowhere@conference.localhost"] {
        tybalt
            .send(&format!("<presence to='{room}/Tybalt'/>"))
            .await;
        let told = tybalt.recv().await;
        assert_eq!(told.attr("type"), Some("unavailable"));
        assert_eq!(codes(&told), [110, 307, 333]);
    }
    for kind in ["probe", "unavailable", "unsubscribe"] {
        tybalt
            .send(&format!("<presence type='{kind}' to='{ROOM}/Tybalt'/>"))
            .await;
        tybalt.hears_nothing().await;
    }
    romeo.hears_nothing().await;
    assert_eq!(server.rooms().len(), 1);
}
