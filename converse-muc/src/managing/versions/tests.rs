#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use super::*;

fn step(since: &str, until: &str) -> Step {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Step {
        since: text(since),
        until: text(until),
    }
}

fn one(jid: &str, affiliation: Affiliation) -> Affiliate {
    Affiliate {
        jid: jid.parse().unwrap(),
        affiliation,
        nick: None,
        reason: None,
    }
}

fn owners(lists: &Lists) -> Option<Vec<String>> {
    let list = lists.list(Affiliation::Owner)?;
    Some(list.iter().map(|one| one.jid.to_string()).collect())
}

/// Lists that are the room's: `a` and `b` own it, and the version is `1`.
fn entered() -> Lists {
    let lists = Lists::default();
    assert_eq!(lists.ask(true), Some(Ask { since: None }));
    let all = [
        one("a@x", Affiliation::Owner),
        one("b@x", Affiliation::Owner),
    ];
    assert!(!lists.take_message(step("", "1"), &all));
    assert_eq!(owners(&lists), None);
    lists.take_presence(Some(step("", "1")), true, None);
    assert_eq!(owners(&lists).unwrap(), ["a@x", "b@x"]);
    lists
}

#[test]
fn what_the_room_tells_on_coming_in_is_kept_up_to_date() {
    let lists = entered();
    let gone = one("b@x", Affiliation::None);
    lists.take_presence(Some(step("1", "2")), false, Some(gone.clone()));
    assert_eq!(owners(&lists).unwrap(), ["a@x"]);
    // The same change again, of another nick of that person.
    lists.take_presence(Some(step("1", "2")), false, Some(gone));
    assert_eq!(owners(&lists).unwrap(), ["a@x"]);
    let new = [one("c@x", Affiliation::Owner)];
    assert!(lists.take_message(step("2", "3"), &new));
    assert_eq!(owners(&lists).unwrap(), ["a@x", "c@x"]);
    // Presence without versions changes nothing.
    lists.take_presence(None, true, None);
    lists.take_presence(None, false, Some(one("a@x", Affiliation::None)));
    assert_eq!(owners(&lists).unwrap(), ["a@x", "c@x"]);
}

#[test]
fn the_next_visit_asks_for_what_changed_since() {
    let lists = entered();
    let since = Some("1".to_owned());
    assert_eq!(lists.ask(true), Some(Ask { since }));
    assert_eq!(owners(&lists), None);
    // Nothing changed.
    lists.take_presence(Some(step("", "1")), true, None);
    assert_eq!(owners(&lists).unwrap(), ["a@x", "b@x"]);

    // Two messages, one after the other.
    lists.ask(true).unwrap();
    lists.take_message(step("1", "2"), &[one("a@x", Affiliation::None)]);
    lists.take_message(step("2", "3"), &[one("b@x", Affiliation::Member)]);
    lists.take_presence(Some(step("", "3")), true, None);
    assert!(owners(&lists).unwrap().is_empty());

    // The room does not know that version any more and tells everything.
    lists.ask(true).unwrap();
    lists.take_message(step("", "9"), &[one("z@x", Affiliation::Owner)]);
    lists.take_presence(Some(step("", "9")), true, None);
    assert_eq!(owners(&lists).unwrap(), ["z@x"]);
}

#[test]
fn what_does_not_follow_is_forgotten() {
    let breaks: [(Option<Step>, bool, Option<Affiliate>); 4] = [
        (
            Some(step("7", "8")),
            false,
            Some(one("a@x", Affiliation::None)),
        ),
        (Some(step("", "8")), true, None),
        (Some(step("1", "2")), false, None),
        (
            Some(step("1", "")),
            false,
            Some(one("a@x", Affiliation::None)),
        ),
    ];
    for (step, is_own, who) in breaks {
        let lists = entered();
        lists.take_presence(step.clone(), is_own, who);
        assert_eq!(owners(&lists), None, "{step:?}");
        assert_eq!(lists.ask(true), Some(Ask { since: None }));
    }
    let lists = entered();
    lists.take_message(step("7", "8"), &[]);
    assert_eq!(owners(&lists), None);
    let lists = entered();
    lists.take_message(step("1", &"v".repeat(2000)), &[]);
    assert_eq!(owners(&lists), None);
}

#[test]
fn a_room_that_forgets_to_say_its_version_has_none() {
    let lists = Lists::default();
    lists.ask(true).unwrap();
    lists.take_message(step("", "1"), &[one("a@x", Affiliation::Owner)]);
    lists.take_presence(None, true, None);
    assert_eq!(owners(&lists), None);

    let lists = entered();
    assert_eq!(lists.ask(false), None);
    assert_eq!(lists.ask(true), Some(Ask { since: None }));
}
