use super::archive::Archive;
use super::*;
use crate::sync::{Gap, Mark};

fn with_gap(archive: &mut Archive) -> (Client, u64) {
    let mut client = Client::default();
    client.catch_up(archive);
    let number = client.state.gaps()[0].number;
    (client, number)
}

#[test]
fn a_gap_gets_smaller_page_by_page_and_what_is_left_is_known() {
    let mut archive = Archive::of(0..220);
    let (mut client, number) = with_gap(&mut archive);
    let gap = client.state.gap(number).unwrap().clone();
    let mut run = Fill::new(None, gap);
    let answer = archive.answer(&run.request().unwrap());
    let placed = run.take(answer, now(), client.known());
    client.apply(placed);
    let Filled::Left(left) = run.into_filled() else {
        panic!("there is more");
    };
    assert_eq!(left.before.as_ref().unwrap().id, "m120");
    client.state.set_gap(number, Some(left));
    assert_eq!(client.shown(), archive.ids()[120..]);
    let filled = client.fill(&mut archive, number);
    assert!(matches!(filled, Filled::Whole));
    assert_eq!(client.shown(), archive.ids());
}

#[test]
fn an_edge_that_has_expired_is_replaced_by_its_time() {
    let mut archive = Archive::of(0..120);
    let (mut client, number) = with_gap(&mut archive);
    archive.kept.remove(70);
    let filled = client.fill(&mut archive, number);
    assert!(matches!(filled, Filled::Whole));
    assert_eq!(client.shown(), Archive::of(0..120).ids());
}

#[test]
fn an_edge_that_has_expired_and_has_no_time_is_looked_for_from_the_end() {
    let mut archive = Archive::of(0..120);
    for kept in &mut archive.kept {
        kept.is_stamped = false;
    }
    let (mut client, number) = with_gap(&mut archive);
    archive.kept.remove(70);
    let filled = client.fill(&mut archive, number);
    assert!(matches!(filled, Filled::Whole));
    assert_eq!(client.shown(), Archive::of(0..120).ids());
}

#[test]
fn filling_ends_at_what_is_known_even_if_the_message_at_the_edge_is_gone() {
    let mut archive = Archive::of(0..200);
    let mut client = Client::default();
    let place = |number: i64| Place::new((now().timestamp() + number) * 1_000_000, 0);
    for number in (0..=99).chain(150..200) {
        client.messages.insert(format!("m{number}"), place(number));
    }
    let time = |number: i64| now() + chrono::TimeDelta::seconds(number);
    let mark = |number| Mark::new(format!("m{number}"), place(number), Some(time(number)));
    let number = client.state.add_gap(Some(mark(99)), Some(mark(150)));
    archive.kept.remove(99);
    for kept in &mut archive.kept[..50] {
        kept.time -= chrono::TimeDelta::days(2);
    }
    archive.most = 10;
    assert!(matches!(client.fill(&mut archive, number), Filled::Whole));
    assert_eq!(client.shown(), Archive::of(0..200).ids());
    assert!(archive.asked.len() < 12, "{}", archive.asked.len());
}

#[test]
fn of_one_person_only_what_was_said_with_him_is_asked_for() {
    let run = Fill::new(None, Gap::new(0, None, None));
    let otto: jid::BareJid = "otto@heron.example".parse().unwrap();
    let request = run.with(otto.clone()).page(20).request().unwrap();
    assert_eq!(request.with, Some(otto.into()));
    assert_eq!(request.max, 20);
    assert_eq!(
        request.position,
        converse_core::contract::PagePosition::Newest
    );
}

#[test]
fn nothing_of_a_gap_is_put_beyond_its_edges() {
    let mut archive = Archive::of(0..150);
    for (at, kept) in archive.kept.iter_mut().enumerate() {
        // Nobody set the clock of this server right.
        kept.time = now() - chrono::TimeDelta::hours((at % 7) as i64);
    }
    let (mut client, number) = with_gap(&mut archive);
    client.fill(&mut archive, number);
    assert_eq!(client.shown(), archive.ids());
}
