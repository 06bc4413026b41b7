//! Whose turn it is: of one archive only a few pages are asked at once, the rest waits in order.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jid::BareJid;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ArchiveError;

/// How many queries of one archive are on their way at once.
const MAX_ASKED: usize = 4;
/// How many more may wait.
const MAX_WAITING: usize = 1_000;

/// The queries of each archive; `None` is the own one.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    lines: Mutex<HashMap<Option<BareJid>, Line>>,
    /// Counts the ends of sessions: whoever waited through one has waited for nothing.
    ended: AtomicU64,
}

#[derive(Debug)]
struct Line {
    permits: Arc<Semaphore>,
    /// Who is in it, those included whose turn it is.
    length: usize,
}

/// A place in the line of an archive; it ends with this.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    archive: Option<BareJid>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Returns when it is the caller's turn to ask an archive.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::TooMany`] at once if too many wait already, [`ArchiveError::Offline`] if the session ended meanwhile.
    pub(crate) async fn wait(
        self: &Arc<Self>,
        archive: Option<BareJid>,
    ) -> Result<Turn, ArchiveError> {
        let ended = self.ended.load(Ordering::Relaxed);
        let (mut turn, permits) = self.join(archive)?;
        // It is never closed.
        turn.permit = permits.acquire_owned().await.ok();
        if ended == self.ended.load(Ordering::Relaxed) {
            Ok(turn)
        } else {
            Err(ArchiveError::Offline)
        }
    }

    /// A session has ended.
    pub(crate) fn end_session(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    fn join(
        self: &Arc<Self>,
        archive: Option<BareJid>,
    ) -> Result<(Turn, Arc<Semaphore>), ArchiveError> {
        let mut lines = self.lines();
        let line = lines.entry(archive.clone()).or_insert_with(|| Line {
            permits: Arc::new(Semaphore::new(MAX_ASKED)),
            length: 0,
        });
        if line.length >= MAX_ASKED + MAX_WAITING {
            return Err(ArchiveError::TooMany { most: MAX_WAITING });
        }
        line.length += 1;
        let turn = Turn {
            turns: Arc::clone(self),
            archive,
            permit: None,
        };
        Ok((turn, Arc::clone(&line.permits)))
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<Option<BareJid>, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // The next one in the line goes on before the line could be taken away.
        self.permit = None;
        let mut lines = self.turns.lines();
        if let Some(line) = lines.get_mut(&self.archive) {
            line.length -= 1;
            if line.length == 0 {
                lines.remove(&self.archive);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn a_few_at_once_and_the_rest_in_order() {
        let turns = Arc::new(Turns::default());
        let mut asking = Vec::new();
        for _ in 0..MAX_ASKED {
            asking.push(turns.wait(None).now_or_never().unwrap().unwrap());
        }
        let room: BareJid = "atrium@rooms.kestrel.example".parse().unwrap();
        turns.wait(Some(room)).now_or_never().unwrap().unwrap();
        let mut first = Box::pin(turns.wait(None));
        let mut second = Box::pin(turns.wait(None));
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());
        asking.pop();
        assert!((&mut second).now_or_never().is_none());
        let first = (&mut first).now_or_never().unwrap().unwrap();
        drop((first, asking));
        drop(second.await.unwrap());
        assert!(
            turns.lines().is_empty(),
            "an archive nobody asks costs nothing"
        );
    }

    #[test]
    fn a_line_has_an_end() {
        let turns = Arc::new(Turns::default());
        let line = || turns.join(None);
        let full: Vec<_> = (0..MAX_ASKED + MAX_WAITING)
            .map(|_| line().unwrap())
            .collect();
        assert!(matches!(line(), Err(ArchiveError::TooMany { .. })));
        drop(full);
        assert!(turns.lines().is_empty());
    }

    #[tokio::test]
    async fn who_waits_through_the_end_of_a_session_hears_of_it() {
        let turns = Arc::new(Turns::default());
        let mut asking = Vec::new();
        for _ in 0..MAX_ASKED {
            asking.push(turns.wait(None).await.unwrap());
        }
        let mut waiting = Box::pin(turns.wait(None));
        assert!((&mut waiting).now_or_never().is_none());
        turns.end_session();
        drop(asking);
        assert_eq!(waiting.await.map(drop), Err(ArchiveError::Offline));
    }
}
