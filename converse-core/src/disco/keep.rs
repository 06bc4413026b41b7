//! What hashes stand for, as it is kept between runs.

use std::sync::Arc;

use jid::BareJid;

use super::caps::Key;
use super::info::Info;
use crate::store::{AccountStore, Namespace, Store};

/// What somebody's client says is a few kilobytes; there are some hundred kinds of them.
const CAPS: Namespace = Namespace::new("disco.caps", 2_000).dropping_oldest();

/// The part of a store in which an account keeps what hashes stand for.
pub(super) struct Kept(AccountStore);

impl Kept {
    pub(super) fn new(store: Arc<dyn Store>, account: BareJid) -> Self {
        Self(AccountStore::new(store, account))
    }

    /// What a hash stands for, if it is kept. A store is not trusted more than anybody: the hash is checked again.
    pub(super) async fn get(&self, key: &Key) -> Option<Info> {
        match self.0.get_json::<Info>(CAPS, &key.to_string()).await {
            Ok(info) => info.filter(|info| key.stands_for(info)),
            Err(error) => {
                tracing::warn!(%error, "what a hash stands for cannot be read; it is asked for again");
                None
            }
        }
    }

    pub(super) async fn put(&self, key: &Key, info: &Info) {
        if let Err(error) = self.0.put_json(CAPS, &key.to_string(), info).await {
            tracing::warn!(%error, "what a hash stands for cannot be kept");
        }
    }
}
