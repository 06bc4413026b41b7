//! XEP-0045 §10: what owners decide.

use converse_testkit::loopback::Affiliation;
use xmpp_parsers::data_forms::DataForm;

use crate::client::{Client, condition, verona};
use crate::rooms::{ROOM, USER, ask, codes, configure, enter, garden, item, presence_of};

const OWNER: &str = "http://jabber.org/protocol/muc#owner";

async fn form(owner: &mut Client) -> DataForm {
    let answer = ask(owner, "get", ROOM, OWNER, "").await;
    let query = answer.get_child("query", OWNER).unwrap();
    let form = query.get_child("x", "jabber:x:data").unwrap();
    DataForm::try_from(form.clone()).unwrap()
}

fn value(form: &DataForm, var: &str) -> Vec<String> {
    let var = format!("muc#roomconfig_{var}");
    let mut fields = form.fields.iter();
    let field = fields.find(|field| field.var.as_deref() == Some(var.as_str()));
    field.unwrap().values.clone()
}

#[tokio::test]
async fn a_configuration_is_shown_as_it_was_made() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let fields = [
        ("roomname", "The orchard"),
        ("maxusers", "20"),
        ("moderatedroom", "true"),
        ("nobody_knows", "x"),
        ("roomadmins", "juliet@localhost"),
    ];
    let done = configure(&mut romeo, &fields).await;
    assert_eq!(done.attr("type"), Some("result"));
    let form = form(&mut romeo).await;
    assert_eq!(
        form.form_type(),
        Some("http://jabber.org/protocol/muc#roomconfig")
    );
    assert_eq!(value(&form, "roomname"), ["The orchard"]);
    assert_eq!(value(&form, "maxusers"), ["20"]);
    assert_eq!(value(&form, "moderatedroom"), ["1"]);
    assert_eq!(value(&form, "publicroom"), ["1"]);
    assert_eq!(value(&form, "roomadmins"), ["juliet@localhost"]);
    assert_eq!(value(&form, "roomowners"), ["romeo@localhost"]);
    let heard = juliet.drain().await;
    let told = heard.iter().find(|one| one.name() == "message").unwrap();
    assert_eq!(codes(told), [104]);
    assert_eq!(told.attr("from"), Some(ROOM));
    assert_eq!(server.rooms()[0].name, "The orchard");
    for kind in ["get", "set"] {
        let refused = ask(&mut juliet, kind, ROOM, OWNER, "").await;
        assert_eq!(condition(&refused), "forbidden");
    }
}

#[tokio::test]
async fn what_cannot_be_had_changes_nothing() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    for fields in [
        [("roomname", "x"), ("whois", "everybody")],
        [("roomname", "x"), ("passwordprotectedroom", "1")],
        [("roomname", "x"), ("roomowners", "")],
        [("roomname", "x"), ("maxusers", "many")],
    ] {
        let refused = configure(&mut romeo, &fields).await;
        assert_eq!(condition(&refused), "not-acceptable", "{fields:?}");
    }
    assert_eq!(server.rooms()[0].name, "");
    juliet.hears_nothing().await;
    let refused = ask(&mut romeo, "set", ROOM, OWNER, "").await;
    assert_eq!(condition(&refused), "bad-request");
    let cancelled = "<x xmlns='jabber:x:data' type='cancel'/>";
    let done = ask(&mut romeo, "set", ROOM, OWNER, cancelled).await;
    assert_eq!(done.attr("type"), Some("result"));
    assert_eq!(server.rooms().len(), 1);
}

#[tokio::test]
async fn everybody_is_told_when_addresses_become_known() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    for (whois, code) in [("anyone", 172), ("moderators", 173)] {
        configure(&mut romeo, &[("whois", whois)]).await;
        let heard = juliet.drain().await;
        let told = heard.iter().find(|one| one.name() == "message").unwrap();
        assert_eq!(codes(told), [104, code]);
    }
    configure(&mut romeo, &[("whois", "anyone"), ("enablelogging", "1")]).await;
    let heard = juliet.drain().await;
    let jid = item(presence_of(&heard, "Romeo")).attr("jid");
    assert_eq!(jid, Some("romeo@localhost/orchard"));
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    let heard = enter(&mut tybalt, "Tybalt", "").await;
    assert_eq!(codes(presence_of(&heard, "Tybalt")), [100, 110, 170]);
}

#[tokio::test]
async fn a_room_is_destroyed_and_names_another() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let destroy = "<destroy jid='tomb@conference.localhost'><reason>morning</reason></destroy>";
    assert_eq!(
        condition(&ask(&mut juliet, "set", ROOM, OWNER, destroy).await),
        "forbidden"
    );
    ask(&mut romeo, "set", ROOM, OWNER, destroy).await;
    let own = juliet.recv().await;
    assert_eq!(
        (own.attr("type"), codes(&own)),
        (Some("unavailable"), vec![110])
    );
    let user = own.get_child("x", USER).unwrap();
    let destroyed = user.get_child("destroy", USER).unwrap();
    assert_eq!(destroyed.attr("jid"), Some("tomb@conference.localhost"));
    assert_eq!(
        destroyed.get_child("reason", USER).unwrap().text(),
        "morning"
    );
    assert!(server.rooms().is_empty());
    // One more who enters makes another room.
    let heard = enter(&mut juliet, "Juliet", "").await;
    assert_eq!(codes(presence_of(&heard, "Juliet")), [110, 201]);
    let affiliations = &server.rooms()[0].affiliations;
    assert_eq!(affiliations.len(), 1);
    assert_eq!(affiliations[0].1, Affiliation::Owner);
}

#[tokio::test]
async fn who_does_not_want_a_new_room_gives_it_up() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    enter(&mut romeo, "Romeo", "").await;
    let cancelled = "<x xmlns='jabber:x:data' type='cancel'/>";
    ask(&mut romeo, "set", ROOM, OWNER, cancelled).await;
    assert!(server.rooms().is_empty());
}
