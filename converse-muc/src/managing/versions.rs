//! The lists of a room, kept up to date by the room itself (XEP-0463): then nobody has to ask for them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jid::BareJid;

use super::Affiliate;
use crate::model::Affiliation;

/// How many people on lists are kept; a room with more is asked for its lists.
const MAX_AFFILIATES: usize = 100_000;
/// The longest version that is kept, in bytes.
const LONGEST_VERSION: usize = 1024;

/// Between which versions a stanza leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Before; `None` where everything begins anew, or nothing changes.
    pub(crate) since: Option<String>,
    /// After.
    pub(crate) until: Option<String>,
}

/// The lists of one room.
#[derive(Default)]
pub(crate) struct Lists {
    /// Whether the room was asked for them as the user came in.
    asked: AtomicBool,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    all: BTreeMap<BareJid, Affiliate>,
    /// Which version `all` is.
    version: Option<String>,
    /// Whether that is the room's version.
    current: bool,
}

impl Lists {
    /// The user is coming in: what to ask for, if the room has versions. What is known is kept, for the room to tell what
    /// changed since.
    pub(crate) fn ask(&self, offered: bool) -> Option<Ask> {
        self.asked.store(offered, Ordering::Relaxed);
        let mut inner = self.lock();
        inner.current = false;
        if !offered {
            inner.forget();
            return None;
        }
        Some(Ask {
            since: inner.version.clone(),
        })
    }

    /// Whether presence and messages of the room have to be looked at.
    pub(crate) fn are_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// Takes a message of the room. Whether it is news: what answers the question on coming in is not.
    pub(crate) fn take_message(&self, step: Step, changes: &[Affiliate]) -> bool {
        let mut inner = self.lock();
        let was_current = inner.current;
        if step.since.is_none() {
            inner.forget();
            inner.go_on(step.until, changes);
        } else {
            inner.take(step, changes);
        }
        inner.current &= was_current;
        was_current
    }

    /// Takes a presence of the room's with versions in it, or the user's own one on coming in, which must have them.
    pub(crate) fn take_presence(&self, step: Option<Step>, is_own: bool, who: Option<Affiliate>) {
        let mut inner = self.lock();
        match step {
            None if is_own && !inner.current => inner.forget(),
            None => {}
            // It says which version the room has (§5.2.1).
            Some(step) if step.since.is_none() => {
                if step.until.is_some() && step.until == inner.version {
                    inner.current = true;
                } else {
                    inner.forget();
                }
            }
            Some(step) => match who {
                Some(who) => inner.take(step, &[who]),
                None => inner.forget(),
            },
        }
    }

    /// A list, if it is known to be the room's.
    pub(crate) fn list(&self, affiliation: Affiliation) -> Option<Vec<Affiliate>> {
        let inner = self.lock();
        if !inner.current {
            return None;
        }
        let all = inner.all.values();
        Some(
            all.filter(|one| one.affiliation == affiliation)
                .cloned()
                .collect(),
        )
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a room is asked for as the user comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    /// Since which version; `None` for everything.
    pub(crate) since: Option<String>,
}

impl Inner {
    /// A change; of one that is known already, there may be a presence for each nick of a person.
    fn take(&mut self, step: Step, changes: &[Affiliate]) {
        if step.since == self.version {
            self.go_on(step.until, changes);
        } else if step.until.is_none() || step.until != self.version {
            tracing::debug!("a change of a room's lists is missing; they are forgotten");
            self.forget();
        }
    }

    fn go_on(&mut self, version: Option<String>, changes: &[Affiliate]) {
        for change in changes {
            match change.affiliation {
                Affiliation::None => drop(self.all.remove(&change.jid)),
                _ => drop(self.all.insert(change.jid.clone(), change.clone())),
            }
        }
        self.version = version.filter(|version| version.len() <= LONGEST_VERSION);
        if self.version.is_none() || self.all.len() > MAX_AFFILIATES {
            self.forget();
        }
    }

    fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests;
