//! The archive of a real account, or of a room that it may read.

use std::io;

use converse::prelude::*;

use super::options::Account;
use super::show::Bar;
use crate::library::export::{Export, Exported, unwanted_plugins};

pub(crate) async fn export(account: Account) -> Result<(), BoxError> {
    let password = match account.password {
        Some(password) => password,
        None => ask_password(&account.jid)?,
    };
    let mut settings = settings! {
        "jid": account.jid.to_string(),
        "password": password,
        "blacklisted_plugins": unwanted_plugins(),
    };
    if let Some(server) = account.server {
        settings.insert("server", server);
    }
    if let Some(ca) = account.ca {
        settings.insert("tls_roots", json!([ca]));
    }
    let api = Converse::initialize(settings).await?;
    let exported = run(&api, &account.export).await;
    api.stop().await;
    exported
}

async fn run(api: &Api, export: &Export) -> Result<(), BoxError> {
    let bar = Bar::new();
    let stop = async {
        // Without a signal handler Ctrl-C ends the program at once, which the file survives too.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let exported = export
        .run(api, stop, |done, total| bar.show(done, total))
        .await;
    bar.end();
    report(export, exported?);
    Ok(())
}

/// Says what has come of it.
pub(crate) fn report(export: &Export, exported: Exported) {
    let Exported {
        before,
        added,
        is_complete,
    } = exported;
    let path = export.path.display();
    println!("{path}: {added} messages, and {before} from before");
    if !is_complete {
        println!("It was stopped: run it again to go on.");
    }
}

fn ask_password(jid: &BareJid) -> io::Result<String> {
    let terminal = console::Term::stderr();
    terminal.write_str(&format!("Password of {jid}: "))?;
    terminal.read_secure_line()
}
