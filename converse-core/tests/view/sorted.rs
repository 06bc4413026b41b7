//! Owners that know an order, and owners that make mistakes.

use converse_core::view::{Diff, Publisher};

#[test]
fn an_entry_that_is_there_is_updated() {
    let publisher = Publisher::new();
    let mut view = publisher.follow(|| vec![(1, 'a'), (3, 'c')]);
    let by_number = |one: &(i32, char), other: &(i32, char)| one.0.cmp(&other.0);
    publisher.put_sorted(|| (3, 'C'), by_number);
    publisher.put_sorted(|| (2, 'b'), by_number);
    publisher.remove_sorted(|entry| entry.0.cmp(&5));
    let (index, item) = (1, (3, 'C'));
    assert_eq!(view.try_next(), Some(Diff::Update { index, item }));
    let item = (2, 'b');
    assert_eq!(view.try_next(), Some(Diff::Insert { index, item }));
    assert_eq!(view.try_next(), None);
}

#[test]
fn without_a_follower_nothing_is_made() {
    let publisher: Publisher<u8> = Publisher::new();
    publisher.put_sorted(|| unreachable!("nobody follows"), Ord::cmp);
    publisher.remove_sorted(|_| unreachable!("nobody follows"));
    publisher.send(Diff::Remove { index: 5 });
    let ran = publisher.edit(|list| {
        list.push(1);
        list.update(4, 1);
        assert!(!list.is_followed() && list.items().is_empty());
        true
    });
    assert!(ran, "an edit is the owner's critical section in any case");
}

#[test]
fn a_change_that_does_not_fit_is_left_out() {
    let publisher = Publisher::new();
    let mut view = publisher.follow(|| vec![1, 2]);
    publisher.send(Diff::Update { index: 2, item: 3 });
    publisher.send(Diff::Remove { index: 2 });
    publisher.send(Diff::Insert { index: 3, item: 3 });
    assert_eq!(view.try_next(), None);
    publisher.send(Diff::Insert { index: 2, item: 3 });
    assert_eq!(view.try_next(), Some(Diff::Insert { index: 2, item: 3 }));
    assert_eq!(view.snapshot(), [1, 2, 3]);
}

#[test]
fn a_diff_of_another_list_is_an_error_and_changes_nothing() {
    let mut list = vec![1, 2];
    for diff in [
        Diff::Insert { index: 3, item: 9 },
        Diff::Update { index: 2, item: 9 },
        Diff::Remove { index: usize::MAX },
    ] {
        let error = diff.apply(&mut list).unwrap_err();
        assert!(error.to_string().contains("outside of a list of 2"));
    }
    assert_eq!(list, [1, 2]);
}

#[test]
fn a_diff_is_json_for_other_languages() {
    let diff = Diff::Update {
        index: 3,
        item: "x",
    };
    assert_eq!(
        serde_json::to_string(&diff).unwrap(),
        r#"{"update":{"index":3,"item":"x"}}"#
    );
    let reset = Diff::Reset(vec![1, 2]);
    assert_eq!(serde_json::to_string(&reset).unwrap(), r#"{"reset":[1,2]}"#);
}
