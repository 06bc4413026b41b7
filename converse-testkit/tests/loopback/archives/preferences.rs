//! XEP-0441: what an account wants to be archived.

use super::{MAM, chat};
use crate::client::{Client, condition, verona};

fn prefs(default: &str, always: &[&str], never: &[&str]) -> String {
    let list = |name: &str, jids: &[&str]| {
        let jids: String = jids.iter().map(|jid| format!("<jid>{jid}</jid>")).collect();
        format!("<{name}>{jids}</{name}>")
    };
    let (always, never) = (list("always", always), list("never", never));
    format!("<prefs xmlns='{MAM}' default='{default}'>{always}{never}</prefs>")
}

#[tokio::test]
async fn only_what_an_account_wants_is_archived() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let mut tybalt = Client::login(&server, "tybalt/street").await;
    let get = format!("<iq type='get' id='g'><prefs xmlns='{MAM}'/></iq>");
    let first = juliet.request(&get).await;
    let first = first.get_child("prefs", MAM).unwrap();
    assert_eq!(first.attr("default"), Some("always"));
    assert!(first.has_child("always", MAM) && first.has_child("never", MAM));
    for (wanted, from_romeo, from_tybalt) in [
        (prefs("roster", &[], &[]), true, false),
        (prefs("never", &[], &[]), false, false),
        (prefs("never", &["romeo@localhost"], &[]), true, false),
        (
            prefs("always", &[], &["romeo@localhost/orchard"]),
            false,
            true,
        ),
        (prefs("always", &[], &["romeo@localhost/other"]), true, true),
        (prefs("roster", &["tybalt@localhost"], &[]), true, true),
    ] {
        let set = format!("<iq type='set' id='s'>{wanted}</iq>");
        let applied = juliet.request(&set).await;
        let kept = juliet.request(&get).await;
        assert_eq!(applied.children().next(), kept.children().next());
        for (sender, is_archived) in [(&mut romeo, from_romeo), (&mut tybalt, from_tybalt)] {
            let before = server.archive("juliet").len();
            sender.send(&chat("juliet@localhost", "hi")).await;
            let heard = juliet.recv().await;
            let mark = super::mark(&heard, "juliet@localhost");
            assert_eq!(mark.is_some(), is_archived, "{wanted}");
            assert_eq!(server.archive("juliet").len() > before, is_archived);
            // One's own words are of the same conversation.
            let before = server.archive("juliet").len();
            juliet.send(&chat(heard.attr("from").unwrap(), "ay")).await;
            sender.recv().await;
            assert_eq!(server.archive("juliet").len() > before, is_archived);
        }
    }
    for (bad, expected) in [
        (prefs("sometimes", &[], &[]), "bad-request"),
        (prefs("always", &["@@"], &[]), "jid-malformed"),
    ] {
        let set = format!("<iq type='set' id='s'>{bad}</iq>");
        assert_eq!(condition(&juliet.request(&set).await), expected);
    }
}
