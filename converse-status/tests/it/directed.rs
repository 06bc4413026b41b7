//! Presence for one (RFC 6121 §4.6).

use converse_core::prelude::*;

use crate::scene::online;

const JUNO: &str = "juno@teal.example/study";

#[test]
fn one_is_shown_the_presence_and_its_changes_until_it_is_hidden() {
    online(settings! { "priority": 5 }, |it| async move {
        it.expect("<presence/>").await;
        it.status().set("away", None).await.unwrap();
        it.expect("<presence><show>away</show></presence>").await;
        it.status().show_to(JUNO).await.unwrap();
        let shown = it
            .expect("<presence to='juno@teal.example/study'><show>away</show></presence>")
            .await;
        assert_eq!(shown.child_text("priority", "jabber:client"), None);
        it.status().set("dnd", "busy").await.unwrap();
        it.expect(
            "<presence to='juno@teal.example/study'><show>dnd</show><status>busy</status></presence>",
        )
        .await;
        it.status().hide_from(JUNO).await.unwrap();
        it.expect("<presence to='juno@teal.example/study' type='unavailable'/>")
            .await;
        it.status().hide_from(JUNO).await.unwrap();
        it.status().set("xa", None).await.unwrap();
        it.expect_nothing("<presence to='juno@teal.example/study'/>")
            .await;
    });
}

#[test]
fn one_may_see_who_is_offline_to_all_others() {
    online(settings! { "default_state": "offline" }, |it| async move {
        it.expect_nothing("<presence/>").await;
        it.status().show_to(JUNO).await.unwrap();
        let shown = it.expect("<presence to='juno@teal.example/study'/>").await;
        assert_eq!(shown.attr("type"), None);
        // The server tells those who were shown it too (RFC 6121 §4.5.2).
        it.status().set("online", None).await.unwrap();
        it.expect("<presence to='juno@teal.example/study'/>").await;
        it.status().set("offline", None).await.unwrap();
        it.expect("<presence type='unavailable'/>").await;
        it.status().set("online", None).await.unwrap();
        it.expect_nothing("<presence to='juno@teal.example/study'/>")
            .await;
    });
}

#[test]
fn what_cannot_be_is_refused() {
    online(settings! {}, |it| async move {
        let error = it.status().show_to("@teal.example").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        assert!(error.to_string().contains("show_to"), "{error}");
        for number in 0..256 {
            let jid = format!("juno@teal.example/{number}");
            it.status().show_to(&jid).await.unwrap();
        }
        let error = it.status().show_to(JUNO).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        it.api.user().logout().await.unwrap();
        let error = it.status().show_to(JUNO).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
    });
}
