//! When somebody was there last (XEP-0012).

use converse_core::contract::{ContactDirectory, Standing, Subscription};
use converse_core::prelude::*;

use crate::scene::{Scene, online};

/// Asks as `from` and gives back the answer.
async fn asked_by(it: &Scene, from: &str) -> Element {
    it.recv(&format!(
        "<iq type='get' id='last' from='{from}' to='mara@kestrel.example/desk'>\
         <query xmlns='jabber:iq:last'/></iq>"
    ))
    .await;
    it.expect("<iq id='last'/>").await
}

fn seconds(answer: &Element) -> Option<String> {
    let query = answer.child("query", "jabber:iq:last")?;
    query.attr("seconds").map(|seconds| seconds.into_owned())
}

fn provide_contacts(it: &Scene) {
    it.api
        .provide(ContactDirectory::new(|jid| match jid.as_str() {
            "otto@heron.example" => Standing::Contact(Subscription::From),
            "ines@heron.example" => Standing::Contact(Subscription::To),
            _ => Standing::Stranger,
        }));
}

#[test]
fn those_who_see_the_user_may_know() {
    online(settings! {}, |it| async move {
        provide_contacts(&it);
        it.expect("<presence/>").await;
        it.api.user().active();
        it.wait(90).await;
        for from in ["otto@heron.example/oar", "mara@kestrel.example/phone"] {
            assert_eq!(seconds(&asked_by(&it, from).await).unwrap(), "90");
        }
        for from in [
            "ines@heron.example/pen",
            "vex@mallard.example/x",
            "kestrel.example",
        ] {
            let refused = asked_by(&it, from).await;
            assert_eq!(refused.attr("type").as_deref(), Some("error"), "{from}");
            assert!(seconds(&refused).is_none());
            assert!(refused.to_xml().contains("service-unavailable"));
        }
        it.status().show_to("vex@mallard.example/x").await.unwrap();
        assert!(seconds(&asked_by(&it, "vex@mallard.example/x").await).is_some());
        assert!(it.api.features().contains("jabber:iq:last"));
    });
}

#[test]
fn nobody_else_knows_of_who_is_offline() {
    online(settings! { "default_state": "offline" }, |it| async move {
        provide_contacts(&it);
        let refused = asked_by(&it, "otto@heron.example/oar").await;
        assert_eq!(refused.attr("type").as_deref(), Some("error"));
    });
}

#[test]
fn the_user_may_keep_it() {
    online(settings! { "share_idle_time": false }, |it| async move {
        provide_contacts(&it);
        let refused = asked_by(&it, "otto@heron.example/oar").await;
        assert_eq!(refused.attr("type").as_deref(), Some("error"));
        assert!(!it.api.features().contains("jabber:iq:last"));
    });
}

#[test]
fn others_can_be_asked() {
    online(settings! {}, |it| async move {
        let ask = {
            let status = it.status();
            actix::spawn(async move { status.last_activity("otto@heron.example").await })
        };
        let request = it
            .expect("<iq type='get' to='otto@heron.example'><query xmlns='jabber:iq:last'/></iq>")
            .await;
        let id = request.attr("id").unwrap().into_owned();
        it.recv(&format!(
            "<iq type='result' id='{id}' from='otto@heron.example'>\
             <query xmlns='jabber:iq:last' seconds='3600'>Gone home</query></iq>"
        ))
        .await;
        let last = ask.await.unwrap().unwrap();
        let now = it.api.environment().clock.now();
        assert_eq!((now - last.at).num_minutes(), 60);
        assert_eq!(last.text.as_deref(), Some("Gone home"));

        let error = it.status().last_activity("").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    });
}

#[test]
fn an_answer_without_a_time_is_an_error() {
    online(settings! {}, |it| async move {
        let ask = {
            let status = it.status();
            actix::spawn(async move { status.last_activity("otto@heron.example").await })
        };
        let request = it.expect("<iq to='otto@heron.example'/>").await;
        let id = request.attr("id").unwrap().into_owned();
        it.recv(&format!(
            "<iq type='result' id='{id}' from='otto@heron.example'>\
             <query xmlns='jabber:iq:last' seconds='for ever'/></iq>"
        ))
        .await;
        let error = ask.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    });
}
