//! What was changed from here, so that what the server tells of it is known to be that.

use std::collections::BTreeMap;

use jid::BareJid;

use super::{Kept, News, Outcome, State, Table};
use crate::model::{Bookmark, Place};

/// A change from here that is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// A place where a change was made, and all that is there now, if that is known.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) place: Place,
    pub(crate) all: Option<BTreeMap<BareJid, Kept>>,
}

/// Changes from here that are on their way: as many as callers wait for.
#[derive(Debug, Default)]
pub(super) struct Own {
    next: u64,
    changes: Vec<OnItsWay>,
}

#[derive(Debug)]
struct OnItsWay {
    ticket: Ticket,
    jid: BareJid,
    wanted: Option<Bookmark>,
    /// The places that have told something of the bookmark since: they know better than the answer.
    told: [bool; 3],
}

impl Own {
    pub(super) fn clear(&mut self) {
        self.changes.clear();
    }

    /// A place says this about a bookmark; `true` if that is what was changed from here.
    pub(super) fn heard(&mut self, place: Place, jid: &BareJid, is: Option<&Bookmark>) -> bool {
        let mut own = false;
        for change in self.changes.iter_mut().filter(|it| it.jid == *jid) {
            change.told[place.index()] = true;
            own |= match (&change.wanted, is) {
                (Some(wanted), Some(is)) => wanted.agrees_with(is),
                (None, None) => true,
                _ => false,
            };
        }
        own
    }
}

impl Table {
    /// The bookmark of `jid` is going to be `wanted`.
    pub(crate) fn begin(&self, jid: &BareJid, wanted: Option<&Bookmark>) -> Ticket {
        let own = &mut self.state().own;
        let ticket = Ticket(own.next);
        own.next += 1;
        own.changes.push(OnItsWay {
            ticket,
            jid: jid.clone(),
            wanted: wanted.cloned(),
            told: [false; 3],
        });
        ticket
    }

    /// Nobody waits for a change any more; what becomes of it, the server tells as of any other.
    pub(crate) fn abandon(&self, ticket: Ticket) {
        let own = &mut self.state().own;
        own.changes.retain(|it| it.ticket != ticket);
    }

    /// A change was made in these places.
    pub(crate) fn finish(&self, ticket: Ticket, written: Vec<Written>) -> Outcome {
        let mut state = self.state();
        let mut own = state.own.changes.iter();
        let Some(at) = own.position(|it| it.ticket == ticket) else {
            // Another session has begun, and asks every place.
            return Outcome::default();
        };
        let change = state.own.changes.remove(at);
        let mut outcome = Outcome::default();
        let mut touched = Vec::new();
        for Written { place, all } in written {
            if change.told[place.index()] {
                continue;
            }
            let news = all.map(News::All);
            let news = news.unwrap_or_else(|| state.as_written(place, &change));
            let (news, obsolete) = state.take(place, news, Some(&change.jid));
            touched.extend(news);
            outcome.obsolete.extend(obsolete);
        }
        outcome.changes = state.show_all(touched);
        self.tell(&outcome.changes);
        outcome
    }
}

impl State {
    /// The bookmark as a place has it now.
    fn as_written(&self, place: Place, change: &OnItsWay) -> News {
        let (mut kept, mut gone) = (Vec::new(), Vec::new());
        match change.wanted.clone() {
            None => gone.push(change.jid.clone()),
            Some(mut bookmark) => {
                let known = self.kept[place.index()].get(&change.jid);
                let id = known.and_then(|known| known.id.clone());
                if place != Place::Native {
                    bookmark.extensions.clear();
                }
                kept.push(Kept { id, bookmark });
            }
        }
        News::Some { kept, gone }
    }
}
