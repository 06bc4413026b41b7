//! What is behind the lock.

use std::collections::{BTreeMap, BTreeSet};

use jid::BareJid;

use super::own::Own;
use super::{Change, Kept, News};
use crate::model::{Bookmark, Place};
use crate::wire::MAX_BOOKMARKS;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) account: Option<BareJid>,
    /// What each place has.
    pub(super) kept: [BTreeMap<BareJid, Kept>; 3],
    /// Which places have answered in this session.
    pub(super) answered: [bool; 3],
    /// All of them have.
    pub(super) settled: bool,
    /// All of them have, in this session or in an earlier one.
    pub(super) known: bool,
    /// What they have together.
    pub(super) shown: BTreeMap<BareJid, Bookmark>,
    /// Changes from here that are on their way.
    pub(super) own: Own,
}

/// A bookmark of which a place has told something new.
pub(super) struct Touched {
    pub(super) jid: BareJid,
    /// It is what was changed from here.
    pub(super) own: bool,
}

impl State {
    /// Takes what a place has told, `mine` of it because it was changed from here; gives what is new in that place, and the items that
    /// are to be removed.
    pub(super) fn take(
        &mut self,
        place: Place,
        news: News,
        mine: Option<&BareJid>,
    ) -> (Vec<Touched>, Vec<String>) {
        let (kept, gone) = match news {
            News::Some { kept, gone } => (kept, gone),
            News::All(all) => {
                let known = self.kept[place.index()].keys();
                let gone = known.filter(|jid| !all.contains_key(*jid));
                let gone = gone.cloned().collect();
                (all.into_values().collect(), gone)
            }
        };
        let mut touched = Vec::new();
        let mut obsolete = Vec::new();
        for jid in gone {
            let own = self.own.heard(place, &jid, None) || mine == Some(&jid);
            if self.kept[place.index()].remove(&jid).is_none() {
                continue;
            }
            if !own {
                obsolete.extend(self.forget_elsewhere(place, &jid));
            }
            touched.push(Touched { jid, own });
        }
        for kept in kept {
            let jid = kept.bookmark.jid.clone();
            let own = self.own.heard(place, &jid, Some(&kept.bookmark)) || mine == Some(&jid);
            let known = self.kept[place.index()].get(&jid);
            if known == Some(&kept) {
                continue;
            }
            if known.is_none() && self.kept[place.index()].len() >= MAX_BOOKMARKS {
                tracing::warn!(%jid, "there are too many bookmarks; one more is ignored");
                continue;
            }
            self.kept[place.index()].insert(jid.clone(), kept);
            touched.push(Touched { jid, own });
        }
        (touched, obsolete)
    }

    /// Somebody has removed a bookmark in one place: it does not live on in the others. Gives the item that is to be removed.
    ///
    /// What is removed from the list of older clients is removed from the items, too (XEP-0402 §5.3.2). The lists are left alone: they
    /// are rewritten as a whole, and not by two clients at once.
    fn forget_elsewhere(&mut self, place: Place, jid: &BareJid) -> Option<String> {
        let mut item = None;
        for other in Place::ALL {
            let kept = self.kept[other.index()].remove(jid);
            if other == Place::Native && place != Place::Native {
                item = kept.map(|kept| kept.id.unwrap_or_else(|| jid.to_string()));
            }
        }
        item
    }

    /// Shows what there is of a bookmark now; gives the change, if it is one.
    fn show(&mut self, jid: &BareJid) -> Option<Change> {
        let after = self.merge(jid);
        let before = match after.clone() {
            Some(after) => self.shown.insert(jid.clone(), after),
            None => self.shown.remove(jid),
        };
        (before != after).then_some(Change {
            before,
            after,
            own: false,
        })
    }

    /// Shows what there is of these bookmarks now; gives the changes.
    pub(super) fn show_all(&mut self, touched: Vec<Touched>) -> Vec<Change> {
        let changes = touched.into_iter().filter_map(|Touched { jid, own }| {
            let change = self.show(&jid)?;
            Some(Change { own, ..change })
        });
        changes.collect()
    }

    /// Everything that is in any place.
    pub(super) fn merged(&self) -> BTreeMap<BareJid, Bookmark> {
        let jids: BTreeSet<&BareJid> = self.kept.iter().flat_map(BTreeMap::keys).collect();
        let merged = jids.into_iter().take(MAX_BOOKMARKS);
        let merged = merged.filter_map(|jid| Some((jid.clone(), self.merge(jid)?)));
        merged.collect()
    }

    fn merge(&self, jid: &BareJid) -> Option<Bookmark> {
        merge(Place::ALL.map(|place| {
            let kept = self.kept[place.index()].get(jid)?;
            Some(&kept.bookmark)
        }))
    }
}

/// What the places say together of one room: what is in a list was changed by older clients, which know nothing of the item; what only
/// the item can say comes from there.
pub(crate) fn merge([native, list, private]: [Option<&Bookmark>; 3]) -> Option<Bookmark> {
    let Some(listed) = list.or(private) else {
        return native.cloned();
    };
    let extensions = native.map(|native| native.extensions.clone());
    Some(Bookmark {
        extensions: extensions.unwrap_or_default(),
        ..listed.clone()
    })
}
