//! Routes whose senders change while they are heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use converse::core::router::Senders;
use converse::prelude::*;

use crate::server::{account, online_with};
use crate::support::Heard;

#[actix::test]
async fn who_is_in_a_set_is_asked_when_the_stanza_comes() {
    tokio::time::pause();
    let (open, rest) = (Heard::default(), Heard::default());
    let is_open = Arc::new(AtomicBool::new(false));
    let (into_open, into_rest, asked) = (open.clone(), rest.clone(), Arc::clone(&is_open));
    let (api, _server, mut line) = online_with(account(), move |api| {
        let set = Senders::new(move |jid| {
            jid.domain().as_str() == "rooms.kestrel.example" && asked.load(Ordering::SeqCst)
        });
        let note = |into: Heard| {
            move |stanza: &Stanza| {
                into.add(stanza.id().unwrap_or_default());
                Ok(())
            }
        };
        let route = Route::message().from(Sender::Among(set.clone()));
        api.hear_sync(route, note(into_open))?;
        let route = Route::message().from(Sender::NotAmong(set));
        api.hear_sync(route, note(into_rest))?;
        Ok(())
    })
    .await;
    let says = |id: &str, from: &str| format!("<message id='{id}' from='{from}'/>");
    let pia = "atrium@rooms.kestrel.example/pia";
    line.send(&says("m1", pia)).await;
    line.send("<iq type='get' id='q1' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    // The answer shows that what came before it has been heard.
    line.element().await;
    api.bus().settle().await;
    is_open.store(true, Ordering::SeqCst);
    line.send(&says("m2", pia)).await;
    line.send(&says("m3", "otto@heron.example/oar")).await;
    line.send("<iq type='get' id='q2' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    line.element().await;
    api.bus().settle().await;
    assert_eq!(open.list(), ["m2"]);
    assert_eq!(rest.list(), ["m1", "m3"]);
}

#[actix::test]
async fn a_route_can_leave_out_what_has_children_of_a_namespace() {
    tokio::time::pause();
    let heard = Heard::default();
    let into = heard.clone();
    let (api, _server, mut line) = online_with(account(), move |api| {
        let route = Route::presence()
            .without_child_ns("urn:one")
            .without_child_ns("urn:other");
        api.hear_sync(route, move |stanza| {
            into.add(stanza.id().unwrap_or_default());
            Ok(())
        })?;
        Ok(())
    })
    .await;
    for (id, child) in [
        ("p1", "<x xmlns='urn:one'/>"),
        ("p2", "<show>away</show>"),
        ("p3", "<show>away</show><c xmlns='urn:other'/>"),
        ("p4", ""),
    ] {
        let from = "otto@heron.example/oar";
        line.send(&format!(
            "<presence id='{id}' from='{from}'>{child}</presence>"
        ))
        .await;
    }
    line.send("<iq type='get' id='q1' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    line.element().await;
    api.bus().settle().await;
    assert_eq!(heard.list(), ["p2", "p4"]);
}
