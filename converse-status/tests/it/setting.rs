//! Changing the status.

use converse_core::prelude::*;
use converse_status::prelude::*;
use serde_json::Value;

use crate::scene::{event, online};

#[test]
fn api_109_each_status_has_its_presence() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.recorded().await;
        let status = it.status();
        for value in ["away", "dnd", "xa", "online"] {
            status.set(value, None).await.unwrap();
            assert_eq!(status.get().unwrap().as_str(), value);
            let presence = it.expect("<presence/>").await;
            let show = presence.child_text("show", "jabber:client");
            assert_eq!(show.as_deref(), (value != "online").then_some(value));
            assert!(presence.attr("type").is_none());
            assert_eq!(it.recorded().await, [event("statusChanged", value)]);
        }
        for value in ["offline", "unavailable"] {
            status.set(value, None).await.unwrap();
            it.expect("<presence type='unavailable'/>").await;
            assert_eq!(status.get().unwrap().as_str(), value);
            assert_eq!(it.recorded().await, [event("statusChanged", value)]);
        }
        assert!(it.api.connection().connected());
    });
}

#[test]
fn api_110_chat_is_a_status_too() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.recorded().await;
        it.status().set("chat", None).await.unwrap();
        it.expect("<presence><show>chat</show></presence>").await;
        assert_eq!(it.status().get().unwrap(), Status::Chat);
        assert_eq!(it.recorded().await, [event("statusChanged", "chat")]);
    });
}

#[test]
fn api_111_anything_else_is_refused_and_changes_nothing() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.recorded().await;
        for value in ["busy", "", "Away", "invisible"] {
            let error = it.api.user().status().set(value, "text").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
        let unsendable = it.api.user().status().set("away", "\u{1}").await;
        assert_eq!(unsendable.unwrap_err().kind(), ErrorKind::InvalidArgument);
        assert_eq!(it.api.user().status().get().unwrap(), Status::Online);
        assert!(it.recorded().await.is_empty());
        it.expect_nothing("<presence/>").await;
    });
}

#[test]
fn api_112_the_text_goes_with_the_status() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.recorded().await;
        it.status().set("dnd", "In a meeting").await.unwrap();
        it.expect("<presence><show>dnd</show><status>In a meeting</status></presence>")
            .await;
        assert_eq!(
            it.status().message().get().unwrap().as_deref(),
            Some("In a meeting")
        );
        assert_eq!(
            it.recorded().await,
            [
                event("statusChanged", "dnd"),
                event("statusMessageChanged", "In a meeting")
            ]
        );
    });
}

#[test]
fn api_113_an_empty_text_takes_it_away() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        let status = it.status();
        status.set("dnd", "In a meeting").await.unwrap();
        it.expect("<presence><show>dnd</show></presence>").await;
        it.recorded().await;
        status.set("online", None).await.unwrap();
        it.expect("<presence><status>In a meeting</status></presence>")
            .await;
        status.set("online", "").await.unwrap();
        it.expect_plain().await;
        assert_eq!(status.message().get().unwrap(), None);
        assert_eq!(
            it.recorded().await,
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
        it.recorded().await;
        it.api.user().status().set("dnd", None).await.unwrap();
        it.api.user().status().set(Status::Dnd, None).await.unwrap();
        assert_eq!(it.recorded().await, [event("statusChanged", "dnd")]);
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
fn api_116_without_a_text_there_is_none() {
    online(settings! {}, |it| async move {
        assert_eq!(it.status().message().get().unwrap(), None);
        it.status().set("away", None).await.unwrap();
        assert_eq!(it.status().message().get().unwrap(), None);
    });
}

#[test]
fn api_117_the_text_alone_goes_with_the_status_of_now() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        let status = it.status();
        status.set("xa", None).await.unwrap();
        it.expect("<presence><show>xa</show></presence>").await;
        it.recorded().await;
        status.message().set("back at six").await.unwrap();
        it.expect("<presence><show>xa</show><status>back at six</status></presence>")
            .await;
        assert_eq!(
            status.message().get().unwrap().as_deref(),
            Some("back at six")
        );
        assert_eq!(
            it.recorded().await,
            [event("statusMessageChanged", "back at six")]
        );
    });
}

#[test]
fn the_priority_can_be_changed() {
    online(settings! {}, |it| async move {
        it.expect("<presence/>").await;
        it.recorded().await;
        assert_eq!(it.status().priority().unwrap(), 0);
        it.status().set_priority(-128).await.unwrap();
        it.expect("<presence><priority>-128</priority></presence>")
            .await;
        assert_eq!(it.status().priority().unwrap(), -128);
        it.api.settings().set("priority", 127).unwrap();
        it.expect("<presence><priority>127</priority></presence>")
            .await;
        assert!(it.api.settings().set("priority", 128).is_err());
        it.status().set_priority(127).await.unwrap();
        it.expect_nothing("<presence/>").await;
        assert!(it.recorded().await.is_empty());
    });
}
