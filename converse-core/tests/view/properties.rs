//! Applying what a view gives to its first snapshot gives the list of the owner, whatever happens and whoever else follows.

use converse_core::view::{Diff, Publisher, View};
use proptest::collection::vec;
use proptest::prelude::*;

/// One thing that happens: a change of the list, or something that a follower does.
#[derive(Debug, Clone)]
enum Step {
    /// The position is taken modulo what is possible.
    Insert(usize, u32),
    Update(usize, u32),
    Remove(usize),
    Reset(Vec<u32>),
    /// So many changes that a follower that reads nothing in between falls behind.
    Flood(u32),
    Follow,
    Read {
        who: usize,
        most: usize,
    },
    Leave(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let position = any::<usize>();
    prop_oneof![
        6 => (position, any::<u32>()).prop_map(|(at, item)| Step::Insert(at, item)),
        4 => (position, any::<u32>()).prop_map(|(at, item)| Step::Update(at, item)),
        4 => position.prop_map(Step::Remove),
        1 => vec(any::<u32>(), 0..8).prop_map(Step::Reset),
        1 => (900u32..1_200).prop_map(Step::Flood),
        3 => Just(Step::Follow),
        6 => (position, 0usize..40).prop_map(|(who, most)| Step::Read { who, most }),
        1 => position.prop_map(Step::Leave),
    ]
}

/// A follower that believes nothing but the diffs.
struct Follower {
    view: View<u32>,
    shown: Vec<u32>,
}

impl Follower {
    /// Reads up to `most` changes; whether nothing is left.
    fn read(&mut self, most: usize) -> bool {
        for _ in 0..most {
            let Some(diff) = self.view.try_next() else {
                return true;
            };
            diff.apply(&mut self.shown).expect("a diff must fit");
            assert_eq!(self.shown, self.view.snapshot());
        }
        false
    }
}

fn run(steps: Vec<Step>) {
    let publisher = Publisher::new();
    let mut list: Vec<u32> = vec![1, 2, 3];
    let mut followers: Vec<Follower> = Vec::new();
    let change = |list: &mut Vec<u32>, diff: Diff<u32>| {
        diff.clone().apply(list).unwrap();
        publisher.send(diff);
    };
    for step in steps {
        let len = list.len();
        match step {
            Step::Insert(at, item) => {
                let index = at % (len + 1);
                change(&mut list, Diff::Insert { index, item });
            }
            Step::Update(at, item) if len > 0 => {
                let index = at % len;
                change(&mut list, Diff::Update { index, item });
            }
            Step::Remove(at) if len > 0 => {
                let index = at % len;
                change(&mut list, Diff::Remove { index });
            }
            Step::Reset(items) => change(&mut list, Diff::Reset(items)),
            Step::Flood(count) if len > 0 => {
                for item in 0..count {
                    let index = item as usize % len;
                    change(&mut list, Diff::Update { index, item });
                }
            }
            Step::Follow => {
                let view = publisher.follow(|| list.clone());
                assert_eq!(view.snapshot(), list);
                let shown = view.snapshot().to_vec();
                followers.push(Follower { view, shown });
            }
            Step::Read { who, most } if !followers.is_empty() => {
                let count = followers.len();
                let follower = &mut followers[who % count];
                if follower.read(most) {
                    assert_eq!(follower.shown, list, "nothing waits, so nothing may differ");
                }
            }
            Step::Leave(who) if !followers.is_empty() => {
                drop(followers.swap_remove(who % followers.len()));
            }
            _ => {}
        }
        assert_eq!(publisher.is_followed(), !followers.is_empty());
    }
    for mut follower in followers {
        assert!(follower.read(usize::MAX));
        assert_eq!(follower.shown, list);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_diffs_lead_from_the_first_snapshot_to_the_next(steps in vec(step(), 0..60)) {
        run(steps);
    }

    /// The order of a sorted list needs no positions from its owner.
    #[test]
    fn sorted_entries_find_their_place(
        steps in vec((any::<bool>(), 0u8..20, any::<u8>(), 0usize..3), 0..200),
    ) {
        let publisher = Publisher::new();
        let mut map = std::collections::BTreeMap::from([(4, 0), (9, 0)]);
        let entries = |map: &std::collections::BTreeMap<u8, u8>| -> Vec<(u8, u8)> {
            map.iter().map(|(key, value)| (*key, *value)).collect()
        };
        let mut view = publisher.follow(|| entries(&map));
        let mut shown = view.snapshot().to_vec();
        for (puts, key, value, reads) in steps {
            if puts {
                map.insert(key, value);
                publisher.put_sorted(|| (key, value), |one, other| one.0.cmp(&other.0));
            } else {
                map.remove(&key);
                publisher.remove_sorted(|entry| entry.0.cmp(&key));
            }
            for diff in std::iter::from_fn(|| view.try_next()).take(reads) {
                diff.apply(&mut shown).unwrap();
            }
        }
        while let Some(diff) = view.try_next() {
            diff.apply(&mut shown).unwrap();
        }
        prop_assert_eq!(&shown, &entries(&map));
        prop_assert_eq!(view.snapshot(), entries(&map));
    }
}
