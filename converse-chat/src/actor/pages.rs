//! Pages of the account's archive, message by message.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use converse_core::Error;
use converse_core::store::Place;
use converse_messages::sync::Placed;
use jid::BareJid;

use super::{ChatActor, Filed, Reach, filed, kind_of};
use crate::carbons::Side;
use crate::model::Kind;

/// How pages of an archive are put into chats.
#[derive(Debug, Default)]
pub(crate) struct Run {
    /// Where the newest message of each chat stands that came on these pages.
    pub(crate) chain: HashMap<(Kind, BareJid), Place>,
    /// What comes before what comes, if it fills a gap.
    pub(crate) after: Option<Place>,
    /// What follows what comes, if it is older than what is here.
    pub(crate) before: Option<Place>,
    /// Only what was said with this one.
    pub(crate) only: Option<BareJid>,
    /// What of a chat has to be here.
    pub(crate) reach: Reach,
    /// It was missed, and is not only read again.
    pub(crate) is_news: bool,
    /// When the archive got the newest of what was here without its id, because the account has sent it.
    pub(crate) sent: Option<DateTime<Utc>>,
}

impl ChatActor {
    /// Puts messages of the archive into their chats, each behind the one before it; how many are new.
    pub(crate) async fn take_page(&self, placed: Vec<Placed>, run: &mut Run) -> usize {
        let mut page = self.registry.archive.lock().overtaken.clone();
        page.extend(placed.iter().map(|one| one.id.clone()));
        let page = Arc::new(page);
        let mut added = 0;
        for one in placed {
            match self.take_filed(&one, &page, run).await {
                Ok(is_new) => added += usize::from(is_new),
                Err(error) => {
                    tracing::warn!(id = one.id, %error, "an archived message could not be read");
                }
            }
        }
        added
    }

    async fn take_filed(
        &self,
        one: &Placed,
        page: &Arc<HashSet<String>>,
        run: &mut Run,
    ) -> Result<bool, Error> {
        let Some(own) = self.api.session().account() else {
            return Ok(false);
        };
        let arrival = match filed::arrival(one, &own) {
            Ok(arrival) => arrival,
            Err(reason) => {
                tracing::debug!(id = one.id, reason, "an archived message is left out");
                return Ok(false);
            }
        };
        let (_, peer, _) = arrival.parties(&own);
        if run.only.as_ref().is_some_and(|only| *only != peer) {
            return Ok(false);
        }
        let kind = kind_of(converse_messages::MessageKind::of(
            arrival.stanza.type_().as_deref(),
        ));
        let key = (kind, peer);
        let place = || self.registry.archived_place_in(key.0, &key.1, &one.id);
        let may_be_sent = arrival.copied == Some(Side::Sent) && place().is_none();
        let filed = Filed {
            id: one.id.clone(),
            time: one.time,
            after: run.chain.get(&key).copied().or(run.after),
            before: run.before,
            page: Arc::clone(page),
            is_news: run.is_news,
            reach: run.reach,
        };
        let Some(arrival) = self.hand_over(arrival, Some(&filed)) else {
            return Ok(false);
        };
        let letter = self.letter(arrival, own, Some(filed));
        let Some(said) = self.read(&letter)? else {
            return Ok(false);
        };
        let is_new = self.take_said(&letter, said).await;
        if let Some(place) = place() {
            if may_be_sent && !is_new {
                run.sent = run.sent.max(Some(one.time));
            }
            run.chain.insert(key, place);
        }
        Ok(is_new)
    }
}
