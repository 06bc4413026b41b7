//! The chats of before: which were open, and what is kept of them.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::store::{AccountStore, Scan, Store, StoreError};
use converse_messages::keeper::Keeper;
use converse_messages::sync::{ARCHIVES, ArchiveState};
use jid::BareJid;

use crate::api::Chat;
use crate::message::ChatBoxClosed;
use crate::model::{CHATS, Kept, Kind, Registry, Row};

/// The user is somebody now: what is kept of his chats is there again. If he is the one of before, nothing happens. To be
/// called before anything of the session is looked at, and before anything is sent.
pub(crate) async fn begin(api: &Api, registry: &Arc<Registry>) {
    let Some(account) = api.session().account() else {
        return;
    };
    if registry.is_begun(&account) {
        return;
    }
    // Whoever comes meanwhile waits until everything is there.
    let _beginning = registry.beginning.lock().await;
    match registry.account() {
        Some(before) if before == account => return,
        Some(_) => put_away(api, registry).await,
        None => {}
    }
    let kept = kept(api, &account);
    let mut rows = Vec::new();
    if let Some(keeper) = &kept.chats
        && let Err(error) = read(keeper.store(), &mut rows).await
    {
        tracing::warn!(%error, "the chats of before could not be read");
    }
    let archive = restore_archive(&kept).await;
    registry.archive.lock().restore(archive);
    registry.keep(account.clone(), kept);
    for row in rows {
        restore(api, registry, row);
    }
    for kind in [Kind::Chat, Kind::Headlines] {
        for chat in registry.all(kind) {
            Chat::new(api, registry, chat).fetch().await;
        }
    }
    registry.set_begun(account);
}

/// What was kept for an account was removed: nothing of it is shown any more, and nothing is written again.
pub(crate) async fn clear(api: &Api, registry: &Arc<Registry>, account: &BareJid) {
    let _beginning = registry.beginning.lock().await;
    if registry.account().as_ref() != Some(account) {
        return;
    }
    if let Some(kept) = registry.kept() {
        for keeper in [kept.messages, kept.chats].into_iter().flatten() {
            keeper.abandon().await;
        }
    }
    close_all(api, registry);
    registry.forget();
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
fn kept(api: &Api, account: &BareJid) -> Kept {
    let keeper = |store: &Arc<dyn Store>| {
        let store = AccountStore::new(Arc::clone(store), account.clone());
        store.is_durable().then(|| Keeper::of(api, store))
    };
    let messages = keeper(api.message_store());
    let chats = if Arc::ptr_eq(api.store(), api.message_store()) {
        // What belongs together goes with one write.
        messages.clone()
    } else {
        keeper(api.store())
    };
    let bus = api.bus().clone();
    Kept {
        messages,
        chats,
        bus,
    }
}

/// How much of the account's archive is among what is kept.
async fn restore_archive(kept: &Kept) -> ArchiveState {
    let Some(keeper) = &kept.messages else {
        return ArchiveState::default();
    };
    read_archive(keeper, &ArchiveState::key(None)).await
}

/// How much is known of an archive, or a part of one.
pub(crate) async fn read_archive(keeper: &Keeper, key: &str) -> ArchiveState {
    let error = match keeper.store().get(ARCHIVES, key).await {
        Ok(None) => return ArchiveState::default(),
        Ok(Some(value)) => match ArchiveState::from_value(&value) {
            Ok(state) => return state,
            Err(error) => Error::from(error),
        },
        Err(error) => Error::from(error),
    };
    tracing::warn!(key, %error, "how much of an archive is kept is not known; it is asked again");
    ArchiveState::default()
}

/// Has written soon how much is known of an archive, together with the messages that this is about or after them.
pub(crate) fn keep_archive(registry: &Registry, key: &str, state: &ArchiveState) {
    let Some(kept) = registry.kept() else {
        return;
    };
    let Some(keeper) = &kept.messages else {
        return;
    };
    match state.to_change(key) {
        Ok(change) => kept.spawn(keeper.note(vec![change])),
        Err(error) => tracing::warn!(key, %error, "how much of an archive is known is not kept"),
    }
}

/// Reads which chats were open.
async fn read(store: &AccountStore, rows: &mut Vec<Row>) -> Result<(), StoreError> {
    let mut scan = Scan::all();
    loop {
        let page = store.scan(CHATS, scan.clone()).await?;
        for entry in &page.entries {
            match serde_json::from_slice::<Row>(&entry.value) {
                Ok(row) => rows.push(row),
                Err(_) => tracing::warn!(key = entry.key, "what is kept of a chat cannot be read"),
            }
        }
        match page.entries.last() {
            Some(last) if page.more => scan = scan.after(&last.key),
            _ => return Ok(()),
        }
    }
}

fn restore(api: &Api, registry: &Arc<Registry>, row: Row) {
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
    close_all(api, registry);
}

fn close_all(api: &Api, registry: &Arc<Registry>) {
    for kind in [Kind::Chat, Kind::Headlines] {
        for chat in registry.all(kind) {
            registry.put_away(&chat);
            let chatbox = Chat::new(api, registry, chat);
            api.publish(ChatBoxClosed::new(chatbox));
        }
    }
}
