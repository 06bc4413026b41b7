//! Client state indication (XEP-0352).

use converse_core::prelude::*;
use converse_core::session::ClientState;
use converse_testkit::scripted::Plan;

use crate::scene::{online, online_with};

const INACTIVE: &str = "<inactive xmlns='urn:xmpp:csi:0'/>";
const ACTIVE: &str = "<active xmlns='urn:xmpp:csi:0'/>";

fn plan() -> Plan {
    let mut plan = Plan::new("kestrel.example");
    plan.features
        .push("<csi xmlns='urn:xmpp:csi:0'/>".to_owned());
    plan
}

#[test]
fn the_server_is_told_when_nobody_looks_and_when_somebody_does() {
    online_with(
        plan(),
        settings! { "csi_waiting_time": 3 },
        |it| async move {
            it.expect("<presence/>").await;
            it.expect_nothing(INACTIVE).await;
            it.wait(3).await;
            it.expect(INACTIVE).await;
            it.wait(60).await;
            it.expect_nothing(INACTIVE).await;
            it.api.user().active();
            it.expect(ACTIVE).await;
            it.wait(3).await;
            it.expect(INACTIVE).await;
            // The status is another matter (XEP-0352 §4).
            it.expect_nothing("<presence/>").await;
        },
    );
}

#[test]
fn a_server_that_does_not_offer_it_is_told_nothing() {
    online(settings! { "csi_waiting_time": 3 }, |it| async move {
        it.wait(10).await;
        it.expect_nothing(INACTIVE).await;
        it.api.user().active();
        it.expect_nothing(ACTIVE).await;
    });
}

#[test]
fn without_the_setting_nothing_is_told() {
    online_with(plan(), settings! {}, |it| async move {
        it.wait(3600).await;
        it.expect_nothing(INACTIVE).await;
        it.api.settings().set("csi_waiting_time", 60).unwrap();
        it.expect(INACTIVE).await;
        it.api.settings().set("csi_waiting_time", -1).unwrap();
        it.expect(ACTIVE).await;
    });
}

/// XEP-0352 §5: a stream begins as active, also that of a resumed session.
#[test]
fn each_connection_is_told_anew() {
    let mut plan = plan();
    plan.stream_management = true;
    let more = settings! { "csi_waiting_time": 3, "reconnect_min": 1 };
    online_with(plan, more, |it| async move {
        it.expect("<presence/>").await;
        it.wait(3).await;
        it.expect(INACTIVE).await;
        it.server.drop_connection();
        it.expect(INACTIVE).await;

        it.server.plan(|plan| plan.resume = false);
        it.server.forget_session();
        it.server.drop_connection();
        it.expect(INACTIVE).await;
        it.expect("<presence/>").await;

        // Another server, so to speak, and one that does not offer it.
        it.server.plan(|plan| plan.features.clear());
        it.server.drop_connection();
        it.expect("<presence/>").await;
        it.expect_nothing(INACTIVE).await;
        it.api.user().active();
        it.expect_nothing(ACTIVE).await;
        assert_eq!(it.api.session().client_state(), ClientState::Active);
    });
}

#[test]
fn what_is_told_counts_as_no_stanza() {
    let mut plan = plan();
    plan.stream_management = true;
    online_with(plan, settings! { "csi_waiting_time": 3 }, |it| async move {
        it.expect("<presence/>").await;
        let before = it.api.session().status().await.unwrap();
        it.wait(3).await;
        it.expect(INACTIVE).await;
        it.api.user().active();
        it.expect(ACTIVE).await;
        let after = it.api.session().status().await.unwrap();
        assert_eq!(before.stream_management.sent, after.stream_management.sent);
    });
}
