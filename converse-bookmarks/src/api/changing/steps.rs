//! The steps of a change, at each place.

use std::collections::BTreeMap;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::pubsub::Items;
use converse_core::xml::Element;
use jid::BareJid;
use tokio::sync::MutexGuard;

use crate::error::BookmarkError;
use crate::message::Changed;
use crate::model::{Bookmark, Kept, Offer, Place, Table, Ticket, Written, merge};
use crate::ns;
use crate::wire::{self, CURRENT, List};

/// A bookmark that is being changed.
pub(super) struct Changing<'a> {
    api: Api,
    table: &'a Table,
    call: &'static str,
    jid: BareJid,
    /// The id of its item.
    item: String,
    /// What there is of it.
    pub(super) stored: Option<Bookmark>,
    /// The element in its item.
    native: Option<Element>,
    /// The lists that are used.
    lists: Vec<(Place, Option<List>)>,
    writes_items: bool,
    _lock: MutexGuard<'a, ()>,
}

/// Forgets a change that nobody waits for any more.
struct OnItsWay<'a>(&'a Table, Ticket);

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        self.0.abandon(self.1);
    }
}

impl Changing<'_> {
    /// Reads it in every place. While the lock is held nothing else is changed from here.
    pub(super) async fn read<'a>(
        api: Api,
        (table, lock): (&'a Table, MutexGuard<'a, ()>),
        jid: BareJid,
        offer: Offer,
        call: &'static str,
    ) -> Result<Changing<'a>, Error> {
        let mut change = Changing {
            api,
            table,
            call,
            item: table.item_of(&jid),
            jid,
            stored: None,
            native: None,
            lists: Vec::new(),
            writes_items: offer.has(Place::Native),
            _lock: lock,
        };
        change.fill(offer).await?;
        Ok(change)
    }

    async fn fill(&mut self, offer: Offer) -> Result<(), Error> {
        let mut stored = [const { None }; 3];
        if self.writes_items {
            let which = Items::ids([self.item.as_str()]);
            let items = self.items(ns::NATIVE, which).await?;
            let item = items.into_iter().find(|(id, _)| *id == self.item);
            if let Some((id, payload)) = item {
                let kept = wire::native(&id, payload.view());
                let kept = kept.ok_or_else(|| self.unreadable(Place::Native))?;
                stored[Place::Native.index()] = Some(kept.bookmark);
                self.native = Some(payload);
            }
        }
        for place in offer.places().filter(|place| *place != Place::Native) {
            let list = self.list(place).await?;
            let bookmark = list.as_ref().and_then(|list| list.get(&self.jid));
            stored[place.index()] = bookmark;
            self.lists.push((place, list));
        }
        self.stored = merge(stored.each_ref().map(Option::as_ref));
        Ok(())
    }

    async fn list(&self, place: Place) -> Result<Option<List>, Error> {
        if place == Place::Private {
            let answer = self.api.iq(wire::request(place)).await?;
            let list = List::of_private(answer.root());
            return list.map(Some).ok_or_else(|| self.unreadable(place));
        }
        let items = self.items(ns::LIST, Items::all()).await?;
        let items = items
            .iter()
            .map(|(id, payload)| (id.clone(), payload.view()));
        List::of_items(items).ok_or_else(|| self.unreadable(place))
    }

    async fn items(&self, node: &str, which: Items) -> Result<Vec<(String, Element)>, Error> {
        let Some(own) = self.api.session().bare_jid() else {
            return Err(BookmarkError::Offline { call: self.call }.into());
        };
        let items = self.api.pubsub().items(&own, node, which).await?;
        let items = items.into_iter();
        Ok(items
            .filter_map(|item| Some((item.id, item.payload?)))
            .collect())
    }

    /// Writes the bookmark to every place that says something else, and tells everybody here. After an error the places that are left are
    /// not touched: what older clients look at does not say what could not be kept.
    pub(super) async fn write(mut self, wanted: Option<&Bookmark>) -> Result<(), Error> {
        let ticket = OnItsWay(self.table, self.table.begin(&self.jid, wanted));
        let mut written = Vec::new();
        let done = self.write_all(wanted, &mut written).await;
        let ticket = ticket.1;
        let told = self.api.bus().call(Changed { ticket, written }).await;
        done.and(told.map_err(Error::from))
    }

    async fn write_all(
        &mut self,
        wanted: Option<&Bookmark>,
        written: &mut Vec<Written>,
    ) -> Result<(), Error> {
        if self.writes_items {
            self.write_item(wanted).await?;
            let (place, all) = (Place::Native, None);
            written.push(Written { place, all });
        }
        for (place, list) in std::mem::take(&mut self.lists) {
            let all = self.write_list(place, list, wanted).await?;
            written.push(Written { place, all });
        }
        Ok(())
    }

    async fn write_item(&self, wanted: Option<&Bookmark>) -> Result<(), Error> {
        let stored = self.native.as_ref().map(Element::view);
        let Some(wanted) = wanted else {
            if stored.is_none() {
                return Ok(());
            }
            return self.api.pubsub().retract(ns::NATIVE, &self.item).await;
        };
        let conference = wire::conference(ns::NATIVE, wanted, stored).build()?;
        if self.native.as_ref() == Some(&conference) {
            return Ok(());
        }
        let options = wire::native_options();
        let pubsub = self.api.pubsub();
        pubsub
            .publish(ns::NATIVE, Some(&self.item), conference, &options)
            .await
            .map(drop)
    }

    /// Gives all that is in the list now, if only the answer says it.
    async fn write_list(
        &self,
        place: Place,
        list: Option<List>,
        wanted: Option<&Bookmark>,
    ) -> Result<Option<BTreeMap<BareJid, Kept>>, Error> {
        let stored = list.as_ref().and_then(|list| list.get(&self.jid));
        let same = match (&stored, wanted) {
            (Some(stored), Some(wanted)) => stored.agrees_with(wanted),
            (None, None) => true,
            _ => false,
        };
        let is_private = place == Place::Private;
        // Who removes a bookmark from the list on the node knows of no other one: there are to be no more copies than needed.
        let is_spare = is_private && self.writes_items && stored.is_none();
        if same || is_spare {
            let list = list.filter(|_| is_private);
            return Ok(list.map(|list| list.bookmarks()));
        }
        let storage = wire::storage(list.as_ref(), &self.jid, wanted).build()?;
        if is_private {
            let written = List::of_item(CURRENT, storage.view());
            let request = wire::store_privately(storage.view().into());
            self.api.iq(request).await?;
            return Ok(written.map(|list| list.bookmarks()));
        }
        let id = list.as_ref().map_or(CURRENT, |list| list.id.as_str());
        let options = wire::list_options();
        let pubsub = self.api.pubsub();
        pubsub
            .publish(ns::LIST, Some(id), storage, &options)
            .await?;
        Ok(None)
    }

    fn unreadable(&self, place: Place) -> Error {
        BookmarkError::Unreadable {
            call: self.call,
            place: place.as_str(),
        }
        .into()
    }
}
