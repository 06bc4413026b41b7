use super::archive::{Archive, Kept, archived};
use super::*;
use crate::sync::{Mark, Settling, placing};

/// What an archive tells of these, of which nothing is here.
fn placed(kept: &[Kept]) -> Vec<Placed> {
    let messages = kept.iter().map(archived).collect();
    placing::forward(messages, None, true, now())
}

/// What is known when an archive has told so far.
fn known(kept: &[Kept]) -> ArchiveState {
    let mut state = ArchiveState::default();
    if let Some(last) = placed(kept).last() {
        state.move_cursor(Mark::new(&last.id, last.place, Some(last.time)));
    }
    state
}

/// Where the cursor is after all of these were told, if what came at the second of `sent` was sent from here.
fn settled(
    begun: &ArchiveState,
    kept: &[Kept],
    sent: Option<i64>,
) -> (Option<String>, Vec<String>) {
    let mut settling = Settling::new(begun);
    settling.told(&placed(kept));
    if let Some(second) = sent {
        settling.sent(Kept::at(0, second).time);
    }
    let mut state = known(kept);
    settling.settle(&mut state);
    let behind = settling.behind(&state).map(str::to_owned).collect();
    (state.cursor().map(|mark| mark.id.clone()), behind)
}

fn ids(numbers: std::ops::Range<i64>) -> Vec<String> {
    numbers.map(|number| format!("m{number}")).collect()
}

#[test]
fn after_something_that_was_sent_the_cursor_stays_ten_seconds_behind() {
    let kept = Archive::of(0..30).kept;
    let begun = ArchiveState::default();
    assert_eq!(
        settled(&begun, &kept, Some(29)),
        (Some("m19".into()), ids(20..30))
    );
    assert_eq!(
        settled(&begun, &kept, Some(20)),
        (Some("m19".into()), ids(20..30))
    );
    // Since then everything has come in that was on its way.
    assert_eq!(
        settled(&begun, &kept, Some(19)),
        (Some("m29".into()), Vec::new())
    );
    assert_eq!(
        settled(&begun, &kept, None),
        (Some("m29".into()), Vec::new())
    );
}

#[test]
fn what_was_told_in_a_shorter_time_is_asked_for_again_as_a_whole() {
    let archive = Archive::of(0..30);
    let begun = known(&archive.kept[..25]);
    let (cursor, behind) = settled(&begun, &archive.kept[25..], Some(28));
    assert_eq!((cursor.as_deref(), behind), (Some("m24"), ids(25..30)));
    // Without anything before, the first message is certain at least.
    let (cursor, behind) = settled(&ArchiveState::default(), &archive.kept[25..], Some(28));
    assert_eq!((cursor.as_deref(), behind), (Some("m25"), ids(26..30)));
}

#[test]
fn the_cursor_never_goes_back_over_a_gap() {
    let kept = Archive::of(0..30).kept;
    let mut settling = Settling::new(&known(&kept[..1]));
    settling.told(&placed(&kept));
    settling.sent(Kept::at(0, 29).time);
    let mut state = known(&kept);
    let edge = &placed(&kept)[24];
    let edge = Mark::new(&edge.id, edge.place, Some(edge.time));
    state.add_gap(None, Some(edge));
    settling.settle(&mut state);
    assert_eq!(state.cursor().unwrap().id, "m24");
    assert_eq!(settling.behind(&state).collect::<Vec<_>>(), ids(25..30));
}

#[test]
fn clocks_that_go_back_and_stamps_at_the_edge_of_time_do_no_harm() {
    let mut kept = Archive::of(0..30).kept;
    kept.push(Kept::at(30, -90_000));
    let begun = ArchiveState::default();
    let (cursor, behind) = settled(&begun, &kept, Some(29));
    assert_eq!((cursor.as_deref(), behind), (Some("m19"), ids(20..31)));
    for time in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        let mut settling = Settling::new(&begun);
        let mut kept = Kept::at(0, 0);
        kept.time = time;
        settling.told(&placed(std::slice::from_ref(&kept)));
        settling.sent(time);
        let mut state = known(std::slice::from_ref(&kept));
        settling.settle(&mut state);
        assert_eq!(state.cursor().unwrap().id, "m0");
    }
}
