//! Handlers that fail: the session lives, the others run, and everybody hears of it.

use converse::core::bus::HandlerFailed;
use converse::prelude::*;

use crate::server::{account, instance, online_with};
use crate::support::{Heard, within};

/// Notes every [`HandlerFailed`].
fn failures(api: &Api) -> Heard {
    let heard = Heard::default();
    let into = heard.clone();
    api.listen()
        .subscribe_sync::<HandlerFailed, _>(move |event| {
            into.add(format!("{} {}: {}", event.owner, event.event, event.reason));
            Ok(())
        });
    heard
}

#[actix::test]
async fn api_035_a_handler_that_panics_is_announced_and_the_others_run() {
    let (converse, _server) = instance();
    converse
        .plugins()
        .add(PluginDefinition::new("clumsy", |cx| {
            cx.listen().on_sync("foo", |_| panic!("dropped it"));
            cx.listen()
                .on("foo", |_| async { panic!("dropped it later") });
            cx.listen().on_sync("foo", |_| Err("refused it".into()));
            Ok(())
        }))
        .unwrap();
    let api = converse
        .start(settings! { "whitelisted_plugins": ["clumsy"] })
        .await
        .unwrap();
    let failed = failures(&api);
    let heard = crate::support::hear(&api, &["foo"]);
    api.emit("foo", ()).await.unwrap();
    api.emit("foo", ()).await.unwrap();
    api.bus().settle().await;
    assert_eq!(heard.count("foo"), 2);
    for text in [
        "clumsy foo: panicked: dropped it",
        "clumsy foo: panicked: dropped it later",
        "clumsy foo: refused it",
    ] {
        assert_eq!(failed.count(text), 2, "{text} in {:?}", failed.list());
    }
}

#[actix::test]
async fn a_stanza_handler_that_panics_is_announced_and_the_session_lives() {
    tokio::time::pause();
    let heard = Heard::default();
    let mut failed = Heard::default();
    let (api, _server, mut line) = online_with(account(), |api| {
        failed = failures(api);
        api.hear_sync(Route::message(), |_| panic!("at once"))?;
        api.hear(Route::message(), |_| async { panic!("later") })?;
        api.hear(Route::message(), |_| async { Err("refused".into()) })?;
        let into = heard.clone();
        api.hear_sync(Route::message(), move |stanza| {
            into.add(stanza.id().unwrap_or_default());
            Ok(())
        })?;
        Ok(())
    })
    .await;
    for id in ["m1", "m2"] {
        line.send(&format!(
            "<message id='{id}' from='otto@heron.example/oar'/>"
        ))
        .await;
    }
    line.send("<iq type='get' id='p1' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    assert_eq!(line.element().await.attr("id").as_deref(), Some("p1"));
    api.bus().settle().await;
    while heard.list().len() < 2 {
        within(tokio::task::yield_now()).await;
    }
    api.bus().settle().await;
    assert_eq!(heard.list(), ["m1", "m2"]);
    for reason in ["panicked: at once", "panicked: later", "refused"] {
        let text = format!("application message: {reason}");
        assert_eq!(failed.count(&text), 2, "{text} in {:?}", failed.list());
    }
    assert!(api.connection().connected());
}

#[actix::test]
async fn a_request_whose_handler_panics_is_answered_internal_server_error() {
    tokio::time::pause();
    let mut failed = Heard::default();
    let (api, _server, mut line) = online_with(account(), |api| {
        failed = failures(api);
        api.answer(
            Route::iq_get("urn:at-once"),
            |_| -> std::future::Ready<Answer> { panic!("at once") },
        )?;
        api.answer(Route::iq_get("urn:later"), |_| async { panic!("later") })?;
        api.answer(Route::iq_get("urn:refused"), |_| async {
            Err(Condition::Forbidden.into())
        })?;
        Ok(())
    })
    .await;
    for (ns, condition) in [
        ("urn:at-once", "internal-server-error"),
        ("urn:later", "internal-server-error"),
        ("urn:refused", "forbidden"),
        ("urn:nobody", "service-unavailable"),
        ("urn:later", "internal-server-error"),
    ] {
        line.send(&format!(
            "<iq type='get' id='q1' from='otto@heron.example/oar'><query xmlns='{ns}'/></iq>"
        ))
        .await;
        let answer = line.element().await;
        assert_eq!(answer.attr("type").as_deref(), Some("error"), "{ns}");
        assert_eq!(answer.attr("id").as_deref(), Some("q1"));
        assert_eq!(answer.attr("to").as_deref(), Some("otto@heron.example/oar"));
        let error = answer.child("error", "jabber:client").unwrap();
        let stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";
        assert!(
            error.child(condition, stanzas).is_some(),
            "{ns}: {answer:?}"
        );
    }
    api.bus().settle().await;
    assert_eq!(failed.count("application iq: panicked: at once"), 1);
    assert_eq!(failed.count("application iq: panicked: later"), 2);
    assert!(api.connection().connected());
}

struct Careless(Heard);

impl HearsStanzas for Careless {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        let id = stanza.id().unwrap_or_default().into_owned();
        if id == "bad" {
            panic!("an actor's");
        }
        self.0.add(id);
        Ok(())
    }
}

impl AnswersRequests for Careless {
    async fn answer_request(&mut self, _: Stanza) -> Answer {
        panic!("an actor's answer")
    }
}

#[actix::test]
async fn an_actor_that_panics_goes_on_and_its_requests_are_answered() {
    tokio::time::pause();
    let heard = Heard::default();
    let (converse, mut server) = instance();
    let into = heard.clone();
    converse
        .plugins()
        .add(PluginDefinition::new("careless", move |cx| {
            let actor = cx.spawn(Careless(into.clone()));
            cx.route(Route::message(), &actor)?;
            cx.route_requests(Route::iq_set("urn:careless"), &actor)?;
            Ok(())
        }))
        .unwrap();
    let mut settings = account();
    settings.insert("whitelisted_plugins", json!(["careless"]));
    let api = converse.start(settings).await.unwrap();
    let failed = failures(&api);
    let mut line = server.serve(&api).await;
    for id in ["m1", "bad", "m2"] {
        line.send(&format!(
            "<message id='{id}' from='otto@heron.example/oar'/>"
        ))
        .await;
    }
    line.send(
        "<iq type='set' id='q1' from='otto@heron.example/oar'><x xmlns='urn:careless'/></iq>",
    )
    .await;
    let answer = line.element().await;
    let error = answer.child("error", "jabber:client").unwrap();
    let stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";
    assert!(error.child("internal-server-error", stanzas).is_some());
    api.bus().settle().await;
    assert_eq!(heard.list(), ["m1", "m2"]);
    assert_eq!(failed.count("careless message: panicked: an actor's"), 1);
    assert_eq!(failed.list().len(), 2);
}

/// A request that a handler still works on is answered when the instance ends, or at least nothing hangs or panics.
#[actix::test]
async fn a_stop_does_not_wait_for_a_handler_that_never_ends() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    api.answer(Route::iq_get("urn:never"), |_| std::future::pending())
        .unwrap();
    api.hear(Route::message(), |_| std::future::pending())
        .unwrap();
    let mut line = server.serve(&api).await;
    line.send("<message from='otto@heron.example/oar'/>").await;
    line.send("<iq type='get' id='q' from='otto@heron.example/oar'><x xmlns='urn:never'/></iq>")
        .await;
    line.send("<iq type='get' id='p' from='kestrel.example'><ping xmlns='urn:xmpp:ping'/></iq>")
        .await;
    line.element().await;
    tokio::join!(within(converse.stop()), line.farewell());
}
