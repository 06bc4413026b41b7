//! What is particular about the history of a room: who may change what, and what is the same.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use chrono::DateTime;

use super::*;
use crate::model::fold::{Author, Change, Fold, Folded, Refusal};
use crate::model::moderation::Moderation;

fn message(nick: &str, id: &str, body: &str) -> Message {
    let from = format!("atrium@rooms.kestrel.example/{nick}");
    let sender = if nick == "mara" {
        SentBy::Me
    } else {
        SentBy::Them
    };
    let time = DateTime::UNIX_EPOCH;
    let mut message = Message::new(sender, from.parse().unwrap(), body.to_owned(), time);
    message.kind = crate::MessageKind::Groupchat;
    message.nick = Some(nick.to_owned());
    message.id = Some(MessageId::new(id));
    message
}

fn archived(nick: &str, id: &str, body: &str, stanza_id: &str) -> Message {
    let mut message = message(nick, id, body);
    message.stanza_id = Some(stanza_id.to_owned());
    message
}

fn old(mut message: Message) -> Message {
    message.delayed = true;
    message
}

fn pia() -> Whose {
    Whose::Occupant("o-pia".to_owned())
}

fn rook() -> Whose {
    Whose::Visitor(7)
}

fn me() -> Whose {
    Whose::Side(SentBy::Me)
}

fn change(whose: Whose, nick: &str, fold: Fold) -> Change {
    let jid = format!("atrium@rooms.kestrel.example/{nick}");
    Change {
        by: Author {
            sender: SentBy::Them,
            whose,
            jid: jid.parse().unwrap(),
            time: DateTime::UNIX_EPOCH,
            delayed: false,
        },
        id: None,
        fold,
    }
}

fn retraction(whose: Whose, id: &str) -> Change {
    change(whose, "x", Fold::Retraction { id: id.to_owned() })
}

fn reactions(whose: Whose, nick: &str, id: &str, emojis: &[&str]) -> Change {
    let emojis = emojis.iter().map(|emoji| (*emoji).to_owned()).collect();
    let id = id.to_owned();
    change(whose, nick, Fold::Reactions { id, emojis })
}

fn correction(whose: Whose, nick: &str, original: &str, body: &str) -> Change {
    let mut by = message(nick, &format!("of-{original}"), body);
    by.replaces = Some(MessageId::new(original));
    change(whose, nick, Fold::Correction(Box::new(by)))
}

fn sent(history: &mut History, id: &str, body: &str) {
    let mut own = message("mara", id, body);
    own.origin_id = Some(id.to_owned());
    own.delivery = Some(Delivery::Sent);
    history.add_of(own, me());
}

#[test]
fn history_live_and_archive_are_one_message_in_any_order() {
    let ways = || {
        let live = archived("pia", "g1", "hello", "r9");
        let past = old(archived("pia", "g1", "hello", "r9"));
        [
            (live, pia()),
            (past.clone(), Whose::Nick("pia".to_owned())),
            (past, pia()),
        ]
    };
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let mut history = History::of_room();
        for way in order {
            let (message, whose) = ways()[way].clone();
            history.add_of(message, whose);
        }
        assert_eq!(history.len(), 1, "{order:?}");
        assert!(history.archived("r9").is_some());
    }
}

#[test]
fn who_wrote_what_an_archive_does_not_say_is_learned_from_the_rooms_copy() {
    let unknown = || Whose::Nick("pia".to_owned());
    let live = |original: &str, body: &str, stanza_id: &str| {
        let mut change = correction(pia(), "pia", original, body);
        change.id = Some(MessageId::new("g2"));
        if let Fold::Correction(correction) = &mut change.fold {
            correction.id = change.id.clone();
            correction.stanza_id = Some(stanza_id.to_owned());
        }
        change
    };
    let past = |original: &str, body: &str, stanza_id: &str| {
        let mut change = live(original, body, stanza_id);
        change.by.whose = unknown();
        change
    };
    let mut history = History::of_room();
    history.add_of(old(archived("pia", "g1", "helo", "r1")), unknown());
    // Whoever has the nick and knows the ids is not the author for that: another id of the room, or none.
    for stanza_id in [None, Some("r5".to_owned())] {
        let mut false_copy = old(message("pia", "g1", "helo"));
        false_copy.stanza_id = stanza_id;
        history.add_of(false_copy, Whose::Occupant("o-rook".to_owned()));
    }
    let by_rook = correction(Whose::Occupant("o-rook".to_owned()), "pia", "g1", "no");
    history.fold(by_rook);
    assert_eq!(history.archived("r1").unwrap().body, "helo");

    let mut history = History::of_room();
    history.add_of(old(archived("pia", "g1", "helo", "r1")), unknown());
    history.fold(past("g1", "hello", "r2"));
    assert_eq!(history.len(), 2);
    history.add_of(archived("pia", "g1", "helo", "r1"), pia());
    // Live, and as the archive has it, in any order and as often as it comes.
    for change in [
        live("g1", "hello", "r2"),
        past("g1", "hello", "r2"),
        live("g1", "hello", "r2"),
    ] {
        history.fold(change);
        let bodies: Vec<&str> = history
            .iter()
            .map(|message| message.body.as_str())
            .collect();
        assert_eq!(bodies, ["hello"]);
    }
    let corrected = history.archived("r1").unwrap();
    assert_eq!(corrected.edited.as_ref().map(|edit| edit.count), Some(1));
    history.fold(retraction(pia(), "r1"));
    assert!(history.archived("r1").unwrap().retracted.is_some());
}

#[test]
fn without_stanza_ids_only_what_comes_late_repeats_something() {
    let mut history = History::of_room();
    history.add_of(message("pia", "1", "hello"), pia());
    // There are clients that count.
    history.add_of(message("pia", "1", "hello"), pia());
    assert_eq!(history.len(), 2);
    let past = || Whose::Nick("pia".to_owned());
    history.add_of(old(message("pia", "1", "hello")), past());
    assert_eq!(history.len(), 2);
    history.add_of(old(message("pia", "1", "another")), past());
    history.add_of(old(message("rook", "1", "hello")), past());
    assert_eq!(history.len(), 4);
    let mut nameless = old(message("pia", "", "hm"));
    nameless.id = None;
    history.add_of(nameless.clone(), past());
    history.add_of(nameless, past());
    assert_eq!(history.len(), 5);
}

#[test]
fn a_reflection_is_the_message_that_was_sent() {
    let mut history = History::of_room();
    sent(&mut history, "m1", "hello");
    // Whoever uses the id of another says something of his own.
    history.add_of(message("pia", "m1", "hello"), pia());
    assert_eq!(history.len(), 2);
    let back = archived("mara", "m1", "hello", "r1");
    let Added::Reflected(message) = history.add_of(back.clone(), me()) else {
        panic!()
    };
    assert_eq!(message.delivery, Some(Delivery::Reflected));
    assert_eq!(message.stanza_id.as_deref(), Some("r1"));
    assert!(matches!(history.add_of(back, me()), Added::Duplicate));
    assert_eq!(history.len(), 2);
    // Somebody who had the nick before, as far as anybody knows.
    sent(&mut history, "m2", "mine");
    let past = old(self::message("mara", "m2", "not mine"));
    let added = history.add_of(past, Whose::Nick("mara".to_owned()));
    assert!(matches!(added, Added::New(_)));
}

#[test]
fn a_message_that_was_given_up_and_is_in_the_history_has_arrived() {
    let mut history = History::of_room();
    sent(&mut history, "m1", "hello");
    let error = MessageError::from(&converse_core::Error::new(
        converse_core::ErrorKind::Disconnected,
        "cut",
    ));
    history.set_delivery("m1", Delivery::Failed, Some(error));
    let past = old(archived("mara", "m1", "hello", "r1"));
    let added = history.add_of(past, Whose::Nick("mara".to_owned()));
    let Added::Reflected(message) = added else {
        panic!("{added:?}")
    };
    assert_eq!(
        (message.delivery, message.error),
        (Some(Delivery::Reflected), None)
    );
}

#[test]
fn only_who_wrote_a_message_corrects_it() {
    let mut history = History::of_room();
    history.add_of(message("pia", "c1", "yes"), pia());
    let others = [
        rook(),
        Whose::Nick("pia".to_owned()),
        Whose::Occupant("o-other".to_owned()),
        me(),
    ];
    for (n, whose) in others.into_iter().enumerate() {
        let folded = history.fold(correction(whose, "pia", "c1", "no"));
        assert!(matches!(folded, Folded::Added(_)), "{n} {folded:?}");
        assert_eq!(history.iter().next().unwrap().body, "yes");
    }
    let folded = history.fold(correction(pia(), "pia_", "c1", "maybe"));
    assert!(matches!(folded, Folded::Changed(_)), "{folded:?}");
    assert_eq!(history.iter().next().unwrap().body, "maybe");
}

#[test]
fn a_correction_that_comes_back_says_nothing_new() {
    let mut history = History::of_room();
    sent(&mut history, "m1", "helo");
    let own = || {
        let mut change = correction(me(), "mara", "m1", "hello");
        change.id = Some(MessageId::new("m2"));
        change
    };
    assert!(matches!(history.fold(own()), Folded::Changed(_)));
    assert!(matches!(history.fold(own()), Folded::Unchanged));
    assert_eq!(history.own("m2").unwrap().edited.as_ref().unwrap().count, 1);
}

#[test]
fn a_retraction_goes_by_the_id_of_the_room_and_needs_the_author() {
    let mut history = History::of_room();
    history.add_of(archived("pia", "a", "one", "r1"), pia());
    history.add_of(archived("rook", "a", "two", "r2"), rook());
    for whose in [rook(), me(), Whose::Nick("pia".to_owned()), Whose::Room] {
        let folded = history.fold(retraction(whose, "r1"));
        assert!(matches!(folded, Folded::Refused(_)), "{folded:?}");
    }
    assert!(matches!(
        history.fold(retraction(pia(), "r1")),
        Folded::Changed(_)
    ));
    assert!(history.archived("r1").unwrap().retracted.is_some());
    assert!(history.archived("r2").unwrap().retracted.is_none());
    // The author's own id cannot mean another's message.
    assert!(matches!(
        history.fold(retraction(rook(), "a")),
        Folded::Changed(_)
    ));
    assert!(history.archived("r2").unwrap().retracted.is_some());
}

#[test]
fn a_retraction_that_came_early_is_no_right_of_another() {
    let mut history = History::of_room();
    assert!(matches!(
        history.fold(retraction(rook(), "r1")),
        Folded::Early
    ));
    assert!(matches!(
        history.fold(retraction(pia(), "r2")),
        Folded::Early
    ));
    history.add_of(archived("pia", "a", "one", "r1"), pia());
    let added = history.add_of(archived("pia", "b", "two", "r2"), pia());
    assert!(history.archived("r1").unwrap().retracted.is_none());
    assert!(matches!(added, Added::New(message) if message.retracted.is_some()));
}

#[test]
fn reactions_go_by_the_id_of_the_room_and_by_person() {
    let mut history = History::of_room();
    history.add_of(archived("pia", "a", "one", "r1"), pia());
    assert!(matches!(
        history.fold(reactions(rook(), "rook", "a", &["👍"])),
        Folded::Early
    ));
    history.fold(reactions(pia(), "pia", "r1", &["👍"]));
    history.fold(reactions(rook(), "rook", "r1", &["👍", "🐢"]));
    // Under another nick he is the same.
    history.fold(reactions(rook(), "castle", "r1", &["🐢"]));
    let folded = history.fold(reactions(Whose::Nick("z".to_owned()), "z", "r1", &["🐢"]));
    assert!(matches!(folded, Folded::Refused(Refusal::Unknown)));
    let message = history.archived("r1").unwrap();
    let by: Vec<_> = message
        .reactions
        .iter()
        .map(|one| (&*one.emoji, one.by.len()))
        .collect();
    assert_eq!(by, [("👍", 1), ("🐢", 1)]);
    let castle = message.reactions[1].by[0].resource().unwrap();
    assert_eq!(castle.as_str(), "castle");
}

#[test]
fn only_so_many_people_react_to_a_message() {
    let mut history = History::of_room();
    history.add_of(archived("pia", "a", "one", "r1"), pia());
    for n in 0..crate::model::reaction::MAX_REACTORS as u64 + 10 {
        history.fold(reactions(Whose::Visitor(n), "x", "r1", &["👍"]));
    }
    let message = history.archived("r1").unwrap();
    assert_eq!(
        message.reactions[0].by.len(),
        crate::model::reaction::MAX_REACTORS
    );
}

#[test]
fn only_the_room_has_messages_moderated() {
    let moderation = |whose: Whose| {
        let by = "atrium@rooms.kestrel.example/rook".parse().ok();
        let moderation = Moderation::new(by, None, Some("spam".to_owned()));
        let (id, moderation) = ("r1".to_owned(), Box::new(moderation));
        change(whose, "x", Fold::Moderation { id, moderation })
    };
    let mut history = History::of_room();
    history.add_of(archived("pia", "a", "one", "r1"), pia());
    for whose in [pia(), rook(), me()] {
        assert!(matches!(
            history.fold(moderation(whose)),
            Folded::Refused(_)
        ));
    }
    assert!(matches!(
        history.fold(moderation(Whose::Room)),
        Folded::Changed(_)
    ));
    let message = history.archived("r1").unwrap();
    assert_eq!(message.body, "");
    let reason = message.moderated.as_ref().unwrap().reason.as_deref();
    assert_eq!(reason, Some("spam"));
    // It comes from the history again.
    history.add_of(old(archived("pia", "a", "one", "r1")), pia());
    assert_eq!(history.len(), 1);
    assert_eq!(history.archived("r1").unwrap().body, "");
}

#[test]
fn what_the_archive_has_no_more_is_retracted_here() {
    let mut history = History::of_room();
    history.add_of(archived("pia", "a", "one", "r1"), pia());
    let mut tombstone = old(archived("pia", "a", "", "r1"));
    tombstone.retracted = Some(DateTime::UNIX_EPOCH);
    let added = history.add_of(tombstone.clone(), pia());
    assert!(matches!(added, Added::Retracted(message) if message.body.is_empty()));
    assert!(matches!(history.add_of(tombstone, pia()), Added::Duplicate));
}

#[test]
fn nothing_is_remembered_of_what_is_not_kept() {
    let mut history = History::of_room();
    for n in 0..3 * MAX_MESSAGES {
        let id = n.to_string();
        sent(&mut history, &format!("m{n}"), "mine");
        history.add_of(archived("pia", &id, "", &format!("r{n}")), pia());
        history.fold(correction(pia(), "pia", &id, "!"));
    }
    assert_eq!(history.len(), MAX_MESSAGES);
    assert!(
        history.ids.len() <= 4 * MAX_MESSAGES,
        "{}",
        history.ids.len()
    );
}
