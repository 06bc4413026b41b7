#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use converse_core::view::Diff;

use super::*;
use crate::model::OccupantAttributes;

fn occupant(nick: &str) -> Occupant {
    Occupant::new(OccupantAttributes {
        nick: nick.to_owned(),
        ..OccupantAttributes::default()
    })
}

fn wordy(nick: &str, length: usize) -> Occupant {
    Occupant::new(OccupantAttributes {
        nick: nick.to_owned(),
        status: Some("x".repeat(length).into()),
        ..OccupantAttributes::default()
    })
}

fn nicks(occupants: &[Occupant]) -> Vec<&str> {
    occupants.iter().map(|one| one.nick.as_str()).collect()
}

#[test]
fn they_are_sorted_by_nick_and_each_is_there_once() {
    let mut occupants = Occupants::default();
    for nick in ["pia", "Rook", "mara", "pia"] {
        occupants.put(occupant(nick), false);
    }
    assert_eq!(nicks(&occupants.all()), ["Rook", "mara", "pia"]);
    assert_eq!(occupants.len(), 3);
    assert_eq!(occupants.put(occupant("pia"), false), Put::Same);
    let changed = wordy("pia", 3);
    assert_eq!(occupants.put(changed.clone(), false), Put::Changed(changed));
    assert_eq!(occupants.remove("nobody"), None);
    assert_eq!(occupants.rename("nobody", "mara"), None);
    assert_eq!(nicks(&occupants.all()), ["Rook", "mara", "pia"]);
}

#[test]
fn a_nick_that_goes_to_somebody_else_is_there_once() {
    let mut occupants = Occupants::default();
    occupants.put(occupant("pia"), false);
    occupants.put(wordy("rook", 3), false);
    let mut view = occupants.follow();
    let renamed = occupants.rename("rook", "pia").unwrap();
    assert_eq!(renamed.status.as_deref(), Some("xxx"));
    assert_eq!(occupants.all(), [renamed]);
    while view.try_next().is_some() {}
    assert_eq!(view.snapshot(), occupants.all());
    occupants.clear();
    assert_eq!(occupants.bytes, 0);
}

#[test]
fn the_bytes_they_take_are_given_back() {
    let mut occupants = Occupants::default();
    for round in 0..3 {
        for number in 0..10 {
            occupants.put(wordy(&format!("n{number}"), 100 * round), false);
        }
    }
    occupants.rename("n3", "another and longer nick");
    for number in 0..10 {
        occupants.remove(&format!("n{number}"));
    }
    occupants.remove("another and longer nick");
    assert_eq!((occupants.len(), occupants.bytes), (0, 0));
}

#[test]
fn a_room_cannot_fill_the_memory_with_what_its_occupants_say() {
    let mut occupants = Occupants::default();
    let mut number = 0;
    while occupants.put(wordy(&format!("n{number}"), 64 * 1024), false) != Put::Full {
        number += 1;
        assert!(number <= MAX_OCCUPANTS);
    }
    assert!(occupants.bytes <= MAX_BYTES);
    let last = occupants.get(&format!("n{}", number - 1)).unwrap();
    assert_eq!(last.status, None);
    // Who is there stays, and the user has a place.
    let louder = wordy("n0", 128 * 1024);
    assert!(matches!(occupants.put(louder, false), Put::Changed(known) if known.status.is_none()));
    assert!(matches!(
        occupants.put(occupant("mara"), true),
        Put::Joined(_)
    ));
    let count = occupants.len();
    assert_eq!(occupants.all().len(), count);
}

#[test]
fn no_more_than_fifty_thousand_are_kept() {
    let mut occupants = Occupants::default();
    for number in 0..MAX_OCCUPANTS {
        let put = occupants.put(occupant(&format!("n{number}")), false);
        assert!(matches!(put, Put::Joined(_)));
    }
    assert_eq!(occupants.put(occupant("pia"), false), Put::Full);
    assert!(matches!(
        occupants.put(wordy("n7", 1), false),
        Put::Changed(_)
    ));
    assert!(matches!(
        occupants.put(occupant("mara"), true),
        Put::Joined(_)
    ));
    assert_eq!(occupants.len(), MAX_OCCUPANTS + 1);
}

#[test]
fn a_view_is_what_the_room_has() {
    let mut occupants = Occupants::default();
    occupants.put(occupant("pia"), false);
    let mut view = occupants.follow();
    assert_eq!(nicks(view.snapshot()), ["pia"]);

    occupants.put(occupant("mara"), false);
    let arrived = Diff::Insert {
        index: 0,
        item: occupant("mara"),
    };
    assert_eq!(view.try_next(), Some(arrived));
    occupants.put(wordy("pia", 1), false);
    let changed = Diff::Update {
        index: 1,
        item: wordy("pia", 1),
    };
    assert_eq!(view.try_next(), Some(changed));
    occupants.rename("mara", "zora");
    assert_eq!(view.try_next(), Some(Diff::Remove { index: 0 }));
    let renamed = Diff::Insert {
        index: 1,
        item: occupant("zora"),
    };
    assert_eq!(view.try_next(), Some(renamed));
    occupants.remove("pia");
    assert_eq!(view.try_next(), Some(Diff::Remove { index: 0 }));
    occupants.clear();
    assert_eq!(view.try_next(), Some(Diff::Reset(Vec::new())));
}

#[actix::test]
async fn a_view_ends_with_the_room() {
    let mut occupants = Occupants::default();
    let mut view = occupants.follow();
    occupants.close();
    assert_eq!(view.next().await, None);
}
