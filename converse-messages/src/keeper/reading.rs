//! Reading from the store.

use converse_core::Error;
use converse_core::store::{LogPage, LogScan, Place, Record, StoreError};

use super::{Keeper, Source};
use crate::model::{History, MessageError, MessageId};
use crate::outbox::OutboxError;

/// How many messages are taken in at most, and at once, so that what an archive tells finds its place among them.
const MAX_REACH: usize = 2_000;
const REACH_PAGE: usize = 100;

/// What came from the store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// How many messages are here now that were not.
    pub added: usize,
    /// The store has older ones still.
    pub has_older: bool,
    /// There is no room for more of them here.
    pub is_full: bool,
}

impl Keeper {
    /// Takes in the newest messages that the store has, at most `limit`: for a conversation that was opened now.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn load<S: Source + ?Sized>(
        &self,
        source: &S,
        limit: usize,
    ) -> Result<Loaded, StoreError> {
        let _reading = self.inner.reading.lock().await;
        let Some(log) = look(source, |history| history.log().map(str::to_owned)) else {
            return Ok(Loaded::default());
        };
        // It may have been closed a moment ago.
        self.flush().await?;
        let scan = LogScan::newest(log).limit(limit);
        let page = self.store().records(scan).await?;
        Ok(look(source, |history| self.take(history, page)))
    }

    /// Takes in messages that are older than those that are here, at most `limit`.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn load_older<S: Source + ?Sized>(
        &self,
        source: &S,
        limit: usize,
    ) -> Result<Loaded, StoreError> {
        let _reading = self.inner.reading.lock().await;
        loop {
            let edge = |history: &mut History| {
                let log = history.log()?.to_owned();
                Some((log, history.floor()?))
            };
            let Some((log, floor)) = look(source, edge) else {
                return Ok(Loaded::default());
            };
            // What has just left is not there yet.
            self.flush().await?;
            let scan = LogScan::newest(log).beyond(floor).limit(limit);
            let page = self.store().records(scan).await?;
            let mut page = Some(page);
            let taken = look(source, |history| {
                let page = page.take().filter(|_| history.floor() == Some(floor))?;
                Some(self.take_older(history, page))
            });
            if let Some(loaded) = taken {
                return Ok(loaded);
            }
        }
    }

    /// Takes in older messages until everything since `place` is here, and the newest message before it that an archive has;
    /// without a place, all of them. What an archive tells of the time since then can be put in its order among what is here.
    ///
    /// It gives up where that takes very many messages.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn reach<S: Source + ?Sized>(
        &self,
        source: &S,
        place: Option<Place>,
    ) -> Result<(), StoreError> {
        self.load_until(source, |history| history.reaches(place))
            .await
    }

    /// Takes in older messages until those are here that were sent with these ids, if the store has them.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn reach_sent<S: Source + ?Sized>(
        &self,
        source: &S,
        ids: &[MessageId],
    ) -> Result<(), StoreError> {
        let Some(log) = look(source, |history| history.log().map(str::to_owned)) else {
            return Ok(());
        };
        let is_missing =
            |id: &&MessageId| look(source, |history| history.sent(id.as_str()).is_none());
        let mut places = Vec::new();
        for id in ids.iter().filter(is_missing) {
            let name = History::sent_name(id.as_str());
            let record = self.store().record(&log, &name).await?;
            places.extend(record.map(|record| record.place));
        }
        let Some(oldest) = places.into_iter().min() else {
            return Ok(());
        };
        let is_here = |history: &mut History| history.floor().is_none_or(|floor| floor <= oldest);
        self.load_until(source, is_here).await
    }

    fn take(&self, history: &mut History, page: LogPage) -> Loaded {
        let before = history.len();
        let taken = history.restore_records(page.records, page.more);
        if let Some(outbox) = &self.inner.outbox {
            let error = MessageError::from(&Error::from(OutboxError::Forgotten));
            history.give_up_waiting(&taken, |id| !outbox.has(id), &error);
        }
        Loaded {
            added: history.len().saturating_sub(before),
            has_older: history.has_older(),
            is_full: false,
        }
    }

    fn take_older(&self, history: &mut History, mut page: LogPage) -> Loaded {
        let room = history.widen(page.records.len());
        let is_full = room < page.records.len();
        if is_full {
            page.records.truncate(room);
            page.more = true;
        }
        Loaded {
            is_full,
            ..self.take(history, page)
        }
    }

    /// Takes in older messages until it is enough, or very many.
    async fn load_until<S: Source + ?Sized>(
        &self,
        source: &S,
        is_enough: impl Fn(&mut History) -> bool,
    ) -> Result<(), StoreError> {
        let mut left = MAX_REACH;
        while left > 0 && !look(source, &is_enough) {
            let loaded = self.load_older(source, REACH_PAGE).await?;
            if loaded.added == 0 {
                break;
            }
            left = left.saturating_sub(loaded.added);
        }
        Ok(())
    }

    /// The message of a log that has one of these names, the first first.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn find(&self, log: &str, names: &[String]) -> Result<Option<Record>, StoreError> {
        for name in names {
            if let Some(record) = self.store().record(log, name).await? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Where the message stands that the archive knows by this id, here or in the store.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn archived_place<S: Source + ?Sized>(
        &self,
        source: &S,
        stanza_id: &str,
    ) -> Result<Option<Place>, StoreError> {
        let here = look(source, |history| {
            let place = history.archived_place(stanza_id);
            let log = history.log().filter(|_| history.has_older());
            (place, log.map(str::to_owned))
        });
        let (None, Some(log)) = here else {
            return Ok(here.0);
        };
        self.flush().await?;
        let names = [History::archived_name(stanza_id)];
        let record = self.find(&log, &names).await?;
        Ok(record.map(|record| record.place))
    }
}

/// Looks at a history while nobody else can.
pub(super) fn look<S, T>(source: &S, act: impl FnOnce(&mut History) -> T) -> T
where
    S: Source + ?Sized,
    T: Default,
{
    let (mut act, mut result) = (Some(act), T::default());
    source.with_history(&mut |history| {
        if let Some(act) = act.take() {
            result = act(history);
        }
    });
    result
}
