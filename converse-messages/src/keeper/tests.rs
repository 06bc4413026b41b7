#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::store::{
    AccountStore, Change as StoreChange, MemoryStore, Namespace, StoreError,
};
use converse_core::view::View;
use converse_testkit::MortalStore;

use super::*;
use crate::model::{
    Added, Author, Change, Delivery, Fold, Folded, History, Message, MessageId, SentBy, Spot, Whose,
};

const NOTES: Namespace = Namespace::new("notes", 10);
const LOG: &str = "chat/otto@heron.example";

#[derive(Debug, Default)]
struct Chat {
    noted: Noted,
    history: Mutex<History>,
}

impl Source for Chat {
    fn noted(&self) -> &Noted {
        &self.noted
    }

    fn with_history(&self, act: &mut dyn FnMut(&mut History)) {
        act(&mut self.history.lock().unwrap());
    }
}

impl Chat {
    fn new() -> Arc<Self> {
        let chat = Self::default();
        chat.history.lock().unwrap().keep(LOG);
        Arc::new(chat)
    }

    fn add(&self, message: Message) -> Added {
        self.history.lock().unwrap().add(message)
    }

    fn bodies(&self) -> Vec<String> {
        let history = self.history.lock().unwrap();
        history.iter().map(|one| one.body.clone()).collect()
    }

    fn place(&self, archived: &str) -> Option<converse_core::store::Place> {
        self.history.lock().unwrap().archived_place(archived)
    }

    fn follow(&self) -> View<Message> {
        self.history.lock().unwrap().follow()
    }
}

fn keeper() -> (Keeper, Arc<MortalStore>) {
    let store = Arc::new(MortalStore::new(Arc::new(MemoryStore::new())));
    let account = "mara@kestrel.example".parse().unwrap();
    let keeper = Keeper::new(AccountStore::new(store.clone(), account));
    (keeper, store)
}

fn noon() -> DateTime<Utc> {
    "2026-05-04T12:00:00Z".parse().unwrap()
}

fn message(sender: SentBy, n: i64) -> Message {
    let from = match sender {
        SentBy::Me => "mara@kestrel.example/desk",
        SentBy::Them => "otto@heron.example/oar",
    };
    let (from, body) = (from.parse().unwrap(), format!("b{n}"));
    let mut message = Message::new(sender, from, body, noon() + TimeDelta::seconds(n));
    message.id = Some(MessageId::new(format!("m{n}")));
    message.stanza_id = Some(format!("s{n}"));
    message
}

fn change(sender: SentBy, id: &str, fold: Fold) -> Change {
    let jid: jid::Jid = match sender {
        SentBy::Me => "mara@kestrel.example".parse().unwrap(),
        SentBy::Them => "otto@heron.example".parse().unwrap(),
    };
    Change {
        by: Author::of_side(sender, jid, noon() + TimeDelta::days(1)),
        id: Some(MessageId::new(id)),
        fold,
    }
}

/// A log of so many messages, of which the newest are here.
async fn long(keeper: &Keeper, all: i64, here: usize) -> Arc<Chat> {
    let chat = Chat::new();
    for n in 0..all {
        let sender = if n % 2 == 0 { SentBy::Them } else { SentBy::Me };
        let mut message = message(sender, n);
        message.delivery = (sender == SentBy::Me).then_some(Delivery::Acknowledged);
        chat.add(message);
    }
    let _ = keeper.touch(&chat);
    keeper.flush().await.unwrap();
    let chat = Chat::new();
    let loaded = keeper.load(&*chat, here).await.unwrap();
    assert_eq!((loaded.added, loaded.has_older), (here, true));
    chat
}

async fn stored(keeper: &Keeper, name: &str) -> Option<Message> {
    let record = keeper.store().record(LOG, name).await.unwrap()?;
    let mut history = History::default();
    history.keep(LOG);
    history.restore(vec![record], false);
    history.iter().next().cloned()
}

#[tokio::test(start_paused = true)]
async fn a_burst_is_one_write_and_nobody_writes_beside_another() {
    let (keeper, store) = keeper();
    let chat = Chat::new();
    let mut writing = None;
    for n in 0..100 {
        chat.add(message(SentBy::Them, n));
        let begun = keeper.touch(&chat);
        assert!(begun.is_none() || n == 0, "somebody has begun");
        writing = writing.or(begun);
    }
    tokio::spawn(writing.unwrap()).await.unwrap();
    assert_eq!(store.writes(), 1);
    // What comes later is written by whoever begins anew.
    chat.add(message(SentBy::Them, 100));
    keeper.touch(&chat).unwrap().await;
    assert_eq!(store.writes(), 2);
    assert!(stored(&keeper, "s:s100").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn what_belongs_together_is_written_together() {
    let (keeper, store) = keeper();
    let chat = Chat::new();
    chat.add(message(SentBy::Me, 1));
    let writing = keeper.touch(&chat);
    let extra = vec![StoreChange::put(NOTES, "outbox", "1")];
    keeper.write_with(extra).await.unwrap();
    assert_eq!(store.writes(), 1);
    assert!(stored(&keeper, "s:s1").await.is_some());
    assert!(keeper.store().get(NOTES, "outbox").await.unwrap().is_some());
    // Nothing is left for whoever was to write it.
    writing.unwrap().await;
    assert_eq!(store.writes(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_store_does_not_take_is_tried_again_and_what_must_go_with_it_is_not() {
    let (keeper, store) = keeper();
    let chat = Chat::new();
    chat.add(message(SentBy::Me, 1));
    let writing = keeper.touch(&chat);
    store.set_full(true);
    let extra = || vec![StoreChange::put(NOTES, "outbox", "1")];
    assert!(keeper.write_with(extra()).await.is_err());
    let writing = tokio::spawn(writing.unwrap());
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    assert!(!writing.is_finished());
    // It waits longer from time to time.
    assert!((8..20).contains(&store.failures()), "{}", store.failures());
    store.set_full(false);
    writing.await.unwrap();
    assert!(stored(&keeper, "s:s1").await.is_some());
    assert_eq!(keeper.store().get(NOTES, "outbox").await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn what_will_never_be_taken_is_in_nobodys_way() {
    let (keeper, _) = keeper();
    let chat = Chat::new();
    chat.add(message(SentBy::Them, 1));
    let narrow = Namespace::new("narrow", 1);
    let puts = ["a", "b"].map(|key| StoreChange::put(narrow, key, "1"));
    let _ = keeper.note(puts.to_vec());
    let _ = keeper.touch(&chat);
    keeper
        .write_with(vec![StoreChange::put(NOTES, "n", "1")])
        .await
        .unwrap();
    assert!(stored(&keeper, "s:s1").await.is_some());
    assert!(keeper.store().get(NOTES, "n").await.unwrap().is_some());
    // What cannot be kept is said to whoever waits for it.
    let refused = keeper
        .write_with(vec![StoreChange::put(narrow, "c", "1")])
        .await;
    assert!(matches!(refused, Err(StoreError::Full { .. })));
}

#[tokio::test(start_paused = true)]
async fn whoever_stops_waiting_loses_nothing() {
    let (keeper, store) = keeper();
    let chat = Chat::new();
    chat.add(message(SentBy::Them, 1));
    let writing = keeper.touch(&chat).unwrap();
    store.set_hanging(true);
    {
        let write = keeper.flush();
        tokio::pin!(write);
        assert!(futures_now(&mut write).await.is_none());
    }
    drop(writing);
    store.set_hanging(false);
    chat.add(message(SentBy::Them, 2));
    keeper.touch(&chat).unwrap().await;
    for name in ["s:s1", "s:s2"] {
        assert!(stored(&keeper, name).await.is_some(), "{name}");
    }
}

/// What a future gives without waiting.
async fn futures_now<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    tokio::select! {
        biased;
        output = future => Some(output),
        () = tokio::task::yield_now() => None,
    }
}

#[tokio::test(start_paused = true)]
async fn older_messages_come_page_by_page() {
    let (keeper, _) = keeper();
    let chat = long(&keeper, 2_500, 50).await;
    let mut view = chat.follow();
    let mut live = 0;
    loop {
        let loaded = keeper.load_older(&*chat, 400).await.unwrap();
        assert!(!loaded.is_full);
        if !loaded.has_older {
            break;
        }
        // What comes meanwhile is at the other end.
        chat.add(message(SentBy::Them, 10_000 + live));
        live += 1;
    }
    let bodies = chat.bodies();
    let all = 2_500 + usize::try_from(live).unwrap();
    assert_eq!(bodies.len(), all);
    let expected: Vec<String> = (0..2_500).map(|n| format!("b{n}")).collect();
    assert_eq!(bodies[..2_500], expected);
    while view.try_next().is_some() {}
    assert_eq!(view.snapshot().len(), all);
    let loaded = keeper.load_older(&*chat, 400).await.unwrap();
    assert_eq!(loaded, Loaded::default());
}

#[tokio::test(start_paused = true)]
async fn what_left_a_moment_ago_is_there() {
    let (keeper, _) = keeper();
    let chat = Chat::new();
    for n in 0..1_500 {
        chat.add(message(SentBy::Them, n));
    }
    let _ = keeper.touch(&chat);
    let loaded = keeper.load_older(&*chat, 100).await.unwrap();
    assert_eq!((loaded.added, loaded.has_older), (100, true));
    assert_eq!(chat.bodies()[0], "b400");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_only_the_store_has_is_not_new() {
    let (keeper, _) = keeper();
    let chat = long(&keeper, 200, 50).await;
    let them = Whose::Side(SentBy::Them);
    // Live, as after a restart; late; from the archive under its id, with another id on the wire.
    let live = message(SentBy::Them, 10);
    let mut late = message(SentBy::Them, 10);
    (late.delayed, late.stanza_id) = (true, None);
    let mut archived = message(SentBy::Them, 10);
    archived.id = None;
    let spot = Some(Spot::at(noon()));
    for (message, spot) in [(live, None), (late, None), (archived, spot)] {
        let added = keeper.add(&*chat, &message, &them, spot).await.unwrap();
        assert!(matches!(added, Some(Added::Duplicate)), "{added:?}");
    }
    let mut tombstone = message(SentBy::Them, 12);
    tombstone.retracted = Some(noon());
    let added = keeper.add(&*chat, &tombstone, &them, spot).await.unwrap();
    assert!(matches!(added, Some(Added::Retracted(_))));
    assert_eq!(stored(&keeper, "s:s12").await.unwrap().body, "");
    for message in [message(SentBy::Them, 9_000), message(SentBy::Them, 198)] {
        let added = keeper.add(&*chat, &message, &them, None).await.unwrap();
        assert!(added.is_none(), "it is new, or here");
    }
    assert_eq!(chat.bodies().len(), 50);
    let place = keeper.archived_place(&*chat, "s10").await.unwrap();
    let expected = noon() + TimeDelta::seconds(10);
    assert_eq!(place.unwrap().micros, expected.timestamp_micros());
    assert_eq!(keeper.archived_place(&*chat, "no").await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_message_in_the_store_moves_to_where_the_archive_has_it() {
    let (keeper, _) = keeper();
    let chat = long(&keeper, 200, 50).await;
    let third = keeper.archived_place(&*chat, "s3").await.unwrap();
    let moved = message(SentBy::Them, 2);
    let spot = Spot::at(moved.time).after(third);
    let whose = Whose::Side(SentBy::Them);
    let added = keeper
        .add(&*chat, &moved, &whose, Some(spot))
        .await
        .unwrap();
    assert!(matches!(added, Some(Added::Moved(_))), "{added:?}");
    keeper.load_older(&*chat, 500).await.unwrap();
    assert_eq!(chat.bodies()[..5], ["b0", "b1", "b3", "b2", "b4"]);
}

#[tokio::test(start_paused = true)]
async fn what_an_archive_tells_finds_its_place_among_what_only_the_store_has() {
    let (keeper, _) = keeper();
    let chat = long(&keeper, 400, 50).await;
    let place = keeper.archived_place(&*chat, "s120").await.unwrap();
    keeper.reach(&*chat, place).await.unwrap();
    assert!(chat.bodies().contains(&"b120".to_owned()));
    // In the archive they stand between two of one second.
    for n in [900, 901, 902] {
        let mut new = message(SentBy::Them, n);
        new.time = noon() + TimeDelta::seconds(120);
        let after = chat.place(if n == 900 { "s120" } else { "s900" });
        let after = if n == 902 { chat.place("s901") } else { after };
        let spot = Spot::at(new.time).after(after);
        let mut history = chat.history.lock().unwrap();
        let added = history.add_archived(new, Whose::Side(SentBy::Them), spot);
        assert!(matches!(added, Added::New(_)));
    }
    let _ = keeper.touch(&chat);
    keeper.flush().await.unwrap();
    let again = Chat::new();
    keeper.load(&*again, 1_000).await.unwrap();
    assert_eq!(again.bodies()[120..124], ["b120", "b900", "b901", "b902"]);
    keeper.reach(&*chat, None).await.unwrap();
    assert_eq!(chat.bodies(), again.bodies());
}

#[tokio::test(start_paused = true)]
async fn a_message_that_only_the_store_has_comes_here_for_all_to_see() {
    let (keeper, _) = keeper();
    let chat = long(&keeper, 200, 50).await;
    let mut seen = chat.follow();
    let mut own = message(SentBy::Me, 7);
    own.stanza_id = Some("s7".to_owned());
    let spot = Spot::at(noon()).after(chat.place("s199"));
    let whose = Whose::Side(SentBy::Me);
    let added = keeper.add(&*chat, &own, &whose, Some(spot)).await.unwrap();
    assert!(matches!(added, Some(Added::Moved(_))), "{added:?}");
    while seen.try_next().is_some() {}
    let bodies: Vec<&str> = seen.snapshot().iter().map(|one| &*one.body).collect();
    assert_eq!(bodies.last(), Some(&"b7"));
    assert_eq!(bodies, chat.bodies());
    keeper
        .reach_sent(&*chat, &[MessageId::new("m33")])
        .await
        .unwrap();
    assert!(chat.bodies().contains(&"b33".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn changes_reach_messages_that_only_the_store_has() {
    let (keeper, _) = keeper();
    let chat = long(&keeper, 200, 50).await;
    let mut correction = message(SentBy::Them, 0);
    (correction.id, correction.stanza_id) = (Some(MessageId::new("c1")), None);
    correction.replaces = Some(MessageId::new("m10"));
    correction.body = "better".to_owned();
    let id = |id: &str| id.to_owned();
    let emojis = vec!["👍".to_owned()];
    let changes = [
        change(SentBy::Them, "c1", Fold::Correction(Box::new(correction))),
        change(SentBy::Them, "t1", Fold::Retraction { id: id("m12") }),
        change(
            SentBy::Me,
            "r1",
            Fold::Reactions {
                id: id("m14"),
                emojis,
            },
        ),
        change(SentBy::Them, "d1", Fold::Receipt { id: id("m15") }),
    ];
    for change in &changes {
        let folded = keeper.fold(&*chat, change).await.unwrap();
        assert!(
            matches!(&folded, Some(Folded::Changed(one)) if one.len() == 1),
            "{folded:?}"
        );
        let again = keeper.fold(&*chat, change).await.unwrap();
        assert!(matches!(again, Some(Folded::Unchanged)), "{again:?}");
    }
    let get = async |name| stored(&keeper, name).await.unwrap();
    assert_eq!(get("them:c1").await.body, "better");
    assert!(get("s:s12").await.retracted.is_some());
    assert_eq!(get("s:s14").await.reactions[0].emoji, "👍");
    assert_eq!(get("s:s15").await.delivery, Some(Delivery::Delivered));

    let seen = change(SentBy::Them, "e1", Fold::Displayed { id: id("m41") });
    let folded = keeper.fold(&*chat, &seen).await.unwrap();
    assert!(matches!(folded, Some(Folded::Changed(seen)) if seen.len() == 21));
    assert_eq!(get("s:s1").await.delivery, Some(Delivery::Displayed));
    assert_eq!(get("s:s43").await.delivery, Some(Delivery::Acknowledged));

    // Who did not write it may not change it, there as here.
    let wrong = change(SentBy::Me, "t2", Fold::Retraction { id: id("m10") });
    assert!(keeper.fold(&*chat, &wrong).await.unwrap().is_none());
    assert!(get("s:s10").await.retracted.is_none());
    // What is here is not looked for.
    let here = change(SentBy::Them, "t3", Fold::Retraction { id: id("m198") });
    assert!(keeper.fold(&*chat, &here).await.unwrap().is_none());
    assert_eq!(chat.bodies().len(), 50);
    keeper.load_older(&*chat, 500).await.unwrap();
    let history = chat.history.lock().unwrap();
    assert_eq!(history.find(SentBy::Them, "m10").unwrap().body, "better");
}

#[tokio::test(start_paused = true)]
async fn who_makes_much_waits_for_the_store() {
    let (keeper, store) = keeper();
    let chat = Chat::new();
    let mut writing = None;
    for n in 0..20_000 {
        chat.add(message(SentBy::Them, n));
        writing = writing.or(keeper.touch(&chat));
        keeper.room().await;
    }
    assert!((4..6).contains(&store.writes()), "{}", store.writes());
    writing.unwrap().await;
    let logs = keeper.store().logs().await.unwrap();
    assert_eq!(logs[0].records, 20_000);
}
