//! What is known of people, between runs.

use converse_core::store::{AccountStore, Change, Namespace, StoreError};
use jid::BareJid;

use crate::model::{Avatar, Kept, Known};

/// Of how many people something is kept.
const PEOPLE: Namespace = Namespace::new("vcard.people", 10_000).dropping_oldest();
/// How many pictures are kept, by their hash: a picture that comes back need not be fetched.
const PICTURES: Namespace = Namespace::new("vcard.pictures", 1_000).dropping_oldest();

/// The part of the store that belongs to an account.
#[derive(Debug, Clone)]
pub(crate) struct ProfileCache {
    store: AccountStore,
}

impl ProfileCache {
    pub(crate) fn new(store: AccountStore) -> Self {
        Self { store }
    }

    /// What is kept of somebody; what cannot be read is not.
    pub(crate) async fn load(&self, jid: &BareJid) -> Option<Known> {
        let kept: Option<Kept> = match self.store.get_json(PEOPLE, jid.as_str()).await {
            Ok(kept) => kept,
            Err(error) => {
                tracing::warn!(%jid, %error, "what was kept of somebody cannot be read");
                return None;
            }
        };
        let kept = kept?;
        let avatar = match &kept.avatar {
            Some(hash) => self.picture(hash).await,
            None => None,
        };
        Some(Known::from_kept(kept, avatar))
    }

    /// The picture of that hash.
    pub(crate) async fn picture(&self, hash: &str) -> Option<Avatar> {
        let bytes = self.store.get(PICTURES, hash).await.ok()??;
        Avatar::new(bytes).ok()?.expect_hash(hash).ok()
    }

    /// Keeps a picture that is nobody's whom something else is kept of.
    pub(crate) async fn keep_picture(&self, avatar: &Avatar) {
        if let Err(error) = self.store.write(vec![put(avatar)]).await {
            tracing::debug!(%error, "a picture cannot be kept");
        }
    }

    /// Keeps what is known of somebody; `picture` is whether the picture is new.
    pub(crate) async fn keep(&self, jid: &BareJid, known: &Known, picture: bool) {
        if let Err(error) = self.write(jid, known, picture).await {
            // It is fetched again the next time.
            tracing::debug!(%jid, %error, "what is known of somebody cannot be kept");
        }
    }

    async fn write(&self, jid: &BareJid, known: &Known, picture: bool) -> Result<(), StoreError> {
        if let Some(avatar) = known.avatar.as_ref().filter(|_| picture) {
            self.store.write(vec![put(avatar)]).await?;
        }
        self.store
            .put_json(PEOPLE, jid.as_str(), &known.to_kept())
            .await
    }
}

fn put(avatar: &Avatar) -> Change {
    Change::put(PICTURES, avatar.hash.as_str(), avatar.bytes.to_vec())
}
