//! XEP-0313 §3.1, §3.2: what stays in an archive, and in what order.

use super::{chat, mark, search, set, text};
use crate::client::{Client, builder, verona};

#[tokio::test]
async fn results_that_were_not_acknowledged_go_nowhere_else() {
    let server = verona().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    romeo.send(&chat("juliet@localhost", "one")).await;
    romeo.hears_nothing().await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    juliet.manage().await;
    search(&mut juliet, "juliet@localhost", "").await.ok();
    juliet.close().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    let heard = juliet.drain().await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(text(&heard[0]), "one");
    assert_eq!(server.archive("juliet").len(), 1);
}

#[tokio::test]
async fn what_is_sent_again_is_not_archived_again() {
    let server = verona().await;
    let mut juliet = Client::online(&server, "juliet/balcony").await;
    juliet.manage().await;
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    romeo.send(&chat("juliet@localhost", "one")).await;
    romeo.hears_nothing().await;
    let first = server.archive("juliet")[0].id.clone();
    juliet.close().await;
    let mut juliet = Client::login(&server, "juliet/balcony").await;
    juliet.send("<presence/>").await;
    let heard = juliet.drain().await;
    let again = heard.iter().find(|one| one.name() == "message").unwrap();
    assert_eq!(mark(again, "juliet@localhost").unwrap(), first);
    assert_eq!(server.archive("juliet").len(), 1);
}

#[tokio::test]
async fn who_runs_the_server_sees_and_ages_the_archive() {
    let server = verona().await;
    let early = "2026-01-10T08:00:00.123456789Z".parse().unwrap();
    let late = "2026-01-09T08:00:00Z".parse().unwrap();
    let message = "<message from='juliet@localhost/b' to='romeo@localhost' id='m'><body>a &amp; b</body></message>";
    server.add_to_archive("romeo", early, message).unwrap();
    let id = server
        .add_to_archive("romeo@localhost", late, message)
        .unwrap();
    let shown = server.archive("romeo");
    assert_eq!(shown.len(), 2);
    assert_eq!(shown[0].body.as_deref(), Some("a & b"));
    assert_eq!(shown[0].message_id.as_deref(), Some("m"));
    assert_eq!(shown[1].id, id);
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    let answer = search(&mut romeo, "romeo@localhost", "").await.unwrap();
    // The order is that of the archive, whatever its clock said.
    assert_eq!(answer.found[0].stamp, "2026-01-10T08:00:00.123456Z");
    assert_eq!(answer.found[1].stamp, "2026-01-09T08:00:00.000000Z");
    let known = answer.found[0].id.clone();
    assert_eq!(server.expire_archive("romeo", 1), 1);
    let after = set(&format!("<after>{known}</after>"));
    let refused = search(&mut romeo, "romeo@localhost", &after).await;
    assert_eq!(refused.unwrap_err(), "item-not-found");
    assert!(server.archive("nobody").is_empty());
    assert!(server.add_to_archive("nobody", late, message).is_err());
    assert!(server.add_to_archive("romeo", late, "<presence/>").is_err());
    assert!(server.add_to_archive("romeo", late, "<message>").is_err());
}

#[tokio::test]
async fn an_archive_keeps_so_much_and_no_more() {
    let limits = converse_testkit::loopback::Limits {
        archived_messages: 3,
        archived_bytes: 600,
        ..Default::default()
    };
    let server = builder().limits(limits).start().await.unwrap();
    let mut romeo = Client::login(&server, "romeo/orchard").await;
    for text in ["one", "two", "three", "four"] {
        let body = format!("<body>{text}</body>");
        romeo
            .send(&format!("<message to='tybalt@localhost'>{body}</message>"))
            .await;
    }
    romeo.hears_nothing().await;
    let texts = || {
        let kept = server.archive("romeo").into_iter();
        kept.filter_map(|one| one.body).collect::<Vec<_>>()
    };
    assert_eq!(texts(), ["two", "three", "four"]);
    let long = "x".repeat(400);
    romeo
        .send(&format!(
            "<message to='tybalt@localhost'><body>{long}</body></message>"
        ))
        .await;
    romeo.hears_nothing().await;
    assert_eq!(texts(), [long]);
}
