//! What is about messages that only the store has.

use converse_core::store::{LogScan, Record, StoreError};

use super::reading::look;
use super::{Keeper, Source};
use crate::model::{
    Added, Change, Delivery, Fold, Folded, History, Message, MessageError, Spot, Whose,
};

/// How many messages before one that was displayed are looked at.
const DISPLAYED: usize = 50;

impl Keeper {
    /// What comes of a message that only the store has, as [`History::add_of`] and, with a spot,
    /// [`History::add_archived`] say it; `None` for one that it has not, which is to be added as usual.
    ///
    /// The store is asked for what comes late or from an archive, and as long as few messages are here also for what comes
    /// live: after a restart a server sends again what was not acknowledged.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn add<S: Source + ?Sized>(
        &self,
        source: &S,
        message: &Message,
        whose: &Whose,
        spot: Option<Spot>,
    ) -> Result<Option<Added>, StoreError> {
        let names = look(source, |history| {
            let is_asked = history.asks_store(message, whose, spot.is_some());
            is_asked.then(|| history.names_of(message, whose))
        });
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            return Ok(None);
        };
        if let Some(spot) = spot {
            return self
                .take_stored(source, &names, (message, whose, spot))
                .await;
        }
        self.change(source, &names, |beside, _| {
            match beside.take(message.clone(), whose.clone(), None) {
                Added::New(_) => None,
                added => Some(added),
            }
        })
        .await
    }

    /// Has a message here that only the store has, where the archive has it among the others.
    async fn take_stored<S: Source + ?Sized>(
        &self,
        source: &S,
        names: &[String],
        (message, whose, spot): (&Message, &Whose, Spot),
    ) -> Result<Option<Added>, StoreError> {
        let _reading = self.inner.reading.lock().await;
        let Some(log) = look(source, |history| history.log().map(str::to_owned)) else {
            return Ok(None);
        };
        // What has just left is not there yet.
        self.flush().await?;
        let mut record = self.find(&log, names).await?;
        let (added, changes) = look(source, |history| {
            let added = record.take().and_then(|record| {
                history.take_stored(record, message.clone(), whose.clone(), spot)
            });
            let changes = added.as_ref().map(|_| history.take_changes());
            (added, changes)
        });
        if let Some(changes) = changes {
            self.queue().push_changes(changes);
            self.flush().await?;
        }
        Ok(added)
    }

    /// What comes of a change that is about a message that only the store has, as [`History::fold`] says it; `None` for one
    /// that it has not.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn fold<S: Source + ?Sized>(
        &self,
        source: &S,
        change: &Change,
    ) -> Result<Option<Folded>, StoreError> {
        let names = look(source, |history| {
            let is_asked = history.has_older() && history.target_of(change).is_none();
            is_asked.then(|| history.names_of_target(change))
        });
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            return Ok(None);
        };
        let is_displayed = matches!(change.fold, Fold::Displayed { .. });
        self.change(source, &names, |beside, others| {
            if is_displayed {
                beside.restore(others, false);
            }
            match beside.fold(change.clone()) {
                Folded::Added(_) | Folded::Early => None,
                folded => Some(folded),
            }
        })
        .await
    }

    /// What has become of a message that was sent from here, if only the store has it, as [`History::set_delivery`] says it; `None`
    /// if nothing has, or the store has it not.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn set_delivery<S: Source + ?Sized>(
        &self,
        source: &S,
        id: &str,
        delivery: Delivery,
        error: Option<&MessageError>,
    ) -> Result<Option<Message>, StoreError> {
        let is_unread = look(source, |history| history.is_empty() && !history.has_older());
        if is_unread {
            self.load(source, 0).await?;
        }
        let is_asked = look(source, |history| {
            history.has_older() && history.sent(id).is_none()
        });
        if !is_asked {
            return Ok(None);
        }
        let names = [History::sent_name(id)];
        let stored = self.change(source, &names, |beside, _| {
            beside.set_delivery(id, delivery, error.cloned())
        });
        let stored = stored.await?;
        // Somebody may have brought it here meanwhile.
        let here = look(source, |history| {
            history.set_delivery(id, delivery, error.cloned())
        });
        Ok(here.or(stored))
    }

    /// Changes a message that only the store has, and has what is different written. `act` gets a history with that message,
    /// and what the store has before it; it gives `None` if it is another message after all.
    async fn change<S, T>(
        &self,
        source: &S,
        names: &[String],
        mut act: impl FnMut(&mut History, Vec<Record>) -> Option<T>,
    ) -> Result<Option<T>, StoreError>
    where
        S: Source + ?Sized,
    {
        let _reading = self.inner.reading.lock().await;
        let beside = look(source, |history| Some(history.beside()));
        let Some((mut beside, log)) = beside.and_then(|beside| {
            let log = beside.log()?.to_owned();
            Some((beside, log))
        }) else {
            return Ok(None);
        };
        // What has just left is not there yet.
        self.flush().await?;
        let Some(record) = self.find(&log, names).await? else {
            return Ok(None);
        };
        let place = record.place;
        let scan = LogScan::newest(log).beyond(place).limit(DISPLAYED);
        let others = self.store().records(scan).await?.records;
        beside.restore(vec![record], false);
        // Only `load_older` could have brought it here meanwhile, which waits.
        let Some(result) = act(&mut beside, others) else {
            return Ok(None);
        };
        self.queue().push_changes(beside.take_changes());
        self.flush().await?;
        Ok(Some(result))
    }
}
