//! Changing the status.

use converse_core::prelude::*;
use converse_status::prelude::*;
use serde_json::Value;

use crate::scene::online;

fn event(name: &str, value: impl Into<Value>) -> (String, Value) {
    (name.to_owned(), value.into())
}

#[test]
fn api_109_110_each_status_has_its_presence() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.events().await;
        let status = it.api.user().status();
        for value in ["away", "dnd", "xa", "chat", "online"] {
            status.set(value, None).await.unwrap();
            assert_eq!(status.get().unwrap().as_str(), value);
            let presence = it.expect("<presence/>").await;
            let show = presence.child_text("show", "jabber:client");
            assert_eq!(show.as_deref(), (value != "online").then_some(value));
            assert!(presence.attr("type").is_none());
            assert_eq!(it.events().await, [event("statusChanged", value)]);
        }
        for value in ["offline", "unavailable"] {
            status.set(value, None).await.unwrap();
            it.expect("<presence type='unavailable'/>").await;
            assert_eq!(status.get().unwrap().as_str(), value);
            assert_eq!(it.events().await, [event("statusChanged", value)]);
        }
        assert!(it.api.connection().connected());
    });
}

#[test]
fn api_111_anything_else_is_refused_and_changes_nothing() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.events().await;
        for value in ["busy", "", "Away", "invisible"] {
            let error = it.api.user().status().set(value, "text").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        let unsendable = it.api.user().status().set("away", "\u{1}").await;
        assert_eq!(unsendable.unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert_eq!(it.api.user().status().get().unwrap(), Status::Online);
        assert!(it.events().await.is_empty());
        it.expect_nothing("<presence/>").await;
    });
}

#[test]
fn api_112_113_the_text_goes_with_the_status_and_an_empty_one_takes_it_away() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.events().await;
        let status = it.api.user().status();
        status.set("dnd", "In a meeting").await.unwrap();
        it.expect("<presence><show>dnd</show><status>In a meeting</status></presence>")
            .await;
        assert_eq!(
            it.events().await,
            [
                event("statusChanged", "dnd"),
                event("statusMessageChanged", "In a meeting")
            ]
        );
        status.set("online", None).await.unwrap();
        it.expect("<presence><status>In a meeting</status></presence>")
            .await;
        status.set("online", "").await.unwrap();
        let presence = it.expect("<presence/>").await;
        assert_eq!(presence.children().count(), 0);
        assert_eq!(status.message().get().unwrap(), None);
        assert_eq!(
            it.events().await,
            [
                event("statusChanged", "online"),
                event("statusMessageChanged", Value::Null)
            ]
        );
    });
}

#[test]
fn api_114_the_same_again_is_no_change() {
    online(settings! {}, |it| async move {
        it.events().await;
        it.api.user().status().set("dnd", None).await.unwrap();
        it.api.user().status().set(Status::Dnd, None).await.unwrap();
        assert_eq!(it.events().await, [event("statusChanged", "dnd")]);
    });
}

#[test]
fn api_115_without_a_session_it_is_remembered() {
    online(settings! { "auto_login": false }, |it| async move {
        it.api.user().status().set("dnd", "thinking").await.unwrap();
        assert_eq!(it.api.user().status().get().unwrap(), Status::Dnd);
        it.api.user().login(()).await.unwrap();
        it.expect("<presence><show>dnd</show><status>thinking</status></presence>")
            .await;
    });
}

#[test]
fn api_116_117_the_text_alone() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        let status = it.api.user().status();
        assert_eq!(status.message().get().unwrap(), None);
        status.set("xa", None).await.unwrap();
        it.expect("<presence><show>xa</show></presence>").await;
        it.events().await;
        status.message().set("back at six").await.unwrap();
        it.expect("<presence><show>xa</show><status>back at six</status></presence>")
            .await;
        assert_eq!(
            status.message().get().unwrap().as_deref(),
            Some("back at six")
        );
        assert_eq!(
            it.events().await,
            [event("statusMessageChanged", "back at six")]
        );
    });
}
