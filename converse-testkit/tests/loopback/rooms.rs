//! XEP-0045, from the wire.

mod archiving;
mod entering;
mod finding;
mod inviting;
mod managing;
mod messages;
mod nicks;
mod owning;
mod staying;

use converse_testkit::loopback::Loopback;
use xmpp_parsers::minidom::Element;

use crate::client::Client;

pub(crate) const ROOM: &str = "garden@conference.localhost";
pub(crate) const USER: &str = "http://jabber.org/protocol/muc#user";

/// Enters the room under a nick, with more in the `<x/>`; gives everything that came, in order.
pub(crate) async fn enter(client: &mut Client, nick: &str, more: &str) -> Vec<Element> {
    client
        .send(&format!(
            "<presence id='enter' to='{ROOM}/{nick}'>\
             <x xmlns='http://jabber.org/protocol/muc'>{more}</x></presence>"
        ))
        .await;
    client.drain().await
}

/// Somebody who has logged in and entered the room.
pub(crate) async fn occupant(server: &Loopback, jid: &str, nick: &str) -> Client {
    let mut client = Client::login(server, jid).await;
    let heard = enter(&mut client, nick, "").await;
    assert!(codes(presence_of(&heard, nick)).contains(&110), "{heard:?}");
    client
}

/// Romeo's room, open to everybody, with Romeo and Juliet in it.
pub(crate) async fn garden(server: &Loopback) -> (Client, Client) {
    let mut romeo = Client::login(server, "romeo/orchard").await;
    enter(&mut romeo, "Romeo", "").await;
    configure(&mut romeo, &[]).await;
    let juliet = occupant(server, "juliet/balcony", "Juliet").await;
    romeo.drain().await;
    (romeo, juliet)
}

/// Sets fields of the configuration, by their short names.
pub(crate) async fn configure(owner: &mut Client, fields: &[(&str, &str)]) -> Element {
    let fields: String = fields
        .iter()
        .map(|(var, value)| {
            format!("<field var='muc#roomconfig_{var}'><value>{value}</value></field>")
        })
        .collect();
    let form = format!(
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>\
         <value>http://jabber.org/protocol/muc#roomconfig</value></field>{fields}</x>"
    );
    ask(
        owner,
        "set",
        ROOM,
        "http://jabber.org/protocol/muc#owner",
        &form,
    )
    .await
}

/// A request with a `<query/>`; what comes before the answer is passed over.
pub(crate) async fn ask(
    client: &mut Client,
    kind: &str,
    to: &str,
    ns: &str,
    payload: &str,
) -> Element {
    client
        .send(&format!(
            "<iq type='{kind}' id='ask' to='{to}'><query xmlns='{ns}'>{payload}</query></iq>"
        ))
        .await;
    loop {
        let heard = client.recv().await;
        if heard.name() == "iq" {
            assert_eq!(heard.attr("from"), Some(to));
            return heard;
        }
    }
}

/// Changes a role or an affiliation.
pub(crate) async fn administer(client: &mut Client, item: &str) -> Element {
    let ns = "http://jabber.org/protocol/muc#admin";
    ask(client, "set", ROOM, ns, item).await
}

pub(crate) fn says(to: &str, kind: &str, payload: &str) -> String {
    format!("<message to='{to}' type='{kind}' id='m'>{payload}</message>")
}

/// The last presence of a nick among what was heard.
pub(crate) fn presence_of<'a>(heard: &'a [Element], nick: &str) -> &'a Element {
    let from = format!("{ROOM}/{nick}");
    let mut found = heard.iter().rev();
    let found = found
        .find(|stanza| stanza.name() == "presence" && stanza.attr("from") == Some(from.as_str()));
    found.unwrap_or_else(|| panic!("no presence of {nick} in {heard:?}"))
}

pub(crate) fn item(presence: &Element) -> &Element {
    let user = presence.get_child("x", USER).unwrap();
    user.get_child("item", USER).unwrap()
}

/// Role and affiliation in a presence.
pub(crate) fn rank(presence: &Element) -> (&str, &str) {
    let item = item(presence);
    (
        item.attr("role").unwrap(),
        item.attr("affiliation").unwrap(),
    )
}

/// The status codes of a stanza, in order.
pub(crate) fn codes(stanza: &Element) -> Vec<u16> {
    let Some(user) = stanza.get_child("x", USER) else {
        return Vec::new();
    };
    let statuses = user.children().filter(|child| child.name() == "status");
    let mut codes: Vec<u16> = statuses
        .map(|status| status.attr("code").unwrap().parse().unwrap())
        .collect();
    codes.sort_unstable();
    codes
}

/// The texts of the messages among what was heard.
pub(crate) fn bodies(heard: &[Element]) -> Vec<String> {
    let bodies = heard
        .iter()
        .filter_map(|stanza| stanza.get_child("body", "jabber:client"));
    bodies.map(Element::text).collect()
}
