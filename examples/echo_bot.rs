//! A bot to start from: it answers every message of a contact with the same text, accepts whoever wants to become a contact, and
//! tells what it does. It comes back by itself when the connection is lost, and ends in an orderly way on Ctrl-C.
//!
//! ```sh
//! CONVERSE_JID=bot@your.server CONVERSE_PASSWORD=secret cargo run --example echo_bot
//! ```
//!
//! Every setting can be given in the environment (`CONVERSE_SERVER`, `CONVERSE_TLS_ROOTS`, …) or in a TOML file named by the first
//! argument. What is logged is chosen by `RUST_LOG`.

use converse::prelude::*;
use tracing_subscriber::EnvFilter;

/// The state of the bot: an actor, so that one message is handled after the other.
struct EchoBot {
    api: Api,
    answered: u64,
}

#[converse_plugin]
impl Plugin for EchoBot {
    const NAME: &'static str = "echo-bot";
    const REQUIRES: &'static [&'static str] = &["converse-roster", "converse-chat"];

    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        cx.settings().update(settings! { "echo_prefix": "" })?;
        cx.spawn(EchoBot {
            api: cx.api(),
            answered: 0,
        })
        .hears::<MessageAdded>()
        .hears::<ContactRequest>()
        .hears::<SessionStarted>()
        .hears::<Reconnecting>();
        Ok(())
    }
}

impl Hears<MessageAdded> for EchoBot {
    async fn hear(&mut self, event: Arc<MessageAdded>) -> Handled {
        // Not the own answers, and not what was said while the bot was away.
        if event.message.sender != SentBy::Them || event.message.delayed {
            return Ok(());
        }
        let prefix: String = self.api.settings().get_as("echo_prefix")?;
        event
            .chatbox
            .send_message(format!("{prefix}{}", event.message.body))
            .await?;
        self.answered += 1;
        tracing::info!(to = %event.chatbox.jid(), answered = self.answered, "answered");
        Ok(())
    }
}

impl Hears<ContactRequest> for EchoBot {
    async fn hear(&mut self, event: Arc<ContactRequest>) -> Handled {
        tracing::info!(contact = %event.contact.jid, "a new contact");
        self.api.contacts().accept(&event.contact.jid).await?;
        Ok(())
    }
}

impl Hears<SessionStarted> for EchoBot {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        tracing::info!(jid = %event.jid, resumed = event.resumed, "online");
        Ok(())
    }
}

impl Hears<Reconnecting> for EchoBot {
    async fn hear(&mut self, event: Arc<Reconnecting>) -> Handled {
        tracing::warn!(
            failed_attempts = event.attempt,
            "the connection is lost; connecting again"
        );
        Ok(())
    }
}

#[actix::main]
async fn main() -> Result<(), Error> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).init();

    let mut settings = SettingsMap::from_environment("CONVERSE_")?;
    if let Some(file) = std::env::args().nth(1) {
        settings = settings.over(SettingsMap::from_file(file)?);
    }
    let settings = settings.over(settings! { "whitelisted_plugins": ["echo-bot"] });
    let api = Converse::initialize(settings).await?;
    api.run_until_signal().await
}
