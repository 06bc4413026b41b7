//! Which rooms are open, in the store.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use converse_core::settings::Secret;
use converse_core::store::{AccountStore, Change, Namespace, Scan, SecretBytes, StoreError};
use jid::BareJid;
use tokio::sync::Mutex;

use crate::model::{Kept, MAX_ROOMS, Opened, Registry};

/// The open rooms of an account, by address.
const ROOMS: Namespace = Namespace::new("muc.rooms", MAX_ROOMS);
/// Keeps which rooms of an account are open, and what they are like.
pub(super) struct List {
    store: AccountStore,
    registry: Arc<Registry>,
    /// What is in the store, so that only what is different is written.
    written: Mutex<HashMap<BareJid, Written>>,
}

/// A room as it is in the store.
#[derive(Default, PartialEq)]
struct Written {
    value: Vec<u8>,
    password: Option<Secret>,
}

impl List {
    pub(super) fn new(store: AccountStore, registry: Arc<Registry>) -> Self {
        Self {
            store,
            registry,
            written: Mutex::default(),
        }
    }

    /// The rooms that were open in the last run. One that cannot be read is left as it is.
    pub(super) async fn load(&self) -> Result<Vec<Opened>, StoreError> {
        let mut written = self.written.lock().await;
        let mut rooms = Vec::new();
        let mut scan = Scan::all();
        loop {
            let page = self.store.scan(ROOMS, scan.clone()).await?;
            for entry in &page.entries {
                let (Ok(jid), Ok(kept)) = (
                    BareJid::new(&entry.key),
                    serde_json::from_slice::<Kept>(&entry.value),
                ) else {
                    tracing::warn!(room = %entry.key, "what is kept of a room cannot be read");
                    continue;
                };
                let password = self.password(&jid).await?;
                let room = Opened::new(jid.clone());
                room.private.restore(&room.jid, kept.private.clone());
                room.any().restore(kept, password.clone());
                rooms.push(room);
                let value = entry.value.clone();
                written.insert(jid, Written { value, password });
            }
            match page.entries.last() {
                Some(last) if page.more => scan = scan.after(&last.key),
                _ => return Ok(rooms),
            }
        }
    }

    /// Writes what is different in any room.
    pub(super) async fn write(&self) -> Result<(), StoreError> {
        let mut written = self.written.lock().await;
        let mut news = Vec::new();
        for jid in written.keys() {
            if !self.registry.contains(jid) {
                news.push((jid.clone(), None));
            }
        }
        for room in self.registry.all() {
            let now = as_written(&room);
            if now.as_ref() != written.get(&room.jid) {
                news.push((room.jid.clone(), now));
            }
        }
        self.write_all(&mut written, news).await
    }

    /// Writes what is different in one room, which is open or not any more.
    pub(super) async fn write_one(&self, jid: &BareJid) -> Result<(), StoreError> {
        let mut written = self.written.lock().await;
        let now = self.registry.get(jid).and_then(|room| as_written(&room));
        if now.as_ref() != written.get(jid) {
            let news = vec![(jid.clone(), now)];
            self.write_all(&mut written, news).await?;
        }
        Ok(())
    }

    /// Writes what rooms are now, or that they are not open any more. What cannot be written is tried again with the next change.
    async fn write_all(
        &self,
        written: &mut HashMap<BareJid, Written>,
        mut news: Vec<(BareJid, Option<Written>)>,
    ) -> Result<(), StoreError> {
        if news.is_empty() {
            return Ok(());
        }
        // The store may be full: what goes makes room for what comes.
        news.sort_by_key(|(_, now)| now.is_some());
        let mut changes = Vec::new();
        for (jid, now) in &news {
            let before = written.get(jid);
            let before = before.and_then(|before| before.password.as_ref());
            let password = now.as_ref().and_then(|now| now.password.as_ref());
            // It goes first, so that nobody finds a room without its password.
            if before != password {
                self.put_password(jid, password).await?;
            }
            changes.push(match now {
                Some(now) => Change::put(ROOMS, jid.as_str(), now.value.clone()),
                None => Change::delete(ROOMS, jid.as_str()),
            });
        }
        self.store.write(changes).await?;
        for (jid, now) in news {
            match now {
                Some(now) => drop(written.insert(jid, now)),
                None => drop(written.remove(&jid)),
            }
        }
        Ok(())
    }

    async fn password(&self, jid: &BareJid) -> Result<Option<Secret>, StoreError> {
        let secret = self.store.secret(&secret_name(jid)).await?;
        let text = secret.and_then(|secret| String::from_utf8(secret.expose().to_vec()).ok());
        Ok(text.map(Secret::from))
    }

    async fn put_password(
        &self,
        jid: &BareJid,
        password: Option<&Secret>,
    ) -> Result<(), StoreError> {
        let secret = password.map(|password| SecretBytes::new(password.expose().as_bytes()));
        self.store.put_secret(&secret_name(jid), secret).await
    }
}

fn as_written(room: &Opened) -> Option<Written> {
    // Their locks are taken before that of the room.
    let private = room.private.kept();
    let state = room.any();
    if !state.is_open() {
        return None;
    }
    let password = state.joining.password.clone();
    match serde_json::to_vec(&state.kept(private)) {
        Ok(value) => Some(Written { value, password }),
        Err(error) => {
            tracing::warn!(room = %room.jid, %error, "a room cannot be kept");
            None
        }
    }
}

/// Under which name the password of a room is kept.
fn secret_name(jid: &BareJid) -> String {
    format!("muc.password/{jid}")
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").finish_non_exhaustive()
    }
}
