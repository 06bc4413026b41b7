//! XEP-0045 §6: finding the service, its rooms, and what they are.

use xmpp_parsers::disco::{DiscoInfoResult, DiscoItemsResult};
use xmpp_parsers::minidom::Element;

use crate::client::{Client, condition, verona};
use crate::rooms::{ROOM, configure, enter, garden};

const INFO: &str = "http://jabber.org/protocol/disco#info";
const ITEMS: &str = "http://jabber.org/protocol/disco#items";

async fn query(client: &mut Client, to: &str, ns: &str, payload: &str) -> Element {
    let query =
        format!("<iq type='get' id='q' to='{to}'><query xmlns='{ns}'>{payload}</query></iq>");
    client.request(&query).await
}

async fn items(client: &mut Client, to: &str, payload: &str) -> Vec<String> {
    let answer = query(client, to, ITEMS, payload).await;
    let items = DiscoItemsResult::try_from(answer.children().next().unwrap().clone()).unwrap();
    items
        .items
        .into_iter()
        .map(|item| item.jid.to_string())
        .collect()
}

async fn info(client: &mut Client, to: &str) -> DiscoInfoResult {
    let answer = query(client, to, INFO, "").await;
    DiscoInfoResult::try_from(answer.children().next().unwrap().clone()).unwrap()
}

#[tokio::test]
async fn rooms_are_found_from_the_server_on() {
    let server = verona().await;
    let (mut romeo, _juliet) = garden(&server).await;
    assert_eq!(
        items(&mut romeo, "localhost", "").await,
        ["conference.localhost"]
    );
    let service = info(&mut romeo, "conference.localhost").await;
    let identity = &service.identities[0];
    assert_eq!(
        (identity.category.as_str(), identity.type_.as_str()),
        ("conference", "text")
    );
    assert!(
        service
            .features
            .iter()
            .any(|one| one.as_str() == "http://jabber.org/protocol/muc")
    );
    assert_eq!(items(&mut romeo, "conference.localhost", "").await, [ROOM]);
    let occupants = [format!("{ROOM}/Juliet"), format!("{ROOM}/Romeo")];
    assert_eq!(items(&mut romeo, ROOM, "").await, occupants);
    let fields = [
        ("publicroom", "0"),
        ("roomdesc", "Below a balcony"),
        ("membersonly", "1"),
    ];
    configure(&mut romeo, &fields).await;
    romeo.drain().await;
    assert!(
        items(&mut romeo, "conference.localhost", "")
            .await
            .is_empty()
    );
    assert!(items(&mut romeo, ROOM, "").await.is_empty());
    let room = info(&mut romeo, ROOM).await;
    for feature in [
        "muc_hidden",
        "muc_membersonly",
        "muc_temporary",
        "urn:xmpp:occupant-id:0",
    ] {
        assert!(
            room.features.iter().any(|one| one.as_str() == feature),
            "{feature}"
        );
    }
    let about = &room.extensions[0];
    assert_eq!(
        about.form_type(),
        Some("http://jabber.org/protocol/muc#roominfo")
    );
    let says = |var: &str| {
        let mut fields = about.fields.iter();
        let field = fields
            .find(|field| field.var.as_deref() == Some(var))
            .unwrap();
        field.values[0].clone()
    };
    assert_eq!(says("muc#roominfo_description"), "Below a balcony");
    assert_eq!(says("muc#roominfo_occupants"), "1");
}

#[tokio::test]
async fn a_long_list_comes_page_by_page() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for name in ["a", "b", "c", "d", "e"] {
        romeo
            .send(&format!(
                "<presence to='{name}@conference.localhost/Romeo'>\
                 <x xmlns='http://jabber.org/protocol/muc'/></presence>\
                 "
            ))
            .await;
        romeo
            .send(&format!(
                "<iq type='set' id='{name}' to='{name}@conference.localhost'>\
                 <query xmlns='http://jabber.org/protocol/muc#owner'>\
                 <x xmlns='jabber:x:data' type='submit'/></query></iq>"
            ))
            .await;
    }
    romeo.drain().await;
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let set = format!("<set xmlns='http://jabber.org/protocol/rsm'><max>2</max>{after}</set>");
        let page = items(&mut romeo, "conference.localhost", &set).await;
        let Some(last) = page.last() else {
            break;
        };
        after = format!("<after>{last}</after>");
        found.push(page.len());
    }
    assert_eq!(found, [2, 2, 1]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for ns in [INFO, ITEMS] {
        let answer = query(&mut romeo, "nowhere@conference.localhost", ns, "").await;
        assert_eq!(condition(&answer), "item-not-found");
    }
    let answer = query(&mut romeo, "conference.localhost", "urn:example:x", "").await;
    assert_eq!(condition(&answer), "service-unavailable");
    // A room whose owner has not decided yet is not shown.
    enter(&mut romeo, "Romeo", "").await;
    assert!(
        items(&mut romeo, "conference.localhost", "")
            .await
            .is_empty()
    );
}
