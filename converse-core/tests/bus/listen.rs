//! `on`, `once` and `not`.

use std::sync::Arc;

use converse_core::bus::NamedEvent;

use super::{MessageAdded, Notes, RosterContactsFetched, bus, message};

#[actix::test]
async fn api_037_same_callback_registered_twice_is_called_twice() {
    let (bus, notes) = (bus(), Notes::default());
    notes.on(&bus, "foo", "called");
    notes.on(&bus, "foo", "called");
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["called", "called"]);
}

#[actix::test]
async fn api_038_context_is_what_the_closure_captures() {
    let (bus, notes) = (bus(), Notes::default());
    let (context, heard) = (String::from("the context"), notes.clone());
    bus.on("foo", move |_| {
        heard.add(context.as_str());
        async { Ok(()) }
    });
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["the context"]);
}

#[actix::test]
async fn api_039_names_are_exact() {
    let (bus, notes) = (bus(), Notes::default());
    notes.on(&bus, "message", "called");
    bus.emit("Message", ()).await.unwrap();
    bus.emit("messages", ()).await.unwrap();
    assert_eq!(notes.len(), 0);
}

#[actix::test]
async fn api_040_late_handler_is_not_called() {
    let (bus, notes) = (bus(), Notes::default());
    bus.emit("foo", ()).await.unwrap();
    notes.on(&bus, "foo", "called");
    bus.settle().await;
    assert_eq!(notes.len(), 0);
}

#[actix::test]
async fn api_041_once_is_called_once() {
    let (bus, notes) = (bus(), Notes::default());
    let (by_name, by_type) = (notes.clone(), notes.clone());
    bus.once("messageAdded", move |event| async move {
        by_name.add(event.arg(0)["body"].as_str().unwrap());
        Ok(())
    });
    bus.subscribe_once::<MessageAdded, _, _>("test", move |event| async move {
        by_type.add(event.body.as_str());
        Ok(())
    });
    bus.publish_wait(message("one")).await.unwrap();
    bus.publish_wait(message("two")).await.unwrap();
    assert_eq!(notes.take(), ["one", "one"]);
}

#[actix::test]
async fn api_042_once_may_emit_its_own_event() {
    let (bus, notes) = (bus(), Notes::default());
    let (inner, heard) = (bus.clone(), notes.clone());
    bus.once("foo", move |_| async move {
        heard.add("called");
        inner.emit("foo", ()).await?;
        Ok(())
    });
    bus.emit("foo", ()).await.unwrap();
    bus.settle().await;
    assert_eq!(notes.take(), ["called"]);
}

#[actix::test]
async fn api_044_once_can_be_removed_before_it_is_called() {
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    let id = bus.once("foo", move |_| async move {
        heard.add("called");
        Ok(())
    });
    bus.not("foo", id);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.len(), 0);
}

#[actix::test]
async fn api_045_not_removes_one_handler() {
    let (bus, notes) = (bus(), Notes::default());
    let a = notes.on(&bus, "foo", "A");
    notes.on(&bus, "foo", "B");
    bus.not("foo", a);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["B"]);
}

#[actix::test]
async fn api_046_not_of_something_unknown_is_no_error() {
    let (bus, notes) = (bus(), Notes::default());
    let id = notes.on(&bus, "foo", "A");
    bus.not("bar", id);
    bus.not("foo", id);
    bus.not("foo", id);
    bus.unsubscribe(id);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.len(), 0);
}

#[actix::test]
async fn api_047_not_is_for_one_event() {
    let (bus, notes) = (bus(), Notes::default());
    let one = notes.on(&bus, "name1", "name1");
    let two = notes.on(&bus, "name2", "name2");
    bus.not("name1", one);
    bus.not("name1", two);
    bus.emit("name1", ()).await.unwrap();
    bus.emit("name2", ()).await.unwrap();
    assert_eq!(notes.take(), ["name2"]);
}

#[actix::test]
async fn api_048_each_registration_is_removed_on_its_own() {
    let (bus, notes) = (bus(), Notes::default());
    let first = notes.on(&bus, "foo", "called");
    let second = notes.on(&bus, "foo", "called");
    bus.not("foo", first);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["called"]);
    bus.not("foo", second);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.len(), 0);
}

#[actix::test]
async fn api_049_handlers_outlive_a_session() {
    let (bus, notes) = (bus(), Notes::default());
    notes.on(&bus, "message", "named");
    let heard = notes.clone();
    bus.subscribe_sync::<MessageAdded, _>("test", move |_| {
        heard.add("typed");
        Ok(())
    });
    bus.promises().end_session();
    bus.emit("message", ()).await.unwrap();
    bus.publish_wait(message("hi")).await.unwrap();
    assert_eq!(notes.take(), ["named", "typed"]);
}

#[actix::test]
async fn api_050_dropped_guard_means_no_call_and_no_leak() {
    let (bus, notes) = (bus(), Notes::default());
    let witness = Arc::new(());
    let (held, heard) = (witness.clone(), notes.clone());
    let guard = bus
        .on("foo", move |_| {
            let _ = &held;
            heard.add("called");
            async { Ok(()) }
        })
        .scoped(&bus);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["called"]);
    assert_eq!(Arc::strong_count(&witness), 2);
    drop(guard);
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.len(), 0);
    assert_eq!(Arc::strong_count(&witness), 1);
}

#[actix::test]
async fn ignored_subscription_id_does_not_unsubscribe() {
    let (bus, notes) = (bus(), Notes::default());
    let _ = notes.on(&bus, "foo", "called");
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.len(), 1);
}

#[actix::test]
async fn typed_event_is_heard_by_name_as_its_value() {
    let (bus, notes) = (bus(), Notes::default());
    let heard = notes.clone();
    let note = move |event: &NamedEvent| {
        heard.add(format!(
            "{} {}",
            event.name,
            serde_json::to_string(&event.args)?
        ));
        Ok(())
    };
    bus.listen().on_sync("messageAdded", note.clone());
    bus.listen().on_sync("rosterContactsFetched", note);
    bus.publish_wait(message("hi")).await.unwrap();
    bus.publish_wait(RosterContactsFetched).await.unwrap();
    assert_eq!(
        notes.take(),
        [
            r#"messageAdded [{"body":"hi"}]"#,
            "rosterContactsFetched []"
        ]
    );
}

#[actix::test]
async fn handlers_by_type_and_by_name_share_one_order() {
    let (bus, notes) = (bus(), Notes::default());
    for (by_type, by_name) in [("1", "2"), ("3", "4")] {
        let heard = notes.clone();
        bus.subscribe_sync::<MessageAdded, _>("test", move |_| {
            heard.add(by_type);
            Ok(())
        });
        notes.on(&bus, "messageAdded", by_name);
    }
    bus.publish_wait(message("hi")).await.unwrap();
    assert_eq!(notes.take(), ["1", "2", "3", "4"]);
}

#[actix::test]
async fn withdrawn_owner_hears_nothing_more() {
    let (bus, notes) = (bus(), Notes::default());
    let (heard, listen) = (notes.clone(), bus.listen_as("plugin"));
    listen.on_sync("foo", move |_| {
        heard.add("plugin");
        Ok(())
    });
    notes.on(&bus, "foo", "application");
    bus.withdraw("plugin").await.unwrap();
    bus.emit("foo", ()).await.unwrap();
    assert_eq!(notes.take(), ["application"]);
}

#[actix::test]
async fn inbox_of_a_withdrawn_owner_takes_nothing_more() {
    let (bus, notes) = (bus(), Notes::default());
    let inbox = bus.inbox("plugin");
    let deliver = |note: &'static str| {
        let (inbox, heard) = (inbox.clone(), notes.clone());
        bus.dispatch(move |dispatcher| {
            dispatcher.deliver_sync(&inbox, "stanza", move || {
                heard.add(note);
                Ok(())
            });
        })
    };
    deliver("before").await.unwrap();
    bus.withdraw("plugin").await.unwrap();
    deliver("after").await.unwrap();
    assert_eq!(notes.take(), ["before"]);
}
