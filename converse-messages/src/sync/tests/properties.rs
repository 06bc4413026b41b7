//! Whatever the size of the pages, whatever is cut off, whatever the stamps say: nothing is lost without a gap.

use proptest::prelude::*;

use super::archive::{Archive, Kept, Unknown};
use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// So many messages are added, and their stamps are these seconds apart from the ones before.
    Grow(Vec<Option<i64>>),
    /// The client catches up with pages of a size; after so many answers the archive falls silent.
    CatchUp {
        most: usize,
        answers: Option<usize>,
        growing: usize,
    },
    /// The oldest messages of the archive expire.
    Expire(usize),
    /// One message of the archive is deleted.
    Delete(usize),
    /// The client fills what is missing.
    Fill { most: usize, answers: Option<usize> },
    /// The archive has results that cannot be read.
    Garble(usize),
}

/// With stamps that do not ascend, or with messages that are deleted: with both, nothing could tell what was before what.
fn step(is_skewed: bool) -> impl Strategy<Value = Step> {
    let (least, none) = if is_skewed { (-20_000, 1) } else { (1, 0) };
    let stamp = prop_oneof![
        6 => (least.max(0)..100_i64).prop_map(Some),
        2 => (least..20_000_i64).prop_map(Some),
        none => Just(None),
    ];
    let deleted = u32::from(!is_skewed);
    let answers = || prop::option::weighted(0.3, 0..4_usize);
    prop_oneof![
        4 => prop::collection::vec(stamp, 1..40).prop_map(Step::Grow),
        4 => (1..12_usize, answers(), 0..4_usize)
            .prop_map(|(most, answers, growing)| Step::CatchUp { most, answers, growing }),
        1 => (1..10_usize).prop_map(Step::Expire),
        deleted => any::<usize>().prop_map(Step::Delete),
        1 => any::<usize>().prop_map(Step::Garble),
        2 => (1..12_usize, answers()).prop_map(|(most, answers)| Step::Fill { most, answers }),
    ]
}

/// What an archive says of an id that it does not have, and what happens. If it does not say that it does not have it, its stamps
/// have to tell what comes before what.
fn world() -> impl Strategy<Value = (Unknown, Vec<Step>)> {
    let unknown = prop_oneof![
        Just(Unknown::Refused),
        Just(Unknown::Nothing),
        Just(Unknown::Ignored),
    ];
    (unknown, any::<bool>()).prop_flat_map(|(unknown, is_skewed)| {
        let is_skewed = is_skewed && unknown == Unknown::Refused;
        (Just(unknown), prop::collection::vec(step(is_skewed), 1..14))
    })
}

struct World {
    archive: Archive,
    client: Client,
    /// All messages that there ever were, in their order.
    ever: Vec<String>,
    second: i64,
}

impl World {
    fn grow(&mut self, stamps: &[Option<i64>]) -> Vec<Kept> {
        let mut grown = Vec::new();
        for apart in stamps {
            self.second += apart.unwrap_or(0);
            let mut kept = Kept::at(self.ever.len() as i64, self.second);
            kept.is_stamped = apart.is_some();
            self.ever.push(kept.id.clone());
            grown.push(kept);
        }
        grown
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Grow(stamps) => {
                let grown = self.grow(&stamps);
                self.archive.kept.extend(grown);
            }
            Step::CatchUp {
                most,
                answers,
                growing,
            } => {
                self.archive.growth = self.grow(&vec![Some(1); growing]);
                (self.archive.most, self.archive.answers) = (most, answers);
                self.client.catch_up(&mut self.archive);
                self.archive.answers = None;
                let left = std::mem::take(&mut self.archive.growth);
                self.archive.kept.extend(left);
            }
            Step::Expire(count) => {
                let count = count.min(self.archive.kept.len());
                self.archive.kept.drain(..count);
            }
            Step::Delete(at) if !self.archive.kept.is_empty() => {
                let at = at % self.archive.kept.len();
                // If only what is missing further back is left, nothing tells that it is older.
                if self.client.cursor() != Some(&self.archive.kept[at].id) {
                    self.archive.kept.remove(at);
                }
            }
            Step::Garble(at) if !self.archive.kept.is_empty() => {
                let at = at % self.archive.kept.len();
                self.archive.kept[at].is_readable = false;
            }
            Step::Fill { most, answers } => {
                (self.archive.most, self.archive.answers) = (most, answers);
                let numbers: Vec<_> = self
                    .client
                    .state
                    .gaps()
                    .iter()
                    .map(|gap| gap.number)
                    .collect();
                for number in numbers {
                    self.client.fill(&mut self.archive, number);
                }
                self.archive.answers = None;
            }
            _ => {}
        }
    }

    fn at(&self, id: &str) -> usize {
        self.ever.iter().position(|ever| ever == id).unwrap()
    }

    /// What is here stands in the archive's order, and what is not is behind the cursor or in a gap.
    fn check(&self) {
        let shown: Vec<_> = self.client.shown().iter().map(|id| self.at(id)).collect();
        assert!(shown.is_sorted(), "the order is lost: {shown:?}");
        let cursor = self.client.cursor().map(|id| self.at(id));
        let gaps: Vec<_> = self
            .client
            .state
            .gaps()
            .iter()
            .map(|gap| {
                let after = gap.after.as_ref().map(|mark| self.at(&mark.id));
                let before = gap.before.as_ref().map(|mark| self.at(&mark.id));
                (after, before)
            })
            .collect();
        for kept in self.archive.kept.iter().filter(|kept| kept.is_readable) {
            let at = self.at(&kept.id);
            let is_here = self.client.messages.contains_key(&kept.id);
            let is_newer = Some(at) > cursor;
            let in_gap = |(after, before): &(Option<usize>, Option<usize>)| {
                Some(at) > *after && before.is_none_or(|before| at < before)
            };
            assert!(
                is_here || is_newer || gaps.iter().any(in_gap),
                "{at} is missing: the cursor is {cursor:?}, the gaps are {gaps:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_hole_is_always_a_gap(
        (unknown, steps) in world(),
        most in 5..60_usize,
        never_complete in any::<bool>(),
        is_inclusive in any::<bool>(),
    ) {
        let mut world = World {
            archive: Archive::of(0..0),
            client: Client {
                limits: Limits { page: 10, messages: most, pages: 30 },
                ..Client::default()
            },
            ever: Vec::new(),
            second: 0,
        };
        world.archive.never_complete = never_complete;
        world.archive.is_inclusive = is_inclusive;
        world.archive.unknown = unknown;
        for step in steps {
            world.run(step);
            world.check();
        }
        // Once everything answers, everything that is still there comes.
        world.run(Step::CatchUp { most: 10, answers: None, growing: 0 });
        world.run(Step::CatchUp { most: 10, answers: None, growing: 0 });
        world.check();
    }
}
