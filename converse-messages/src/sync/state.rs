//! How much of an archive is known here, as it is kept.

use chrono::{DateTime, Utc};
use converse_core::store::{Change, Namespace, Place};
use serde::{Deserialize, Serialize};

use super::error::SyncError;
use super::fill::Fill;
use super::gap::{Gap, Mark};

/// What is known of archives, by [`key`](ArchiveState::key).
pub const ARCHIVES: Namespace = Namespace::new("archive", 100_000);

/// The version of what is written.
const VERSION: u64 = 1;
/// How many gaps of an archive are told apart; with one more, the two oldest become one, and what lies between them is asked for
/// again.
const MAX_GAPS: usize = 64;

/// How much of an archive is known here: everything up to the cursor but the gaps.
///
/// For part of an archive, as what was said with one person, it is the same, without a cursor: that is the whole archive's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveState {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<Mark>,
    /// There was nothing when it was read last, so that everything is new that is there now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    was_empty: bool,
    /// The oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gaps: Vec<Gap>,
    /// The number of the next gap.
    #[serde(default)]
    next: u64,
    /// Of part of an archive: the number of the next gap of the whole that is to be taken over.
    #[serde(default, skip_serializing_if = "is_zero")]
    adopted: u64,
}

#[derive(Serialize)]
struct Written<'a> {
    version: u64,
    #[serde(flatten)]
    state: &'a ArchiveState,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

impl ArchiveState {
    /// The newest message up to which the archive is known but for the gaps; none if nothing was ever fetched.
    #[must_use]
    pub fn cursor(&self) -> Option<&Mark> {
        self.cursor.as_ref()
    }

    /// Whether there was nothing in it when it was read last.
    #[must_use]
    pub fn was_empty(&self) -> bool {
        self.was_empty
    }

    /// Nothing is in it.
    pub(super) fn set_empty(&mut self) {
        self.was_empty = self.cursor.is_none();
    }

    /// What is missing before the cursor, the oldest first.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// The newest gap before a place: what is missing there is what is next when somebody reads on towards the past.
    #[must_use]
    pub fn gap_before(&self, place: Place) -> Option<&Gap> {
        self.gaps.iter().rev().find(|gap| gap.is_before(place))
    }

    /// The gap with this number, if there is anything left of it.
    #[must_use]
    pub fn gap(&self, number: u64) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.number == number)
    }

    /// Fills a gap of this archive, that of the own account or of a room; none if nothing is left of it.
    #[must_use]
    pub fn fill(&self, room: Option<jid::BareJid>, number: u64) -> Option<Fill> {
        let at = self.gaps.iter().position(|gap| gap.number == number)?;
        let next = self.gaps.get(at + 1).and_then(|gap| gap.after.as_ref());
        let fill = Fill::new(room, self.gaps[at].clone());
        Some(fill.until(next.map(|mark| mark.place)))
    }

    /// The cursor stands at this message now.
    pub fn move_cursor(&mut self, mark: Mark) {
        self.cursor = Some(mark);
        self.was_empty = false;
    }

    /// Puts the cursor back before the first gap that may have something since a time, and forgets that one and the later ones;
    /// whether there is any.
    pub(super) fn reopen(&mut self, since: DateTime<Utc>) -> bool {
        let is_since = |gap: &Gap| {
            let end = gap.before.as_ref().and_then(|edge| edge.time);
            end.is_none_or(|end| end >= since)
        };
        let Some(at) = self.gaps.iter().position(is_since) else {
            return false;
        };
        self.cursor = self.gaps.drain(at..).next().and_then(|gap| gap.after);
        self.was_empty = false;
        true
    }

    /// The message at the cursor may stand further back than the archive's stamp says.
    pub(super) fn push_cursor(&mut self, known: impl Fn(&str) -> Option<Place>) {
        if let Some(cursor) = &mut self.cursor {
            cursor.place = cursor.place.max(known(&cursor.id).unwrap_or(cursor.place));
        }
    }

    /// A gap that is newer than all others; its number.
    pub fn add_gap(&mut self, after: Option<Mark>, before: Option<Mark>) -> u64 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        self.gaps.push(Gap::new(number, after, before));
        if self.gaps.len() > MAX_GAPS {
            let oldest = self.gaps.remove(0);
            if let Some(gap) = self.gaps.first_mut() {
                gap.after = oldest.after;
                // Whoever has looked at both has not looked at this one.
                gap.number = self.next;
                self.next = self.next.saturating_add(1);
            }
        }
        number
    }

    /// What is left of a gap; without anything it is gone.
    pub fn set_gap(&mut self, number: u64, left: Option<Gap>) {
        let Some(at) = self.gaps.iter().position(|gap| gap.number == number) else {
            return;
        };
        match left {
            Some(left) => self.gaps[at] = Gap { number, ..left },
            None => drop(self.gaps.remove(at)),
        }
    }

    /// The gaps of the whole archive that are new since the last time that a part of it took them [over](Self::adopt).
    pub fn not_adopted<'a>(&self, archive: &'a Self) -> impl Iterator<Item = &'a Gap> {
        let seen = self.adopted;
        archive.gaps.iter().filter(move |gap| gap.number >= seen)
    }

    /// Takes over the gaps of the whole archive that are new since the last time, for a part of it. `within` gives the edges of
    /// a gap within that part, the newest of its messages before the gap and the oldest behind it; or nothing, if the part has
    /// no such gap.
    pub fn adopt(
        &mut self,
        archive: &Self,
        mut within: impl FnMut(&Gap) -> Option<(Option<Mark>, Option<Mark>)>,
    ) {
        let new: Vec<_> = self.not_adopted(archive).filter_map(&mut within).collect();
        for (after, before) in new {
            self.add_gap(after, before);
        }
        self.adopted = archive.next.max(self.adopted);
        let last = Place::new(i64::MAX, u32::MAX);
        let behind = |gap: &Gap| gap.before.as_ref().map_or(last, |edge| edge.place);
        self.gaps.sort_by_key(behind);
    }

    /// Messages may have had to make room for one another: `place` tells where each is now that is here.
    pub fn refresh(&mut self, place: impl Fn(&str) -> Option<Place>) {
        let edges = self
            .gaps
            .iter_mut()
            .flat_map(|gap| [&mut gap.after, &mut gap.before]);
        for mark in edges.chain([&mut self.cursor]).flatten() {
            if let Some(place) = place(&mark.id) {
                mark.place = place;
            }
        }
    }

    /// By which key an archive is known in [`ARCHIVES`]: that of the own account, or of a room.
    #[must_use]
    pub fn key(room: Option<&jid::BareJid>) -> String {
        room.map_or_else(|| "own".to_owned(), |room| format!("room/{room}"))
    }

    /// What is to be written down.
    ///
    /// # Errors
    ///
    /// [`SyncError::Malformed`]; there is nothing in it that cannot be written.
    pub fn to_change(&self, key: impl Into<String>) -> Result<Change, SyncError> {
        let written = Written {
            version: VERSION,
            state: self,
        };
        let value = serde_json::to_vec(&written).map_err(SyncError::Malformed)?;
        Ok(Change::put(ARCHIVES, key, value))
    }

    /// What was written down.
    ///
    /// # Errors
    ///
    /// [`SyncError::Newer`] if a newer version of the program wrote it, [`SyncError::Malformed`] if it cannot be read.
    pub fn from_value(value: &[u8]) -> Result<Self, SyncError> {
        let Version { version } = serde_json::from_slice(value).map_err(SyncError::Malformed)?;
        if version > VERSION {
            return Err(SyncError::Newer {
                version,
                known: VERSION,
            });
        }
        serde_json::from_slice(value).map_err(SyncError::Malformed)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
