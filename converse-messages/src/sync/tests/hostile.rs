//! Archives that do what they must not.

use converse_core::contract::{ArchivePage, FetchArchive, PagePosition};
use proptest::prelude::*;

use super::archive::{Archive, Kept, archived};
use super::*;

fn caught_up() -> Client {
    let mut client = Client::default();
    client.catch_up(&mut Archive::of(0..10));
    client
}

fn page(numbers: impl IntoIterator<Item = i64>, is_complete: bool) -> ArchivePage {
    let mut page = ArchivePage::default();
    let kept: Vec<_> = numbers.into_iter().map(|n| Kept::at(n, n)).collect();
    page.first = kept.first().map(|kept| kept.id.clone());
    page.last = kept.last().map(|kept| kept.id.clone());
    page.messages = kept.iter().map(archived).collect();
    page.is_complete = is_complete;
    page
}

/// Answers with these pages, and for ever with the last of them.
fn answer(client: &mut Client, pages: &[ArchivePage]) -> (Outcome, Vec<FetchArchive>) {
    let mut run = CatchUp::new(None, client.state.clone());
    let mut asked = Vec::new();
    while let Some(request) = run.request() {
        let page = pages.get(asked.len()).or(pages.last()).unwrap().clone();
        asked.push(request);
        assert!(asked.len() < TOO_MANY, "it asks for ever");
        let placed = run.take(Ok(page), now(), client.known());
        client.apply(placed);
        client.state = run.state().clone();
    }
    (run.into_outcome(), asked)
}

#[test]
fn a_page_that_repeats_is_an_error_and_nothing_is_lost() {
    let mut client = caught_up();
    let (outcome, asked) = answer(&mut client, &[page(10..20, false)]);
    let Outcome::Failed(SyncError::NoProgress | SyncError::Repeats { .. }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(asked.len(), 2);
    assert_eq!(client.cursor(), Some("m19"));
    let pages = [
        page(10..20, false),
        page(15..25, false),
        page(12..14, false),
    ];
    let (outcome, _) = answer(&mut caught_up(), &pages);
    let Outcome::Failed(SyncError::Repeats { id }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(id, "m12");
}

#[test]
fn a_page_that_goes_back_to_the_beginning_is_not_what_follows() {
    // It has the cursor in it: what is behind that is new.
    let mut client = caught_up();
    let (outcome, _) = answer(&mut client, &[page(0..15, true)]);
    assert!(matches!(outcome, Outcome::Whole));
    assert_eq!(client.shown(), Archive::of(0..15).ids());
    // It has only what is known, and nothing is before that.
    let mut client = caught_up();
    let pages = [page(0..5, false), page(0..0, true), page(12..14, true)];
    let (outcome, asked) = answer(&mut client, &pages);
    assert!(matches!(outcome, Outcome::Gap), "{outcome:?}");
    assert_eq!(client.shown()[..10], Archive::of(0..10).ids());
    assert_eq!(asked.len(), 3);
    // It is from long ago.
    let mut client = caught_up();
    let mut old = page(0..0, false);
    old.messages = [Kept::at(-2, -200_000), Kept::at(-1, -199_999)]
        .iter()
        .map(archived)
        .collect();
    let pages = [old, page(0..0, true), page(12..14, true)];
    let (outcome, asked) = answer(&mut client, &pages);
    assert!(matches!(outcome, Outcome::Gap));
    assert_eq!(asked[1].position, PagePosition::Before("m-2".to_owned()));
    assert_eq!(asked[2].position, PagePosition::Newest);
    assert!(!client.messages.contains_key("m-1"));
}

#[test]
fn an_empty_page_that_is_not_the_last_one_is_the_end() {
    let mut client = caught_up();
    let (outcome, asked) = answer(&mut client, &[page(0..0, false)]);
    assert!(matches!(outcome, Outcome::Whole));
    // There is not even a newest message.
    assert_eq!((asked.len(), client.cursor()), (2, Some("m9")));
    // Unless it says that there was something.
    let mut empty = page(0..0, false);
    empty.last = Some("m9".to_owned());
    let (outcome, asked) = answer(&mut client, &[empty]);
    assert!(matches!(outcome, Outcome::Failed(SyncError::NoProgress)));
    assert_eq!(asked.len(), 1);
}

#[test]
fn what_is_said_to_be_the_last_one_is_only_believed_if_it_came() {
    let mut client = caught_up();
    let mut lie = page(10..12, false);
    lie.last = Some("m99".to_owned());
    let (outcome, asked) = answer(&mut client, &[lie, page(12..14, true)]);
    assert!(matches!(outcome, Outcome::Whole));
    assert_eq!(asked[1].position, PagePosition::After("m11".to_owned()));
    assert_eq!(client.cursor(), Some("m13"));
}

#[test]
fn a_message_that_comes_twice_on_a_page_is_one() {
    let mut client = caught_up();
    let mut run = CatchUp::new(None, client.state.clone());
    let placed = run.take(Ok(page([10, 11, 11, 10, 12], true)), now(), client.known());
    assert_eq!(placed.len(), 3);
    client.apply(placed);
    assert_eq!(client.shown(), Archive::of(0..13).ids());
}

#[test]
fn an_archive_that_never_ends_is_left_at_some_time() {
    let mut client = caught_up();
    let mut run = CatchUp::new(None, client.state.clone());
    let mut next = 10;
    while let Some(request) = run.request() {
        next += 1;
        assert!(next < 1_000, "it asks for ever: {request:?}");
        client.apply(run.take(Ok(page(next..=next, false)), now(), |_| None));
    }
    assert!(matches!(run.into_outcome(), Outcome::Gap));
    let mut fill = Fill::new(None, crate::sync::Gap::new(0, None, None));
    for number in 0..1_000 {
        let Some(_) = fill.request() else {
            break;
        };
        let mut unreadable = ArchivePage::default();
        unreadable.first = Some(format!("a{number}"));
        unreadable.last = Some(format!("b{number}"));
        fill.take(Ok(unreadable), now(), |_| None);
    }
    let Filled::Failed(_, SyncError::TooManyPages { pages }) = fill.into_filled() else {
        panic!("it asks for ever");
    };
    assert_eq!(pages, 100);
}

fn any_page() -> impl Strategy<Value = Result<ArchivePage, bool>> {
    let id = || prop::option::of(0..40_i64);
    let stamp = prop_oneof![
        Just(None),
        (-1_000_000..1_000_000_i64).prop_map(Some),
        Just(Some(i64::from(i32::MAX) * 100)),
        Just(Some(-(i64::from(i32::MAX) * 100)))
    ];
    let messages = prop::collection::vec((0..40_i64, stamp), 0..8);
    let page = (messages, id(), id(), any::<bool>()).prop_map(|(messages, first, last, whole)| {
        let mut page = ArchivePage::default();
        let kept = messages.into_iter().map(|(number, second)| Kept {
            time: DateTime::from_timestamp(second.unwrap_or(0), 0).unwrap(),
            is_stamped: second.is_some(),
            ..Kept::at(number, 0)
        });
        page.messages = kept.map(|kept| archived(&kept)).collect();
        page.first = first.map(|number| format!("m{number}"));
        page.last = last.map(|number| format!("m{number}"));
        page.is_complete = whole;
        page
    });
    prop_oneof![8 => page.prop_map(Ok), 1 => any::<bool>().prop_map(Err)]
}

proptest! {
    /// Whatever comes: it ends soon, the places ascend, and the cursor stands at something that was told.
    #[test]
    fn no_archive_leads_astray(pages in prop::collection::vec(any_page(), 1..60)) {
        let mut client = Client::default();
        let mut pages = pages.into_iter().cycle();
        let mut answer = move || match pages.next().unwrap() {
            Ok(page) => Ok(page),
            Err(true) => Archive::of(0..0).answer(&FetchArchive::own(PagePosition::After("?".into()))),
            Err(false) => Err(converse_core::Error::new(converse_core::ErrorKind::Timeout, "")),
        };
        for _ in 0..6 {
            let mut run = CatchUp::new(None, client.state.clone());
            let mut asked = 0;
            while run.request().is_some() {
                asked += 1;
                prop_assert!(asked < 210);
                let before = run.state().cursor().map(|mark| mark.place);
                let placed = run.take(answer(), now(), client.known());
                let mut places = placed.iter().map(|message| message.place);
                let mut last = before;
                prop_assert!(places.all(|place| last.replace(place) < Some(place)));
                client.apply(placed);
                client.state = run.state().clone();
            }
            if let Some(cursor) = client.cursor() {
                prop_assert!(client.messages.contains_key(cursor) || cursor.starts_with('m'));
            }
            for gap in client.state.gaps().to_vec() {
                let mut run = Fill::new(None, gap);
                let mut asked = 0;
                while run.request().is_some() {
                    asked += 1;
                    prop_assert!(asked < 210);
                    let placed = run.take(answer(), now(), client.known());
                    prop_assert!(placed.windows(2).all(|two| two[0].place < two[1].place));
                    client.apply(placed);
                }
            }
        }
    }
}
