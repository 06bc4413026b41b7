//! XEP-0313, XEP-0059, XEP-0441: what can be asked of the archives of the servers that people run, and of our own.

use chrono::{DateTime, TimeDelta, Utc};
use converse::core::ErrorKind;
use converse::core::plugin::linked_plugins;
use converse::core::router::{Condition, StanzaError};
use converse::mam::ArchivingDefault;
use converse::prelude::*;
use converse_testkit::servers::unique_user;

use crate::client::{Host, account, chat, settings, within};

/// A client that does nothing but what the test says: what other groupings say of themselves would be in the archive too.
struct Reader {
    api: Api,
    converse: Converse,
    own: BareJid,
}

impl Reader {
    async fn log_in(server: &impl Host, name: &str) -> Self {
        let own = account(server, name).await;
        let mut unwanted = linked_plugins();
        unwanted.retain(|name| name != "converse-mam");
        let more = json!({ "blacklisted_plugins": unwanted, "whitelisted_plugins": [] });
        let settings = settings(server, server.addr(), &own, more);
        let converse = Converse::new();
        let api = converse.start(settings).await.unwrap();
        within("the login", api.user().login(())).await.unwrap();
        let own = own.parse().unwrap();
        Self { api, converse, own }
    }

    async fn query(&self, query: Query) -> Result<Page, Error> {
        within("a page", self.api.archive().query(query)).await
    }

    async fn texts(&self, query: Query) -> String {
        texts(&self.query(query).await.unwrap())
    }

    /// Sends a message, and waits until somebody's archive has it as the last one.
    async fn say(&self, to: &Jid, body: &str, kind: &str, archive: (&Self, &Query)) {
        let message = chat(to, body).attr("type", kind);
        let sent = self.api.send(message).await.unwrap();
        within("the acknowledgement", sent.acknowledged())
            .await
            .unwrap();
        archive.0.has(archive.1, body).await;
    }

    /// Waits until the last message of an archive says this.
    async fn has(&self, archive: &Query, body: &str) {
        let last = archive.clone().before("").max(1);
        let comes = async {
            while self.texts(last.clone()).await != body {
                self.api.bus().settle().await;
            }
        };
        within("a message in the archive", comes).await;
    }

    async fn stop(self) {
        within("the end", self.converse.stop()).await;
    }
}

fn texts(page: &Page) -> String {
    let texts = page.messages.iter().filter_map(ArchivedMessage::body);
    texts.collect()
}

/// Romeo with messages `0` to `6`, to and from Juliet in turn; gives what his archive knows them by.
async fn served(server: &impl Host) -> (Reader, Reader, Vec<(String, DateTime<Utc>)>) {
    let romeo = Reader::log_in(server, "romeo").await;
    let juliet = Reader::log_in(server, "juliet").await;
    let own = Query::new();
    for number in 0..7 {
        let (from, to) = match number % 2 {
            0 => (&romeo, &juliet),
            _ => (&juliet, &romeo),
        };
        let to = Jid::from(to.own.clone());
        from.say(&to, &number.to_string(), "chat", (&romeo, &own))
            .await;
    }
    let whole = romeo.query(Query::new()).await.unwrap();
    assert_eq!(texts(&whole), "0123456");
    assert!(whole.rsm.complete);
    let known = whole.messages.into_iter();
    let known = known.map(|message| (message.archive_id, message.time.unwrap()));
    let known = known.collect();
    (romeo, juliet, known)
}

/// XEP-0313 §4.1, §4.3: by address and time, forwards and backwards.
pub(crate) async fn queries(server: &impl Host) {
    let (romeo, juliet, known) = served(server).await;
    let with = juliet.own.clone();
    let id = |number: usize| known[number].0.clone();
    let nobody: BareJid = "nobody@elsewhere.example".parse().unwrap();
    assert_eq!(
        romeo.texts(Query::new().with(with.clone())).await,
        "0123456"
    );
    assert_eq!(romeo.texts(Query::new().with(nobody)).await, "");
    // The archive is asked with what it told, to the second at least.
    let (first, last) = (known[0].1, known[6].1);
    let before = Query::new().end(first - TimeDelta::seconds(10));
    assert_eq!(romeo.texts(before).await, "");
    let after = Query::new().start(last + TimeDelta::seconds(10));
    // Prosody 13.0.1 with its internal storage gives the last message whatever comes after it.
    let found = romeo.texts(after).await;
    assert!(matches!(found.as_str(), "" | "6"), "{found}");
    let all = Query::new()
        .start(first - TimeDelta::seconds(1))
        .end(last + TimeDelta::seconds(1));
    assert_eq!(romeo.texts(all).await, "0123456");

    let mut page = romeo.query(Query::new().max(3)).await.unwrap();
    assert_eq!(texts(&page), "012");
    assert!(!page.rsm.complete);
    page = romeo.query(page.rsm.next(3)).await.unwrap();
    assert_eq!(texts(&page), "345");
    page = romeo.query(page.rsm.next(3)).await.unwrap();
    assert_eq!((texts(&page).as_str(), page.rsm.complete), ("6", true));
    let last = Query::new().with(with).before("").max(3);
    let mut page = romeo.query(last).await.unwrap();
    assert_eq!(texts(&page), "456");
    page = romeo.query(page.rsm.previous(3)).await.unwrap();
    assert_eq!(texts(&page), "123");
    page = romeo.query(page.rsm.previous(3)).await.unwrap();
    assert_eq!((texts(&page).as_str(), page.rsm.complete), ("0", true));
    assert_eq!(romeo.texts(Query::new().after(id(4))).await, "56");
    assert_eq!(romeo.texts(Query::new().before(id(2))).await, "01");

    let mut pages = romeo.api.archive().pages(Query::new().max(2));
    let mut read = Vec::new();
    while let Some(page) = within("the next page", pages.next()).await {
        read.push(texts(&page.unwrap()));
    }
    assert_eq!(read, ["01", "23", "45", "6"]);
    let mut pages = romeo.api.archive().pages(Query::new().before("").max(3));
    let mut read = Vec::new();
    while let Some(page) = within("the next page", pages.next()).await {
        read.push(texts(&page.unwrap()));
    }
    assert_eq!(read, ["456", "123", "0"]);
    romeo.stop().await;
    juliet.stop().await;
}

/// An id that the archive does not have has to be an error (XEP-0313 §4.3.2). With its internal storage Prosody 13.0.1 says that
/// nothing follows it, and that this is all there is; ejabberd gives everything, as if nothing had been said of where to begin.
pub(crate) async fn unknown_ids(server: &impl Host) {
    let (romeo, juliet, _) = served(server).await;
    let refused = romeo.query(Query::new().after("unknown")).await;
    match refused {
        Err(error) => {
            let refused = error.cause::<StanzaError>().unwrap();
            assert_eq!(refused.condition, Condition::ItemNotFound);
        }
        Ok(page) => {
            let whole = if server.is_ejabberd() { "0123456" } else { "" };
            assert_eq!((texts(&page).as_str(), page.rsm.complete), (whole, true));
        }
    }
    romeo.stop().await;
    juliet.stop().await;
}

/// What `urn:xmpp:mam:2#extended` stands for; an archive that does not have it is not asked.
pub(crate) async fn extended(server: &impl Host) {
    let (romeo, juliet, known) = served(server).await;
    let id = |number: usize| known[number].0.clone();
    let asked = [
        (Query::new().after_id(id(4)), "56"),
        (Query::new().before_id(id(2)), "01"),
        (Query::new().after_id(id(1)).before_id(id(4)), "23"),
        (Query::new().ids([id(1), id(5)]), "15"),
        (Query::new().before("").max(3).flip_page(true), "456"),
    ];
    let edges = within("metadata", romeo.api.archive().metadata(None)).await;
    match edges {
        Ok(edges) => {
            assert_eq!(edges.start.unwrap().id, id(0));
            assert_eq!(edges.end.unwrap().id, id(6));
            for (query, found) in asked {
                let page = romeo.query(query.clone()).await;
                let page = page.unwrap_or_else(|error| panic!("{query:?}: {error}"));
                assert_eq!(texts(&page), found, "{query:?}");
            }
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
            assert!(server.is_ejabberd(), "only old ones of these cannot");
            for (query, _) in asked {
                let refused = romeo.query(query).await.unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::Unsupported);
            }
        }
    }
    romeo.stop().await;
    juliet.stop().await;
}

/// XEP-0441: what is not wanted is not archived.
pub(crate) async fn preferences(server: &impl Host) {
    let (romeo, juliet, _) = served(server).await;
    let archive = romeo.api.archive();
    let wanted = Preferences::new(ArchivingDefault::Always).never(juliet.own.clone());
    let kept = within("what is kept", archive.set_preferences(wanted.clone())).await;
    assert_eq!(kept.unwrap(), wanted);
    let told = within("what is kept", archive.preferences()).await.unwrap();
    assert_eq!(told, wanted);
    // Hers has it, so his would have had it.
    let to = Jid::from(juliet.own.clone());
    let hers = Query::new();
    romeo.say(&to, "secret", "chat", (&juliet, &hers)).await;
    let always = Preferences::new(ArchivingDefault::Always);
    let kept = within("what is kept", archive.set_preferences(always)).await;
    assert!(kept.unwrap().never.is_empty());
    romeo.say(&to, "open", "chat", (&romeo, &hers)).await;
    assert_eq!(romeo.texts(Query::new()).await, "0123456open");
    romeo.stop().await;
    juliet.stop().await;
}

/// XEP-0313 §5.1.2: the archive of a room, for one who is in it and for one who is not.
pub(crate) async fn rooms(server: &impl Host) {
    let romeo = Reader::log_in(server, "romeo").await;
    let juliet = Reader::log_in(server, "juliet").await;
    let room: BareJid = format!("{}@{}", unique_user("garden"), server.rooms())
        .parse()
        .unwrap();
    let enter = Element::builder("presence", converse::ns::CLIENT)
        .attr("to", format!("{room}/Romeo"))
        .child(Element::builder("x", "http://jabber.org/protocol/muc"));
    romeo.api.send(enter).await.unwrap();
    let make = format!(
        "<iq type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#owner'>\
         <x xmlns='jabber:x:data' type='submit'/></query></iq>"
    );
    within("the room", romeo.api.iq(make.as_str()))
        .await
        .unwrap();
    let archive = Query::new().room(room.clone());
    let to = Jid::from(room.clone());
    for number in 0..5 {
        romeo
            .say(&to, &number.to_string(), "groupchat", (&romeo, &archive))
            .await;
    }
    for reader in [&romeo, &juliet] {
        // What is said of the room beside its messages is not asked for.
        let mut page = reader
            .query(archive.clone().before("").max(2))
            .await
            .unwrap();
        assert_eq!(texts(&page), "34");
        for message in &page.messages {
            assert_eq!(message.from().unwrap().to_bare(), room);
        }
        page = reader.query(page.rsm.previous(2)).await.unwrap();
        assert_eq!(texts(&page), "12");
        let after = page.messages[1].archive_id.clone();
        assert_eq!(reader.texts(archive.clone().after(after)).await, "34");
        let mut pages = reader.api.archive().pages(archive.clone().max(2));
        let mut read = String::new();
        while let Some(page) = within("the next page", pages.next()).await {
            read += &texts(&page.unwrap());
        }
        assert_eq!(read, "01234");
    }
    romeo.stop().await;
    juliet.stop().await;
}

rules! {
    loopback;
    queries
    unknown_ids
    extended
    preferences
    rooms
}
