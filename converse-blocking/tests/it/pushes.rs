//! What other clients of the account change (XEP-0191 §3.3 to §3.5).

use crate::scene::with_list;

#[test]
fn pushes_of_the_own_account_count() {
    with_list(|mut scene| async move {
        scene
            .recv(
                "<iq type='set' id='p1' from='mara@kestrel.example'><block xmlns='urn:xmpp:blocking'>\
                   <item jid='tybalt@capulet.example'/><item jid='@'/></block></iq>",
            )
            .await;
        scene.expect("<iq type='result' id='p1'/>").await;
        assert_eq!(
            scene.events().await,
            ["contactBlocked tybalt@capulet.example"]
        );
        scene
            .recv(
                "<iq type='set' id='p2'><unblock xmlns='urn:xmpp:blocking'>\
                   <item jid='iago@venice.example'/></unblock></iq>",
            )
            .await;
        scene.expect("<iq type='result' id='p2'/>").await;
        assert_eq!(
            scene.events().await,
            ["contactUnblocked iago@venice.example"]
        );
        scene
            .recv("<iq type='set' id='p3'><unblock xmlns='urn:xmpp:blocking'/></iq>")
            .await;
        scene.expect("<iq type='result' id='p3'/>").await;
        let told = [
            "contactUnblocked spam.example",
            "contactUnblocked tybalt@capulet.example",
        ];
        let mut events = scene.events().await;
        events.sort();
        assert_eq!(events, told);
        assert!(scene.list().is_empty());
    });
}

#[test]
fn nobody_else_can_change_the_list() {
    with_list(|mut scene| async move {
        for (id, from) in [
            ("s1", "vex@mallard.example/x9"),
            ("s2", "iago@venice.example"),
            ("s3", "kestrel.example"),
            ("s4", "mara@kestrel.example/phone"),
        ] {
            scene
                .recv(&format!(
                    "<iq type='set' id='{id}' from='{from}' to='mara@kestrel.example/desk'>\
                       <unblock xmlns='urn:xmpp:blocking'/></iq>"
                ))
                .await;
            scene
                .expect(&format!("<iq type='error' id='{id}' to='{from}'/>"))
                .await;
        }
        assert_eq!(scene.list(), ["iago@venice.example", "spam.example"]);
        assert!(scene.events().await.is_empty());
    });
}

/// An end of blocks whose items cannot be read is not the end of all blocks.
#[test]
fn a_push_that_cannot_be_read_changes_nothing() {
    with_list(|mut scene| async move {
        for (id, payload) in [
            (
                "m1",
                "<unblock xmlns='urn:xmpp:blocking'><item jid='@'/></unblock>",
            ),
            ("m2", "<unblock xmlns='urn:xmpp:blocking'><item/></unblock>"),
            ("m3", "<block xmlns='urn:xmpp:blocking'/>"),
            ("m4", "<blocklist xmlns='urn:xmpp:blocking'/>"),
        ] {
            scene
                .recv(&format!("<iq type='set' id='{id}'>{payload}</iq>"))
                .await;
            scene
                .expect(&format!(
                    "<iq type='error' id='{id}'><error><bad-request \
                     xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
                ))
                .await;
        }
        assert_eq!(scene.list().len(), 2);
        assert!(scene.events().await.is_empty());
    });
}
