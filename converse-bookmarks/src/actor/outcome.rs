//! What follows from what a place has told.

use super::BookmarksActor;
use crate::message::{BookmarkAdded, BookmarkChanged, BookmarkRemoved};
use crate::model::{Change, Outcome, Place};
use crate::ns;

impl BookmarksActor {
    /// Tells of changes, and does what follows from them.
    pub(super) async fn act(&mut self, place: Place, outcome: Outcome) {
        let Outcome { changes, obsolete } = outcome;
        self.announce(&changes);
        for id in obsolete {
            self.retract(id);
        }
        self.follow(place, &changes).await;
    }

    pub(super) fn announce(&self, changes: &[Change]) {
        for Change { before, after, .. } in changes.iter().cloned() {
            match (before, after) {
                (None, Some(bookmark)) => self.api.publish(BookmarkAdded { bookmark }),
                (Some(before), Some(bookmark)) => {
                    self.api.publish(BookmarkChanged { bookmark, before });
                }
                (Some(bookmark), None) => self.api.publish(BookmarkRemoved { bookmark }),
                (None, None) => {}
            }
        }
    }

    /// Removes an item whose entry is not in the list of older clients any more; nobody waits for it.
    fn retract(&self, id: String) {
        let api = self.api.clone();
        tokio::spawn(async move {
            if let Err(error) = api.pubsub().retract(ns::NATIVE, &id).await {
                tracing::warn!(%error, "a bookmark that older clients have removed could not be removed");
            }
        });
    }
}
