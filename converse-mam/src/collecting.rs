//! Hears the results of one query, and only those.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use converse_core::Error;
use converse_core::api::Api;
use converse_core::router::{AddressCache, Route, RouteId, Sender, Stanza};
use jid::{BareJid, Jid};

use crate::error::ArchiveError;
use crate::model::{Collected, Page, Query, Rsm};
use crate::ns;
use crate::wire;

/// The route of one query; it ends with this.
pub(crate) struct Collecting {
    api: Api,
    route: RouteId,
    collected: Arc<Mutex<Option<Collected>>>,
}

impl Collecting {
    /// From now on results with this id are collected if the archive that is asked sends them (XEP-0313 §10.1): a room
    /// itself, or for the own archive the own account.
    pub(crate) fn start(api: &Api, query: &Query, queryid: &str) -> Result<Self, Error> {
        let room = query.archive();
        let sender = room.clone().map_or(Sender::OwnAccount, Sender::Room);
        let route = Route::message().with_child("result", ns::MAM).from(sender);
        let collected = Arc::new(Mutex::new(Some(Collected::new(query.clone()))));
        let into = Arc::clone(&collected);
        let queryid = queryid.to_owned();
        let mut addresses = AddressCache::default();
        let route = api.hear_sync(route, move |stanza| {
            if is_from_archive(stanza, room.as_ref())
                && let Some(collected) = lock(&into).as_mut()
            {
                take(collected, stanza, &queryid, room.as_ref(), &mut addresses);
            }
            Ok(())
        })?;
        Ok(Self {
            api: api.clone(),
            route,
            collected,
        })
    }

    /// Whether all has come that the archive says to have sent.
    pub(crate) fn is_whole(&self, rsm: &Rsm) -> bool {
        lock(&self.collected)
            .as_ref()
            .is_some_and(|collected| collected.is_whole(rsm))
    }

    /// What came, of which the archive says `rsm`.
    pub(crate) fn finish(self, rsm: Rsm) -> Result<Page, ArchiveError> {
        let collected = lock(&self.collected).take();
        // It is taken only here.
        collected
            .unwrap_or_else(|| Collected::new(rsm.query.clone()))
            .into_page(rsm)
    }
}

impl Drop for Collecting {
    fn drop(&mut self) {
        self.api.end_route(self.route);
    }
}

fn lock(collected: &Mutex<Option<Collected>>) -> MutexGuard<'_, Option<Collected>> {
    collected.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An occupant is not the room.
fn is_from_archive(stanza: &Stanza, room: Option<&BareJid>) -> bool {
    room.is_none() || stanza.from().and_then(Jid::resource).is_none()
}

fn take(
    collected: &mut Collected,
    stanza: &Stanza,
    queryid: &str,
    room: Option<&BareJid>,
    addresses: &mut AddressCache,
) {
    let Some(result) = wire::result(stanza, queryid) else {
        return;
    };
    let Some(archive_id) = result.attr("id") else {
        tracing::warn!("an archive gave a message without an id; it is left out");
        return;
    };
    collected.see(&archive_id);
    match wire::archived(result, &archive_id, room, addresses) {
        Ok(message) => {
            // The message keeps the stanza around it.
            let bytes = stanza.element().source_len();
            collected.push(message, bytes);
        }
        Err(why) => tracing::warn!(%archive_id, why, "an archived message is left out"),
    }
}
