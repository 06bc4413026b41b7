//! What is left when an instance ends.

use converse_core::prelude::*;
use converse_testkit::clock;

use crate::scene::online;

#[test]
fn no_timer_outlives_the_instance() {
    let more = settings! { "auto_away": 3, "csi_waiting_time": 5 };
    online(more, |it| async move {
        it.expect("<presence/>").await;
        it.wait(3).await;
        it.expect("<presence><show>away</show></presence>").await;
        let alive = || {
            let metrics = tokio::runtime::Handle::current().metrics();
            metrics.num_alive_tasks()
        };
        let before = alive();
        // The timer that is set and the one that follows the settings.
        it.api.bus().withdraw("converse-status").await.unwrap();
        clock::settle().await;
        assert!(alive() + 2 <= before, "{} of {before}", alive());
        it.wait(10).await;
        it.expect_nothing("<inactive xmlns='urn:xmpp:csi:0'/>")
            .await;
    });
}
