//! XEP-0313 and XEP-0441: the archives of accounts.

mod keeping;
mod paging;
mod preferences;

use xmpp_parsers::minidom::Element;

use crate::client::{Client, condition, verona};

pub(crate) const MAM: &str = "urn:xmpp:mam:2";
const RSM: &str = "http://jabber.org/protocol/rsm";

/// One result of a query.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) stamp: String,
    pub(crate) message: Element,
}

/// What a query has found.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) found: Vec<Found>,
    pub(crate) fin: Element,
}

impl Answer {
    pub(crate) fn texts(&self) -> Vec<String> {
        self.found.iter().map(|one| text(&one.message)).collect()
    }

    pub(crate) fn ids(&self) -> Vec<&str> {
        self.found.iter().map(|one| one.id.as_str()).collect()
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.fin.attr("complete") == Some("true")
    }

    /// What `<set/>` says under a name.
    pub(crate) fn place(&self, name: &str) -> Option<String> {
        let set = self.fin.get_child("set", RSM).unwrap();
        set.get_child(name, RSM).map(Element::text)
    }

    pub(crate) fn index(&self) -> Option<String> {
        let set = self.fin.get_child("set", RSM).unwrap();
        let first = set.get_child("first", RSM)?;
        first.attr("index").map(str::to_owned)
    }
}

pub(crate) fn text(message: &Element) -> String {
    let body = message.get_child("body", "jabber:client");
    body.map(Element::text).unwrap_or_default()
}

pub(crate) fn set(payload: &str) -> String {
    format!("<set xmlns='{RSM}'>{payload}</set>")
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let field =
        |(var, value): &(&str, &str)| format!("<field var='{var}'><value>{value}</value></field>");
    let fields: String = fields.iter().map(field).collect();
    format!(
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>\
         <value>{MAM}</value></field>{fields}</x>"
    )
}

/// Asks an archive, which has to be right in everything that does not depend on the query; the error if there is one.
pub(crate) async fn search(
    client: &mut Client,
    archive: &str,
    payload: &str,
) -> Result<Answer, String> {
    client
        .send(&format!(
            "<iq type='set' id='search' to='{archive}'><query xmlns='{MAM}' queryid='q'>{payload}</query></iq>"
        ))
        .await;
    let mut found = Vec::new();
    loop {
        let heard = client.recv().await;
        if heard.has_ns("urn:xmpp:sm:3") {
            continue;
        }
        assert_eq!(heard.attr("from"), Some(archive), "{heard:?}");
        assert_eq!(heard.attr("to"), Some(client.jid.as_str()));
        if heard.name() == "iq" {
            assert_eq!(heard.attr("id"), Some("search"));
            if heard.attr("type") == Some("error") {
                assert!(found.is_empty());
                return Err(condition(&heard).to_owned());
            }
            let fin = heard.get_child("fin", MAM).unwrap().clone();
            let answer = Answer { found, fin };
            let ids = answer.ids();
            let ends = [ids.iter().min(), ids.iter().max()];
            assert_eq!(ends[0].is_none(), answer.place("first").is_none());
            assert_eq!(ends[1].is_none(), answer.place("last").is_none());
            return Ok(answer);
        }
        let result = heard.get_child("result", MAM).unwrap();
        assert_eq!(result.attr("queryid"), Some("q"));
        let forwarded = result.get_child("forwarded", "urn:xmpp:forward:0").unwrap();
        let delay = forwarded.get_child("delay", "urn:xmpp:delay").unwrap();
        found.push(Found {
            id: result.attr("id").unwrap().to_owned(),
            stamp: delay.attr("stamp").unwrap().to_owned(),
            message: forwarded
                .get_child("message", "jabber:client")
                .unwrap()
                .clone(),
        });
    }
}

/// The id that an archive has given to a message.
pub(crate) fn mark(message: &Element, by: &str) -> Option<String> {
    let mut marks = message
        .children()
        .filter(|child| child.is("stanza-id", "urn:xmpp:sid:0") && child.attr("by") == Some(by));
    let mark = marks.next()?.attr("id").map(str::to_owned);
    assert!(marks.next().is_none(), "{message:?}");
    mark
}

pub(crate) fn chat(to: &str, text: &str) -> String {
    format!(
        "<message to='{to}' type='chat' id='m-{text}'><body>{text}</body>\
         <origin-id xmlns='urn:xmpp:sid:0' id='o-{text}'/></message>"
    )
}

#[tokio::test]
async fn both_sides_have_what_was_said_under_ids_of_their_own() {
    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    romeo.drain().await;
    juliet.drain().await;
    romeo
        .send(
            "<message to='juliet@localhost/balcony' type='chat' id='m'><body>one</body>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='forged'/>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='forged'/>\
             <origin-id xmlns='urn:xmpp:sid:0' id='o'/></message>",
        )
        .await;
    let heard = juliet.recv().await;
    let theirs = search(&mut juliet, "juliet@localhost", "").await.unwrap();
    assert_eq!(
        mark(&heard, "juliet@localhost").unwrap(),
        theirs.found[0].id
    );
    // The id of the sender's archive is nobody else's business.
    assert_eq!(mark(&heard, "romeo@localhost"), None);
    let ours = search(&mut romeo, "romeo@localhost", "").await.unwrap();
    assert_ne!(ours.found[0].id, theirs.found[0].id);
    for answer in [&ours, &theirs] {
        assert_eq!(answer.texts(), ["one"]);
        assert!(answer.is_complete());
        assert_eq!(answer.place("count").as_deref(), Some("1"));
        let message = &answer.found[0].message;
        assert_eq!(message.attr("from"), Some("romeo@localhost/orchard"));
        assert_eq!(message.attr("to"), Some("juliet@localhost/balcony"));
        assert_eq!(message.attr("id"), Some("m"));
        let origin = message.get_child("origin-id", "urn:xmpp:sid:0").unwrap();
        assert_eq!(origin.attr("id"), Some("o"));
        answer.found[0]
            .stamp
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap();
    }
}

#[tokio::test]
async fn copies_bear_the_id_and_are_archived_once() {
    let server = verona().await;
    let mut phone = Client::online(&server, "romeo/phone").await;
    let mut desk = Client::online(&server, "romeo/desk").await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    for client in [&mut phone, &mut desk] {
        let enable = "<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>";
        client.drain().await;
        client.request(enable).await;
    }
    let inside = |copy: &Element, side: &str| {
        let side = copy.get_child(side, "urn:xmpp:carbons:2").unwrap();
        let forwarded = side.get_child("forwarded", "urn:xmpp:forward:0").unwrap();
        let message = forwarded.get_child("message", "jabber:client").unwrap();
        mark(message, "romeo@localhost").unwrap()
    };
    phone.send(&chat("juliet@localhost", "out")).await;
    let sent = inside(&desk.recv().await, "sent");
    juliet.drain().await;
    juliet.send(&chat("romeo@localhost/desk", "in")).await;
    let received = mark(&desk.recv().await, "romeo@localhost").unwrap();
    assert_eq!(inside(&phone.recv().await, "received"), received);
    juliet.send(&chat("romeo@localhost", "both")).await;
    let both = mark(&desk.recv().await, "romeo@localhost").unwrap();
    assert_eq!(mark(&phone.recv().await, "romeo@localhost").unwrap(), both);
    phone.send(&chat("romeo@localhost", "note")).await;
    let note = mark(&phone.recv().await, "romeo@localhost").unwrap();
    assert_eq!(mark(&desk.recv().await, "romeo@localhost").unwrap(), note);
    phone.send(&chat("romeo@localhost/desk", "pass")).await;
    let pass = inside(&desk.recv().await, "sent");
    assert_eq!(mark(&desk.recv().await, "romeo@localhost").unwrap(), pass);
    let answer = search(&mut phone, "romeo@localhost", "").await.unwrap();
    assert_eq!(answer.ids(), [sent, received, both, note, pass]);
    // What was said to oneself is found by one's own address, and nothing else.
    let own = form(&[("with", "romeo@localhost")]);
    let answer = search(&mut phone, "romeo@localhost", &own).await.unwrap();
    assert_eq!(answer.texts(), ["note", "pass"]);
}

#[tokio::test]
async fn what_waited_is_the_same_message_in_the_archive() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for text in ["one", "two"] {
        romeo.send(&chat("juliet@localhost", text)).await;
    }
    let brief = "<message to='juliet@localhost' type='chat'><body>brief</body>\
                 <no-permanent-store xmlns='urn:xmpp:hints'/></message>";
    romeo.send(brief).await;
    romeo.hears_nothing().await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    let answer = search(&mut juliet, "juliet@localhost", "").await.unwrap();
    assert_eq!(answer.texts(), ["one", "two"]);
    juliet.send("<presence/>").await;
    let heard = juliet.drain().await;
    let heard: Vec<&Element> = heard.iter().filter(|one| one.name() == "message").collect();
    let texts: Vec<String> = heard.iter().map(|one| text(one)).collect();
    assert_eq!(texts, ["one", "two", "brief"]);
    for (heard, found) in heard.iter().zip(&answer.found) {
        assert_eq!(mark(heard, "juliet@localhost").unwrap(), found.id);
        let delay = heard.get_child("delay", "urn:xmpp:delay").unwrap();
        assert_eq!(delay.attr("stamp"), Some(found.stamp.as_str()));
    }
    assert_eq!(mark(heard[2], "juliet@localhost"), None);
}

#[tokio::test]
async fn what_does_not_last_or_was_refused_is_not_archived() {
    let server = verona().await;
    let mut romeo = Client::online(&server, "romeo/orchard").await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    juliet.drain().await;
    let passing = [
        "<message to='juliet@localhost' type='chat'><active xmlns='http://jabber.org/protocol/chatstates'/></message>",
        "<message to='juliet@localhost' type='chat'><body>x</body><no-store xmlns='urn:xmpp:hints'/></message>",
        "<message to='juliet@localhost' type='chat'><body>x</body><no-permanent-store xmlns='urn:xmpp:hints'/></message>",
        "<message to='juliet@localhost' type='headline'><body>news</body></message>",
        "<message to='juliet@localhost/balcony' type='groupchat'><body>x</body></message>",
        "<message to='juliet@localhost/balcony' type='error'><body>x</body></message>",
    ];
    for message in passing {
        romeo.send(message).await;
        assert_eq!(
            mark(&juliet.recv().await, "juliet@localhost"),
            None,
            "{message}"
        );
    }
    romeo
        .send("<message to='juliet@localhost/gone'><body>x</body></message>")
        .await;
    romeo.drain().await;
    assert!(server.archive("juliet").is_empty());
    let lasting = [
        "<store xmlns='urn:xmpp:hints'/><active xmlns='http://jabber.org/protocol/chatstates'/>",
        "<received xmlns='urn:xmpp:receipts' id='a'/>",
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='a'/>",
        "<reactions xmlns='urn:xmpp:reactions:0' id='a'/>",
        "<retract xmlns='urn:xmpp:message-retract:1' id='a'/>",
        "<x xmlns='jabber:x:conference' jid='garden@conference.localhost'/>",
    ];
    for payload in lasting {
        let message = format!("<message to='juliet@localhost' type='chat'>{payload}</message>");
        romeo.send(&message).await;
        assert!(mark(&juliet.recv().await, "juliet@localhost").is_some());
    }
    assert_eq!(server.archive("juliet").len(), lasting.len());
    // Whoever is blocked is not archived either.
    juliet
        .request("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='tybalt@localhost'/></block></iq>")
        .await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    tybalt.send(&chat("juliet@localhost", "thou")).await;
    assert_eq!(condition(&tybalt.recv().await), "service-unavailable");
    assert_eq!(server.archive("juliet").len(), lasting.len());
    assert_eq!(server.archive("tybalt").len(), 1);
}

#[tokio::test]
async fn an_archive_is_its_owners_and_nobody_elses() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for payload in [
        "<query xmlns='urn:xmpp:mam:2'/>",
        "<metadata xmlns='urn:xmpp:mam:2'/>",
    ] {
        for kind in ["get", "set"] {
            let ask = |to: &str| format!("<iq type='{kind}' id='a' to='{to}'>{payload}</iq>");
            let answer = romeo.request(&ask("juliet@localhost")).await;
            assert_eq!(condition(&answer), "forbidden");
            let answer = romeo.request(&ask("localhost")).await;
            assert_eq!(condition(&answer), "service-unavailable");
        }
    }
    let info = "<iq type='get' id='i' to='romeo@localhost'>\
                <query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
    let info = romeo.request(info).await;
    let features: Vec<&str> = info
        .children()
        .flat_map(Element::children)
        .filter_map(|child| child.attr("var"))
        .collect();
    for feature in [MAM, "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0"] {
        assert!(features.contains(&feature), "{feature}");
    }
}
