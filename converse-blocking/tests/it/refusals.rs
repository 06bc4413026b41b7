//! What is sent to somebody who is blocked (XEP-0191 §3.3).

use converse_core::prelude::*;

use crate::scene::with_list;

const BLOCKED: &str = "<error type='cancel'>\
     <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>\
     <blocked xmlns='urn:xmpp:blocking:errors'/></error>";

#[test]
fn the_refusal_of_a_message_or_presence_is_announced() {
    with_list(|scene| async move {
        for stanza in ["message", "presence"] {
            scene
                .recv(&format!(
                    "<{stanza} type='error' id='m1' from='iago@venice.example'>{BLOCKED}</{stanza}>"
                ))
                .await;
            assert_eq!(scene.events().await, ["sendRefused iago@venice.example"]);
        }
    });
}

#[test]
fn nobody_can_say_that_of_somebody_who_is_not_blocked() {
    with_list(|scene| async move {
        scene
            .recv(&format!(
                "<message type='error' id='m1' from='otto@heron.example'>{BLOCKED}</message>"
            ))
            .await;
        scene
            .recv(
                "<message type='error' id='m2' from='iago@venice.example'><error type='cancel'>\
                 <not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
            )
            .await;
        assert!(scene.events().await.is_empty());
    });
}

#[test]
fn a_request_to_somebody_blocked_says_what_is_wrong() {
    with_list(|mut scene| async move {
        let api = scene.api.clone();
        let call = actix::spawn(async move {
            api.iq(
                "<iq type='get' to='iago@venice.example/x'><query xmlns='jabber:iq:version'/></iq>",
            )
            .await
        });
        scene
            .expect("<iq type='get' id='{{v}}' to='iago@venice.example/x'/>")
            .await;
        scene
            .recv(&format!(
                "<iq type='error' id='{{{{v}}}}' from='iago@venice.example/x'>{BLOCKED}</iq>"
            ))
            .await;
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(
            error.cause::<StanzaError>().unwrap().condition,
            Condition::NotAcceptable
        );
        assert!(error.to_string().contains("has blocked"), "{error}");
    });
}
