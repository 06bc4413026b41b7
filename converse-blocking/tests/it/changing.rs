//! Blocking, taking it back, and reports (XEP-0191 §3.3 to §3.5, XEP-0377).

use converse_blocking::prelude::*;
use converse_core::prelude::*;

use crate::scene::{Scene, plan, with_list, with_server};

/// Starts a call; the test plays the server meanwhile.
fn begin<F>(scene: &Scene, call: impl FnOnce(Blocking) -> F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future + 'static,
{
    actix::spawn(call(scene.blocking()))
}

#[test]
fn several_are_blocked_at_once_and_told_once() {
    with_list(|mut scene| async move {
        let call = begin(&scene, |it| async move {
            it.block(["Tybalt@Capulet.example", "paris@capulet.example/count"])
                .await
        });
        scene
            .expect(
                "<iq type='set' id='{{b}}'><block xmlns='urn:xmpp:blocking'>\
                   <item jid='tybalt@capulet.example'/>\
                   <item jid='paris@capulet.example/count'/></block></iq>",
            )
            .await;
        assert!(
            !scene
                .blocking()
                .is_blocked("tybalt@capulet.example")
                .unwrap()
        );
        scene.recv("<iq type='result' id='{{b}}'/>").await;
        call.await.unwrap().unwrap();
        let told = [
            "contactBlocked tybalt@capulet.example",
            "contactBlocked paris@capulet.example/count",
        ];
        assert_eq!(scene.events().await, told);
        scene
            .recv(
                "<iq type='set' id='p1'><block xmlns='urn:xmpp:blocking'>\
                   <item jid='tybalt@capulet.example'/>\
                   <item jid='paris@capulet.example/count'/></block></iq>",
            )
            .await;
        scene.expect("<iq type='result' id='p1'/>").await;
        assert!(scene.events().await.is_empty());
        assert_eq!(scene.list().len(), 4);
    });
}

#[test]
fn blocks_are_taken_back_one_by_one_and_all_at_once() {
    with_list(|mut scene| async move {
        let call = begin(
            &scene,
            |it| async move { it.unblock(["spam.example"]).await },
        );
        scene
            .expect(
                "<iq type='set' id='{{u}}'><unblock xmlns='urn:xmpp:blocking'>\
                   <item jid='spam.example'/></unblock></iq>",
            )
            .await;
        scene.recv("<iq type='result' id='{{u}}'/>").await;
        call.await.unwrap().unwrap();
        assert_eq!(scene.events().await, ["contactUnblocked spam.example"]);
        assert_eq!(scene.list(), ["iago@venice.example"]);

        let call = begin(&scene, |it| async move { it.unblock_all().await });
        scene
            .expect("<iq type='set' id='{{all}}'><unblock xmlns='urn:xmpp:blocking'/></iq>")
            .await;
        scene.recv("<iq type='result' id='{{all}}'/>").await;
        call.await.unwrap().unwrap();
        assert_eq!(
            scene.events().await,
            ["contactUnblocked iago@venice.example"]
        );
        assert!(scene.list().is_empty());
    });
}

/// On the wire an empty list would take back every block.
#[test]
fn nobody_is_not_everybody() {
    with_list(|scene| async move {
        let none: [&str; 0] = [];
        for outcome in [
            scene.blocking().unblock(none).await,
            scene.blocking().block(none).await,
        ] {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::InvalidArgument);
        }
        scene.expect_nothing("<iq/>").await;
        assert_eq!(scene.list().len(), 2);
    });
}

#[test]
fn what_cannot_be_blocked_is_refused_before_anything_is_sent() {
    with_list(|scene| async move {
        for jid in [
            "not a jid",
            "",
            "mara@kestrel.example",
            "mara@kestrel.example/phone",
        ] {
            let error = scene.blocking().block(["otto@heron.example", jid]).await;
            let error = error.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{jid}");
            assert!(error.to_string().contains("blocking.block"), "{error}");
        }
        scene.expect_nothing("<iq/>").await;
    });
}

#[test]
fn what_the_server_refuses_changes_nothing() {
    with_list(|mut scene| async move {
        let call = begin(&scene, |it| async move {
            it.block(["otto@heron.example"]).await
        });
        scene.expect("<iq type='set' id='{{b}}'/>").await;
        scene
            .recv(
                "<iq type='error' id='{{b}}'><error type='cancel'>\
                 <not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
            )
            .await;
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stanza);
        assert!(scene.events().await.is_empty());
        assert_eq!(scene.list().len(), 2);
    });
}

#[test]
fn a_block_can_carry_a_report() {
    with_list(|mut scene| async move {
        let call = begin(&scene, |it| async move {
            let report = Report::spam()
                .text("Buy <this>!")
                .message("28482")
                .to_origin();
            it.report("tybalt@capulet.example", report).await
        });
        scene
            .expect(
                "<iq type='set' id='{{b}}'><block xmlns='urn:xmpp:blocking'>\
                   <item jid='tybalt@capulet.example'>\
                     <report xmlns='urn:xmpp:reporting:1' reason='urn:xmpp:reporting:spam'>\
                       <stanza-id xmlns='urn:xmpp:sid:0' by='mara@kestrel.example' id='28482'/>\
                       <text>Buy &lt;this&gt;!</text><report-origin/>\
                     </report></item></block></iq>",
            )
            .await;
        scene.recv("<iq type='result' id='{{b}}'/>").await;
        call.await.unwrap().unwrap();
        assert!(
            scene
                .blocking()
                .is_blocked("tybalt@capulet.example")
                .unwrap()
        );
    });
}

#[test]
fn without_reports_nothing_is_blocked_by_reporting() {
    let mut plan = plan();
    plan.server_features
        .retain(|feature| feature == "urn:xmpp:blocking");
    with_server(plan, |mut scene| async move {
        scene.answer_list(&[]).await;
        scene.server.forget_sent();
        let error = scene
            .blocking()
            .report("tybalt@capulet.example", Report::abuse())
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("XEP-0377"), "{error}");
        scene.expect_nothing("<iq/>").await;
    });
}
