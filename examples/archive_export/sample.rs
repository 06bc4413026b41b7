//! The same on an embedded server, for those who only want to see it: some history, an export that is interrupted, and one that
//! goes on with it.

use chrono::{TimeDelta, Utc};
use converse::prelude::*;
use converse_testkit::loopback::Loopback;
use tokio::sync::oneshot;

use super::account::report;
use super::show::Bar;
use crate::library::export::{Export, unwanted_plugins};
use crate::library::format::Format;

const LINES: [&str; 4] = [
    "But, soft! what light through yonder window breaks?",
    "O Romeo, Romeo! wherefore art thou Romeo?",
    "Shall I hear more, or shall I speak at this?",
    "'Tis but thy name that is my enemy; <thou> art thyself, though not a Montague.",
];
const MESSAGES: usize = 500;

pub(crate) async fn export(format: Format) -> Result<(), BoxError> {
    let server = Loopback::builder("localhost").account("romeo", "wherefore");
    let server = server.start().await?;
    for number in 0..MESSAGES {
        let age = TimeDelta::minutes(i64::try_from(MESSAGES - number)?);
        let line = LINES.get(number % LINES.len()).copied().unwrap_or_default();
        let (from, to) = match number % 2 {
            0 => ("romeo@localhost/orchard", "juliet@localhost"),
            _ => ("juliet@localhost/balcony", "romeo@localhost"),
        };
        let body = line.replace('<', "&lt;");
        let message = format!(
            "<message from='{from}' to='{to}' type='chat' id='{number}'><body>{body}</body></message>"
        );
        server.add_to_archive("romeo", Utc::now() - age, &message)?;
    }
    println!("An embedded server with {MESSAGES} messages in Romeo's archive.");
    let settings = settings! {
        "jid": "romeo@localhost",
        "password": "wherefore",
        "server": server.addr().to_string(),
        // The embedded server is on this machine only, so there is nothing to encrypt.
        "security": "plaintext_loopback",
        "blacklisted_plugins": unwanted_plugins(),
    };
    let api = Converse::initialize(settings).await?;
    let suffix = match format {
        Format::Jsonl => "jsonl",
        Format::Html => "html",
    };
    let name = format!("converse-archive-{}.{suffix}", std::process::id());
    let export = Export {
        room: None,
        with: None,
        since: None,
        format,
        path: std::env::temp_dir().join(name),
    };
    for interrupted in [true, false] {
        let (stop, stopped) = oneshot::channel();
        let mut stop = Some(stop);
        let bar = Bar::new();
        let exported = export.run(&api, wait(stopped), |done, total| {
            bar.show(done, total);
            if interrupted
                && done >= 200
                && let Some(stop) = stop.take()
            {
                // Nobody waits for it after the last page.
                let _ = stop.send(());
            }
        });
        let exported = exported.await;
        bar.end();
        report(&export, exported?);
    }
    api.stop().await;
    server.stop().await;
    Ok(())
}

/// Waits until somebody says so; for ever if nobody does.
async fn wait(stopped: oneshot::Receiver<()>) {
    if stopped.await.is_err() {
        std::future::pending::<()>().await;
    }
}
