//! The process that is flooded.

use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use converse::prelude::*;
use tokio::sync::oneshot;

use super::Plugin;
use crate::raw;

/// How long the plugin needs for a message.
const WORK: Duration = Duration::from_micros(100);

/// The client: logs in, hears everything, says how it went.
pub(super) fn be_the_client(port: u16, plugin: Plugin, messages: usize) {
    actix::System::new().block_on(async move {
        let run = Arc::new(Run::default());
        let (finished, done) = oneshot::channel();
        *run.finished.lock().unwrap() = Some(finished);
        let converse = Converse::new().without_linked_plugins();
        let shared = Arc::clone(&run);
        let define = move |cx: &PluginContext| hear_messages(cx, plugin, messages, &shared);
        converse
            .plugins()
            .add(PluginDefinition::new("witness", define))
            .unwrap();
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        let api = converse.start(raw::settings(addr)).await.unwrap();
        let before = resident("VmRSS:");
        api.user().login(()).await.unwrap();
        done.await.unwrap();
        let report = json!({
            "heard": run.heard.load(Ordering::Relaxed),
            "wrong": run.wrong.lock().unwrap().clone(),
            "before_kb": before,
            "growth_kb": resident("VmHWM:") - before,
        });
        converse.stop().await;
        // The harness may have begun a line.
        println!("\nREPORT {report}");
    });
}

#[derive(Default)]
struct Run {
    heard: AtomicUsize,
    wrong: Mutex<Vec<String>>,
    finished: Mutex<Option<oneshot::Sender<()>>>,
}

impl Run {
    fn note(&self, message: &Stanza, messages: usize) {
        let expected = self.heard.fetch_add(1, Ordering::Relaxed);
        if message.body().as_deref() != Some(expected.to_string().as_str()) {
            let mut wrong = self.wrong.lock().unwrap();
            if wrong.len() < 10 {
                wrong.push(format!("{:?} instead of {expected}", message.body()));
            }
        }
        if expected + 1 == messages
            && let Some(finished) = self.finished.lock().unwrap().take()
        {
            finished.send(()).unwrap();
        }
    }
}

/// Keeps the processor busy.
fn work(duration: Duration) {
    let until = Instant::now() + duration;
    while Instant::now() < until {
        black_box(duration);
    }
}

fn hear_messages(
    cx: &PluginContext,
    plugin: Plugin,
    messages: usize,
    run: &Arc<Run>,
) -> Result<(), BoxError> {
    let run = Arc::clone(run);
    if plugin == Plugin::Busy {
        cx.hear_sync(Route::message(), move |message| {
            work(WORK);
            run.note(message, messages);
            Ok(())
        })?;
        return Ok(());
    }
    let api = cx.api();
    cx.hear(Route::message(), move |message| {
        let (run, api) = (Arc::clone(&run), api.clone());
        async move {
            work(WORK / 2);
            if plugin == Plugin::Answering {
                api.send_untracked(
                    "<message to='juliet@localhost/balcony'><body>I heard</body></message>",
                )
                .await?;
            } else {
                tokio::task::yield_now().await;
            }
            work(WORK / 2);
            run.note(&message, messages);
            Ok(())
        }
    })?;
    Ok(())
}

/// A line of the process's status, in kB.
fn resident(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    line.trim().trim_end_matches("kB").trim().parse().unwrap()
}
