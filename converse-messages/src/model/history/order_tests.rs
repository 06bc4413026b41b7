//! In which order messages stand, wherever they come from.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use chrono::{DateTime, Utc};
use converse_core::view::{Diff, View};
use proptest::prelude::*;

use super::*;

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn them() -> Whose {
    Whose::Side(SentBy::Them)
}

fn message(sender: SentBy, n: usize, seconds: i64) -> Message {
    let from = match sender {
        SentBy::Me => "mara@kestrel.example/desk",
        SentBy::Them => "otto@heron.example/oar",
    };
    let (from, body) = (from.parse().unwrap(), format!("b{n}"));
    let mut message = Message::new(sender, from, body, time(seconds));
    message.id = Some(MessageId::new(format!("m{n}")));
    message.origin_id = Some(format!("m{n}"));
    message
}

fn archived(sender: SentBy, n: usize, seconds: i64) -> Message {
    let mut message = message(sender, n, seconds);
    message.delayed = true;
    message.stanza_id = Some(format!("s{n}"));
    message
}

fn sent(n: usize, seconds: i64) -> Message {
    let mut message = message(SentBy::Me, n, seconds);
    message.delivery = Some(Delivery::Sent);
    message
}

fn bodies(history: &History) -> Vec<&str> {
    history.iter().map(|one| one.body.as_str()).collect()
}

fn spot(history: &History, seconds: i64, after: &str, before: &str) -> Spot {
    let after = history.archived_place(after);
    let before = history.archived_place(before);
    Spot::at(time(seconds)).after(after).before(before)
}

/// What a view shows must always be what the history has.
fn check(history: &History, view: &mut View<Message>) {
    while view.try_next().is_some() {}
    assert_eq!(view.snapshot(), history.iter().cloned().collect::<Vec<_>>());
    let places: Vec<_> = history.places_newest_first().map(|one| one.0).collect();
    assert!(places.windows(2).all(|two| two[0] > two[1]), "{places:?}");
    for (number, message) in history.newest_first() {
        assert_eq!(history.at(number), Some(message));
        let index = history.index(number).unwrap();
        assert_eq!(history.order.get(index).unwrap().number, number);
    }
}

#[test]
fn what_was_missed_stands_before_what_came_since() {
    let mut history = History::default();
    history.add(archived(SentBy::Them, 1, 100));
    history.add(message(SentBy::Them, 4, 400));
    let mut view = history.follow();
    let place = spot(&history, 200, "s1", "");
    assert!(matches!(
        history.add_archived(archived(SentBy::Them, 2, 200), them(), place),
        Added::New(_)
    ));
    let item = history.archived("s2").unwrap().clone();
    assert_eq!(view.try_next(), Some(Diff::Insert { index: 1, item }));
    // The clock of the server is behind: it is the order of the archive that counts.
    let place = spot(&history, 50, "s2", "");
    history.add_archived(archived(SentBy::Them, 3, 50), them(), place);
    assert_eq!(bodies(&history), ["b1", "b2", "b3", "b4"]);
    let place = spot(&history, 400, "s3", "");
    let added = history.add_archived(archived(SentBy::Them, 4, 400), them(), place);
    assert!(matches!(added, Added::Duplicate));
    assert_eq!(history.archived_position("s4"), history.newest());
    check(&history, &mut view);
}

#[test]
fn what_stands_elsewhere_in_the_archive_moves() {
    let mut history = History::default();
    history.add(sent(1, 100));
    history.add(archived(SentBy::Them, 2, 101));
    let mut view = history.follow();
    let place = spot(&history, 101, "s2", "");
    let added = history.add_archived(archived(SentBy::Me, 1, 101), Whose::Side(SentBy::Me), place);
    assert!(matches!(added, Added::Moved(message) if message.stanza_id.as_deref() == Some("s1")));
    assert_eq!(bodies(&history), ["b2", "b1"]);
    assert!(matches!(
        view.try_next(),
        Some(Diff::Update { index: 0, .. })
    ));
    assert_eq!(view.try_next(), Some(Diff::Remove { index: 0 }));
    assert!(matches!(
        view.try_next(),
        Some(Diff::Insert { index: 1, .. })
    ));
    check(&history, &mut view);
}

#[test]
fn a_reflection_stands_behind_what_the_room_sent_before_it() {
    let said = |n: usize, nick: &str| {
        let mut said = message(SentBy::Them, n, 100);
        said.from = format!("atrium@rooms.kestrel.example/{nick}")
            .parse()
            .unwrap();
        said.nick = Some(nick.to_owned());
        said.stanza_id = Some(format!("s{n}"));
        said
    };
    let own = |n: usize| {
        let mut own = said(n, "mara");
        own.sender = SentBy::Me;
        own
    };
    let mut history = History::of_room();
    for n in [1, 2] {
        let mut own = own(n);
        own.stanza_id = None;
        own.delivery = Some(Delivery::Sent);
        history.add_of(own, Whose::Side(SentBy::Me));
    }
    let mut view = history.follow();
    history.add_of(said(3, "pia"), Whose::Occupant("pia".to_owned()));
    history.add_of(own(1), Whose::Side(SentBy::Me));
    assert_eq!(bodies(&history), ["b3", "b1", "b2"]);
    history.add_of(said(4, "pia"), Whose::Occupant("pia".to_owned()));
    history.add_of(own(2), Whose::Side(SentBy::Me));
    assert_eq!(bodies(&history), ["b3", "b1", "b4", "b2"]);
    // It comes once more.
    history.add_of(said(5, "pia"), Whose::Occupant("pia".to_owned()));
    history.add_of(own(2), Whose::Side(SentBy::Me));
    assert_eq!(bodies(&history), ["b3", "b1", "b4", "b2", "b5"]);
    check(&history, &mut view);
}

#[test]
fn older_messages_are_here_only_if_somebody_asks_for_them() {
    let mut history = History::default();
    for n in 5_000..6_000 {
        history.add(archived(SentBy::Them, n, 10_000));
    }
    let fill = |history: &mut History, first: usize| {
        let mut after = None;
        for n in first..first + 100 {
            let place = Spot::at(time(9_000))
                .after(after)
                .before(history.archived_place("s5000"));
            history.add_archived(archived(SentBy::Them, n, 9_000), them(), place);
            after = history.archived_place(&format!("s{n}"));
        }
    };
    fill(&mut history, 100);
    assert_eq!(history.len(), MAX_MESSAGES);
    assert_eq!(bodies(&history)[0], "b5000");
    assert_eq!(history.widen(100), 100);
    let mut view = history.follow();
    fill(&mut history, 100);
    assert_eq!(history.len(), MAX_MESSAGES + 100);
    assert_eq!(bodies(&history)[..2], ["b100", "b101"]);
    check(&history, &mut view);
    assert_eq!(history.widen(1_000_000), MAX_OLDER - 100);
}

#[test]
fn what_was_sent_twice_is_there_once() {
    for side in [SentBy::Them, SentBy::Me] {
        let mut history = History::default();
        let mut first = archived(side, 1, 100);
        first.origin_id = Some("o1".to_owned());
        first.delivery = (side == SentBy::Me).then_some(Delivery::Acknowledged);
        let mut second = first.clone();
        (second.stanza_id, second.time) = (Some("s7".to_owned()), time(160));
        second.delayed = true;
        history.add_archived(first, Whose::Side(side), Spot::at(time(100)));
        history.add_archived(archived(SentBy::Them, 2, 130), them(), Spot::at(time(130)));
        let after = history.archived_place("s2");
        let copy = Spot::at(time(160)).after(after);
        let added = history.add_archived(second.clone(), Whose::Side(side), copy);
        assert!(matches!(added, Added::Duplicate), "{added:?}");
        assert!(matches!(history.add(second.clone()), Added::Duplicate));
        assert_eq!(bodies(&history), ["b1", "b2"]);
        // Somebody else may choose what he likes.
        second.from = "otto@heron.example/other".parse().unwrap();
        second.sender = SentBy::Them;
        second.delivery = None;
        history.add_archived(second, them(), copy);
        assert_eq!(history.len(), 3);
    }
}

#[test]
fn of_one_id_the_newest_is_meant() {
    // There are clients that count from one in each session.
    let mut history = History::default();
    let mut newer = archived(SentBy::Them, 1, 500);
    newer.origin_id = None;
    history.add(newer);
    let mut older = archived(SentBy::Them, 1, 100);
    (older.stanza_id, older.origin_id) = (Some("s0".to_owned()), None);
    older.body = "older".to_owned();
    let place = spot(&history, 100, "", "s1");
    history.add_archived(older.clone(), them(), place);
    assert_eq!(bodies(&history), ["older", "b1"]);
    assert_eq!(history.find(SentBy::Them, "m1").unwrap().body, "b1");
    // Both are known when they come again.
    older.stanza_id = None;
    older.delayed = false;
    assert!(matches!(history.add(older), Added::Duplicate));
    assert!(matches!(
        history.add(message(SentBy::Them, 1, 500)),
        Added::Duplicate
    ));
}

#[test]
fn a_correction_in_an_archive_stands_where_it_is_until_its_message_comes() {
    let mut history = History::default();
    history.add(archived(SentBy::Them, 9, 900));
    let mut correction = archived(SentBy::Them, 3, 300);
    correction.replaces = Some(MessageId::new("m1"));
    let by = crate::model::Author {
        delayed: true,
        ..crate::model::Author::of_side(
            SentBy::Them,
            "otto@heron.example".parse::<jid::Jid>().unwrap(),
            time(300),
        )
    };
    let id = correction.id.clone();
    let fold = crate::model::Fold::Correction(Box::new(correction));
    let place = spot(&history, 300, "", "s9");
    history.fold_archived(crate::model::Change { by, id, fold }, place);
    let place = spot(&history, 400, "s3", "s9");
    history.add_archived(archived(SentBy::Them, 4, 400), them(), place);
    assert_eq!(bodies(&history), ["b3", "b4", "b9"]);
    // Its message comes with a page before: there it stands.
    let place = spot(&history, 100, "", "s3");
    let added = history.add_archived(archived(SentBy::Them, 1, 100), them(), place);
    assert!(matches!(added, Added::Completed(_)));
    assert_eq!(bodies(&history), ["b3", "b4", "b9"]);
    assert_eq!(history.find(SentBy::Them, "m1").unwrap().body, "b3");
}

/// How one message comes.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// To this client, without an id of the archive.
    Live,
    /// The same with one.
    LiveWithId,
    /// Late, as the server kept it for a client that was away.
    Late,
}

#[derive(Debug, Clone)]
struct Conversation {
    /// Who wrote, in the order of the archive, and what its clock said.
    said: Vec<(bool, i64)>,
    /// What comes besides the archive, and when: before which page.
    besides: Vec<(usize, Way, usize)>,
    page: usize,
    /// Whether the archive is read from its end.
    backwards: bool,
}

fn conversations() -> impl Strategy<Value = Conversation> {
    let said = prop::collection::vec((any::<bool>(), 0_i64..20), 1..24);
    (said, 1_usize..6, any::<bool>()).prop_flat_map(|(said, page, backwards)| {
        let way = prop_oneof![Just(Way::Live), Just(Way::LiveWithId), Just(Way::Late)];
        let besides = prop::collection::vec((0..said.len(), way, 0..said.len() + 1), 0..60);
        besides.prop_map(move |besides| Conversation {
            said: said.clone(),
            besides,
            page,
            backwards,
        })
    })
}

impl Conversation {
    fn archived(&self, n: usize) -> Message {
        let (own, seconds) = self.said[n];
        let sender = if own { SentBy::Me } else { SentBy::Them };
        archived(sender, n, seconds)
    }

    fn besides(&self, n: usize, way: Way, now: i64) -> Message {
        let mut message = self.archived(n);
        message.delayed = matches!(way, Way::Late);
        if !matches!(way, Way::LiveWithId) {
            message.stanza_id = None;
        }
        if !matches!(way, Way::Late) {
            message.time = time(now);
        }
        message
    }

    fn whose(&self, n: usize) -> Whose {
        Whose::Side(if self.said[n].0 {
            SentBy::Me
        } else {
            SentBy::Them
        })
    }

    /// Reads the whole archive in pages, with everything else between them.
    fn run(&self, history: &mut History) -> usize {
        let mut new = 0;
        let mut count = |added: Added| new += usize::from(matches!(added, Added::New(_)));
        let numbers: Vec<usize> = (0..self.said.len()).collect();
        let mut pages: Vec<&[usize]> = numbers.chunks(self.page).collect();
        if self.backwards {
            pages.reverse();
        }
        let mut edge: Option<usize> = None;
        for (turn, page) in pages.iter().enumerate() {
            self.come(history, turn, &mut count);
            let place = |history: &History, n: Option<usize>| {
                n.and_then(|n| history.archived_place(&format!("s{n}")))
            };
            let mut after = edge.filter(|_| !self.backwards);
            for n in *page {
                let before = edge.filter(|_| self.backwards);
                let spot = Spot::at(time(self.said[*n].1))
                    .after(place(history, after))
                    .before(place(history, before));
                count(history.add_archived(self.archived(*n), self.whose(*n), spot));
                after = Some(*n);
            }
            edge = if self.backwards {
                page.first().copied()
            } else {
                page.last().copied()
            };
        }
        for turn in pages.len()..=self.said.len() {
            self.come(history, turn, &mut count);
        }
        new
    }

    fn come(&self, history: &mut History, turn: usize, count: &mut impl FnMut(Added)) {
        for (at, (n, way, when)) in self.besides.iter().enumerate() {
            if *when == turn {
                let now = 5 + i64::try_from(at).unwrap();
                count(history.add_of(self.besides(*n, *way, now), self.whose(*n)));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn all_ways_end_in_one_history_in_the_order_of_the_archive(conversation in conversations()) {
        let mut history = History::default();
        let mut view = history.follow();
        let new = conversation.run(&mut history);
        let expected: Vec<String> = (0..conversation.said.len()).map(|n| format!("b{n}")).collect();
        prop_assert_eq!(bodies(&history), expected);
        prop_assert_eq!(new, conversation.said.len());
        check(&history, &mut view);
        // Once more, and nothing changes.
        let before: Vec<Message> = history.iter().cloned().collect();
        let again = Conversation { backwards: !conversation.backwards, ..conversation };
        prop_assert_eq!(again.run(&mut history), 0);
        let after: Vec<Message> = history.iter().cloned().collect();
        prop_assert_eq!(before, after);
    }

    #[test]
    fn what_a_store_keeps_is_what_was_there(conversation in conversations()) {
        let mut history = History::default();
        history.keep("log");
        conversation.run(&mut history);
        let mut log = kept_tests::Log::default();
        log.write(history.take_changes());
        let mut restored = History::default();
        restored.keep("log");
        restored.restore(log.newest(1_000), false);
        let (one, other): (Vec<_>, Vec<_>) = (history.iter().collect(), restored.iter().collect());
        prop_assert_eq!(one, other);
        prop_assert!(!restored.has_changes());
        prop_assert_eq!(conversation.run(&mut restored), 0);
    }
}
