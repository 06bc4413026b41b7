//! What is malformed costs only itself, and a line of the log names it.

use std::io;
use std::sync::{Arc, Mutex};

use crate::scene::with_roster;

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_log_names_what_was_malformed() {
    let log = Log::default();
    let into = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter("converse=debug")
        .with_ansi(false)
        .with_writer(move || into.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    with_roster(|it| async move {
        it.recv(
            "<iq type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='b\u{e4}d jid\u{7f}' name='B'/>\
             <item jid='cy@heron.example' subscription='perhaps'/><item jid='dan@heron.example'/></query></iq>",
        )
        .await;
        it.recv("<presence from='not a jid/oar'/>").await;
        it.recv("<presence from='otto@heron.example/oar'><priority>many</priority></presence>")
            .await;
        it.recv("<presence from='dan@heron.example/oar'/>").await;
        for (jid, is_online) in [("otto@heron.example", true), ("dan@heron.example", true)] {
            assert_eq!(it.contact(jid).unwrap().is_online(), is_online);
        }
        assert!(it.contact("cy@heron.example").is_none());
    });
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for line in [
        r"jid=bäd jid\u{7f}",
        "jid=cy@heron.example",
        "the `from` address `not a jid/oar` of a presence is not a JID",
        "from=otto@heron.example/oar priority=many",
    ] {
        assert!(log.contains(line), "{line} is not in {log}");
    }
}
