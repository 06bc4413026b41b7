//! Hooks.

use std::time::Duration;

use converse_core::bus::{Bus, Hook, HookError, Stop, SubscriptionId};

use super::{Notes, bus};

#[derive(Debug, PartialEq)]
struct Outgoing(String);

impl Hook for Outgoing {
    const NAME: &'static str = "outgoing";
}

fn outgoing(text: &str) -> Outgoing {
    Outgoing(text.to_owned())
}

fn append(bus: &Bus, owner: &'static str, priority: i32, text: &'static str) -> SubscriptionId {
    bus.hook(owner, priority, move |Outgoing(body)| async move {
        Ok(Outgoing(body + text))
    })
}

#[actix::test]
async fn value_without_hooks_comes_back() {
    assert_eq!(bus().transform(outgoing("a")).await.unwrap(), outgoing("a"));
}

#[actix::test]
async fn hooks_run_by_priority_then_registration() {
    let bus = bus();
    append(&bus, "first", 0, "1");
    append(&bus, "second", 0, "2");
    append(&bus, "last", 10, "4");
    append(&bus, "third", 0, "3");
    append(&bus, "early", -10, "0");
    assert_eq!(
        bus.transform(outgoing("")).await.unwrap(),
        outgoing("01234")
    );
}

#[actix::test]
async fn hook_may_stop_or_refuse() {
    let (bus, notes) = (bus(), Notes::default());
    let seen = notes.clone();
    bus.hook("otr", 0, |Outgoing(body)| async move {
        match body.as_str() {
            "stop" => Err(Stop::new("sent another way").into()),
            "refuse" => Err("no key".into()),
            _ => Ok(Outgoing(body)),
        }
    });
    bus.hook("after", 0, move |value: Outgoing| {
        seen.add(value.0.as_str());
        async move { Ok(value) }
    });
    match bus.transform(outgoing("stop")).await.unwrap_err() {
        HookError::Stopped { hook, by, reason } => {
            assert_eq!(
                (hook, &*by, &*reason),
                ("outgoing", "otr", "sent another way")
            );
        }
        other => panic!("{other}"),
    }
    let refused = bus.transform(outgoing("refuse")).await.unwrap_err();
    assert_eq!(refused.to_string(), "`outgoing` was refused by `otr`");
    assert_eq!(
        std::error::Error::source(&refused).unwrap().to_string(),
        "no key"
    );
    assert_eq!(
        bus.transform(outgoing("pass")).await.unwrap(),
        outgoing("pass")
    );
    assert_eq!(notes.take(), ["pass"]);
}

#[actix::test]
async fn panicking_hook_fails_closed() {
    let bus = bus();
    bus.hook("broken", 0, |_: Outgoing| async { panic!("deliberate") });
    let error = bus.transform(outgoing("secret")).await.unwrap_err();
    assert!(matches!(error, HookError::Failed { by, .. } if &*by == "broken"));
}

#[actix::test]
async fn stuck_hook_fails_closed_at_the_deadline() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    bus.hook("stuck", 0, |value: Outgoing| async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
        Ok(value)
    });
    let seen = notes.clone();
    bus.hook("after", 0, move |value: Outgoing| {
        seen.add("passed");
        async move { Ok(value) }
    });
    let error = bus.transform(outgoing("secret")).await.unwrap_err();
    assert!(matches!(
        error,
        HookError::Timeout {
            hook: "outgoing",
            ..
        }
    ));
    bus.settle().await;
    assert_eq!(notes.len(), 0);
}

#[actix::test]
async fn values_keep_their_order_through_slow_hooks() {
    tokio::time::pause();
    let (bus, notes) = (bus(), Notes::default());
    bus.hook("slow for a", 0, |value: Outgoing| async {
        if value == outgoing("a") {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(value)
    });
    let seen = notes.clone();
    bus.hook("last", 0, move |value: Outgoing| {
        seen.add(value.0.as_str());
        async move { Ok(value) }
    });
    let (a, b) = tokio::join!(bus.transform(outgoing("a")), bus.transform(outgoing("b")));
    assert_eq!((a.unwrap(), b.unwrap()), (outgoing("a"), outgoing("b")));
    assert_eq!(notes.take(), ["a", "b"]);
}

#[actix::test]
async fn removed_hook_is_passed_over() {
    let bus = bus();
    let id = append(&bus, "plugin", 0, "!");
    bus.unsubscribe(id);
    assert_eq!(bus.transform(outgoing("a")).await.unwrap(), outgoing("a"));
}

#[actix::test]
async fn hook_withdrawn_with_the_value_in_hand_fails_closed() {
    let bus = bus();
    bus.hook("otr", 0, |_: Outgoing| std::future::pending());
    let caller = bus.clone();
    let one = actix::spawn(async move { caller.transform(outgoing("running")).await });
    let caller = bus.clone();
    let two = actix::spawn(async move { caller.transform(outgoing("waiting")).await });
    tokio::task::yield_now().await;
    bus.withdraw("otr").await.unwrap();
    assert!(matches!(one.await.unwrap(), Err(HookError::Failed { .. })));
    assert!(matches!(two.await.unwrap(), Err(HookError::Failed { .. })));
}

#[actix::test]
async fn hook_that_asks_itself_is_an_error_and_no_deadlock() {
    let bus = bus();
    let inner = bus.clone();
    bus.hook("otr", 0, move |value: Outgoing| {
        let inner = inner.clone();
        async move { Ok(inner.transform(value).await?) }
    });
    match bus.transform(outgoing("a")).await.unwrap_err() {
        HookError::Refused { source, .. } => {
            assert!(matches!(source.downcast_ref(), Some(HookError::Own { .. })));
        }
        other => panic!("{other}"),
    }
}
