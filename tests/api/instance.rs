//! Instances come and go: on an actix arbiter or on a thread of their own, and leave nothing behind.

use std::time::Duration;

use converse::prelude::*;
use converse_testkit::loopback::Loopback;

use crate::server::{account, instance};
use crate::support::{hear, within};

/// Threads of this process that belong to instances.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .filter(|name| name.trim() == "converse")
        .count()
}

/// Memory of this process in KiB.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.unwrap().split_whitespace().nth(1).unwrap();
    number.parse().unwrap()
}

async fn loopback() -> (Loopback, SettingsMap) {
    let server = Loopback::builder("localhost")
        .account("mara", "secret")
        .start()
        .await
        .unwrap();
    let settings = settings! {
        "jid": "mara@localhost",
        "password": "secret",
        "server": server.addr().to_string(),
        "security": "plaintext_loopback",
    };
    (server, settings)
}

/// A program that logs in, says something, hears something and ends.
async fn program(server: &Loopback, settings: SettingsMap) {
    let converse = Converse::new();
    let api = converse.start(settings).await.unwrap();
    let heard = hear(&api, &["disconnected"]);
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    api.hear_sync(Route::message(), move |stanza| {
        tell.send(stanza.body().unwrap_or_default().into_owned())?;
        Ok(())
    })
    .unwrap();
    api.send("<presence/>").await.unwrap();
    let own = api.user().jid().unwrap();
    let message = Element::builder("message", "jabber:client")
        .attr("to", own.as_str())
        .child(Element::builder("body", "jabber:client").text("to myself"));
    api.send(message)
        .await
        .unwrap()
        .acknowledged()
        .await
        .unwrap();
    assert_eq!(within(told.recv()).await.as_deref(), Some("to myself"));
    let ping = "<iq type='get' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";
    within(api.iq(ping)).await.unwrap();
    within(converse.stop()).await;
    assert_eq!(heard.list(), ["disconnected"]);
    within(server.wait_for(|sessions| sessions.is_empty())).await;
}

#[actix::test]
async fn an_instance_lives_on_the_actix_arbiter_that_starts_it() {
    let (server, settings) = loopback().await;
    let before = threads();
    let converse = Converse::new();
    let api = converse.start(settings.clone()).await.unwrap();
    assert_eq!(threads(), before);
    within(converse.stop()).await;
    assert!(api.bus().is_stopped());
    program(&server, settings).await;
    server.stop().await;
}

#[tokio::test]
async fn on_a_tokio_runtime_an_instance_has_a_thread_of_its_own() {
    let (server, settings) = loopback().await;
    let converse = Converse::new();
    let _api = converse.start(settings.clone()).await.unwrap();
    assert_eq!(threads(), 1);
    within(converse.stop()).await;
    assert_eq!(threads(), 0);
    program(&server, settings).await;
    assert_eq!(threads(), 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_tokio_runtime_with_several_threads_too() {
    let (server, settings) = loopback().await;
    program(&server, settings.clone()).await;
    let task = tokio::spawn(async move {
        program(&server, settings).await;
        server.stop().await;
    });
    within(task).await.unwrap();
    assert_eq!(threads(), 0);
}

#[tokio::test]
async fn the_api_works_from_every_thread() {
    let (server, settings) = loopback().await;
    let converse = Converse::new();
    let api = converse.start(settings).await.unwrap();
    let heard = hear(&api, &["foo"]);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let api = api.clone();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let ping = "<iq type='get' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";
                    api.iq(ping).await.unwrap();
                    api.emit("foo", ()).await.unwrap();
                });
            })
        })
        .collect();
    for thread in threads {
        tokio::task::spawn_blocking(move || thread.join().unwrap())
            .await
            .unwrap();
    }
    assert_eq!(heard.count("foo"), 4);
    converse.stop().await;
    server.stop().await;
}

/// Waits until no instance has a thread.
async fn until_no_threads() {
    for _ in 0..2000 {
        if threads() == 0 {
            return;
        }
        tokio::task::spawn_blocking(std::thread::yield_now)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("{} threads are left", threads());
}

#[tokio::test]
async fn an_instance_ends_with_its_last_handle() {
    let (server, settings) = loopback().await;
    let api = Converse::initialize(settings).await.unwrap();
    let other = api.clone();
    drop(api);
    assert!(other.connection().connected());
    drop(other);
    until_no_threads().await;
    within(server.wait_for(|sessions| sessions.is_empty())).await;
    server.stop().await;
}

#[tokio::test]
async fn a_start_that_fails_leaves_no_thread() {
    let (server, settings) = loopback().await;
    for bad in [
        settings.clone().with("password", "wrong"),
        settings.clone().with("no_such_setting", 1),
        settings.with("whitelisted_plugins", json!(["panics"])),
    ] {
        let converse = Converse::new();
        converse
            .plugins()
            .add(PluginDefinition::new("panics", |_| panic!("on purpose")))
            .unwrap();
        assert!(within(converse.start(bad)).await.is_err());
        until_no_threads().await;
    }
    server.stop().await;
}

#[actix::test]
async fn a_hundred_starts_and_stops_leave_no_task_and_no_memory() {
    let (server, settings) = loopback().await;
    let runtime = tokio::runtime::Handle::current();
    let mut after_some = (0, 0);
    for round in 0..100 {
        program(&server, settings.clone()).await;
        if round == 30 {
            after_some = (runtime.metrics().num_alive_tasks(), memory());
        }
    }
    let (tasks, kib) = after_some;
    let now = runtime.metrics().num_alive_tasks();
    assert!(now <= tasks, "{now} tasks, and {tasks} after 30 rounds");
    let grown = memory().saturating_sub(kib);
    assert!(grown < 4096, "{grown} KiB more than after 30 rounds");
    server.stop().await;
}

#[tokio::test]
async fn a_hundred_starts_and_stops_leave_no_thread() {
    let mut after_some = 0;
    for round in 0..100 {
        let (converse, _server) = instance();
        let api = converse.start(account()).await.unwrap();
        let heard = hear(&api, &["foo"]);
        api.emit("foo", ()).await.unwrap();
        assert_eq!(heard.count("foo"), 1);
        within(converse.stop()).await;
        assert_eq!(threads(), 0);
        if round == 30 {
            after_some = memory();
        }
    }
    let grown = memory().saturating_sub(after_some);
    assert!(grown < 4096, "{grown} KiB more than after 30 rounds");
}

#[actix::test]
async fn a_stop_while_a_disconnect_is_under_way_ends_both() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let mut line = server.serve(&api).await;
    let connection = api.connection();
    let (ended, (), _) = tokio::join!(
        within(connection.disconnect()),
        within(converse.stop()),
        line.farewell()
    );
    ended.unwrap();
    assert!(api.bus().is_stopped());
    let error = within(api.user().login(())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[actix::test]
async fn several_disconnects_at_once_all_return_when_it_is_over() {
    tokio::time::pause();
    let (converse, mut server) = instance();
    let api = converse.start(account()).await.unwrap();
    let mut line = server.serve(&api).await;
    let heard = hear(&api, &["logout", "disconnected"]);
    let (connection, user) = (api.connection(), api.user());
    let disconnected = async {
        connection.disconnect().await.unwrap();
        assert!(!connection.connected());
    };
    let logged_out = async {
        user.logout().await.unwrap();
        assert!(!connection.connected());
    };
    tokio::join!(disconnected, logged_out, line.farewell());
    api.bus().settle().await;
    assert_eq!(heard.count("disconnected"), 1);
    assert_eq!(heard.count("logout"), 1);
}

#[tokio::test]
async fn a_handler_may_stop_its_own_instance() {
    let (server, settings) = loopback().await;
    let converse = Converse::new();
    let api = converse.start(settings).await.unwrap();
    let inner = converse.clone();
    api.listen().on("enough", move |_| {
        let converse = inner.clone();
        async move {
            converse.stop().await;
            Ok(())
        }
    });
    let _ = api.emit("enough", ()).await;
    until_no_threads().await;
    within(converse.stop()).await;
    within(server.wait_for(|sessions| sessions.is_empty())).await;
    server.stop().await;
}

#[actix::test]
async fn a_stop_without_a_start_does_nothing() {
    let converse = Converse::new();
    converse.stop().await;
    converse.stop().await;
}
