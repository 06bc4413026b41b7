//! XEP-0045 §7.6, §7.7, §7.10, §7.12: nicks, and several clients under one.

use crate::client::{Client, condition, verona};
use crate::rooms::{
    ROOM, ask, bodies, codes, enter, garden, item, occupant, presence_of, rank, says,
};

const REGISTER: &str = "jabber:iq:register";

fn form(nick: &str) -> String {
    format!(
        "<x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#register</value></field>\
         <field var='muc#register_roomnick'><value>{nick}</value></field></x>"
    )
}

#[tokio::test]
async fn who_takes_another_nick_is_still_there() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    juliet
        .send(&format!(
            "<presence id='n' to='{ROOM}/Capulet'><show>away</show></presence>"
        ))
        .await;
    for (client, own) in [(&mut juliet, true), (&mut romeo, false)] {
        let (old, new) = (client.recv().await, client.recv().await);
        let expected = if own { vec![110, 303] } else { vec![303] };
        assert_eq!(
            (old.attr("type"), codes(&old)),
            (Some("unavailable"), expected)
        );
        assert_eq!(old.attr("from"), Some(format!("{ROOM}/Juliet").as_str()));
        assert_eq!(item(&old).attr("nick"), Some("Capulet"));
        assert_eq!(new.attr("type"), None);
        assert_eq!(new.attr("from"), Some(format!("{ROOM}/Capulet").as_str()));
        assert_eq!(codes(&new).contains(&110), own);
        assert_eq!(rank(&new), ("participant", "none"));
        assert_eq!(
            new.get_child("show", "jabber:client").unwrap().text(),
            "away"
        );
    }
    juliet.send(&format!("<presence to='{ROOM}/Romeo'/>")).await;
    let refused = juliet.recv().await;
    assert_eq!(condition(&refused), "conflict");
    assert_eq!(refused.attr("from"), Some(format!("{ROOM}/Romeo").as_str()));
    assert!(server.rooms()[0].occupant("Capulet").is_some());
    romeo.hears_nothing().await;
}

#[tokio::test]
async fn a_changed_presence_is_seen_by_everybody() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    juliet
        .send(&format!(
            "<presence to='{ROOM}/Juliet'><show>xa</show></presence>"
        ))
        .await;
    for client in [&mut juliet, &mut romeo] {
        let seen = client.recv().await;
        assert_eq!(
            seen.get_child("show", "jabber:client").unwrap().text(),
            "xa"
        );
    }
}

#[tokio::test]
async fn several_clients_of_an_account_are_one_occupant() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    let mut other = Client::login(&server, "juliet/chamber").await;
    let heard = enter(&mut other, "Juliet", "").await;
    assert_eq!(codes(presence_of(&heard, "Juliet")), [110]);
    assert_eq!(
        server.rooms()[0].occupant("Juliet").unwrap().clients.len(),
        2
    );
    assert_eq!(codes(&juliet.recv().await), [110]);
    assert_eq!(codes(&romeo.recv().await), [0; 0]);
    romeo
        .send(&says(ROOM, "groupchat", "<body>soft</body>"))
        .await;
    for client in [&mut romeo, &mut juliet, &mut other] {
        assert_eq!(bodies(&client.drain().await), ["soft"]);
    }
    juliet
        .send(&format!(
            "<presence type='unavailable' to='{ROOM}/Juliet'/>"
        ))
        .await;
    let gone = juliet.recv().await;
    assert_eq!(
        (gone.attr("type"), codes(&gone)),
        (Some("unavailable"), vec![110])
    );
    juliet.hears_nothing().await;
    let seen = romeo.recv().await;
    assert_eq!(seen.attr("type"), None, "{seen:?}");
    assert_eq!(item(&seen).attr("jid"), Some("juliet@localhost/chamber"));
    assert_eq!(
        server.rooms()[0].occupant("Juliet").unwrap().clients.len(),
        1
    );
}

#[tokio::test]
async fn who_enters_again_is_told_everything_again() {
    let server = verona().await;
    let (mut romeo, mut juliet) = garden(&server).await;
    romeo
        .send(&says(ROOM, "groupchat", "<body>soft</body>"))
        .await;
    romeo.drain().await;
    juliet.drain().await;
    let heard = enter(&mut juliet, "Juliet", "").await;
    assert_eq!(rank(presence_of(&heard, "Romeo")), ("moderator", "owner"));
    assert_eq!(codes(presence_of(&heard, "Juliet")), [110]);
    assert_eq!(bodies(&heard), ["soft"]);
    assert!(heard.last().unwrap().has_child("subject", "jabber:client"));
}

#[tokio::test]
async fn a_registered_nick_is_for_one_alone() {
    let server = verona().await;
    let (_romeo, mut juliet) = garden(&server).await;
    let mut tybalt = occupant(&server, "tybalt/street", "Tybalt").await;
    juliet.drain().await;
    let asked = ask(&mut juliet, "get", ROOM, REGISTER, "").await;
    let query = asked.get_child("query", REGISTER).unwrap();
    assert!(query.has_child("x", "jabber:x:data"));
    let refused = ask(&mut juliet, "set", ROOM, REGISTER, &form("Tybalt")).await;
    assert_eq!(condition(&refused), "conflict");
    let refused = ask(&mut juliet, "set", ROOM, REGISTER, "").await;
    assert_eq!(condition(&refused), "bad-request");
    let done = ask(&mut juliet, "set", ROOM, REGISTER, &form("Capulet")).await;
    assert_eq!(done.attr("type"), Some("result"));
    let heard = tybalt.drain().await;
    assert_eq!(
        rank(presence_of(&heard, "Juliet")),
        ("participant", "member")
    );
    tybalt
        .send(&format!("<presence to='{ROOM}/Capulet'/>"))
        .await;
    assert_eq!(condition(&tybalt.recv().await), "conflict");
    let asked = ask(&mut juliet, "get", ROOM, REGISTER, "").await;
    let query = asked.get_child("query", REGISTER).unwrap();
    assert!(query.has_child("registered", REGISTER));
    assert_eq!(
        query.get_child("username", REGISTER).unwrap().text(),
        "Capulet"
    );
    let own_nick = async |client: &mut Client| {
        let query = "<iq type='get' id='q' to='garden@conference.localhost'>\
                     <query xmlns='http://jabber.org/protocol/disco#info' node='x-roomuser-item'/></iq>";
        client.send(query).await;
        let heard = client.drain().await;
        let answer = heard.iter().find(|one| one.name() == "iq").unwrap();
        let identity = answer.children().next().unwrap().children().next();
        identity.map(|identity| identity.attr("name").unwrap().to_owned())
    };
    assert_eq!(own_nick(&mut juliet).await.as_deref(), Some("Capulet"));
    assert_eq!(own_nick(&mut tybalt).await, None);
    ask(&mut juliet, "set", ROOM, REGISTER, "<remove/>").await;
    assert_eq!(own_nick(&mut juliet).await, None);
}
