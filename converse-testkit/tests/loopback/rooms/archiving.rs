//! XEP-0313 §5.1.2: the archives of rooms.

use converse_testkit::loopback::Archives;
use xmpp_parsers::minidom::Element;

use crate::archives::{MAM, form, mark, search, set, text};
use crate::client::{Client, builder, condition, verona};
use crate::rooms::{ROOM, USER, administer, ask, bodies, configure, enter, garden, occupant, says};

const DISCO: &str = "http://jabber.org/protocol/disco#info";

async fn features(client: &mut Client) -> Vec<String> {
    let info = ask(client, "get", ROOM, DISCO, "").await;
    let children = info.children().flat_map(Element::children);
    let features = children.filter_map(|child| child.attr("var"));
    features.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_room_has_what_everybody_has_heard() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let mut ids = Vec::new();
    for payload in [
        "<body>one</body>",
        "<subject>Stars</subject>",
        "<body>two</body><x xmlns='http://jabber.org/protocol/muc#user'><item jid='forged@localhost'/></x>",
        "<reactions xmlns='urn:xmpp:reactions:0' id='a'/>",
    ] {
        romeo.send(&says(ROOM, "groupchat", payload)).await;
        let heard = juliet.recv().await;
        assert_eq!(mark(&heard, ROOM), mark(&romeo.recv().await, ROOM));
        ids.push(mark(&heard, ROOM).unwrap());
    }
    for payload in [
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        "<body>x</body><no-store xmlns='urn:xmpp:hints'/>",
    ] {
        romeo.send(&says(ROOM, "groupchat", payload)).await;
        assert_eq!(mark(&juliet.recv().await, ROOM), None);
    }
    let whisper = says(&format!("{ROOM}/Juliet"), "chat", "<body>psst</body>");
    romeo.send(&whisper).await;
    assert!(mark(&juliet.recv().await, "juliet@localhost").is_some());
    romeo.drain().await;
    let answer = search(&mut juliet, ROOM, "").await.unwrap();
    assert_eq!(answer.ids(), ids);
    assert_eq!(answer.texts(), ["one", "", "two", ""]);
    for found in &answer.found {
        assert_eq!(
            found.message.attr("from"),
            Some(format!("{ROOM}/Romeo").as_str())
        );
        assert_eq!(found.message.attr("to"), None);
        assert_eq!(found.message.attr("type"), Some("groupchat"));
        assert!(
            found
                .message
                .has_child("occupant-id", "urn:xmpp:occupant-id:0")
        );
        // Who it was is for those to know who keep order.
        assert!(!found.message.has_child("x", USER));
    }
    let answer = search(&mut romeo, ROOM, "").await.unwrap();
    for found in &answer.found {
        let user = found.message.get_child("x", USER).unwrap();
        let item = user.get_child("item", USER).unwrap();
        assert_eq!(item.attr("jid"), Some("romeo@localhost/orchard"));
        assert_eq!(item.attr("affiliation"), Some("owner"));
    }
    // Newcomers hear the same under the same ids.
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    let heard = enter(&mut tybalt, "Tybalt", "").await;
    let said = heard.iter().filter(|one| !text(one).is_empty());
    let marks: Vec<_> = said.map(|one| mark(one, ROOM).unwrap()).collect();
    assert_eq!(marks, [ids[0].clone(), ids[2].clone()]);
}

#[tokio::test]
async fn a_room_is_asked_by_nick_and_by_address_by_those_who_know_it() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    for (number, client) in [&mut romeo, &mut juliet].into_iter().enumerate() {
        let body = format!("<body>{number}</body>");
        client.send(&says(ROOM, "groupchat", &body)).await;
    }
    romeo.drain().await;
    juliet.drain().await;
    let nick = format!("{ROOM}/Juliet");
    for (with, seen_by_romeo, seen_by_juliet) in [
        (nick.as_str(), "1", "1"),
        (ROOM, "01", "01"),
        ("juliet@localhost", "1", ""),
        ("romeo@localhost/orchard", "0", ""),
    ] {
        let with = form(&[("with", with)]);
        let answer = search(&mut romeo, ROOM, &with).await.unwrap();
        assert_eq!(answer.texts().concat(), seen_by_romeo, "{with}");
        let answer = search(&mut juliet, ROOM, &with).await.unwrap();
        assert_eq!(answer.texts().concat(), seen_by_juliet, "{with}");
    }
    let last = search(&mut juliet, ROOM, &set("<max>1</max><before/>")).await;
    let last = last.unwrap();
    assert_eq!(last.texts(), ["1"]);
    let before = set(&format!("<before>{}</before>", last.ids()[0]));
    let before = search(&mut juliet, ROOM, &before).await.unwrap();
    assert_eq!(before.texts(), ["0"]);
    assert!(before.is_complete());
}

#[tokio::test]
async fn who_may_not_come_in_may_not_read() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    romeo
        .send(&says(ROOM, "groupchat", "<body>one</body>"))
        .await;
    romeo.drain().await;
    juliet.drain().await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    let count = |answer: Result<crate::archives::Answer, String>| answer.map(|one| one.found.len());
    // In an open room everybody may, also who is not in it.
    assert_eq!(count(search(&mut tybalt, ROOM, "").await), Ok(1));
    let metadata = format!("<iq type='get' id='m' to='{ROOM}'><metadata xmlns='{MAM}'/></iq>");
    let forbidden = || Err("forbidden".to_owned());
    configure(
        &mut romeo,
        &[("passwordprotectedroom", "1"), ("roomsecret", "x")],
    )
    .await;
    juliet.drain().await;
    assert_eq!(count(search(&mut tybalt, ROOM, "").await), forbidden());
    assert_eq!(condition(&tybalt.request(&metadata).await), "forbidden");
    assert_eq!(count(search(&mut juliet, ROOM, "").await), Ok(1));
    configure(
        &mut romeo,
        &[("passwordprotectedroom", "0"), ("membersonly", "1")],
    )
    .await;
    juliet.drain().await;
    assert_eq!(count(search(&mut tybalt, ROOM, "").await), forbidden());
    administer(
        &mut romeo,
        "<item affiliation='member' jid='tybalt@localhost'/>",
    )
    .await;
    tybalt.drain().await;
    assert_eq!(count(search(&mut tybalt, ROOM, "").await), Ok(1));
    configure(&mut romeo, &[("membersonly", "0")]).await;
    administer(
        &mut romeo,
        "<item affiliation='outcast' jid='tybalt@localhost'/>",
    )
    .await;
    tybalt.drain().await;
    assert_eq!(count(search(&mut tybalt, ROOM, "").await), forbidden());
    let nowhere = "nowhere@conference.localhost";
    let unknown = search(&mut tybalt, nowhere, "").await;
    assert_eq!(count(unknown), Err("item-not-found".to_owned()));
}

#[tokio::test]
async fn a_room_says_whether_it_has_an_archive() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let has = |features: &[String], feature: &str| features.iter().any(|one| one == feature);
    let told = features(&mut juliet).await;
    for feature in [
        MAM,
        "urn:xmpp:mam:2#extended",
        "urn:xmpp:sid:0",
        "urn:xmpp:message-retract:1#tombstone",
    ] {
        assert!(has(&told, feature), "{feature}");
    }
    configure(&mut romeo, &[("enablearchiving", "0")]).await;
    juliet.drain().await;
    assert!(!has(&features(&mut juliet).await, MAM));
    juliet
        .send(&says(ROOM, "groupchat", "<body>one</body>"))
        .await;
    assert!(mark(&juliet.recv().await, ROOM).is_some());
    let refused = search(&mut juliet, ROOM, "").await.unwrap_err();
    assert_eq!(refused, "service-unavailable");
    assert!(server.archive(ROOM).is_empty());
    let none = Archives {
        rooms: false,
        ..Archives::default()
    };
    let server = builder().archives(none).start().await.unwrap();
    let (_romeo, mut juliet) = garden(&server).await;
    assert!(!has(&features(&mut juliet).await, MAM));
}

#[tokio::test]
async fn what_is_taken_back_leaves_a_tombstone() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let retract = "urn:xmpp:message-retract:1";
    let mut ids = Vec::new();
    for body in ["trade", "typo", "mine"] {
        let said = says(ROOM, "groupchat", &format!("<body>{body}</body>"));
        match body {
            "mine" => romeo.send(&said).await,
            _ => juliet.send(&said).await,
        }
        ids.push(mark(&juliet.recv().await, ROOM).unwrap());
        romeo.recv().await;
    }
    // A moderator, the author, and one who is neither.
    romeo
        .send(&format!(
            "<iq type='set' id='q' to='{ROOM}'><moderate xmlns='urn:xmpp:message-moderate:1' id='{}'>\
             <retract xmlns='{retract}'/><reason>no trade</reason></moderate></iq>",
            ids[0]
        ))
        .await;
    let moderation = juliet.recv().await;
    romeo.drain().await;
    for id in &ids[1..] {
        let payload = format!("<retract xmlns='{retract}' id='{id}'/>");
        juliet.send(&says(ROOM, "groupchat", &payload)).await;
        juliet.recv().await;
    }
    let answer = search(&mut juliet, ROOM, "").await.unwrap();
    assert_eq!(answer.ids()[..3], ids);
    assert_eq!(answer.texts(), ["", "", "mine", "", "", ""]);
    for (found, by) in [(0, moderation.attr("id").unwrap()), (1, "m")] {
        let message = &answer.found[found].message;
        assert_eq!(
            message.attr("from"),
            Some(format!("{ROOM}/Juliet").as_str())
        );
        assert!(message.has_child("occupant-id", "urn:xmpp:occupant-id:0"));
        let retracted = message.get_child("retracted", retract).unwrap();
        assert_eq!(retracted.attr("id"), Some(by));
        assert!(retracted.attr("stamp").is_some());
        let moderated = retracted.get_child("moderated", "urn:xmpp:message-moderate:1");
        assert_eq!(moderated.is_some(), found == 0);
        assert_eq!(message.children().count(), 2);
    }
    // Those who were not there learn of it as well.
    assert_eq!(mark(&moderation, ROOM).unwrap(), answer.ids()[3]);
    assert!(answer.found[3].message.has_child("retract", retract));
    let mut tybalt = occupant(&server, "tybalt/street", "Tybalt").await;
    assert_eq!(bodies(&enter(&mut tybalt, "Tybalt", "").await), ["mine"]);
}

#[tokio::test]
async fn a_whisper_is_one_message_to_all_clients_of_somebody() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let mut other = occupant(&server, "juliet/window", "Juliet").await;
    romeo.drain().await;
    juliet.drain().await;
    let forged =
        "<body>psst</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='forged'/>";
    romeo
        .send(&says(&format!("{ROOM}/Juliet"), "chat", forged))
        .await;
    let heard = mark(&juliet.recv().await, "juliet@localhost").unwrap();
    assert_eq!(
        mark(&other.recv().await, "juliet@localhost").unwrap(),
        heard
    );
    let kept = server.archive("juliet");
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].id, heard);
    let sent = server.archive("romeo");
    let to = format!("{ROOM}/Juliet");
    assert_eq!(sent[0].to.as_ref().unwrap().as_str(), to);
    let with = form(&[("with", ROOM)]);
    let answer = search(&mut juliet, "juliet@localhost", &with)
        .await
        .unwrap();
    assert_eq!(answer.texts(), ["psst"]);
}
