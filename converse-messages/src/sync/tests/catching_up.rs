use converse_core::contract::PagePosition;

use super::archive::{Archive, Kept};
use super::*;

#[test]
fn the_first_time_the_newest_page_is_fetched_and_the_rest_is_a_gap() {
    let mut archive = Archive::of(0..120);
    let mut client = Client::default();
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    assert_eq!(client.shown(), archive.ids()[70..]);
    assert_eq!(client.cursor(), Some("m119"));
    let gap = &client.state.gaps()[0];
    assert_eq!(gap.after, None);
    assert_eq!(gap.before.as_ref().unwrap().id, "m70");
    assert_eq!(archive.asked.len(), 1);
}

#[test]
fn a_small_archive_is_whole_at_once_and_so_is_an_empty_one() {
    let mut client = Client::default();
    let outcome = client.catch_up(&mut Archive::of(0..3));
    assert!(matches!(outcome, Outcome::Whole));
    assert!(client.state.gaps().is_empty());
    for never_complete in [false, true] {
        let mut client = Client::default();
        let mut archive = Archive::of(0..0);
        archive.never_complete = never_complete;
        assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
        assert_eq!(client.cursor(), None);
    }
}

#[test]
fn afterwards_only_what_is_newer_is_asked_for_page_by_page() {
    let mut archive = Archive::of(0..10);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    archive = Archive::of(0..130);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    let asked: Vec<_> = archive.asked.iter().map(|asked| &asked.position).collect();
    let after = |id: &str| PagePosition::After(id.to_owned());
    assert_eq!(asked, [&after("m9"), &after("m59"), &after("m109")]);
    assert_eq!(client.shown(), archive.ids());
}

#[test]
fn whoever_is_far_behind_gets_the_newest_page_and_a_gap() {
    let mut archive = Archive::of(0..10);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    archive = Archive::of(0..3_000);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    let gap = client.state.gaps()[0].clone();
    assert_eq!(gap.after.unwrap().id, "m1009");
    assert_eq!(gap.before.unwrap().id, "m2950");
    assert_eq!(client.shown().len(), 1_060);
    let filled = client.fill(&mut archive, gap.number);
    assert!(matches!(filled, Filled::Whole));
    assert_eq!(client.shown(), archive.ids());
    assert!(client.state.gaps().is_empty());
}

#[test]
fn if_the_newest_page_reaches_what_is_there_nothing_is_missing() {
    let mut archive = Archive::of(0..10);
    let mut client = Client {
        limits: Limits {
            messages: 50,
            ..Limits::default()
        },
        ..Client::default()
    };
    client.catch_up(&mut archive);
    archive = Archive::of(0..90);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert_eq!(client.shown(), archive.ids());
    assert_eq!(client.cursor(), Some("m89"));
}

#[test]
fn a_cursor_that_has_expired_is_looked_for_from_the_other_end() {
    let mut archive = Archive::of(0..10);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    archive = Archive::of(0..130);
    archive.kept.remove(9);
    // Nothing tells that there was not more where the cursor was, until somebody asks.
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    let asked: Vec<_> = archive.asked.iter().map(|asked| &asked.position).collect();
    let before = |id: &str| PagePosition::Before(id.to_owned());
    let after = PagePosition::After("m9".to_owned());
    let expected = [
        &after,
        &PagePosition::Newest,
        &before("m80"),
        &before("m30"),
    ];
    assert_eq!(asked, expected);
    assert_eq!(client.shown(), Archive::of(0..130).ids());
    let number = client.state.gaps()[0].number;
    let filled = client.fill(&mut archive, number);
    assert!(matches!(filled, Filled::Whole));
    assert_eq!(client.shown(), Archive::of(0..130).ids());
}

#[test]
fn what_may_have_expired_with_the_cursor_is_a_gap() {
    let mut archive = Archive::of(0..10);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    archive = Archive::of(20..30);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Gap));
    let gap = client.state.gaps()[0].clone();
    assert_eq!(gap.after.unwrap().id, "m9");
    assert_eq!(gap.before.unwrap().id, "m20");
    let filled = client.fill(&mut archive, gap.number);
    assert!(matches!(filled, Filled::Whole));
    assert!(client.state.gaps().is_empty());
}

#[test]
fn an_expired_cursor_without_a_time_leads_to_the_newest_page() {
    let mut archive = Archive::of(0..10);
    for kept in &mut archive.kept {
        kept.is_stamped = false;
    }
    let mut client = Client::default();
    client.catch_up(&mut archive);
    assert_eq!(client.state.cursor().unwrap().time, None);
    for rest in [5..30, 15..30] {
        let mut again = Client {
            state: client.state.clone(),
            messages: client.messages.clone(),
            ..Client::default()
        };
        archive = Archive::of(rest);
        archive.kept.retain(|kept| kept.id != "m9");
        again.catch_up(&mut archive);
        assert_eq!(again.cursor(), Some("m29"));
        assert_eq!(again.state.gaps().len(), 1);
    }
}

#[test]
fn when_the_archive_falls_silent_the_next_time_goes_on_from_there() {
    let mut archive = Archive::of(0..10);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    archive = Archive::of(0..200);
    archive.answers = Some(2);
    let outcome = client.catch_up(&mut archive);
    assert!(matches!(outcome, Outcome::Failed(SyncError::Archive(_))));
    assert_eq!(client.cursor(), Some("m109"));
    archive.answers = None;
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert_eq!(client.shown(), archive.ids());
}

#[test]
fn the_archives_order_counts_whatever_its_stamps_say() {
    let mut archive = Archive::of(0..2);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    // The clock of the server is set back by five hours, and once there is no stamp at all.
    for (number, second) in [
        (2, -18_000),
        (3, -17_999),
        (4, -18_000),
        (5, 40_000),
        (6, 3),
    ] {
        archive.kept.push(Kept::at(number, second));
    }
    archive.kept[4].is_stamped = false;
    client.catch_up(&mut archive);
    assert_eq!(client.shown(), archive.ids());
}

#[test]
fn what_cannot_be_read_is_passed_over() {
    let mut archive = Archive::of(0..10);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    archive = Archive::of(0..100);
    archive.most = 7;
    for kept in &mut archive.kept[20..60] {
        kept.is_readable = false;
    }
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert_eq!(client.shown().len(), 60);
    assert_eq!(client.cursor(), Some("m99"));
}

#[test]
fn an_archive_that_grows_meanwhile_is_read_to_its_end() {
    let mut archive = Archive::of(0..10);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    archive = Archive::of(0..60);
    archive.most = 5;
    archive.growth = Archive::of(60..70).kept;
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert_eq!(client.shown(), archive.ids());
}

#[test]
fn of_an_archive_that_was_empty_everything_is_new() {
    let mut client = Client::default();
    client.catch_up(&mut Archive::of(0..0));
    let mut archive = Archive::of(0..120);
    assert!(matches!(client.catch_up(&mut archive), Outcome::Whole));
    assert_eq!(client.shown(), archive.ids());
    assert_eq!(archive.asked[0].position, PagePosition::Oldest);
}

#[test]
fn what_was_left_out_since_something_was_sent_is_read_before_it_is_given_up() {
    let mut archive = Archive::of(0..300);
    archive.answers = Some(2);
    let mut client = Client::default();
    let sent = Some(Kept::at(0, 10).time);
    let outcome = client.catch_up_since(&mut archive, sent);
    assert!(matches!(outcome, Outcome::Failed(SyncError::Archive(_))));
    assert_eq!((client.shown().len(), client.state.gaps().len()), (100, 1));
    // Behind the cursor there is nothing, but between it and what was sent.
    archive.answers = None;
    let outcome = client.catch_up_since(&mut archive, sent);
    assert!(matches!(outcome, Outcome::Whole));
    assert_eq!(client.shown(), archive.ids());
    assert!(client.state.gaps().is_empty());
    assert_eq!(client.cursor(), Some("m299"));
}

#[test]
fn a_gap_from_long_before_something_was_sent_stays() {
    let mut archive = Archive::of(0..120);
    let mut client = Client::default();
    client.catch_up(&mut archive);
    let number = client.state.gaps()[0].number;
    archive
        .kept
        .extend((200_000..200_003).map(|second| Kept::at(second, second)));
    archive.asked.clear();
    let sent = Some(Kept::at(0, 200_000).time);
    assert!(matches!(
        client.catch_up_since(&mut archive, sent),
        Outcome::Whole
    ));
    assert_eq!(client.state.gaps()[0].number, number);
    assert_eq!(
        archive.asked[0].position,
        PagePosition::After("m119".to_owned())
    );
}

#[test]
fn what_comes_live_meanwhile_is_asked_for_behind_the_rest() {
    let mut client = Client::default();
    let mut archive = Archive::of(0..120);
    let mut run = CatchUp::new(None, client.state.clone());
    assert!(!run.ask_on(), "it is not at its end");
    client.read(&mut run, &mut archive);
    // Each time there is a bit more; it was asked five times in the end.
    for rounds in 2..=5 {
        archive.kept.push(Kept::at(118 + rounds, 118 + rounds));
        assert!(run.ask_on());
        client.read(&mut run, &mut archive);
    }
    assert!(!run.ask_on(), "it was asked often enough");
    assert_eq!(client.shown(), archive.ids()[70..]);
    assert_eq!(run.fetched(), 54);
    // What was missing after the first time still is.
    assert!(matches!(run.into_outcome(), Outcome::Gap));
}

#[test]
fn nothing_more_is_asked_for_when_the_archive_has_told_nothing() {
    let mut client = Client::default();
    let mut run = CatchUp::new(None, client.state.clone());
    client.read(&mut run, &mut Archive::of(0..0));
    assert!(!run.ask_on(), "nothing came");
    let mut archive = Archive::of(0..120);
    archive.answers = Some(0);
    let mut run = CatchUp::new(None, client.state.clone());
    client.read(&mut run, &mut archive);
    assert!(!run.ask_on(), "it has not answered");
    assert!(matches!(run.into_outcome(), Outcome::Failed(_)));
}
