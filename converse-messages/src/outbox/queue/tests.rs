#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;
use crate::model::Update;
use crate::outbox::entry::Standing;

fn otto() -> Lane {
    Lane::chat(&"otto@heron.example".parse().unwrap())
}

fn atrium() -> Lane {
    Lane::room(&"atrium@rooms.example".parse().unwrap())
}

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn error() -> MessageError {
    MessageError {
        condition: "timeout".to_owned(),
        text: None,
    }
}

fn new(id: &str, about: About) -> New {
    New {
        id: MessageId::new(id),
        stanza: format!("<message id='{id}'/>"),
        about,
        created: time(0),
        deadline: Some(time(60)),
        is_marked: false,
    }
}

/// Adds something that the store has.
fn add(queue: &mut Queue, lane: &Lane, id: &str, about: About) -> u64 {
    let number = queue.push(lane, new(id, about));
    assert_eq!(queue.written(number).as_ref(), Some(lane));
    number
}

fn message(queue: &mut Queue, lane: &Lane, id: &str) -> u64 {
    add(queue, lane, id, About::Message)
}

fn correction(queue: &mut Queue, lane: &Lane, id: &str, of: &str) -> u64 {
    let (of, update) = (of.to_owned(), Update::Corrected);
    add(queue, lane, id, About::Change { of, update })
}

/// Hands over what is due, as often as there is something.
fn hand_all(queue: &mut Queue, lane: &Lane, may_repeat: bool) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(due) = queue.due(lane, may_repeat) {
        assert!(queue.hand(due.number).is_some());
        ids.push(due.id.to_string());
    }
    ids
}

fn ids(queue: &Queue, lane: &Lane) -> Vec<String> {
    let list = queue.list(Some(lane)).into_iter();
    list.map(|queued| queued.id.to_string()).collect()
}

fn standing(queue: &Queue, lane: &Lane, id: &str) -> Standing {
    let mut list = queue.list(Some(lane)).into_iter();
    list.find(|queued| queued.id.as_str() == id)
        .unwrap()
        .standing
}

#[test]
fn a_lane_keeps_its_order_and_another_its_own() {
    let mut queue = Queue::default();
    let (chat, room) = (otto(), atrium());
    for id in ["a", "b", "c"] {
        message(&mut queue, &chat, id);
        message(&mut queue, &room, &id.to_uppercase());
    }
    assert_eq!(hand_all(&mut queue, &chat, false), ["a", "b", "c"]);
    assert_eq!(hand_all(&mut queue, &room, false), ["A", "B", "C"]);
    assert_eq!(queue.list(None).len(), 6);
}

#[test]
fn what_is_not_written_holds_up_what_is_behind_it() {
    let mut queue = Queue::default();
    let lane = otto();
    let number = queue.push(&lane, new("a", About::Message));
    message(&mut queue, &lane, "b");
    assert!(queue.due(&lane, true).is_none());
    queue.written(number);
    assert_eq!(hand_all(&mut queue, &lane, true), ["a", "b"]);
}

#[test]
fn a_chat_is_done_when_the_server_has_it_and_a_room_when_the_room_says_so() {
    let mut queue = Queue::default();
    let (chat, room) = (otto(), atrium());
    let (one, two) = (
        message(&mut queue, &chat, "a"),
        message(&mut queue, &room, "b"),
    );
    hand_all(&mut queue, &chat, false);
    hand_all(&mut queue, &room, false);
    queue.accepted(one, 1).unwrap();
    queue.accepted(two, 1).unwrap();
    assert_eq!((ids(&queue, &chat).len(), ids(&queue, &room).len()), (0, 1));
    assert_eq!(standing(&queue, &room, "b"), Standing::Sending);
    assert!(queue.arrived(&chat, "b").is_none());
    queue.arrived(&room, "b").unwrap();
    assert!(queue.is_empty() && queue.bytes == 0 && queue.entries == 0);
}

#[test]
fn what_may_have_left_waits_until_it_may_be_repeated_and_so_does_what_is_behind_it() {
    let mut queue = Queue::default();
    let lane = otto();
    let numbers = ["a", "b"].map(|id| message(&mut queue, &lane, id));
    hand_all(&mut queue, &lane, false);
    message(&mut queue, &lane, "c");
    queue.back(numbers[0], 1, true).unwrap();
    queue.back(numbers[1], 1, false).unwrap();
    assert_eq!(standing(&queue, &lane, "a"), Standing::Unsure);
    assert_eq!(standing(&queue, &lane, "b"), Standing::Waiting);
    assert!(queue.due(&lane, false).is_none());
    assert_eq!(hand_all(&mut queue, &lane, true), ["a", "b", "c"]);
}

#[test]
fn a_new_session_takes_back_what_no_room_has_shown() {
    let mut queue = Queue::default();
    let room = atrium();
    let number = message(&mut queue, &room, "a");
    hand_all(&mut queue, &room, false);
    queue.accepted(number, 1).unwrap();
    let back = queue.begin_session();
    assert_eq!(back.len(), 1);
    assert_eq!(standing(&queue, &room, "a"), Standing::Unsure);
}

#[test]
fn only_so_much_of_a_lane_is_out_at_once() {
    let mut queue = Queue::default();
    let lane = otto();
    let numbers: Vec<_> = (0..=WINDOW)
        .map(|n| message(&mut queue, &lane, &n.to_string()))
        .collect();
    assert_eq!(hand_all(&mut queue, &lane, false).len(), WINDOW);
    assert!(queue.is_full(&lane));
    queue.accepted(numbers[0], 1).unwrap();
    assert_eq!(hand_all(&mut queue, &lane, false), [WINDOW.to_string()]);
}

#[test]
fn there_is_a_limit_to_what_waits_and_what_has_failed_makes_room() {
    let mut queue = Queue::default();
    let lane = otto();
    for n in 0..MAX_ENTRIES {
        message(&mut queue, &lane, &n.to_string());
    }
    let full = queue.check(1, (0, 0)).unwrap_err();
    assert!(matches!(full, OutboxError::Full { entries, .. } if entries == MAX_ENTRIES));
    queue.fail(&lane, "7", &error());
    let dropped = queue.check(1, (0, 0)).unwrap();
    assert_eq!(dropped[0].id.as_str(), "7");
    // What is promised counts, and so do bytes.
    assert!(queue.check(1, (1, 0)).is_err());
    let mut queue = Queue::default();
    assert!(queue.check(MAX_BYTES, (0, 0)).is_ok());
    assert!(queue.check(MAX_BYTES, (0, 1)).is_err());
    assert!(queue.check(MAX_BYTES + 1, (0, 0)).is_err());
}

#[test]
fn what_never_left_is_withdrawn_with_all_that_is_about_it() {
    let mut queue = Queue::default();
    let lane = otto();
    message(&mut queue, &lane, "a");
    message(&mut queue, &lane, "b");
    correction(&mut queue, &lane, "c", "a");
    let taken = queue.withdraw(&lane, "a").unwrap();
    assert_eq!(taken.len(), 2);
    assert_eq!(ids(&queue, &lane), ["b"]);
    assert_eq!(
        queue.withdraw(&lane, "a").unwrap_err(),
        OutboxError::not_queued("a")
    );
}

#[test]
fn what_may_have_left_is_neither_withdrawn_nor_edited() {
    let mut queue = Queue::default();
    let lane = otto();
    let number = message(&mut queue, &lane, "a");
    hand_all(&mut queue, &lane, false);
    let left = OutboxError::Left { id: "a".to_owned() };
    let edit =
        |queue: &mut Queue| queue.edit(&lane, "a", |_| Ok::<_, OutboxError>("new".to_owned()));
    assert_eq!(queue.withdraw(&lane, "a").unwrap_err(), left);
    assert_eq!(edit(&mut queue).unwrap_err(), left);
    queue.back(number, 1, true);
    assert_eq!(queue.withdraw(&lane, "a").unwrap_err(), left);
    // Of what was given up nobody will hear here.
    queue.fail(&lane, "a", &error());
    assert!(queue.withdraw(&lane, "a").is_ok());
}

#[test]
fn an_edit_changes_what_goes_out_and_what_it_counts() {
    let mut queue = Queue::default();
    let lane = otto();
    message(&mut queue, &lane, "a");
    correction(&mut queue, &lane, "c", "a");
    let entry = queue.edit(&lane, "a", |old| {
        Ok::<_, OutboxError>(format!("{old}{old}"))
    });
    assert!(entry.unwrap().stanza.ends_with("<message id='a'/>"));
    let sizes: usize = queue.all().map(Entry::size).sum();
    assert_eq!(queue.bytes, sizes);
    let no_message = queue.edit(&lane, "c", |_| Ok::<_, OutboxError>(String::new()));
    assert!(matches!(no_message, Err(OutboxError::NoMessage { .. })));
}

#[test]
fn what_waits_too_long_fails_with_all_that_is_about_it_and_can_be_tried_again() {
    let mut queue = Queue::default();
    let lane = otto();
    message(&mut queue, &lane, "a");
    correction(&mut queue, &lane, "c", "a");
    assert_eq!(queue.next_deadline(), Some(time(60)));
    assert!(queue.expired(time(59)).is_empty());
    assert_eq!(queue.expired(time(60)).len(), 2);
    let failed = queue.fail(&lane, "a", &error()).entries;
    assert_eq!(failed.len(), 2);
    // A change that failed is gone: what it changed is as it was.
    assert_eq!(ids(&queue, &lane), ["a"]);
    assert_eq!(standing(&queue, &lane, "a"), Standing::Failed(error()));
    assert!(queue.due(&lane, true).is_none() && queue.next_deadline().is_none());
    message(&mut queue, &lane, "b");
    queue.retry(&lane, "a", None).unwrap();
    assert_eq!(hand_all(&mut queue, &lane, false), ["a", "b"]);
    assert!(queue.retry(&lane, "b", None).is_err());
}

#[test]
fn an_acknowledgement_that_comes_after_the_refusal_changes_nothing() {
    let mut queue = Queue::default();
    for lane in [atrium(), otto()] {
        let number = message(&mut queue, &lane, "a");
        assert_eq!(queue.hand(number), Some(1));
        assert!(queue.turned_away(&lane, "a").is_some());
        assert!(queue.accepted(number, 1).is_none());
        assert_eq!(standing(&queue, &lane, "a"), Standing::Waiting);
        assert_eq!(queue.hand(number), Some(2));
        assert!(queue.accepted(number, 1).is_none());
        assert!(queue.back(number, 1, true).is_none());
        assert!(queue.accepted(number, 2).is_some());
    }
}

#[test]
fn who_is_turned_away_comes_back_several_times() {
    let mut queue = Queue::default();
    let room = atrium();
    message(&mut queue, &room, "a");
    assert!(queue.turned_away(&room, "a").is_none());
    hand_all(&mut queue, &room, false);
    for _ in 0..5 {
        assert!(queue.turned_away(&room, "a").is_some());
        assert_eq!(hand_all(&mut queue, &room, false), ["a"]);
    }
    assert!(queue.turned_away(&room, "a").is_none());
    queue.fail(&room, "a", &error());
    queue.retry(&room, "a", None).unwrap();
    assert_eq!(hand_all(&mut queue, &room, false), ["a"]);
    assert!(queue.turned_away(&room, "a").is_some());
}

#[test]
fn a_conversation_that_moves_takes_what_waits_along_in_order() {
    let mut queue = Queue::default();
    let (old, new) = (otto(), atrium());
    message(&mut queue, &old, "a");
    message(&mut queue, &new, "b");
    message(&mut queue, &old, "c");
    assert_eq!(queue.rename(&old, &new).len(), 2);
    assert_eq!(ids(&queue, &new), ["a", "b", "c"]);
    assert!(ids(&queue, &old).is_empty());
    assert_eq!(queue.close(&new).len(), 3);
    assert!(queue.is_empty());
}
