//! Asking somebody, once at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::flights::again;
use super::{Disco, MAX_AGE, Place};
use crate::disco::info::{Info, query_of};
use crate::disco::items::{self, Item};
use crate::error::Error;
use crate::ns;
use crate::router::{IntoStanza as _, Stanza};
use crate::settings::keys;
use crate::xml::{Element, ElementRef};

/// The largest answer that is remembered, in bytes; honest ones have some thousand.
const MAX_BYTES: usize = 64 * 1024;

impl Disco {
    /// The answer that is remembered.
    pub(super) fn remembered(&self, place: &Place) -> Option<Arc<Info>> {
        let mut state = self.state();
        let (info, since) = state.infos.get(place)?;
        (since.elapsed() < MAX_AGE).then(|| Arc::clone(info))
    }

    pub(super) async fn info_at(&self, place: Place) -> Result<Arc<Info>, Error> {
        if let Some(info) = self.remembered(&place) {
            return Ok(info);
        }
        let session = self.state().session;
        self.ask_info(place, session).await
    }

    async fn ask_info(&self, place: Place, session: u64) -> Result<Arc<Info>, Error> {
        let (flight, _) = self.state().asking_info.join(place.clone(), || {
            let disco = self.clone();
            Box::pin(async move {
                let outcome = disco.fetch_info(&place, session).await;
                disco.state().asking_info.land(&place);
                outcome.map_err(Arc::new)
            })
        });
        flight.await.map_err(|error| again(&error))
    }

    pub(super) async fn fetch_info(&self, place: &Place, session: u64) -> Result<Arc<Info>, Error> {
        let answer = self.ask(place, ns::DISCO_INFO).await?;
        let info = Arc::new(Info::from_answer(&answer)?);
        self.remember(place, session, query_of(&answer)?, &info);
        Ok(info)
    }

    /// Remembers what somebody said in a session, if it is the present one and not too much.
    pub(super) fn remember(
        &self,
        place: &Place,
        session: u64,
        query: ElementRef<'_>,
        info: &Arc<Info>,
    ) {
        let mut state = self.state();
        if session == state.session && query.source_len() <= MAX_BYTES {
            let value = (Arc::clone(info), Instant::now());
            state.asked_resource |= place.0.resource().is_some();
            state.infos.insert(place.clone(), value);
        }
    }

    pub(super) async fn items_at(&self, place: Place) -> Result<Arc<[Item]>, Error> {
        let (flight, _) = {
            let mut state = self.state();
            if let Some((items, since)) = state.items.get(&place)
                && since.elapsed() < MAX_AGE
            {
                return Ok(Arc::clone(items));
            }
            let session = state.session;
            state.asking_items.join(place.clone(), || {
                let disco = self.clone();
                Box::pin(async move {
                    let outcome = disco.fetch_items(&place, session).await;
                    disco.state().asking_items.land(&place);
                    outcome.map_err(Arc::new)
                })
            })
        };
        flight.await.map_err(|error| again(&error))
    }

    async fn fetch_items(&self, place: &Place, session: u64) -> Result<Arc<[Item]>, Error> {
        let answer = self.ask(place, ns::DISCO_ITEMS).await?;
        let items: Arc<[Item]> = items::read(&answer)?.into();
        let mut state = self.state();
        if session == state.session && answer.element().source_len() <= MAX_BYTES {
            let value = (Arc::clone(&items), Instant::now());
            state.items.insert(place.clone(), value);
        }
        Ok(items)
    }

    /// Asks, without looking at what is known.
    pub(super) async fn ask(&self, (jid, node): &Place, ns: &'static str) -> Result<Stanza, Error> {
        let outside = &self.shared.outside;
        let query = Element::builder("query", ns).attr_opt("node", node.as_ref());
        let request = Element::builder("iq", ns::CLIENT)
            .attr("type", "get")
            .attr("to", jid.as_str())
            .child(query)
            .into_stanza(&*outside.env.random)?;
        let deadline = Duration::from_secs(outside.settings.read(&keys::IQ_TIMEOUT)?);
        outside.session.request(request, deadline).await
    }
}
