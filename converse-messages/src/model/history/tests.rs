#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use chrono::DateTime;
use jid::Jid;

use super::*;
use crate::model::fold::{Author, Change, Fold, Folded, Refusal};

fn message(id: &str, sender: SentBy, body: impl Into<String>) -> Message {
    let from = match sender {
        SentBy::Me => "mara@kestrel.example",
        SentBy::Them => "otto@heron.example/oar",
    };
    let mut message = Message::new(
        sender,
        from.parse().unwrap(),
        body.into(),
        DateTime::UNIX_EPOCH,
    );
    message.id = Some(MessageId::new(id));
    message.delivery = (sender == SentBy::Me).then_some(Delivery::Queued);
    message
}

fn change(sender: SentBy, id: &str, seconds: i64, fold: Fold) -> Change {
    let jid = match sender {
        SentBy::Me => "mara@kestrel.example",
        SentBy::Them => "otto@heron.example",
    };
    Change {
        by: Author {
            delayed: true,
            ..Author::of_side(
                sender,
                jid.parse::<Jid>().unwrap(),
                DateTime::from_timestamp(seconds, 0).unwrap(),
            )
        },
        id: Some(MessageId::new(id)),
        fold,
    }
}

fn correction(sender: SentBy, id: &str, original: &str, seconds: i64, body: &str) -> Change {
    let mut message = message(id, sender, body);
    message.replaces = Some(MessageId::new(original));
    message.time = DateTime::from_timestamp(seconds, 0).unwrap();
    change(sender, id, seconds, Fold::Correction(Box::new(message)))
}

fn retraction(sender: SentBy, id: &str) -> Change {
    let fold = Fold::Retraction { id: id.to_owned() };
    change(sender, &format!("retract-{id}"), 9, fold)
}

fn reactions(sender: SentBy, stanza: &str, id: &str, seconds: i64, emojis: &[&str]) -> Change {
    let (id, emojis) = (
        id.to_owned(),
        emojis.iter().map(|e| (*e).to_owned()).collect(),
    );
    change(sender, stanza, seconds, Fold::Reactions { id, emojis })
}

fn bodies(history: &History) -> Vec<&str> {
    history
        .iter()
        .map(|message| message.body.as_str())
        .collect()
}

#[test]
fn only_the_newest_messages_are_kept() {
    let mut history = History::default();
    for n in 0..2_500 {
        history.add(message(&n.to_string(), SentBy::Them, ""));
    }
    assert_eq!(history.iter().count(), MAX_MESSAGES);
    let oldest = history.iter().next().unwrap().id.clone().unwrap();
    assert_eq!(oldest.as_str(), "1500");
    assert!(history.find(SentBy::Them, "1499").is_none());
    assert!(history.find(SentBy::Them, "1500").is_some());
    for n in 0..9 {
        let body = "x".repeat(MAX_BYTES / 2);
        history.add(message(&format!("long-{n}"), SentBy::Them, body));
    }
    assert_eq!(history.iter().count(), 1);
    history.add(message("small", SentBy::Them, ""));
    assert_eq!(history.iter().count(), 2);
    assert_eq!(
        history.bytes,
        history.iter().map(Message::size).sum::<usize>()
    );
}

#[test]
fn only_what_was_sent_from_here_can_fail_and_nothing_goes_back() {
    let mut history = History::default();
    history.add(message("a", SentBy::Them, ""));
    history.add(message("b", SentBy::Me, ""));
    let mut set = |id, delivery| history.set_delivery(id, delivery, None).is_some();
    assert!(!set("a", Delivery::Failed));
    assert!(set("b", Delivery::Sent));
    assert!(!set("b", Delivery::Sent));
    assert!(set("b", Delivery::Failed));
    assert!(!set("b", Delivery::Acknowledged));
    // A receipt proves that it did arrive.
    assert!(set("b", Delivery::Delivered));
    assert!(!set("b", Delivery::Failed));
    assert!(set("b", Delivery::Displayed));
    assert!(!set("b", Delivery::Delivered));
}

#[test]
fn what_comes_twice_is_shown_once() {
    let mut history = History::default();
    history.add(message("a", SentBy::Them, "one"));
    assert!(matches!(
        history.add(message("a", SentBy::Them, "one")),
        Added::Duplicate
    ));
    // The same id of the other one, of another client, and no id at all.
    history.add(message("a", SentBy::Me, "mine"));
    let mut phone = message("a", SentBy::Them, "phone");
    phone.from = "otto@heron.example/phone".parse().unwrap();
    history.add(phone.clone());
    assert!(matches!(history.add(phone), Added::Duplicate));
    assert!(matches!(
        history.add(message("a", SentBy::Them, "one")),
        Added::Duplicate
    ));
    let mut nameless = message("a", SentBy::Them, "nameless");
    nameless.id = None;
    history.add(nameless.clone());
    history.add(nameless);
    assert_eq!(
        bodies(&history),
        ["one", "mine", "phone", "nameless", "nameless"]
    );
}

#[test]
fn stanza_ids_tell_what_ids_do_not() {
    let mut history = History::default();
    let archived = |id: &str, stanza_id: &str| {
        let mut message = message(id, SentBy::Them, stanza_id);
        message.stanza_id = Some(stanza_id.to_owned());
        message
    };
    history.add(archived("1", "s1"));
    // A client that counts again from one.
    history.add(archived("1", "s2"));
    assert!(matches!(
        history.add(archived("other", "s2")),
        Added::Duplicate
    ));
    history.add(message("2", SentBy::Them, "live"));
    assert!(matches!(history.add(archived("2", "s3")), Added::Duplicate));
    assert_eq!(history.archived_position("s3"), Some(2));
    assert_eq!(bodies(&history), ["s1", "s2", "live"]);
}

#[test]
fn a_correction_replaces_the_text_and_keeps_the_old_one() {
    let mut history = History::default();
    history.add(message("c1", SentBy::Them, "teh"));
    let folded = history.fold(correction(SentBy::Them, "c2", "c1", 2, "the"));
    assert!(matches!(folded, Folded::Changed(_)));
    // Twice, and one that names a correction where the original is meant.
    let folded = history.fold(correction(SentBy::Them, "c2", "c1", 2, "the"));
    assert!(matches!(folded, Folded::Unchanged));
    history.fold(correction(SentBy::Them, "c4", "c2", 4, "them"));
    // An older one that comes late changes only what was.
    history.fold(correction(SentBy::Them, "c3", "c1", 3, "then"));
    let found = history.find(SentBy::Them, "c3").unwrap();
    assert_eq!(
        (found.body.as_str(), found.id.as_ref().unwrap().as_str()),
        ("them", "c1")
    );
    let edit = found.edited.as_ref().unwrap();
    let older: Vec<_> = edit
        .older
        .iter()
        .map(|version| version.body.as_str())
        .collect();
    assert_eq!((edit.count, older), (3, vec!["teh", "the", "then"]));
    assert_eq!(
        history.bytes,
        history.iter().map(Message::size).sum::<usize>()
    );
    for n in 0..200 {
        let id = format!("n{n}");
        history.fold(correction(SentBy::Them, &id, "c1", 10 + n, "again"));
    }
    let found = history.find(SentBy::Them, "c1").unwrap();
    assert_eq!(found.edited.as_ref().unwrap().older.len(), 10);
}

#[test]
fn a_correction_that_comes_first_is_a_message_until_the_original_comes() {
    let mut history = History::default();
    let folded = history.fold(correction(SentBy::Them, "c2", "c1", 2, "the"));
    assert!(matches!(folded, Folded::Added(_)));
    let folded = history.fold(correction(SentBy::Them, "c2", "c1", 2, "the"));
    assert!(matches!(folded, Folded::Unchanged));
    let folded = history.fold(correction(SentBy::Them, "c3", "c1", 3, "them"));
    assert!(matches!(folded, Folded::Changed(_)));
    history.add(message("later", SentBy::Them, "later"));
    let added = history.add(message("c1", SentBy::Them, "teh"));
    assert!(matches!(added, Added::Completed(_)));
    assert_eq!(bodies(&history), ["them", "later"]);
    let found = history.find(SentBy::Them, "c1").unwrap();
    assert_eq!(found.replaces, None);
    let older = &found.edited.as_ref().unwrap().older;
    let older: Vec<_> = older.iter().map(|version| version.body.as_str()).collect();
    assert_eq!(older, ["teh", "the"]);
    assert!(history.find(SentBy::Them, "c2").is_some());
    assert!(matches!(
        history.add(message("c1", SentBy::Them, "teh")),
        Added::Duplicate
    ));
}

#[test]
fn nobody_changes_what_the_other_one_wrote() {
    let mut history = History::default();
    history.add(message("m", SentBy::Me, "I agree"));
    for change in [
        correction(SentBy::Them, "c", "m", 2, "I refuse"),
        retraction(SentBy::Them, "m"),
    ] {
        let folded = history.fold(change);
        assert!(matches!(folded, Folded::Refused(Refusal::NotTheAuthor)));
    }
    // Nor says anybody that his own message came.
    let receipt = Fold::Receipt { id: "m".to_owned() };
    let folded = history.fold(change(SentBy::Me, "r", 1, receipt));
    assert!(matches!(folded, Folded::Refused(Refusal::NotTheAuthor)));
    assert_eq!(bodies(&history), ["I agree"]);
    assert_eq!(
        history.iter().next().unwrap().delivery,
        Some(Delivery::Queued)
    );
}

#[test]
fn a_retraction_forgets_what_was_said_and_ends_all_else() {
    let mut history = History::default();
    history.fold(reactions(SentBy::Me, "x", "m", 1, &["👍"]));
    history.fold(retraction(SentBy::Them, "later"));
    history.add(message("m", SentBy::Them, "secret"));
    assert_eq!(history.iter().next().unwrap().reactions.len(), 1);
    history.fold(correction(SentBy::Them, "c", "m", 1, "secrets"));
    assert!(matches!(
        history.fold(retraction(SentBy::Them, "m")),
        Folded::Changed(_)
    ));
    history.add(message("later", SentBy::Them, "secret too"));
    for message in history.iter() {
        assert!(message.retracted.is_some());
        assert!(message.body.is_empty() && message.reactions.is_empty());
        assert!(
            message
                .edited
                .as_ref()
                .is_none_or(|edit| edit.older.is_empty())
        );
    }
    let folded = history.fold(correction(SentBy::Them, "c9", "m", 10, "again"));
    assert!(matches!(folded, Folded::Refused(Refusal::Retracted)));
    let folded = history.fold(reactions(SentBy::Me, "y", "m", 10, &["👍"]));
    assert!(matches!(folded, Folded::Unchanged));
}

#[test]
fn both_react_and_only_the_newest_set_of_each_counts() {
    let mut history = History::default();
    history.add(message("m", SentBy::Me, "hello"));
    history.fold(reactions(SentBy::Them, "r2", "m", 2, &["👋", "🐢"]));
    history.fold(reactions(SentBy::Them, "r1", "m", 1, &["💔"]));
    history.fold(reactions(SentBy::Me, "r3", "m", 3, &["🐢"]));
    let shown = |history: &History| -> Vec<(String, usize)> {
        let message = history.iter().next().unwrap();
        let all = message.reactions.iter();
        all.map(|one| (one.emoji.clone(), one.by.len())).collect()
    };
    assert_eq!(
        shown(&history),
        [("👋".to_owned(), 1), ("🐢".to_owned(), 2)]
    );
    history.fold(reactions(SentBy::Them, "r4", "m", 4, &[]));
    assert_eq!(shown(&history), [("🐢".to_owned(), 1)]);
}

#[test]
fn what_is_displayed_has_been_and_all_before_it() {
    let mut history = History::default();
    for id in ["a", "failed", "b", "c"] {
        history.add(message(id, SentBy::Me, id));
    }
    history.set_delivery("failed", Delivery::Failed, None);
    let displayed = Fold::Displayed { id: "b".to_owned() };
    let folded = history.fold(change(SentBy::Them, "d", 1, displayed));
    assert!(matches!(folded, Folded::Changed(changed) if changed.len() == 2));
    let deliveries: Vec<_> = history
        .iter()
        .filter_map(|message| message.delivery)
        .collect();
    let expected = [
        Delivery::Displayed,
        Delivery::Failed,
        Delivery::Displayed,
        Delivery::Queued,
    ];
    assert_eq!(deliveries, expected);
}

#[test]
fn what_waits_for_its_message_is_bounded() {
    let mut history = History::default();
    for n in 0..1_000 {
        history.fold(reactions(
            SentBy::Them,
            &format!("r{n}"),
            &format!("m{n}"),
            n,
            &["👍"],
        ));
    }
    history.add(message("m0", SentBy::Me, "forgotten"));
    history.add(message("m999", SentBy::Me, "known"));
    let reacted: Vec<_> = history
        .iter()
        .map(|message| message.reactions.len())
        .collect();
    assert_eq!(reacted, [0, 1]);
    // Repeating oneself does not push out what others said.
    history.fold(retraction(SentBy::Me, "mine"));
    for n in 0..1_000 {
        history.fold(reactions(
            SentBy::Them,
            &format!("s{n}"),
            "same",
            n,
            &["👍"],
        ));
    }
    let added = history.add(message("mine", SentBy::Me, "x"));
    assert!(matches!(added, Added::New(message) if message.retracted.is_some()));
}
