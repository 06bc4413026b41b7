//! The chats of before: which were open, and what is kept of them.

use std::sync::Arc;

use converse_core::api::Api;
use converse_core::store::{AccountStore, Scan, StoreError};
use converse_messages::keeper::Keeper;
use tokio::runtime::Handle;

use crate::api::Chat;
use crate::message::ChatBoxClosed;
use crate::model::{CHATS, Kept, Kind, Registry, Row};

/// The user is somebody now: what is kept of his chats is there again. If he is the one of before, nothing happens. To be
/// called before anything of the session is looked at.
pub(crate) async fn begin(api: &Api, registry: &Arc<Registry>) {
    let Some(account) = api.session().bare_jid() else {
        return;
    };
    match registry.account() {
        Some(before) if before == account => return,
        Some(_) => put_away(api, registry).await,
        None => {}
    }
    let kept = kept(api);
    let chats = kept.chats.clone();
    registry.keep(account, kept);
    if let Some(keeper) = chats
        && let Err(error) = restore(api, registry, keeper.store()).await
    {
        tracing::warn!(%error, "the chats of before could not be read");
    }
    for kind in [Kind::Chat, Kind::Headlines] {
        for chat in registry.all(kind) {
            Chat::new(api, registry, chat).fetch().await;
        }
    }
}

/// Returns when all that has changed is where a crash cannot reach it.
pub(crate) async fn flush(registry: &Registry) -> Result<(), StoreError> {
    let Some(kept) = registry.kept() else {
        return Ok(());
    };
    for keeper in [kept.messages, kept.chats].into_iter().flatten() {
        keeper.flush().await?;
    }
    Ok(())
}

/// Where the account's chats are kept: nothing need be written where it is gone with the process.
fn kept(api: &Api) -> Kept {
    let is_lasting = |store: &AccountStore| store.is_durable();
    let messages = api.account_message_store().filter(is_lasting);
    let messages = messages.map(Keeper::new);
    let chats = api.account_store().filter(is_lasting);
    let is_one = Arc::ptr_eq(api.store(), api.message_store());
    let chats = match &messages {
        // What belongs together goes with one write.
        Some(keeper) if is_one => Some(keeper.clone()),
        _ => chats.map(Keeper::new),
    };
    let runtime = Handle::current();
    Kept {
        messages,
        chats,
        runtime,
    }
}

async fn restore(
    api: &Api,
    registry: &Arc<Registry>,
    store: &AccountStore,
) -> Result<(), StoreError> {
    let mut scan = Scan::all();
    loop {
        let page = store.scan(CHATS, scan.clone()).await?;
        for entry in &page.entries {
            match serde_json::from_slice::<Row>(&entry.value) {
                Ok(row) => restore_one(api, registry, row),
                Err(_) => tracing::warn!(key = entry.key, "what is kept of a chat cannot be read"),
            }
        }
        match page.entries.last() {
            Some(last) if page.more => scan = scan.after(&last.key),
            _ => return Ok(()),
        }
    }
}

fn restore_one(api: &Api, registry: &Arc<Registry>, row: Row) {
    let (kind, jid, wanted) = (row.kind, row.jid.clone(), row.wanted);
    let what = (kind, &jid, wanted);
    let (chat, is_new) = Chat::find_or_restore(api, registry, what, Some(row));
    if is_new && !wanted {
        chat.note_unwanted();
    }
}

/// The chats of the account of before are not shown any more; where they are kept they stay open.
async fn put_away(api: &Api, registry: &Arc<Registry>) {
    if let Err(error) = flush(registry).await {
        tracing::warn!(%error, "what was said last with another account is not kept");
    }
    for kind in [Kind::Chat, Kind::Headlines] {
        for chat in registry.all(kind) {
            registry.put_away(&chat);
            let chatbox = Chat::new(api, registry, chat);
            api.publish(ChatBoxClosed::new(chatbox));
        }
    }
}
