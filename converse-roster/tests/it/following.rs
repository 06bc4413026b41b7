//! The contacts as a list that follows itself.

use std::time::Duration;

use converse_core::contract::{Profile, ProfileChanged};
use converse_core::prelude::*;
use converse_core::view::{Diff, View};
use converse_roster::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Rule;
use proptest::prelude::*;

use crate::fetching::wait_for;
use crate::scene::{Scene, plan, with_roster};

/// A list that somebody shows: the first snapshot and every change since.
struct Shown {
    view: View<Contact>,
    list: Vec<Contact>,
}

impl Shown {
    fn of(api: &Api) -> Self {
        let view = api.contacts().subscribe();
        let list = view.snapshot().to_vec();
        Self { view, list }
    }

    /// Makes the changes that wait; what they were.
    fn catch_up(&mut self) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        while let Some(diff) = self.view.try_next() {
            kinds.push(match &diff {
                Diff::Insert { .. } => "insert",
                Diff::Update { .. } => "update",
                Diff::Remove { .. } => "remove",
                Diff::Reset(_) => "reset",
            });
            diff.apply(&mut self.list).unwrap();
            assert_eq!(self.list, self.view.snapshot());
        }
        kinds
    }
}

#[test]
fn every_change_is_told_once() {
    with_roster(|it| async move {
        let mut shown = Shown::of(&it.api);
        assert_eq!(shown.list.len(), 2);
        it.recv("<presence from='otto@heron.example/oar'/>").await;
        assert_eq!(shown.catch_up(), ["update"]);
        it.recv("<presence type='subscribe' from='juno@teal.example'/>")
            .await;
        assert_eq!(shown.catch_up(), ["insert"]);
        assert_eq!(shown.list[1].user_id(), "juno");
        it.recv("<presence from='vex@mallard.example/x'/>").await;
        it.recv(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>\
             <item jid='ines@heron.example' name='Ines' subscription='both'/></query></iq>",
        )
        .await;
        assert!(shown.catch_up().is_empty());
        it.api.contacts().refuse("juno@teal.example").await.unwrap();
        assert_eq!(shown.catch_up(), ["remove"]);
        assert_eq!(shown.list, it.api.contacts().all());
    });
}

#[test]
fn who_does_not_read_gets_the_list_anew() {
    with_roster(|it| async move {
        let mut shown = Shown::of(&it.api);
        for _ in 0..10 {
            let flood: String = (0..200)
                .map(|n| {
                    format!(
                        "<presence from='otto@heron.example/oar'><status>{n}</status></presence>"
                    )
                })
                .collect();
            it.recv(&flood).await;
        }
        assert_eq!(shown.catch_up(), ["reset"]);
        assert_eq!(shown.list, it.api.contacts().all());
    });
}

#[test]
fn a_large_roster_comes_at_once() {
    clock::run(async {
        let plan = plan(&[("otto@heron.example", "Otto")]);
        let it = Scene::new(plan, settings! { "reconnect_min": 1 }).await;
        let mut shown = Shown::of(&it.api);
        let many: Vec<_> = (0..400).map(|n| format!("c{n}@heron.example")).collect();
        let items: String = many
            .iter()
            .map(|jid| format!("<item jid='{jid}'/>"))
            .collect();
        it.recv(&format!(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>{items}</query></iq>"
        ))
        .await;
        assert_eq!(shown.catch_up().len(), 400);
        assert_eq!(shown.list.len(), 401);
        it.events().await;
        it.server.answer_connects(Rule::Accept);
        it.server.drop_connection();
        wait_for(&it, "rosterContactsFetched").await;
        assert_eq!(shown.catch_up(), ["reset"]);
        assert_eq!(shown.list.len(), 1);
    });
}

/// One thing that happens to one of a few people.
#[derive(Debug, Clone)]
enum Step {
    Push(u8, &'static str, &'static str),
    Remove(u8),
    Arrive(u8, u8, &'static str),
    Leave(u8, u8),
    Subscription(u8, &'static str),
    Refuse(u8),
    Profile(u8, u8),
    Reconnect,
    Read,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..8_u8;
    let subscriptions = prop::sample::select(vec!["none", "to", "from", "both"]);
    let names = prop::sample::select(vec!["", "Otto", "Ines"]);
    let shows = prop::sample::select(vec!["away", "xa", "dnd", "chat", ""]);
    let types = vec!["subscribe", "subscribed", "unsubscribe", "unsubscribed"];
    prop_oneof![
        4 => (who.clone(), subscriptions, names).prop_map(|(who, s, name)| Step::Push(who, s, name)),
        2 => who.clone().prop_map(Step::Remove),
        5 => (who.clone(), 0..3_u8, shows).prop_map(|(who, r, show)| Step::Arrive(who, r, show)),
        3 => (who.clone(), 0..3_u8).prop_map(|(who, r)| Step::Leave(who, r)),
        4 => (who.clone(), prop::sample::select(types)).prop_map(|(who, t)| Step::Subscription(who, t)),
        1 => who.clone().prop_map(Step::Refuse),
        1 => (who, 0..3_u8).prop_map(|(who, n)| Step::Profile(who, n)),
        1 => Just(Step::Reconnect),
        4 => Just(Step::Read),
    ]
}

async fn take(it: &mut Scene, step: &Step) {
    match step {
        Step::Push(who, subscription, name) => {
            it.recv(&format!(
                "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>\
                 <item jid='c{who}@heron.example' name='{name}' subscription='{subscription}'/></query></iq>"
            ))
            .await;
        }
        Step::Remove(who) => {
            it.recv(&format!(
                "<iq type='set' id='p'><query xmlns='jabber:iq:roster'>\
                 <item jid='c{who}@heron.example' subscription='remove'/></query></iq>"
            ))
            .await;
        }
        Step::Arrive(who, resource, show) => {
            it.recv(&format!(
                "<presence from='c{who}@heron.example/{resource}'><show>{show}</show></presence>"
            ))
            .await;
        }
        Step::Leave(who, resource) => {
            it.recv(&format!(
                "<presence type='unavailable' from='c{who}@heron.example/{resource}'/>"
            ))
            .await;
        }
        Step::Subscription(who, type_) => {
            it.recv(&format!(
                "<presence type='{type_}' from='c{who}@heron.example'/>"
            ))
            .await;
        }
        Step::Refuse(who) => {
            let jid = format!("c{who}@heron.example");
            it.api.contacts().refuse(&jid).await.unwrap();
        }
        Step::Profile(who, n) => {
            let jid: BareJid = format!("c{who}@heron.example").parse().unwrap();
            let mut profile = Profile::new("2026-02-01T00:00:00Z".parse().unwrap());
            profile.fullname = Some(format!("No. {n}"));
            it.api.publish(ProfileChanged::new(jid, Arc::new(profile)));
            clock::settle().await;
        }
        Step::Reconnect => {
            it.events().await;
            it.server.answer_connects(Rule::Accept);
            it.server.drop_connection();
            wait_for(it, "rosterContactsFetched").await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Step::Read => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two who began to follow at different times, and read at different times, have what everybody reads.
    #[test]
    fn the_first_snapshot_and_the_changes_give_the_next_one(
        before in prop::collection::vec(step(), 0..20),
        after in prop::collection::vec(step(), 0..60),
    ) {
        clock::run(async {
            let plan = plan(&[("c0@heron.example", "Otto"), ("c5@heron.example", "Ines")]);
            let mut it = Scene::new(plan, settings! { "reconnect_min": 1 }).await;
            let mut early = Shown::of(&it.api);
            for step in &before {
                take(&mut it, step).await;
            }
            let mut late = Shown::of(&it.api);
            assert_eq!(late.list, it.api.contacts().all());
            for step in &after {
                take(&mut it, step).await;
                if matches!(step, Step::Read) {
                    late.catch_up();
                    assert_eq!(late.list, it.api.contacts().all());
                }
            }
            for shown in [&mut early, &mut late] {
                shown.catch_up();
                assert_eq!(shown.list, it.api.contacts().all());
            }
        });
    }
}

#[test]
fn a_logout_that_clears_the_store_leaves_no_contact() {
    with_roster(|scene| async move {
        let mut shown = Shown::of(&scene.api);
        assert_eq!(shown.list.len(), 2);
        let settings = scene.api.settings();
        settings.set("clear_store_on_logout", true).unwrap();
        scene.api.user().logout().await.unwrap();
        assert_eq!(shown.catch_up(), ["reset"]);
        assert!(shown.list.is_empty() && scene.contact("otto@heron.example").is_none());
        // With the next login they are there again.
        scene.api.user().login(()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        shown.catch_up();
        assert_eq!(shown.list.len(), 2);
    });
}
