//! How far paging has come.

use super::page::Page;

/// How far [`Pages`](crate::Pages) have come, counting what was handed out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// How many pages the archive gave.
    pub pages: u64,
    /// How many messages they had, each counted once.
    pub messages: u64,
    /// How many there are in all, if the archive counts them. It may be a guess, and some archives count only what is left.
    pub total: Option<u64>,
    /// The archive says that there is nothing left in this direction. Without it the end is only where it gave no more.
    pub is_complete: bool,
}

impl Progress {
    pub(crate) fn count(&mut self, page: &Page) {
        self.pages += 1;
        self.messages += page.messages.len() as u64;
        self.total = page.rsm.count.or(self.total);
        self.is_complete = page.rsm.complete;
    }

    /// The part that is done, from 0 to 1, for a progress bar; none if it is not known.
    ///
    /// ```
    /// assert_eq!(converse_mam::Progress::default().fraction(), None);
    /// ```
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        if self.is_complete {
            return Some(1.0);
        }
        let total = self.total?.max(self.messages);
        #[expect(
            clippy::cast_precision_loss,
            reason = "a bar of 2^53 messages is not drawn more precisely"
        )]
        let part = self.messages as f64 / total.max(1) as f64;
        Some(part)
    }
}
