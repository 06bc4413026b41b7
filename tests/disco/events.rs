//! What is heard of nodes (XEP-0163 §4).

use std::sync::Mutex;

use converse::core::pubsub::PepEvent;
use converse::prelude::*;

use crate::scene::{OTTO, OWN, Scene, play};

const NODE: &str = "urn:xmpp:avatar:metadata";

impl Scene {
    fn follow(&self, sender: Sender) -> Arc<Mutex<Vec<PepEvent>>> {
        let heard: Arc<Mutex<Vec<PepEvent>>> = Arc::default();
        let into = Arc::clone(&heard);
        let route = self.api.pubsub().on(NODE, sender, move |event| {
            into.lock().unwrap().push(event);
            std::future::ready(Ok(()))
        });
        route.unwrap();
        heard
    }

    async fn event(&self, from: &str, change: &str) {
        let xml = format!(
            "<message {from} type='headline'>\
             <event xmlns='http://jabber.org/protocol/pubsub#event'>{change}</event></message>"
        );
        self.recv(&xml).await;
    }
}

fn items(node: &str, inner: &str) -> String {
    format!("<items node='{node}'>{inner}</items>")
}

/// SEC-058: an event is about the account that sends it, and from nobody but contacts and oneself.
#[test]
fn sec_058_events_come_from_bare_addresses_of_contacts_and_of_oneself() {
    play(|it| async move {
        let (all, own) = (it.follow(Sender::Contact), it.follow(Sender::OwnAccount));
        let change = items(
            NODE,
            "<item id='1'><metadata xmlns='urn:xmpp:avatar:metadata'/></item>",
        );
        for from in [
            "from='otto@heron.example'",
            &format!("from='{OWN}'"),
            "",
            // And none of these.
            "from='vex@mallard.example'",
            "from='vex@mallard.example/x9'",
            &format!("from='{OTTO}'"),
            &format!("from='{OWN}/phone'"),
            "from='kestrel.example'",
        ] {
            it.event(from, &change).await;
        }
        let senders = |heard: &Mutex<Vec<PepEvent>>| -> Vec<String> {
            let heard = heard.lock().unwrap();
            heard.iter().map(|event| event.from.to_string()).collect()
        };
        assert_eq!(senders(&all), ["otto@heron.example", OWN, OWN]);
        assert_eq!(senders(&own), [OWN, OWN]);
        assert!(it.api.features().contains(&format!("{NODE}+notify")));
    });
}

#[test]
fn changes_are_told_by_what_they_are() {
    play(|it| async move {
        let heard = it.follow(Sender::Contact);
        let from = "from='otto@heron.example'";
        let many: String = (0..11_000)
            .map(|number| format!("<retract id='{number}'/>"))
            .collect();
        for change in [
            items(
                NODE,
                "<item id='1'><a xmlns='urn:a'/></item><item/><item id='2'/><retract id='3'/><retract/>",
            ),
            format!("<purge node='{NODE}'/>"),
            format!("<delete node='{NODE}'/>"),
            items(NODE, &many),
        ] {
            it.event(from, &change).await;
        }
        let heard = std::mem::take(&mut *heard.lock().unwrap());
        assert_eq!(heard.len(), 4);
        let ids: Vec<&str> = heard[0].items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids, ["1", "2"]);
        assert_eq!(heard[0].retracted, ["3"]);
        assert!(heard[0].items[0].payload.as_ref().unwrap().is("a", "urn:a"));
        assert!(!heard[0].emptied && heard[1].emptied && heard[2].emptied);
        assert_eq!(heard[3].retracted.len(), converse::core::pubsub::MAX_ITEMS);
    });
}

#[test]
fn events_of_other_nodes_and_nonsense_are_not_heard() {
    play(|it| async move {
        let heard = it.follow(Sender::Contact);
        let from = "from='otto@heron.example'";
        let wanted = items(NODE, "<item id='1'/>");
        for change in [
            items("urn:other", "<item id='1'/>"),
            "<items/>".to_owned(),
            "<items node=''/>".to_owned(),
            format!("<items xmlns='urn:x' node='{NODE}'/>"),
            format!("<configuration node='{NODE}'/>"),
            // What is routed by one node is not read as another.
            format!("{}{wanted}", items("urn:other", "")),
            String::new(),
        ] {
            it.event(from, &change).await;
        }
        it.recv(&format!(
            "<message {from} type='error'><event xmlns='http://jabber.org/protocol/pubsub#event'>{wanted}</event></message>"
        ))
        .await;
        assert!(heard.lock().unwrap().is_empty());
        it.event(
            from,
            &format!("<x xmlns='urn:x' node='urn:other'/>{wanted}"),
        )
        .await;
        let heard = heard.lock().unwrap();
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].node, NODE);
    });
}

#[test]
fn what_happened_before_is_marked_so() {
    play(|it| async move {
        let heard = it.follow(Sender::Contact);
        it.recv(&format!(
            "<message from='otto@heron.example'><event xmlns='http://jabber.org/protocol/pubsub#event'>{}</event>\
             <delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/></message>",
            items(NODE, "<item id='1'/>")
        ))
        .await;
        let heard = heard.lock().unwrap();
        assert_eq!(
            heard[0].delayed.unwrap().to_rfc3339(),
            "2026-01-01T00:00:00+00:00"
        );
    });
}
