//! What is known of somebody changes.

use std::sync::Arc;

use converse_core::contract::ProfileChanged;
use jid::BareJid;

use super::ProfileActor;
use crate::message::AvatarChanged;
use crate::model::{Announced, Known};
use crate::settings::USE_VCARDS;

impl ProfileActor {
    /// What is known of somebody, from the store if need be.
    pub(super) async fn recall(&mut self, jid: &BareJid) -> Known {
        if let Some(known) = self.shared.table.get(jid) {
            return known;
        }
        let kept = match &self.cache {
            Some(cache) => cache.load(jid).await,
            None => None,
        };
        let is_news = kept.is_some();
        let known = kept.unwrap_or_default();
        self.shared.table.put(jid, known.clone());
        if is_news {
            self.tell(jid, &known);
        }
        known
    }

    /// Changes what is known of somebody, and says so if that is news.
    pub(super) async fn learn(&mut self, jid: &BareJid, change: impl FnOnce(&mut Known)) -> Known {
        let before = self.recall(jid).await;
        let mut known = before.clone();
        change(&mut known);
        let hash = |known: &Known| known.avatar.as_ref().map(|it| it.hash.clone());
        let picture = hash(&known) != hash(&before);
        let avatar = known.announced.hash() != before.announced.hash();
        let card =
            known.card.as_ref().map(|(_, came)| came) != before.card.as_ref().map(|(_, came)| came);
        let nick = known.nick != before.nick;
        let announced = known.announced != before.announced;
        self.shared.table.put(jid, known.clone());
        if let Some(cache) = &self.cache
            && (picture || card || nick || announced)
        {
            cache.keep(jid, &known, picture).await;
        }
        if avatar {
            let hash = known.announced.hash().map(ToOwned::to_owned);
            self.api.publish(AvatarChanged::new(jid.clone(), hash));
        }
        let gone = known.announced.is_none() && !before.announced.is_none();
        if picture || card || nick || (gone && known.avatar.is_some()) {
            self.tell(jid, &known);
        }
        known
    }

    /// Somebody says what their avatar is; it is fetched in its turn if it has not been seen.
    pub(super) async fn announced(&mut self, jid: &BareJid, change: impl FnOnce(&mut Announced)) {
        let mut known = self.learn(jid, |it| change(&mut it.announced)).await;
        if !known.wants_avatar() {
            return;
        }
        if let (Some(hash), Some(cache)) = (known.announced.hash(), &self.cache)
            && let Some(avatar) = cache.picture(hash).await
        {
            known = self.learn(jid, |it| it.avatar = Some(avatar)).await;
        }
        let wanted = self.api.settings().read(&USE_VCARDS).unwrap_or_default();
        if wanted && known.wants_avatar() {
            self.queue.add(jid);
            self.fetch_next();
        }
    }

    fn tell(&self, jid: &BareJid, known: &Known) {
        let now = self.api.environment().clock.now();
        let profile = Arc::new(known.profile(now));
        self.api.publish(ProfileChanged::new(jid.clone(), profile));
    }
}
