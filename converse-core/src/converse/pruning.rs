//! Keeps the messages in the store as few and as young as the settings say.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::api::{Api, WeakApi};
use crate::error::Error;
use crate::session::event::SessionStarted;
use crate::settings::keys;
use crate::store::Retention;

/// How long after a look the next one follows, at the latest.
const EVERY: Duration = Duration::from_secs(6 * 60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Looks when a session begins, and every few hours while the instance lives.
pub(super) fn begin(api: &Api) {
    let begun = Arc::new(Notify::new());
    let tell = Arc::clone(&begun);
    api.listen().subscribe_sync::<SessionStarted, _>(move |_| {
        tell.notify_one();
        Ok(())
    });
    let over = api.session().watch();
    actix::spawn(look(api.downgrade(), begun, over));
}

async fn look(
    api: WeakApi,
    begun: Arc<Notify>,
    mut over: tokio::sync::watch::Receiver<crate::session::SessionState>,
) {
    // Nothing is looked at, and no timer runs, before there is an account.
    let mut next: Option<tokio::time::Instant> = None;
    loop {
        let time = async {
            match next {
                Some(next) => tokio::time::sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = begun.notified() => {}
            () = time => {}
            changed = over.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
        }
        let Some(api) = api.upgrade() else { return };
        if let Err(error) = prune(&api).await {
            tracing::warn!(%error, "old messages could not be removed");
        }
        next = Some(tokio::time::Instant::now() + EVERY);
    }
}

async fn prune(api: &Api) -> Result<(), Error> {
    let settings = api.settings();
    let mut retention = Retention::default();
    let days = settings.read(&keys::MESSAGE_RETENTION_DAYS)?;
    if days > 0 {
        retention = retention.age(DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX)));
    }
    let count = settings.read(&keys::MESSAGE_RETENTION_COUNT)?;
    if count > 0 {
        retention = retention.count(count);
    }
    let Some(store) = api.account_message_store() else {
        return Ok(());
    };
    let removed = retention
        .apply(&store, api.environment().clock.now())
        .await?;
    if removed > 0 {
        tracing::info!(removed, "old messages were removed");
    }
    Ok(())
}
