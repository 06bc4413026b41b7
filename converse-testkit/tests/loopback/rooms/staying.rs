//! XEP-0410, XEP-0045 §13.4, §14.2: whether one is still there; requests to others who are; and the end of the server.

use converse_testkit::loopback::Limits;

use crate::client::{Client, builder, condition, verona};
use crate::rooms::{ROOM, codes, enter, garden, occupant};

fn ping(nick: &str) -> String {
    format!("<iq type='get' id='p' to='{ROOM}/{nick}'><ping xmlns='urn:xmpp:ping'/></iq>")
}

#[tokio::test]
async fn the_room_knows_who_is_there() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    let answer = juliet.request(&ping("Juliet")).await;
    assert_eq!(answer.attr("type"), Some("result"));
    assert_eq!(answer.attr("from"), Some(format!("{ROOM}/Juliet").as_str()));
    assert_eq!(
        condition(&tybalt.request(&ping("Juliet")).await),
        "not-acceptable"
    );
    assert_eq!(
        condition(&juliet.request(&ping("Nobody")).await),
        "item-not-found"
    );
    let elsewhere = ping("Juliet").replace("garden", "nowhere");
    assert_eq!(
        condition(&juliet.request(&elsewhere).await),
        "not-acceptable"
    );
    romeo.hears_nothing().await;
}

#[tokio::test]
async fn a_request_reaches_another_without_addresses_being_told() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    juliet.send(&ping("Romeo")).await;
    let asked = romeo.recv().await;
    assert_eq!(asked.attr("from"), Some(format!("{ROOM}/Juliet").as_str()));
    let id = asked.attr("id").unwrap();
    assert_ne!(id, "p");
    // Nobody else answers it.
    let answer = |id: &str| format!("<iq type='result' id='{id}' to='{ROOM}/Juliet'/>");
    let mut tybalt = occupant(&server, "tybalt/street", "Tybalt").await;
    romeo.drain().await;
    juliet.drain().await;
    tybalt.send(&answer(id)).await;
    tybalt.hears_nothing().await;
    juliet.hears_nothing().await;
    romeo.send(&answer(id)).await;
    let answered = juliet.recv().await;
    assert_eq!(
        answered.attr("from"),
        Some(format!("{ROOM}/Romeo").as_str())
    );
    assert_eq!(
        (answered.attr("id"), answered.attr("type")),
        (Some("p"), Some("result"))
    );
    romeo.send(&answer(id)).await;
    romeo.hears_nothing().await;
    juliet.hears_nothing().await;
}

#[tokio::test]
async fn the_server_answers_for_a_vcard() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    romeo
        .request("<iq type='set' id='v'><vCard xmlns='vcard-temp'><FN>Romeo M.</FN></vCard></iq>")
        .await;
    let asked = format!("<iq type='get' id='v' to='{ROOM}/Romeo'><vCard xmlns='vcard-temp'/></iq>");
    juliet.drain().await;
    let answer = juliet.request(&asked).await;
    assert_eq!(answer.attr("from"), Some(format!("{ROOM}/Romeo").as_str()));
    let card = answer.get_child("vCard", "vcard-temp").unwrap();
    assert_eq!(
        card.get_child("FN", "vcard-temp").unwrap().text(),
        "Romeo M."
    );
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    assert_eq!(condition(&tybalt.request(&asked).await), "not-acceptable");
}

#[tokio::test]
async fn who_waits_to_be_resumed_is_still_there() {
    let server = verona().await;
    let (_romeo, mut juliet) = garden(&server).await;
    juliet.manage().await;
    assert_eq!(server.cut("juliet"), 1);
    assert!(server.rooms()[0].occupant("Juliet").is_some());
}

#[tokio::test]
async fn everybody_is_told_when_the_server_stops() {
    let server = verona().await;
    let (romeo, mut juliet) = garden(&server).await;
    let stopping = tokio::spawn(server.stop());
    let own = juliet.recv().await;
    assert_eq!(
        (own.attr("type"), codes(&own)),
        (Some("unavailable"), vec![110, 332])
    );
    assert_eq!(juliet.stream_error().await, "system-shutdown");
    drop((romeo, juliet));
    stopping.await.unwrap();
}

#[tokio::test]
async fn there_are_so_many_rooms_and_no_more() {
    let limits = Limits {
        rooms: 1,
        occupants: 1,
        ..Limits::default()
    };
    let server = builder().limits(limits).start().await.unwrap();
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    enter(&mut romeo, "Romeo", "").await;
    crate::rooms::configure(&mut romeo, &[]).await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    let heard = enter(&mut juliet, "Juliet", "").await;
    assert_eq!(condition(&heard[0]), "service-unavailable");
    juliet
        .send(
            "<presence to='tomb@conference.localhost/Juliet'>\
             <x xmlns='http://jabber.org/protocol/muc'/></presence>",
        )
        .await;
    assert_eq!(condition(&juliet.recv().await), "resource-constraint");
}
