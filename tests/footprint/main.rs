//! What instances leave behind when they end: nothing. Threads and memory are those of the process, so these tests run
//! one at a time and in a program of their own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

use std::time::Duration;

use converse::prelude::*;
use converse_testkit::loopback::Loopback;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Mutex;

/// Held by the test that runs.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What `future` gives, or a failed test instead of one that hangs.
async fn within<F: Future>(future: F) -> F::Output {
    let limited = tokio::time::timeout(Duration::from_secs(60), future).await;
    limited.expect("it does not hang")
}

/// The names of the events that are heard, in their order.
fn hear(api: &Api, names: &[&'static str]) -> Arc<std::sync::Mutex<Vec<String>>> {
    let heard = Arc::<std::sync::Mutex<Vec<String>>>::default();
    for name in names {
        let into = Arc::clone(&heard);
        api.listen().on_sync(*name, move |event| {
            into.lock().unwrap().push(event.name.to_string());
            Ok(())
        });
    }
    heard
}

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
    assert_eq!(*heard.lock().unwrap(), ["disconnected"]);
    within(server.wait_for(|sessions| sessions.is_empty())).await;
}

#[actix::test]
async fn an_instance_lives_on_the_actix_arbiter_that_starts_it() {
    let _alone = ALONE.lock().await;
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
    let _alone = ALONE.lock().await;
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
    let _alone = ALONE.lock().await;
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
    let _alone = ALONE.lock().await;
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
    assert_eq!(heard.lock().unwrap().len(), 4);
    converse.stop().await;
    server.stop().await;
}

/// Waits until no instance has a thread.
async fn until_no_threads() {
    within(async {
        while threads() > 0 {
            tokio::task::spawn_blocking(std::thread::yield_now)
                .await
                .unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn an_instance_ends_with_its_last_handle() {
    let _alone = ALONE.lock().await;
    let (server, settings) = loopback().await;
    // Plugins hold handles too, and keep the instance alive.
    let converse = Converse::new().without_linked_plugins();
    let api = converse.start(settings).await.unwrap();
    drop(converse);
    let other = api.clone();
    drop(api);
    assert!(other.connection().connected());
    drop(other);
    until_no_threads().await;
    within(server.wait_for(|sessions| sessions.is_empty())).await;
    server.stop().await;
}

#[tokio::test]
async fn an_instance_that_nobody_but_its_plugins_holds_is_ended_by_its_api() {
    let _alone = ALONE.lock().await;
    let (server, settings) = loopback().await;
    let api = Converse::initialize(settings).await.unwrap();
    assert_eq!(threads(), 1);
    within(api.stop()).await;
    until_no_threads().await;
    within(server.wait_for(|sessions| sessions.is_empty())).await;
    within(api.stop()).await;
    server.stop().await;
}

#[tokio::test]
async fn a_start_that_fails_leaves_no_thread() {
    let _alone = ALONE.lock().await;
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

/// Elements that are larger or deeper than allowed, one connection after the other.
#[actix::test]
async fn bombs_from_the_server_leave_no_memory() {
    let _alone = ALONE.lock().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = settings! {
        "jid": "mara@kestrel.example",
        "password": "secret",
        "server": listener.local_addr().unwrap().to_string(),
        "security": "plaintext_loopback",
        "auto_login": false,
        "reconnect_min": 1,
        "reconnect_max": 1,
        "max_element_bytes": 1 << 20,
    };
    let converse = Converse::new().without_linked_plugins();
    let api = converse.start(settings).await.unwrap();
    let login = actix::spawn(async move { api.user().login(()).await });
    let mut after_some = 0;
    for round in 0..30 {
        let (mut stream, _) = within(listener.accept()).await.unwrap();
        let answer = within(bomb(&mut stream, round % 3)).await;
        assert!(answer.contains("<policy-violation "), "{answer}");
        if round == 9 {
            after_some = memory();
        }
    }
    let grown = memory().saturating_sub(after_some);
    assert!(grown < 4 * 1024, "{grown} KiB more than after ten");
    converse.stop().await;
    assert!(within(login).await.unwrap().is_err());
}

/// Sends more than a client may take, and reads what it says about that.
async fn bomb(stream: &mut tokio::net::TcpStream, kind: usize) -> String {
    let (mut from, mut to) = stream.split();
    let mut answer = Vec::new();
    let header = "<stream:stream xmlns='jabber:client' id='s' version='1.0' \
        xmlns:stream='http://etherx.jabber.org/streams'>";
    let part = match kind {
        0 => "x".repeat(1 << 17),
        1 => "<a>".repeat(1 << 15),
        _ => "<a/>".repeat(1 << 15),
    };
    let send = async {
        // The client hangs up in the middle of it.
        to.write_all(format!("{header}<message>").as_bytes())
            .await?;
        for _ in 0..12 {
            to.write_all(part.as_bytes()).await?;
        }
        to.flush().await
    };
    let (_, _) = tokio::join!(send, from.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix::test]
async fn a_hundred_starts_and_stops_leave_no_task_and_no_memory() {
    let _alone = ALONE.lock().await;
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
    let _alone = ALONE.lock().await;
    let mut after_some = 0;
    for round in 0..100 {
        let converse = Converse::new();
        let api = converse.start(settings! {}).await.unwrap();
        let heard = hear(&api, &["foo"]);
        api.emit("foo", ()).await.unwrap();
        assert_eq!(heard.lock().unwrap().len(), 1);
        within(converse.stop()).await;
        assert_eq!(threads(), 0);
        if round == 30 {
            after_some = memory();
        }
    }
    let grown = memory().saturating_sub(after_some);
    assert!(grown < 4096, "{grown} KiB more than after 30 rounds");
}

#[tokio::test]
async fn a_handler_may_stop_its_own_instance() {
    let _alone = ALONE.lock().await;
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
