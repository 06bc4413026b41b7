//! Archives that do not say that they have a message no more.

use chrono::TimeDelta;
use converse_core::contract::PagePosition;

use super::archive::{Archive, Kept, Unknown};
use super::*;
use crate::sync::Mark;

/// A client that has the first ten messages, and what an archive has with this answer to unknown ids.
fn begun(unknown: Unknown, numbers: std::ops::Range<i64>) -> (Client, Archive) {
    let mut client = Client::default();
    client.catch_up(&mut Archive::of(0..10));
    let mut archive = Archive::of(numbers);
    archive.unknown = unknown;
    (client, archive)
}

fn asked(archive: &Archive) -> Vec<(PagePosition, u32)> {
    let asked = archive.asked.iter();
    asked
        .map(|asked| (asked.position.clone(), asked.max))
        .collect()
}

fn after(id: &str) -> PagePosition {
    PagePosition::After(id.to_owned())
}

fn before(id: &str) -> PagePosition {
    PagePosition::Before(id.to_owned())
}

#[test]
fn that_nothing_follows_is_believed_if_the_newest_message_is_the_cursor() {
    for unknown in [Unknown::Refused, Unknown::Nothing, Unknown::Ignored] {
        let (mut client, mut archive) = begun(unknown, 0..10);
        assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
        assert_eq!(
            asked(&archive),
            [(after("m9"), 50), (PagePosition::Newest, 1)]
        );
        assert_eq!(client.cursor(), Some("m9"));
        assert_eq!(client.shown(), archive.ids());
    }
}

#[test]
fn if_there_is_something_newer_the_archive_does_not_have_the_cursor() {
    let (mut client, mut archive) = begun(Unknown::Nothing, 20..30);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    let expected = [
        (after("m9"), 50),
        (PagePosition::Newest, 1),
        (PagePosition::Newest, 50),
    ];
    assert_eq!(asked(&archive), expected);
    assert_eq!(client.cursor(), Some("m29"));
    assert_eq!(client.shown()[10..], archive.ids());
    let gap = client.state.gaps()[0].clone();
    assert_eq!(gap.after.unwrap().id, "m9");
    assert_eq!(gap.before.unwrap().id, "m20");
    let filled = client.fill(&mut archive, gap.number);
    assert!(matches!(filled, Filled::Whole));
}

#[test]
fn nothing_is_lost_of_what_is_still_there() {
    let (mut client, mut archive) = begun(Unknown::Nothing, 5..3_000);
    archive.kept.retain(|kept| kept.id != "m9");
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    let number = client.state.gaps()[0].number;
    assert!(matches!(client.fill(&mut archive, number), Filled::Whole));
    assert_eq!(client.shown(), Archive::of(0..3_000).ids());
}

#[test]
fn of_an_archive_that_has_lost_everything_nothing_is_missing() {
    let (mut client, mut archive) = begun(Unknown::Nothing, 0..0);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert!(client.state.gaps().is_empty());
    assert_eq!(client.cursor(), Some("m9"));
    // What comes into it later is new.
    archive.kept = Archive::of(20..25).kept;
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    assert_eq!(client.cursor(), Some("m24"));
}

#[test]
fn if_only_the_cursor_was_deleted_nothing_is_new() {
    for (unknown, requests) in [(Unknown::Nothing, 2), (Unknown::Refused, 2)] {
        let (mut client, mut archive) = begun(unknown, 0..9);
        let outcome = client.catch_up(&mut archive);
        assert!(
            matches!(outcome, Outcome::Whole),
            "{unknown:?}: {outcome:?}"
        );
        assert_eq!(archive.asked.len(), requests);
        assert_eq!(client.shown(), Archive::of(0..10).ids());
        // Neither if what is left is not here, but older.
        client.messages.retain(|id, _| id == "m9");
        archive.unknown = Unknown::Nothing;
        assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
        assert_eq!(client.shown(), ["m9"]);
        // What comes later is.
        archive.kept.extend(Archive::of(10..12).kept);
        client.catch_up(&mut archive);
        assert_eq!(client.shown().last(), Some(&"m11"));
    }
}

#[test]
fn what_came_live_behind_the_cursor_does_not_tell_what_is_between() {
    let (mut client, mut archive) = begun(Unknown::Nothing, 12..14);
    let live = Place::at(now() + TimeDelta::seconds(60));
    client.messages.insert("m13".to_owned(), live);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    assert!(client.messages.contains_key("m12"));
    // Nor if the clock here has put it before the cursor.
    let (mut client, mut archive) = begun(Unknown::Nothing, 12..14);
    let live = Place::at(now() - TimeDelta::hours(5));
    client.messages.insert("m13".to_owned(), live);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    assert!(client.messages.contains_key("m12"));
}

#[test]
fn a_newest_message_that_cannot_be_read_is_looked_at_by_its_id() {
    let (mut client, mut archive) = begun(Unknown::Nothing, 0..10);
    archive.kept[9].is_readable = false;
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert_eq!(archive.asked.len(), 2);
    let (mut client, mut archive) = begun(Unknown::Nothing, 20..23);
    archive.kept[2].is_readable = false;
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    assert!(client.messages.contains_key("m21"));
}

#[test]
fn what_comes_between_the_two_requests_is_not_lost_and_no_gap() {
    let (mut client, mut archive) = begun(Unknown::Nothing, 0..10);
    archive.growth = Archive::of(10..12).kept;
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert_eq!(client.shown(), Archive::of(0..12).ids());
    assert!(client.state.gaps().is_empty());
}

#[test]
fn if_the_archive_falls_silent_before_the_check_nothing_is_known() {
    let (mut client, mut archive) = begun(Unknown::Nothing, 20..30);
    archive.answers = Some(1);
    let outcome = client.catch_up(&mut archive);
    assert!(matches!(outcome, Outcome::Failed(SyncError::Archive(_))));
    assert_eq!(client.cursor(), Some("m9"));
    archive.answers = None;
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
}

#[test]
fn an_archive_that_begins_at_its_beginning_does_not_have_the_cursor() {
    // Within a second, a minute, and from long ago.
    for first in [0, -60, -200_000] {
        let (mut client, mut archive) = begun(Unknown::Ignored, first..9);
        archive.kept.extend(Archive::of(20..30).kept);
        assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
        assert_eq!(archive.asked[1].position, before(&format!("m{first}")));
        let mut shown = client.shown();
        shown.retain(|id| !id.starts_with("m-"));
        let all: Vec<_> = (0..10)
            .chain(20..30)
            .map(|number| format!("m{number}"))
            .collect();
        assert_eq!(shown, all);
        assert_eq!(client.cursor(), Some("m29"));
    }
}

#[test]
fn an_archive_that_begins_at_its_beginning_and_has_nothing_new_moves_nothing() {
    let (mut client, mut archive) = begun(Unknown::Ignored, 0..9);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert_eq!(client.shown(), Archive::of(0..10).ids());
    assert_eq!(client.cursor(), Some("m9"));
}

#[test]
fn a_clock_that_was_set_back_is_no_archive_that_begins_anew() {
    for second in [-3_600, -400_000] {
        let (mut client, mut archive) = begun(Unknown::Ignored, 0..10);
        archive.is_inclusive = second == -3_600;
        for number in 10..70 {
            archive.kept.push(Kept::at(number, second + number));
        }
        assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
        assert_eq!(client.shown(), archive.ids());
        if !archive.is_inclusive {
            let asked = asked(&archive);
            assert_eq!(
                asked,
                [(after("m9"), 50), (before("m10"), 2), (after("m59"), 50)]
            );
        }
    }
}

/// A client that has the messages but those between 9 and 50.
fn with_gap(has_time: bool) -> (Client, u64) {
    let mut client = Client::default();
    let place = |number: i64| Place::at(now() + TimeDelta::seconds(number));
    for number in (0..10).chain(50..100) {
        client.messages.insert(format!("m{number}"), place(number));
    }
    let mark = |number: i64| {
        let time = now() + TimeDelta::seconds(number);
        Mark::new(
            format!("m{number}"),
            place(number),
            has_time.then_some(time),
        )
    };
    let number = client.state.add_gap(Some(mark(9)), Some(mark(50)));
    client.state.move_cursor(mark(99));
    (client, number)
}

#[test]
fn that_nothing_precedes_an_edge_is_believed_if_it_is_the_oldest_message() {
    for oldest in [50, 60] {
        let (mut client, number) = with_gap(true);
        let mut archive = Archive::of(oldest..100);
        archive.unknown = Unknown::Nothing;
        assert!(matches!(client.fill(&mut archive, number), Filled::Whole));
        assert_eq!(
            asked(&archive),
            [(before("m50"), 50), (PagePosition::Oldest, 1)]
        );
    }
    let (mut client, number) = with_gap(true);
    let mut archive = Archive::of(0..0);
    archive.unknown = Unknown::Nothing;
    assert!(matches!(client.fill(&mut archive, number), Filled::Whole));
}

#[test]
fn an_edge_that_an_archive_has_forgotten_is_replaced_by_its_time() {
    let (mut client, number) = with_gap(true);
    let mut archive = Archive::of(0..100);
    archive.unknown = Unknown::Nothing;
    archive.kept.remove(50);
    assert!(matches!(client.fill(&mut archive, number), Filled::Whole));
    assert_eq!(client.shown(), Archive::of(0..100).ids());
}

#[test]
fn without_its_time_an_edge_that_was_forgotten_is_looked_for_from_the_end() {
    let (mut client, number) = with_gap(false);
    let mut archive = Archive::of(0..100);
    archive.unknown = Unknown::Nothing;
    archive.kept.remove(50);
    assert!(matches!(client.fill(&mut archive, number), Filled::Whole));
    assert_eq!(client.shown(), Archive::of(0..100).ids());
    // If nothing comes that is here, nobody can tell what belongs into the gap.
    let (mut client, number) = with_gap(false);
    client.messages.clear();
    let filled = client.fill(&mut archive, number);
    assert!(matches!(filled, Filled::Failed(_, SyncError::NoEdge)));
    assert_eq!(client.state.gaps().len(), 1);
    // Unless nothing is left before it.
    let (mut client, number) = with_gap(false);
    archive.kept.drain(..50);
    assert!(matches!(client.fill(&mut archive, number), Filled::Whole));
}
