//! What an earlier process sent and nobody confirmed.

use std::time::Duration;

use converse_testkit::clock::settle;

use crate::scene::{play, start, to_otto};

#[test]
fn what_the_server_has_not_got_is_sent_again_once() {
    play(async {
        let mut scene = start().await;
        let got = to_otto("got");
        scene.api.send_untracked(got.as_str()).await.unwrap();
        settle().await;
        scene.server.freeze();
        let lost = to_otto("lost");
        scene.api.send_untracked(lost.as_str()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.restart().await;
        assert_eq!(scene.started().await, [(true, true)]);
        scene.expect(&lost).await;
        scene.expect_nothing("<message/>").await;
        // The counts agree from here on.
        let next = scene.api.send(to_otto("next").as_str()).await.unwrap();
        scene.expect(&to_otto("next")).await;
        scene.server.acknowledge(None).await.unwrap();
        next.acknowledged().await.unwrap();
    });
}

#[test]
fn a_server_that_has_more_than_was_written_down_is_believed() {
    play(async {
        let mut scene = start().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        for number in 0..5 {
            let message = to_otto(&number.to_string());
            scene.api.send_untracked(message.as_str()).await.unwrap();
        }
        settle().await;
        scene.restart().await;
        assert_eq!(scene.started().await, [(true, true)]);
        scene.expect_nothing("<message/>").await;
        let next = scene.api.send(to_otto("next").as_str()).await.unwrap();
        scene.expect(&to_otto("next")).await;
        scene.server.acknowledge(None).await.unwrap();
        next.acknowledged().await.unwrap();
        let status = scene.api.connection().status().await.unwrap();
        assert!(status.stream_management.unacked_messages.is_empty());
    });
}

#[test]
fn what_cannot_go_on_goes_with_the_next_session_and_says_when_it_was_sent() {
    play(async {
        let mut scene = start().await;
        scene.server.freeze();
        let lost = to_otto("lost");
        scene.api.send_untracked(lost.as_str()).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        scene.server.plan(|plan| plan.resume = false);
        scene.restart().await;
        assert_eq!(scene.started().await, [(false, false)]);
        scene
            .expect(
                "<message to='otto@heron.example'><body>lost</body>\
                 <delay xmlns='urn:xmpp:delay' stamp='{{t}}'/></message>",
            )
            .await;
        scene.expect_nothing("<message/>").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        // It is kept with the new session now, and not sent a third time.
        scene.server.plan(|plan| plan.resume = true);
        scene.restart().await;
        assert_eq!(scene.started().await, [(true, true)]);
        scene.expect_nothing("<message/>").await;
    });
}
