//! What the server archives (XEP-0441), asked, set, and set by the setting `message_archiving`.

use std::sync::{Arc, Mutex};

use converse_core::prelude::*;
use converse_mam::prelude::*;
use converse_testkit::clock;
use converse_testkit::scripted::Captures;

use crate::scene::{MAM, Scene};

const GET: &str = "<iq type='get' id='{{i}}'><prefs xmlns='urn:xmpp:mam:2'/></iq>";
const SET: &str = "<iq type='set' id='{{i}}'><prefs xmlns='urn:xmpp:mam:2'/></iq>";
const LISTS: &str = "<always><jid>otto@heron.example</jid></always>\
    <never><jid>ines@heron.example</jid><jid>vex@mallard.example/x9</jid></never>";

async fn answer(scene: &Scene, pattern: &str, prefs: &str) -> Element {
    let (asked, names) = scene.asked_like(pattern).await;
    let xml = format!("<iq type='result' id='{{{{i}}}}'>{prefs}</iq>");
    scene.send(&names, &xml).await;
    asked
}

async fn refuse(scene: &Scene, pattern: &str, condition: &str) {
    let (_, names) = scene.asked_like(pattern).await;
    let xml = format!(
        "<iq type='error' id='{{{{i}}}}'><error type='cancel'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    );
    scene.send(&names, &xml).await;
}

fn prefs(default: &str, lists: &str) -> String {
    format!("<prefs xmlns='{MAM}' default='{default}'>{lists}</prefs>")
}

/// A scene whose setting says that nothing is archived; its server answers nothing but what it can.
async fn never_scene() -> (Scene, Arc<Mutex<Vec<ArchivingNotSet>>>) {
    let scene = Scene::of(
        |plan| {
            plan.account_features.push(MAM.to_owned());
            plan.auto.retain(|what| what != "disco");
        },
        settings! { "message_archiving": "never" },
    )
    .await;
    let failures = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&failures);
    scene
        .api
        .listen()
        .subscribe_sync(move |failed: &ArchivingNotSet| {
            heard.lock().unwrap().push(failed.clone());
            Ok(())
        });
    scene.describe("mara@kestrel.example", MAM).await;
    (scene, failures)
}

async fn nothing_is_set(scene: &Scene) {
    let quiet = std::time::Duration::from_millis(300);
    let unexpected = scene
        .server
        .expect_nothing(SET, &Captures::default(), quiet)
        .await;
    unexpected.unwrap();
}

#[test]
fn they_are_read_and_set() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        let there = prefs("roster", LISTS);
        let (read, _) = tokio::join!(archive.preferences(), answer(&scene, GET, &there));
        let read = read.unwrap();
        assert_eq!(read.default, ArchivingDefault::Roster);
        assert_eq!(read.always[0].as_str(), "otto@heron.example");
        assert_eq!(read.never[1].as_str(), "vex@mallard.example/x9");

        let mut wanted = read.always("ines@heron.example".parse::<Jid>().unwrap());
        wanted.default = ArchivingDefault::Never;
        let applied = prefs("always", LISTS);
        let (set, asked) = tokio::join!(
            archive.set_preferences(wanted.clone()),
            answer(&scene, SET, &applied)
        );
        assert_eq!(set.unwrap().default, ArchivingDefault::Always);
        let sent = asked.child("prefs", MAM).unwrap().to_xml();
        let expected = prefs(
            "never",
            "<always><jid>otto@heron.example</jid><jid>ines@heron.example</jid></always>\
             <never><jid>vex@mallard.example/x9</jid></never>",
        );
        assert_eq!(
            Element::parse(&sent).unwrap(),
            Element::parse(&expected).unwrap()
        );

        let (set, _) = tokio::join!(
            archive.set_preferences(wanted.clone()),
            answer(&scene, SET, "")
        );
        assert_eq!(set.unwrap(), wanted, "who says nothing has done so");
    });
}

#[test]
fn what_cannot_be_read_is_an_error() {
    clock::run(async {
        let scene = Scene::new().await;
        let archive = scene.api.archive();
        for wrong in [
            String::new(),
            prefs("sometimes", ""),
            format!("<prefs xmlns='{MAM}'/>"),
            prefs("roster", "<always><jid>@</jid></always>"),
        ] {
            let (read, _) = tokio::join!(archive.preferences(), answer(&scene, GET, &wrong));
            assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidResponse);
        }
        let (read, ()) = tokio::join!(
            archive.preferences(),
            refuse(&scene, GET, "feature-not-implemented")
        );
        let error = read.unwrap_err();
        let cause: &StanzaError = error.cause().unwrap();
        assert_eq!(cause.condition, Condition::FeatureNotImplemented);
    });
}

#[test]
fn without_an_archive_there_are_none() {
    clock::run(async {
        let scene = Scene::of(|_| {}, settings! {}).await;
        let error = scene.api.archive().preferences().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    });
}

#[test]
fn the_setting_is_set_and_the_lists_are_kept() {
    clock::run(async {
        let (scene, failures) = never_scene().await;
        answer(&scene, GET, &prefs("roster", LISTS)).await;
        let asked = answer(&scene, SET, "").await;
        let expected = Element::parse(&prefs("never", LISTS)).unwrap();
        assert_eq!(asked.child("prefs", MAM).unwrap().to_element(), expected);
        clock::settle().await;
        assert!(failures.lock().unwrap().is_empty());
    });
}

#[test]
fn what_is_so_already_is_not_set() {
    clock::run(async {
        let (scene, failures) = never_scene().await;
        answer(&scene, GET, &prefs("never", LISTS)).await;
        nothing_is_set(&scene).await;
        assert!(failures.lock().unwrap().is_empty());
    });
}

#[test]
fn it_is_announced_that_the_setting_could_not_be_set() {
    clock::run(async {
        let (scene, failures) = never_scene().await;
        refuse(&scene, GET, "feature-not-implemented").await;
        clock::settle().await;
        let failed = failures.lock().unwrap().pop().unwrap();
        assert_eq!(failed.wanted, ArchivingDefault::Never);
        assert_eq!(failed.condition.as_deref(), Some("feature-not-implemented"));
        nothing_is_set(&scene).await;

        let (scene, failures) = never_scene().await;
        answer(&scene, GET, &prefs("always", LISTS)).await;
        refuse(&scene, SET, "not-allowed").await;
        clock::settle().await;
        let failed = failures.lock().unwrap().pop().unwrap();
        assert_eq!(failed.condition.as_deref(), Some("not-allowed"));

        let (scene, failures) = never_scene().await;
        answer(&scene, GET, &prefs("always", LISTS)).await;
        answer(&scene, SET, &prefs("roster", LISTS)).await;
        clock::settle().await;
        let failed = failures.lock().unwrap().pop().unwrap();
        assert_eq!(failed.applied, Some(ArchivingDefault::Roster));

        let (scene, failures) = never_scene().await;
        let lists = "<never><jid>@</jid></never>";
        answer(&scene, GET, &prefs("always", lists)).await;
        nothing_is_set(&scene).await;
        assert_eq!(
            failures.lock().unwrap().len(),
            1,
            "what cannot be read is not overwritten"
        );
    });
}
