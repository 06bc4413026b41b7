use super::*;
use crate::sync::live::LiveEdge;
use crate::sync::retry::Retry;
use crate::sync::{Held, Mark, SyncError};
use converse_core::store::Change;

fn mark(number: i64) -> Mark {
    Mark::new(format!("m{number}"), Place::new(number, 3), Some(now()))
}

fn value(state: &ArchiveState) -> Vec<u8> {
    let Change::Put { value, .. } = state.to_change("own").unwrap() else {
        panic!("it is a value");
    };
    value
}

#[test]
fn what_is_written_is_read_again() {
    let mut state = ArchiveState::default();
    assert_eq!(ArchiveState::from_value(&value(&state)).unwrap(), state);
    state.move_cursor(mark(9));
    state.add_gap(None, Some(mark(1)));
    state.add_gap(Some(mark(3)), Some(mark(5)));
    let read = ArchiveState::from_value(&value(&state)).unwrap();
    assert_eq!(read, state);
    assert_eq!(
        String::from_utf8(value(&state)).unwrap(),
        r#"{"version":1,"cursor":{"id":"m9","place":[9,3],"time":1769947200000000},"gaps":[{"number":0,"before":{"id":"m1","place":[1,3],"time":1769947200000000}},{"number":1,"after":{"id":"m3","place":[3,3],"time":1769947200000000},"before":{"id":"m5","place":[5,3],"time":1769947200000000}}],"next":2}"#
    );
}

#[test]
fn what_a_newer_version_wrote_or_nobody_did_is_an_error() {
    let newer = ArchiveState::from_value(br#"{"version":2,"cursor":"elsewhere"}"#);
    assert!(matches!(newer, Err(SyncError::Newer { version: 2, .. })));
    for broken in ["", "{}", "nothing", r#"{"version":1,"cursor":7}"#] {
        let read = ArchiveState::from_value(broken.as_bytes());
        assert!(matches!(read, Err(SyncError::Malformed(_))), "{broken}");
    }
}

#[test]
fn there_are_only_so_many_gaps_and_none_is_forgotten() {
    let mut state = ArchiveState::default();
    for number in 0..1_000 {
        state.add_gap(Some(mark(10 * number)), Some(mark(10 * number + 5)));
    }
    let gaps = state.gaps();
    assert_eq!(gaps.len(), 64);
    assert_eq!(gaps[0].after, Some(mark(0)));
    assert_eq!(gaps[0].before, Some(mark(10 * (1_000 - 64) + 5)));
    assert_eq!(gaps[63].before, Some(mark(9_995)));
    // Whoever knew all of them before the last has to look at the one that has grown.
    assert!(gaps[0].number > gaps[62].number);
}

#[test]
fn the_next_gap_towards_the_past_is_found_by_place() {
    let mut state = ArchiveState::default();
    state.add_gap(None, Some(mark(10)));
    state.add_gap(Some(mark(20)), Some(mark(30)));
    let before = |number| state.gap_before(mark(number).place).map(|gap| gap.number);
    assert_eq!(before(5), None);
    assert_eq!(before(10), Some(0));
    assert_eq!(before(29), Some(0));
    assert_eq!(before(30), Some(1));
    assert_eq!(before(99), Some(1));
}

#[test]
fn part_of_an_archive_takes_over_each_gap_once_with_its_own_edges() {
    let mut archive = ArchiveState::default();
    archive.add_gap(None, Some(mark(10)));
    let mut part = ArchiveState::default();
    part.adopt(&archive, |gap| Some((gap.after.clone(), Some(mark(12)))));
    let number = part.gaps()[0].number;
    part.set_gap(number, None);
    archive.add_gap(Some(mark(20)), Some(mark(30)));
    part.add_gap(Some(mark(1)), Some(mark(2)));
    part.adopt(&archive, |_| Some((Some(mark(12)), None)));
    assert_eq!(part.gaps().len(), 2);
    assert_eq!(part.gaps()[1].after, Some(mark(12)));
    part.adopt(&archive, |_| panic!("nothing is new"));
}

#[test]
fn the_cursor_follows_what_tells_its_id_and_stays_before_what_does_not() {
    let mut live = LiveEdge::default();
    assert!(!live.identified());
    live.caught_up();
    assert!(live.identified());
    live.unidentified();
    assert!(!live.identified());
    assert_eq!(live.behind(), 2);
    live.lost();
    live.caught_up();
    assert!(live.identified());
    live.lost();
    assert!(!live.identified());
    // What is sent meanwhile may come behind what the archive tells.
    live.unidentified();
    live.caught_up();
    assert!(!live.identified());
}

#[test]
fn only_so_much_is_held() {
    let mut held = Held::default();
    held.begin();
    let mut count = 0;
    while held.hold(count, 100).is_ok() {
        count += 1;
    }
    assert_eq!(count, 1_000);
    assert_eq!(held.release(), Some(0));
    assert_eq!(held.hold(count, 100), Ok(()));
    let rest: Vec<_> = std::iter::from_fn(|| held.release()).collect();
    assert_eq!(rest, (1..=1_000).collect::<Vec<_>>());
    held.begin();
    assert_eq!(held.hold(1, 4 * 1024 * 1024), Ok(()));
    assert_eq!(held.hold(2, 1), Err(2));
}

#[test]
fn an_archive_that_did_not_tell_everything_is_asked_later_each_time() {
    let mut retry = Retry::default();
    retry.begin();
    let delays: Vec<_> = (0..40).map(|_| retry.failed().as_secs()).collect();
    assert_eq!(delays[..6], [30, 60, 120, 240, 480, 900]);
    assert!(delays[6..].iter().all(|delay| *delay == 900));
    assert!(retry.is_due());
    retry.done();
    assert!(!retry.is_due());
    assert_eq!(retry.failed().as_secs(), 30);
}
