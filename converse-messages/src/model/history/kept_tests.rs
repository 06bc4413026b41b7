//! What a store gets of a history, and what that is when it is read again.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use converse_core::store::{Change as StoreChange, Record};

use super::*;
use crate::model::fold::{Author, Change, Fold, Folded};

/// A log as a store has it.
#[derive(Debug, Default)]
pub(super) struct Log {
    records: HashMap<String, Record>,
}

impl Log {
    pub(super) fn write(&mut self, changes: Vec<StoreChange>) {
        for change in changes {
            match change {
                StoreChange::PutRecord { record, .. } => {
                    for other in self.records.values_mut() {
                        other.names.retain(|name| !record.names.contains(name));
                    }
                    self.records.insert(record.key.clone(), record);
                }
                StoreChange::DeleteRecord { key, .. } => drop(self.records.remove(&key)),
                StoreChange::Prune { keep: 0, .. } => self.records.clear(),
                other => unreachable!("{other:?}"),
            }
        }
    }

    pub(super) fn newest(&self, limit: usize) -> Vec<Record> {
        let mut all: Vec<Record> = self.records.values().cloned().collect();
        all.sort_unstable_by_key(|record| std::cmp::Reverse(record.place));
        all.truncate(limit);
        all
    }

    fn named(&self, name: &str) -> Option<&Record> {
        let mut all = self.records.values();
        all.find(|record| record.names.iter().any(|own| own == name))
    }
}

fn now() -> DateTime<Utc> {
    "2026-05-04T10:00:00.123456789Z".parse().unwrap()
}

fn message(sender: SentBy, n: i64) -> Message {
    let from = match sender {
        SentBy::Me => "mara@kestrel.example/desk",
        SentBy::Them => "otto@heron.example/oar",
    };
    let (from, body) = (from.parse().unwrap(), format!("b{n}"));
    let mut message = Message::new(sender, from, body, now() + TimeDelta::seconds(n));
    message.id = Some(MessageId::new(format!("m{n}")));
    message.stanza_id = Some(format!("s{n}"));
    message
}

fn kept() -> History {
    let mut history = History::default();
    history.keep("chat/otto@heron.example");
    history
}

fn change(sender: SentBy, id: &str, fold: Fold) -> Change {
    let jid: jid::Jid = match sender {
        SentBy::Me => "mara@kestrel.example".parse().unwrap(),
        SentBy::Them => "otto@heron.example".parse().unwrap(),
    };
    Change {
        by: Author::of_side(sender, jid, now() + TimeDelta::hours(1)),
        id: Some(MessageId::new(id)),
        fold,
    }
}

fn reactions(sender: SentBy, stanza: &str, id: &str, emoji: &str) -> Change {
    let (id, emojis) = (id.to_owned(), vec![emoji.to_owned()]);
    change(sender, stanza, Fold::Reactions { id, emojis })
}

fn correction(id: &str, original: &str, body: &str) -> Change {
    let mut new = message(SentBy::Them, 0);
    (new.id, new.stanza_id) = (Some(MessageId::new(id)), None);
    new.replaces = Some(MessageId::new(original));
    new.body = body.to_owned();
    change(SentBy::Them, id, Fold::Correction(Box::new(new)))
}

fn restored(log: &Log, limit: usize) -> History {
    let mut history = kept();
    history.restore(log.newest(limit), log.records.len() > limit);
    history
}

fn all(history: &History) -> Vec<&Message> {
    history.iter().collect()
}

#[test]
fn what_is_not_kept_has_nothing_to_tell() {
    let mut history = History::default();
    history.add(message(SentBy::Them, 1));
    assert!(!history.has_changes());
    assert!(history.take_changes().is_empty());
    assert_eq!(history.log(), None);
}

#[test]
fn only_what_changed_is_told() {
    let mut history = kept();
    history.add(message(SentBy::Them, 1));
    history.add(message(SentBy::Them, 2));
    assert_eq!(history.take_changes().len(), 2);
    assert!(!history.has_changes());
    history.add(message(SentBy::Them, 2));
    assert!(!history.has_changes(), "it was there already");
    history.fold(reactions(SentBy::Me, "r1", "m1", "👍"));
    history.fold(reactions(SentBy::Me, "r2", "m1", "🐢"));
    let changes = history.take_changes();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert!(!format!("{changes:?}").contains("\"b1\""), "it is private");
}

#[test]
fn a_history_that_was_restored_is_the_same() {
    let mut history = kept();
    history.add(message(SentBy::Them, 1));
    let mut own = message(SentBy::Me, 2);
    own.delivery = Some(Delivery::Sent);
    history.add(own);
    history.fold(reactions(SentBy::Me, "r1", "m1", "👍"));
    history.fold(reactions(SentBy::Them, "r2", "m1", "🐢"));
    history.fold(correction("c1", "m1", "better"));
    history.set_delivery("m2", Delivery::Delivered, None);
    let mut log = Log::default();
    log.write(history.take_changes());

    let mut again = restored(&log, 50);
    assert_eq!(all(&again), all(&history));
    // What was said of them is known too, and may be said by the same people.
    assert!(matches!(
        again.fold(correction("c1", "m1", "worse")),
        Folded::Unchanged
    ));
    assert!(matches!(
        again.fold(correction("c2", "c1", "best")),
        Folded::Changed(_)
    ));
    again.fold(reactions(SentBy::Me, "r3", "m1", "🐢"));
    let first = again.find(SentBy::Them, "m1").unwrap();
    assert_eq!(first.body, "best");
    assert_eq!(first.reactions.len(), 1);
    assert!(
        again
            .set_delivery("m2", Delivery::Displayed, None)
            .is_some()
    );
    // It is the same record.
    log.write(again.take_changes());
    assert_eq!(log.records.len(), 2);
    assert_eq!(all(&restored(&log, 50)), all(&again));
}

#[test]
fn what_leaves_is_in_the_store_and_comes_back() {
    let mut history = kept();
    let mut log = Log::default();
    for n in 0..2_500 {
        history.add(message(SentBy::Them, n));
        if n % 700 == 0 {
            log.write(history.take_changes());
        }
    }
    assert!(history.has_older());
    log.write(history.take_changes());
    assert_eq!(log.records.len(), 2_500);

    let mut again = restored(&log, 50);
    assert_eq!(again.len(), 50);
    assert!(again.has_older());
    // What an archive tells of the time before goes into the store only: there would be a hole otherwise.
    let mut old = message(SentBy::Them, 100);
    (old.id, old.stanza_id) = (Some(MessageId::new("new")), Some("snew".to_owned()));
    let mut view = again.follow();
    let spot = Spot::at(old.time);
    let added = again.add_archived(old, Whose::Side(SentBy::Them), spot);
    assert!(matches!(added, Added::New(_)));
    assert_eq!((again.len(), view.try_next()), (50, None));
    log.write(again.take_changes());
    assert!(log.named("s:snew").is_some());

    assert_eq!(again.widen(5_000), 5_000);
    let mut rest = log.newest(usize::MAX);
    rest.drain(..50);
    assert_eq!(again.restore(rest, false), 2_451);
    assert!(!again.has_older());
    assert_eq!(again.archived("snew").unwrap().body, "b100");
    assert!(!again.has_changes());
    let times: Vec<_> = again.iter().map(|message| message.time).collect();
    assert!(times.is_sorted());
}

#[test]
fn records_are_known_by_what_finds_their_messages() {
    let mut history = kept();
    let mut own = message(SentBy::Me, 1);
    own.origin_id = Some("o1".to_owned());
    history.add(own.clone());
    history.add(message(SentBy::Them, 2));
    history.fold(correction("c2", "m2", "x"));
    let mut log = Log::default();
    log.write(history.take_changes());
    for name in ["s:s1", "me:m1", "me:o1"] {
        assert_eq!(
            log.named(name).unwrap().text.as_deref(),
            Some("b1"),
            "{name}"
        );
    }
    for name in ["s:s2", "them:m2", "them:c2"] {
        assert_eq!(
            log.named(name).unwrap().text.as_deref(),
            Some("x"),
            "{name}"
        );
    }
    let names = history.names_of(&own, &Whose::Side(SentBy::Me));
    assert_eq!(names, ["s:s1", "me:m1", "me:o1"]);
    let names = history.names_of_target(&correction("c3", "c2", "y"));
    assert_eq!(names, ["them:c2"]);
    let names = history.names_of_target(&reactions(SentBy::Them, "r", "m1", "👍"));
    assert_eq!(names, ["me:m1", "them:m1"]);
    let receipt = Fold::Receipt {
        id: "m1".to_owned(),
    };
    let names = history.names_of_target(&change(SentBy::Them, "r", receipt));
    assert_eq!(names, ["me:m1"]);
}

#[test]
fn who_was_only_known_as_long_as_he_stayed_is_not_known_the_next_day() {
    let mut history = History::of_room();
    history.keep("room/atrium@rooms.kestrel.example");
    let mut said = message(SentBy::Them, 1);
    said.from = "atrium@rooms.kestrel.example/pia".parse().unwrap();
    said.nick = Some("pia".to_owned());
    history.add_of(said, Whose::Visitor(7));
    let mut log = Log::default();
    log.write(history.take_changes());
    let mut again = History::of_room();
    again.keep("room/atrium@rooms.kestrel.example");
    again.restore(log.newest(50), false);
    let mut change = correction("c1", "m1", "no");
    change.by.whose = Whose::Visitor(7);
    assert!(matches!(again.fold(change), Folded::Added(_)));
    assert_eq!(again.iter().next().unwrap().body, "b1");
}

#[test]
fn what_is_forgotten_is_forgotten_in_the_store() {
    let mut history = kept();
    for n in 1..4 {
        history.add(message(SentBy::Them, n));
    }
    let mut log = Log::default();
    log.write(history.take_changes());
    let second = history.position(SentBy::Them, "m2").unwrap();
    assert!(history.remove(second).is_some());
    assert!(history.remove(second).is_none());
    log.write(history.take_changes());
    assert_eq!((log.records.len(), history.len()), (2, 2));
    history.fold(correction("c1", "m1", "better"));
    history.clear();
    history.add(message(SentBy::Them, 9));
    log.write(history.take_changes());
    let texts: Vec<_> = log
        .records
        .values()
        .map(|one| one.text.as_deref())
        .collect();
    assert_eq!(texts, [Some("b9")]);
}

#[test]
fn what_is_here_before_the_store_was_read_is_not_there_twice() {
    let mut history = kept();
    for n in 1..4 {
        let mut own = message(SentBy::Me, n);
        own.stanza_id = None;
        own.delivery = Some(Delivery::Sent);
        history.add(own);
    }
    history.fold(reactions(SentBy::Them, "r1", "m2", "👍"));
    let mut log = Log::default();
    log.write(history.take_changes());
    // The next process: somebody knows that the second waits, before the rest is here.
    let mut again = kept();
    let mut own = message(SentBy::Me, 2);
    own.stanza_id = None;
    own.delivery = Some(Delivery::Queued);
    own.time += TimeDelta::minutes(5);
    again.add(own);
    let mut view = again.follow();
    log.write(again.take_changes());
    again.restore(log.newest(50), false);
    log.write(again.take_changes());
    let bodies: Vec<_> = again.iter().map(|one| one.body.as_str()).collect();
    assert_eq!(bodies, ["b1", "b2", "b3"]);
    let second = again.sent("m2").unwrap();
    assert_eq!(second.delivery, Some(Delivery::Queued));
    assert_eq!(second.reactions.len(), 1);
    while view.try_next().is_some() {}
    assert_eq!(view.snapshot().len(), 3);
    assert_eq!(log.records.len(), 3);
    assert_eq!(all(&restored(&log, 50)), all(&again));
}

#[test]
fn what_cannot_be_read_is_left_out() {
    let mut history = kept();
    history.add(message(SentBy::Them, 1));
    let mut log = Log::default();
    log.write(history.take_changes());
    let mut broken = log.newest(1).remove(0);
    broken.key = "broken".to_owned();
    broken.place = broken.place.next();
    broken.value = b"{\"message\":{}}".to_vec();
    log.records.insert("broken".to_owned(), broken);
    let again = restored(&log, 50);
    assert_eq!(again.len(), 1);
    // A message that is larger than the store takes is not lost for those who are here now.
    let mut history = kept();
    let mut huge = message(SentBy::Them, 1);
    huge.body = "\u{1}".repeat(12 * 1024 * 1024);
    history.add(huge);
    assert!(history.take_changes().is_empty());
    assert_eq!(history.len(), 1);
}

#[test]
fn what_is_on_its_way_is_pinned_however_many_names_it_has() {
    let mut history = History::default();
    history.keep("chat/otto@heron.example");
    let mut sent = message(SentBy::Me, 1);
    sent.stanza_id = None;
    sent.origin_id = Some("origin".into());
    sent.delivery = Some(Delivery::Queued);
    history.add(sent.clone());
    for n in 0..10 {
        let mut correction = Message::new(SentBy::Me, sent.from.clone(), "c".into(), now());
        correction.replaces = sent.id.clone();
        history.fold(Change {
            by: Author::of_side(
                SentBy::Me,
                "mara@kestrel.example".parse::<jid::BareJid>().unwrap(),
                now(),
            ),
            id: Some(MessageId::new(format!("c{n}"))),
            fold: Fold::Correction(Box::new(correction)),
        });
    }
    let mut log = Log::default();
    log.write(history.take_changes());
    let record = log.newest(1).remove(0);
    assert!(record.is_pinned());
    record.check("").unwrap();
    for (delivery, is_pinned) in [
        (Delivery::Sent, true),
        (Delivery::Acknowledged, false),
        (Delivery::Failed, false),
    ] {
        history.set_delivery("m1", delivery, None);
        log.write(history.take_changes());
        assert_eq!(log.newest(1)[0].is_pinned(), is_pinned, "{delivery:?}");
    }
    history.requeue("m1");
    log.write(history.take_changes());
    assert!(log.newest(1)[0].is_pinned());
}
