//! Requests to the server and between clients (RFC 6120 §8.2.3), and presence (RFC 6121 §4).

use converse::core::ErrorKind;
use converse::prelude::*;
use converse_testkit::servers::Server;

use crate::client::{Client, Heard, PING};
use crate::on_prosody;

/// XEP-0199: to the own account and to the server itself.
pub(crate) async fn ping(server: &Server) {
    let client = Client::log_in(server, "romeo").await;
    let domain = server.domain();
    for ping in [PING, &PING.replace("type", &format!("to='{domain}' type"))] {
        let pong = client.ask(ping).await.unwrap();
        assert_eq!(pong.type_().unwrap(), "result");
    }
    client.stop().await;
}

/// RFC 6121 §2.1.3, by hand.
pub(crate) async fn roster(server: &Server) {
    let client = Client::log_in(server, "romeo").await;
    let answer = client
        .ask("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>")
        .await
        .unwrap();
    let query = answer.child("query", "jabber:iq:roster").unwrap();
    assert_eq!(query.children().count(), 0);
    let set = "<iq type='set'><query xmlns='jabber:iq:roster'>\
               <item jid='nurse@verona.example' name='Nurse &amp; friend'/></query></iq>";
    client.ask(set).await.unwrap();
    let answer = client
        .ask("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>")
        .await
        .unwrap();
    let query = answer.child("query", "jabber:iq:roster").unwrap();
    let item = query.child("item", "jabber:iq:roster").unwrap();
    assert_eq!(item.attr("name").unwrap(), "Nurse & friend");
    client.stop().await;
}

/// RFC 6120 §8.4: what the server does not know comes back as an error, and the stream goes on.
pub(crate) async fn unknown_request(server: &Server) {
    let client = Client::log_in(server, "romeo").await;
    let request = "<iq type='get'><nonsense xmlns='urn:example:nonsense'/></iq>";
    let error = client.ask(request).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stanza, "{error:?}");
    client.ask(PING).await.unwrap();
    client.stop().await;
}

/// The account's other client may ask this one; a stranger gets the answer that he would get if nobody were there.
pub(crate) async fn own_other_client_pings(server: &Server) {
    let desk = Client::log_in(server, "romeo").await;
    let own = desk.jid().to_bare().to_string();
    let settings = crate::client::settings(server, server.starttls_addr(), &own, json!({}));
    let phone = Client::new(settings).await;
    phone.login().await.unwrap();
    let stranger = Client::log_in(server, "tybalt").await;
    let ping = PING.replace("type", &format!("to='{}' type", desk.jid()));
    assert_eq!(phone.ask(&ping).await.unwrap().type_().unwrap(), "result");
    let error = stranger.ask(&ping).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stanza, "{error:?}");
    let error = std::error::Error::source(&error).unwrap();
    let error = error.downcast_ref::<StanzaError>().unwrap();
    assert_eq!(error.condition, Condition::ServiceUnavailable);
    for client in [desk, phone, stranger] {
        client.stop().await;
    }
}

/// Directed presence (RFC 6121 §4.6): available, and unavailable when the session ends.
pub(crate) async fn presence(server: &Server) {
    let romeo = Client::log_in(server, "romeo").await;
    let mut juliet = Client::log_in(server, "juliet").await;
    let here = format!(
        "<presence to='{}'><show>chat</show></presence>",
        juliet.jid()
    );
    romeo.api.send(here.as_str()).await.unwrap();
    let from = romeo.jid();
    let of_romeo = |heard: &Heard| match heard {
        Heard::Stanza(stanza) if stanza.from() == Some(&from) => Some(stanza.clone()),
        _ => None,
    };
    let available = juliet.until("his presence", of_romeo).await;
    let show = available.child("show", converse::ns::CLIENT).unwrap();
    assert_eq!((available.type_(), show.text().as_ref()), (None, "chat"));
    romeo.stop().await;
    let unavailable = juliet.until("his absence", of_romeo).await;
    assert_eq!(unavailable.type_().unwrap(), "unavailable");
    juliet.stop().await;
}

#[actix::test]
async fn prosody_answers_pings() {
    on_prosody(ping).await;
}

#[actix::test]
async fn prosody_keeps_a_roster() {
    on_prosody(roster).await;
}

#[actix::test]
async fn prosody_answers_what_it_does_not_know() {
    on_prosody(unknown_request).await;
}

#[actix::test]
async fn prosody_lets_own_clients_ping() {
    on_prosody(own_other_client_pings).await;
}

#[actix::test]
async fn prosody_tells_presence() {
    on_prosody(presence).await;
}
