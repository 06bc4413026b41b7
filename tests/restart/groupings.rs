//! What the groupings do in a process that goes on with the session of another.

use std::time::Duration;

use converse::prelude::*;

use crate::scene::{Scene, plan, play, start, with};

const ROSTER: &str = "<iq type='get'><query xmlns='jabber:iq:roster'/></iq>";
const PRESENCE: &str = "<presence/>";
const CARBONS: &str = "<iq type='set'><enable xmlns='urn:xmpp:carbons:2'/></iq>";

async fn restarted(scene: &mut Scene) {
    tokio::time::sleep(Duration::from_secs(2)).await;
    scene.restart().await;
    assert_eq!(scene.started().await, [(true, true)]);
}

#[test]
fn roster_presence_and_carbons_are_as_they_were() {
    play(async {
        let mut scene = start().await;
        scene.expect(CARBONS).await;
        restarted(&mut scene).await;
        assert_eq!(scene.payloads("cachedRoster").await.len(), 1);
        assert_eq!(scene.payloads("rosterContactsFetched").await.len(), 1);
        scene.api.wait_until("rosterContactsFetched").await.unwrap();
        let otto = scene
            .api
            .contacts()
            .get("otto@heron.example")
            .unwrap()
            .unwrap();
        assert_eq!(otto.fullname, "Otto");
        for pattern in [ROSTER, PRESENCE, CARBONS] {
            scene.expect_nothing(pattern).await;
        }
    });
}

#[test]
fn a_push_that_was_heard_is_in_the_next_process() {
    play(async {
        let mut scene = start().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        scene
            .recv(
                "<iq type='set' id='p'><query xmlns='jabber:iq:roster' ver='v2'>\
                 <item jid='ines@heron.example' name='Ines' subscription='both'/></query></iq>",
            )
            .await;
        assert!(
            scene
                .api
                .contacts()
                .get("ines@heron.example")
                .unwrap()
                .is_some()
        );
        restarted(&mut scene).await;
        let ines = scene
            .api
            .contacts()
            .get("ines@heron.example")
            .unwrap()
            .unwrap();
        assert_eq!(ines.fullname, "Ines");
    });
}

#[test]
fn who_was_there_is_there_and_who_asks_still_asks() {
    play(async {
        let mut scene = start().await;
        scene
            .recv("<presence from='otto@heron.example/oar'><show>away</show></presence>")
            .await;
        scene
            .recv("<presence from='otto@heron.example/rudder'/>")
            .await;
        scene
            .recv("<presence from='otto@heron.example/rudder' type='unavailable'/>")
            .await;
        scene
            .recv("<presence from='juno@teal.example' type='subscribe'/>")
            .await;
        restarted(&mut scene).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let otto = scene
            .api
            .contacts()
            .get("otto@heron.example")
            .unwrap()
            .unwrap();
        assert_eq!(otto.chat_status.to_string(), "away");
        assert_eq!(scene.api.contacts().requests().len(), 1);
        scene.expect_nothing(PRESENCE).await;
        // What has changed since is not overwritten by what was.
        scene
            .recv("<presence from='otto@heron.example/oar' type='unavailable'/>")
            .await;
        restarted(&mut scene).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let otto = scene
            .api
            .contacts()
            .get("otto@heron.example")
            .unwrap()
            .unwrap();
        assert_eq!(otto.chat_status.to_string(), "offline");
    });
}

#[test]
fn a_status_that_is_another_now_is_told() {
    play(async {
        let mut scene = start().await;
        scene.api.user().status().set("dnd", None).await.unwrap();
        scene.expect("<presence><show>dnd</show></presence>").await;
        restarted(&mut scene).await;
        // Nobody has chosen a status in this process.
        scene.expect("<presence/>").await;
    });
}

#[test]
fn a_roster_without_versions_is_fetched() {
    play(async {
        let mut plan = plan();
        plan.features.clear();
        plan.roster_version = None;
        let mut scene = with(plan, settings! {}).await;
        restarted(&mut scene).await;
        scene.expect(ROSTER).await;
        scene.expect_nothing(PRESENCE).await;
        assert!(
            scene
                .api
                .contacts()
                .get("otto@heron.example")
                .unwrap()
                .is_some()
        );
    });
}
