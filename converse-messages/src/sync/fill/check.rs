//! Whether an archive that is asked what precedes the message at the edge of a gap knows that message at all; see
//! [catching up](crate::sync::CatchUp).

use converse_core::contract::{ArchivePage, Archived, PagePosition};
use converse_core::store::Place;

use super::{Check, Fill, Position, SKEW};
use crate::sync::catch_up::NEIGHBOURS;
use crate::sync::paging::{Fresh, Paging};

impl Check {
    /// What to ask for, and how much of it.
    pub(super) fn position(&self) -> Option<(PagePosition, u32)> {
        match self {
            Self::None => None,
            Self::Oldest => Some((PagePosition::Oldest, 1)),
            Self::Following(fresh) => {
                let last = fresh.messages.last()?.id.clone();
                Some((PagePosition::After(last), NEIGHBOURS))
            }
        }
    }
}

impl Fill {
    /// The archive says that nothing precedes the edge: that is so if its oldest message is that at the edge, or one behind it.
    pub(super) fn take_oldest(
        &mut self,
        page: &ArchivePage,
        known: impl Fn(&str) -> Option<Place>,
    ) {
        let oldest = page.messages.first();
        let is_empty = oldest.is_none() && page.first.is_none() && page.last.is_none();
        let is_behind = oldest.is_some_and(|oldest| self.is_behind(oldest, known));
        if is_empty || is_behind || self.is_at_edge(page) {
            self.end = Some(Ok(()));
        } else {
            self.lose_edge();
        }
    }

    /// Whether a page has the message at the edge.
    pub(super) fn is_at_edge(&self, page: &ArchivePage) -> bool {
        let Some(edge) = &self.gap.before else {
            return false;
        };
        let mut named = [&page.first, &page.last].into_iter().flatten();
        let mut ids = page.messages.iter().map(|message| &message.id);
        named.any(|id| *id == edge.id) || ids.any(|id| *id == edge.id)
    }

    /// Whether what came before the edge is none of what precedes it, for all that anybody knows here.
    pub(super) fn is_doubtful(&self, fresh: &Fresh, known: impl Fn(&str) -> Option<Place>) -> bool {
        let time = self.gap.before.as_ref().and_then(|edge| edge.time);
        fresh.messages.last().is_some_and(|last| {
            let is_newer = last.time.zip(time).is_some_and(|(it, edge)| it >= edge);
            is_newer || self.is_behind(last, known)
        })
    }

    /// The archive does not have the message at the edge: what comes before it is looked for by its time, or else from the end of
    /// the archive, until something comes that is here.
    pub(super) fn lose_edge(&mut self) {
        let edge = self.gap.before.as_ref().and_then(|mark| mark.time);
        self.check = Check::None;
        self.paging = Paging::default();
        self.is_by_time = true;
        self.is_anchored = false;
        self.position = Position {
            before: None,
            end: edge.and_then(|time| time.checked_add_signed(SKEW)),
        };
    }

    /// Whether a message is here, and at the newer edge or behind it.
    pub(super) fn is_behind(
        &self,
        message: &Archived,
        known: impl Fn(&str) -> Option<Place>,
    ) -> bool {
        self.gap.before.as_ref().is_some_and(|edge| {
            let is_no_older = message.time.is_none() || message.time >= edge.time;
            is_no_older && known(&message.id) >= Some(edge.place)
        })
    }
}
