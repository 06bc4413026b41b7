//! What the server's archives have, read with nothing but the core (XEP-0313 §4).

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use converse::ns;
use converse::prelude::*;
use converse_testkit::servers::Server;

use crate::client::{Client, Heard, settings};

/// How much is asked for at once.
const PAGE: usize = 50;

/// A message in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Archived {
    pub(super) id: String,
    /// Its other ids, if the server took it more than once.
    pub(super) copies: Vec<String>,
    pub(super) from: Jid,
    pub(super) to: Option<Jid>,
    pub(super) body: String,
    /// What its sender named it: who does not know whether it has arrived sends it again.
    origin: Option<String>,
}

/// Reads the archive of an account.
pub(super) async fn of_account(server: &Server, jid: &str) -> Vec<Archived> {
    let settings = settings(server, server.starttls_addr(), jid, json!({}));
    let mut reader = Client::new(settings).await;
    reader.login().await.unwrap();
    let archived = all(&mut reader, None).await;
    reader.api.connection().disconnect().await.unwrap();
    reader.stop().await;
    archived
}

/// All of an archive, the oldest first: only what has a text, and nothing that a room has sent to an account. What the server took
/// twice is there once: what is in the hands of a connection that it has given up may be handled after all.
pub(super) async fn all(reader: &mut Client, room: Option<&str>) -> Vec<Archived> {
    let mut archived = Vec::new();
    let mut after = None;
    loop {
        reader.heard();
        let mut set =
            Element::builder("set", RSM).child(Element::builder("max", RSM).text(PAGE.to_string()));
        if let Some(after) = &after {
            set = set.child(Element::builder("after", RSM).text(after));
        }
        let query = Element::builder("query", MAM)
            .attr("queryid", "story")
            .child(set);
        let request = Element::builder("iq", ns::CLIENT)
            .attr("type", "set")
            .attr_opt("to", room)
            .child(query);
        let answer = reader.api.iq(request).await.unwrap();
        for heard in reader.heard() {
            if let Heard::Stanza(stanza) = heard {
                archived.extend(read(&stanza));
            }
        }
        let fin = answer.child("fin", MAM).unwrap();
        let last = fin.child("set", RSM).and_then(|set| set.child("last", RSM));
        let last = last.map(|last| last.text().into_owned());
        if fin.attr("complete").as_deref() == Some("true") || last.is_none() {
            return once(archived);
        }
        assert_ne!(last, after, "the archive does not go on");
        after = last;
    }
}

fn once(archived: Vec<Archived>) -> Vec<Archived> {
    let mut all: Vec<Archived> = Vec::new();
    let mut known = HashMap::new();
    for one in archived {
        let before = one
            .origin
            .clone()
            .and_then(|origin| match known.entry(origin) {
                Entry::Occupied(at) => Some(*at.get()),
                Entry::Vacant(place) => {
                    place.insert(all.len());
                    None
                }
            });
        match before {
            Some(at) => all[at].copies.push(one.id),
            None => all.push(one),
        }
    }
    all
}

const MAM: &str = "urn:xmpp:mam:2";
const RSM: &str = "http://jabber.org/protocol/rsm";

fn read(stanza: &Stanza) -> Option<Archived> {
    let result = stanza.child("result", MAM)?;
    let forwarded = result.child("forwarded", "urn:xmpp:forward:0")?;
    let message = forwarded.child("message", ns::CLIENT)?;
    let is_of_room = message.attr("type").as_deref() == Some("groupchat");
    let is_for_account = stanza
        .from()
        .is_none_or(|from| stanza.to().is_some_and(|to| to.to_bare() == from.to_bare()));
    if is_of_room && is_for_account {
        return None;
    }
    let origin = message.child("origin-id", "urn:xmpp:sid:0");
    Some(Archived {
        id: result.attr("id")?.into_owned(),
        copies: Vec::new(),
        from: Jid::new(&message.attr("from")?).ok()?,
        to: message.attr("to").and_then(|to| Jid::new(&to).ok()),
        body: message.child("body", ns::CLIENT)?.text().into_owned(),
        origin: origin.and_then(|origin| Some(origin.attr("id")?.into_owned())),
    })
}
