//! What the archive has is not sent again.

use converse_core::bus::Answers;
use converse_core::contract::{ArchivePage, Archived, AwaitedArchive, FetchArchive};
use converse_testkit::scripted;
use tokio::sync::{mpsc, oneshot};

use super::*;

type Answer = oneshot::Sender<Result<ArchivePage, Error>>;

/// Stands in for the plugin that reads archives; the test answers.
struct Librarian(mpsc::UnboundedSender<Answer>);

impl Answers<FetchArchive> for Librarian {
    async fn answer(&mut self, _: FetchArchive) -> AwaitedArchive {
        let (answer, awaited) = oneshot::channel();
        drop(self.0.send(answer));
        awaited
    }
}

fn page(messages: Vec<Archived>) -> ArchivePage {
    let mut page = ArchivePage::default();
    page.first = messages.first().map(|message| message.id.clone());
    page.last = messages.last().map(|message| message.id.clone());
    page.is_complete = true;
    page.messages = messages;
    page
}

fn own(archive_id: &str, id: &str, inside: &str) -> Archived {
    let xml = format!(
        "<message xmlns='jabber:client' from='mara@kestrel.example/desk' to='otto@heron.example' type='chat' id='{id}'>\
         {inside}<origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>"
    );
    let time = "2026-03-01T00:00:00Z".parse().unwrap();
    Archived::new(archive_id, Some(time), Stanza::parse(&xml).unwrap())
}

#[test]
fn after_a_lost_acknowledgement_only_what_the_archive_has_not_goes_out_again() {
    clock::run(async {
        let (asked, mut heard) = mpsc::unbounded_channel::<Answer>();
        let plugin = PluginDefinition::new("converse-mam", move |cx| {
            cx.spawn(Librarian(asked.clone()))
                .answers::<FetchArchive>()?;
            Ok(())
        });
        let mut scene = scripted::Scene::of(plan()).plugin(plugin).start().await;
        let first = heard.recv().await.unwrap();
        first.send(Ok(page(Vec::new()))).unwrap();
        let chat = scene.api.chats().open("otto@heron.example").await.unwrap();
        let lost = chat.send_message("lost").await.unwrap();
        let filed = chat.send_message("filed").await.unwrap();
        let change = chat.correct(&filed, "field").await.unwrap();
        scene.expect(&format!("<message id='{change}'/>")).await;
        scene.server.answer_connects(Rule::Refuse);
        scene.server.drop_connection();
        clock::settle().await;
        assert_eq!(deliveries(&chat), [Delivery::Queued; 2]);
        let new = chat.send_message("new").await.unwrap();
        scene.forget().await;
        // What was asked in between is not awaited any more.
        while heard.try_recv().is_ok() {}
        scene.server.answer_connects(Rule::Accept);
        scene.api.session().network_changed().await;
        let answer = heard.recv().await.unwrap();
        clock::settle().await;
        // Until the archive has told, nothing goes out behind what it may have.
        let bodies = || {
            let sent = scene.server.sent();
            let sent = sent.iter().filter_map(|sent| sent.element());
            let ids = sent.filter(|sent| sent.name() == "message");
            ids.filter_map(|sent| sent.attr("id").map(|id| id.into_owned()))
                .collect::<Vec<_>>()
        };
        assert!(bodies().is_empty());
        let replace =
            format!("<body>field</body><replace xmlns='urn:xmpp:message-correct:0' id='{filed}'/>");
        let archived = vec![
            own("a1", filed.as_str(), "<body>filed</body>"),
            own("a2", change.as_str(), &replace),
        ];
        answer.send(Ok(page(archived))).unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(bodies(), [lost.to_string(), new.to_string()]);
        let filed = chat.messages().get(&filed).unwrap().unwrap();
        assert_eq!(filed.delivery, Some(Delivery::Acknowledged));
        assert_eq!(filed.body, "field");
        assert_eq!(chat.messages().count().unwrap(), 3);
    });
}
