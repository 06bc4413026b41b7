//! Requests and who may answer them (RFC 6120 §8.2.3).

use std::time::Duration;

use converse::prelude::*;

use crate::server::{Line, account, online, online_with};
use crate::support::{Heard, within};

const PING: &str = "<iq type='get' to='otto@heron.example/oar'><ping xmlns='urn:xmpp:ping'/></iq>";

async fn answer(line: &mut Line, id: &str, from: &str, text: &str) {
    line.send(&format!(
        "<iq type='result' id='{id}' from='{from}'><x xmlns='urn:x'>{text}</x></iq>"
    ))
    .await;
}

fn text(answer: &Stanza) -> String {
    answer.child("x", "urn:x").unwrap().text().into_owned()
}

#[actix::test]
async fn only_the_addressee_answers() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let (answered, ()) = tokio::join!(api.iq(PING), async {
        let request = line.element().await;
        let id = request.attr("id").unwrap().into_owned();
        for forger in [
            "vex@mallard.example/x",
            "otto@heron.example",
            "otto@heron.example/other",
            "heron.example",
            "mara@kestrel.example",
            "kestrel.example",
        ] {
            answer(&mut line, &id, forger, "forged").await;
        }
        line.send(&format!(
            "<iq type='result' id='{id}'><x xmlns='urn:x'>forged</x></iq>"
        ))
        .await;
        answer(&mut line, "another-id", "otto@heron.example/oar", "forged").await;
        answer(&mut line, &id, "otto@heron.example/oar", "real").await;
    });
    assert_eq!(text(&answered.unwrap()), "real");
    assert!(api.connection().connected());
}

#[actix::test]
async fn the_second_of_two_answers_is_ignored() {
    tokio::time::pause();
    let heard = Heard::default();
    let (api, _server, mut line) = online_with(account(), |api| {
        let into = heard.clone();
        api.hear_sync(Route::message(), move |_| {
            into.add("message");
            Ok(())
        })?;
        Ok(())
    })
    .await;
    let (answered, ()) = tokio::join!(api.iq(PING), async {
        let request = line.element().await;
        let id = request.attr("id").unwrap().into_owned();
        answer(&mut line, &id, "otto@heron.example/oar", "one").await;
        answer(&mut line, &id, "otto@heron.example/oar", "two").await;
        line.send(&format!(
            "<iq type='error' id='{id}' from='otto@heron.example/oar'><error type='cancel'/></iq>"
        ))
        .await;
        line.send("<message from='otto@heron.example/oar'/>").await;
    });
    assert_eq!(text(&answered.unwrap()), "one");
    while heard.list().is_empty() {
        within(tokio::task::yield_now()).await;
    }
    assert_eq!(api.connection().status().await.unwrap().pending_requests, 0);
}

#[actix::test]
async fn an_error_keeps_its_condition() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let (answered, ()) = tokio::join!(api.iq(PING), async {
        let request = line.element().await;
        let id = request.attr("id").unwrap().into_owned();
        line.send(&format!(
            "<iq type='error' id='{id}' from='otto@heron.example/oar'><error type='wait'>\
             <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        ))
        .await;
    });
    let error = answered.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stanza);
    let cause: &StanzaError = error.cause().unwrap();
    assert_eq!(cause.condition, Condition::ResourceConstraint);
}

#[actix::test]
async fn a_request_without_an_answer_ends_at_its_deadline() {
    tokio::time::pause();
    let mut settings = account();
    settings.insert("iq_timeout", json!(7));
    let (api, _server, mut line) = online(settings).await;
    let before = tokio::time::Instant::now();
    let error = within(api.iq(PING)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(before.elapsed().as_secs(), 7);
    assert!(
        error.to_string().contains("otto@heron.example/oar"),
        "{error}"
    );

    // A late answer disturbs nobody.
    let id = line.element().await.attr("id").unwrap().into_owned();
    answer(&mut line, &id, "otto@heron.example/oar", "late").await;
    assert_eq!(api.connection().status().await.unwrap().pending_requests, 0);
    assert!(api.connection().connected());
}

struct Asker(Heard);

impl converse::core::api::HearsAnswers<&'static str> for Asker {
    async fn hear_answer(
        &mut self,
        key: &'static str,
        answer: converse::core::session::IqResult,
    ) -> Handled {
        self.0.add(match answer {
            Ok(_) => format!("{key} ok"),
            Err(error) => format!("{key} {}", error.kind()),
        });
        Ok(())
    }
}

#[actix::test]
async fn an_actor_hears_deadlines_and_ends_as_answers() {
    tokio::time::pause();
    let heard = Heard::default();
    let (api, _server, mut line) = online(account()).await;
    let actor = api.bus().spawn("asker", Asker(heard.clone()));
    api.iq_in_order(&actor, "answered", PING).await.unwrap();
    api.iq_in_order(&actor, "late", PING).await.unwrap();
    let id = line.element().await.attr("id").unwrap().into_owned();
    answer(&mut line, &id, "otto@heron.example/oar", "").await;
    tokio::time::sleep(Duration::from_secs(31)).await;
    api.bus().settle().await;
    assert_eq!(heard.list(), ["answered ok", "late timeout"]);

    api.iq_in_order(&actor, "cut", PING).await.unwrap();
    let connection = api.connection();
    let (ended, _) = tokio::join!(connection.disconnect(), line.farewell());
    ended.unwrap();
    api.bus().settle().await;
    assert_eq!(heard.list()[2..], ["cut disconnected"]);
}

#[actix::test]
async fn only_get_and_set_are_requests() {
    tokio::time::pause();
    let (api, _server, _line) = online(account()).await;
    for bad in [
        "<message/>",
        "<presence/>",
        "<iq type='result' id='a'/>",
        "<iq type='error' id='a'/>",
    ] {
        let error = within(api.iq(bad)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{bad}");
    }
}

/// Two requests under way must not have one id: an answer could not be told from the other's.
#[actix::test]
async fn an_id_that_is_in_use_is_refused() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let request = "<iq type='get' id='same' to='otto@heron.example/oar'><x xmlns='urn:x'/></iq>";
    let (first, second, ()) = tokio::join!(api.iq(request), api.iq(request), async {
        assert_eq!(line.element().await.attr("id").as_deref(), Some("same"));
        answer(&mut line, "same", "otto@heron.example/oar", "one").await;
    });
    assert_eq!(text(&first.unwrap()), "one");
    assert_eq!(second.unwrap_err().kind(), ErrorKind::InvalidArgument);
    let (third, ()) = tokio::join!(api.iq(request), async {
        line.element().await;
        answer(&mut line, "same", "otto@heron.example/oar", "three").await;
    });
    assert_eq!(text(&third.unwrap()), "three", "it is free again");
}

#[actix::test]
async fn a_request_ends_with_the_connection_that_is_not_resumed() {
    tokio::time::pause();
    let (api, mut server, mut line) = online(account()).await;
    let (answered, ()) = tokio::join!(api.iq(PING), async {
        line.element().await;
        drop(line);
        let mut line = server.accept().await;
        line.log_in("").await;
    });
    assert_eq!(answered.unwrap_err().kind(), ErrorKind::Disconnected);
}

#[actix::test]
async fn a_stop_ends_every_request() {
    tokio::time::pause();
    let (converse, mut server) = crate::server::instance();
    let api = converse.start(account()).await.unwrap();
    let mut line = server.serve(&api).await;
    let (answered, (), _) = tokio::join!(
        within(api.iq(PING)),
        async {
            tokio::task::yield_now().await;
            within(converse.stop()).await;
        },
        line.farewell()
    );
    let kind = answered.unwrap_err().kind();
    assert!([ErrorKind::Disconnected, ErrorKind::Closed].contains(&kind));
    let after = within(api.iq(PING)).await.unwrap_err().kind();
    assert!([ErrorKind::Disconnected, ErrorKind::Closed].contains(&after));
}

/// Many requests at once: each gets its own answer, in whatever order the answers come.
#[actix::test]
async fn two_thousand_requests_at_once_get_their_own_answers() {
    tokio::time::pause();
    let (api, _server, mut line) = online(account()).await;
    let mut tasks = Vec::new();
    for number in 0..2000 {
        let api = api.clone();
        tasks.push(actix::spawn(async move {
            let request = Element::builder("iq", "jabber:client")
                .attr("type", "get")
                .attr("to", "otto@heron.example/oar")
                .child(Element::builder("x", "urn:x").text(number.to_string()));
            (number.to_string(), text(&api.iq(request).await.unwrap()))
        }));
    }
    let mut requests = Vec::new();
    for _ in 0..2000 {
        let request = line.element().await;
        let id = request.attr("id").unwrap().into_owned();
        requests.push((id, request.child("x", "urn:x").unwrap().text().into_owned()));
    }
    for (id, number) in requests.iter().rev() {
        answer(&mut line, id, "otto@heron.example/oar", number).await;
    }
    for task in tasks {
        let (asked, answered) = within(task).await.unwrap();
        assert_eq!(asked, answered);
    }
}

/// Nobody waits for the answer any more, so the request has no business on the wire.
#[actix::test]
async fn a_request_that_timed_out_before_it_could_be_sent_is_not_sent() {
    tokio::time::pause();
    let (api, mut server, line) = online(account()).await;
    server.down(true);
    drop(line);
    crate::support::state(&api, |state| !state.is_online()).await;
    let error = within(api.iq(PING)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    api.send("<message id='next'/>").await.unwrap();
    server.down(false);
    let mut line = server.accept().await;
    line.log_in("").await;
    assert_eq!(line.element().await.attr("id").as_deref(), Some("next"));
}
