//! What every instance hears and answers, whichever plugins run.

use chrono::{SecondsFormat, Utc};

use crate::api::Api;
use crate::error::Error;
use crate::ns;
use crate::router::{Route, Sender};
use crate::session::event::SessionStarted;
use crate::xml::{Element, ElementBuilder};

/// What every client answers: what it is (XEP-0030), to contacts also its version (XEP-0092), the time (XEP-0202) and pings
/// (XEP-0199); pings of the server are answered by the session.
pub(super) fn answer_for_the_core(api: &Api) -> Result<(), Error> {
    let session = api.session().downgrade();
    api.router().set_replies(move |reply| {
        let session = session.upgrade();
        Box::pin(async move {
            if let Some(session) = session
                && let Err(error) = session.send_untracked(reply).await
            {
                tracing::debug!(%error, "an answer could not be sent");
            }
        })
    });
    for ns in [ns::DISCO_INFO, ns::DISCO_ITEMS] {
        let features = api.features().clone();
        api.answer(Route::iq_get(ns), move |request| {
            let features = features.clone();
            async move { features.answer(&request).map(Some) }
        })?;
    }
    api.answer(Route::iq_get(ns::PING).from(Sender::Contact), |_| async {
        Ok(None)
    })?;
    let features = api.features().clone();
    api.answer(
        Route::iq_get(ns::VERSION).from(Sender::Contact),
        move |_| {
            let software = features.software();
            async move { Ok(Some(version(&software))) }
        },
    )?;
    let clock = std::sync::Arc::clone(&api.environment().clock);
    api.answer(Route::iq_get(ns::TIME).from(Sender::Contact), move |_| {
        let answer = time(clock.now(), clock.offset());
        async move { Ok(Some(answer)) }
    })?;
    Ok(())
}

/// What [`Api::disco`] has to know: when a session begins, and what presence announces.
pub(super) fn hear_for_the_core(api: &Api) -> Result<(), Error> {
    let disco = api.disco().downgrade();
    api.listen()
        .subscribe_sync::<SessionStarted, _>(move |event| {
            if let Some(disco) = disco.upgrade().filter(|_| event.begins_empty()) {
                disco.begin(&event.features);
            }
            Ok(())
        });
    let disco = api.disco().downgrade();
    // What occupants of rooms announce is kept with the room.
    let of_people = Route::presence().without_child_ns(ns::MUC_USER);
    api.hear_sync(of_people, move |presence| {
        if let Some(disco) = disco.upgrade() {
            disco.hear(presence);
        }
        Ok(())
    })?;
    Ok(())
}

/// XEP-0092 §2
fn version(software: &crate::disco::Software) -> ElementBuilder {
    let part = |name: &'static str, text: &str| Element::builder(name, ns::VERSION).text(text);
    Element::builder("query", ns::VERSION)
        .child(part("name", software.name()))
        .child(part("version", software.version()))
        .child_opt(software.os().map(|os| part("os", os)))
}

/// XEP-0202 §2
fn time(now: chrono::DateTime<Utc>, offset: chrono::FixedOffset) -> ElementBuilder {
    let part = |name: &'static str, text: String| Element::builder(name, ns::TIME).text(text);
    Element::builder("time", ns::TIME)
        .child(part("tzo", offset.to_string()))
        .child(part("utc", now.to_rfc3339_opts(SecondsFormat::Secs, true)))
}
