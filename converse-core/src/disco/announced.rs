//! The hashes that others announce with their presence.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::caps::{Algorithm, Key, Method};
use crate::ns;
use crate::xml::ElementRef;

/// How many resources are remembered: 30,000 contacts with three each.
const MAX_RESOURCES: usize = 100_000;
/// How many different announcements are shared among those who make them.
const MAX_SHARED: usize = 1_000;
/// How many hashes of one announcement are read.
const MAX_HASHES: usize = 8;
/// The longest attribute or hash that is read, in bytes.
const LONGEST: usize = 1_024;

/// What a `<c/>` says (XEP-0115 §4, XEP-0390 §5.4), or two of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Announcement {
    /// Hash function, node and hash of XEP-0115.
    one: Option<[Box<str>; 3]>,
    /// Hash functions and hashes of XEP-0390.
    two: Vec<(Box<str>, Box<str>)>,
}

impl Announcement {
    /// The hash that is looked for, and the node at which its owner is asked for it; none if no function is known.
    ///
    /// What XEP-0390 hashes cannot be forged, so it goes first, and is not replaced by the other (§8.1).
    pub(super) fn best(&self) -> Option<(Key, String)> {
        let two = self.two.iter().filter_map(|(algorithm, hash)| {
            let algorithm = Algorithm::from_name(algorithm);
            let algorithm = algorithm.filter(|algorithm| *algorithm != Algorithm::Sha1)?;
            Some(key(Method::Two, algorithm, hash))
        });
        if let Some(key) = two.max_by_key(|key| key.algorithm) {
            let node = key.node();
            return Some((key, node));
        }
        let [algorithm, node, hash] = self.one.as_ref()?;
        let key = key(Method::One, Algorithm::from_name(algorithm)?, hash);
        Some((key, format!("{node}#{hash}")))
    }
}

fn key(method: Method, algorithm: Algorithm, hash: &str) -> Key {
    Key {
        method,
        algorithm,
        hash: hash.into(),
    }
}

/// The `<c/>` elements in a stanza or in the features of a stream.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    one: Option<ElementRef<'a>>,
    two: Option<ElementRef<'a>>,
}

impl<'a> Found<'a> {
    /// Those in `around`, if there are any.
    pub(super) fn within(around: ElementRef<'a>) -> Option<Self> {
        let mut found = Self {
            one: None,
            two: None,
        };
        for child in around.children().filter(|child| child.name() == "c") {
            match child.ns() {
                ns::CAPS => found.one = found.one.or(Some(child)),
                ns::CAPS_2 => found.two = found.two.or(Some(child)),
                _ => {}
            }
        }
        (found.one.is_some() || found.two.is_some()).then_some(found)
    }

    /// The attributes of XEP-0115; what was announced in the format before hashes says nothing.
    fn one(self) -> Option<[Cow<'a, str>; 3]> {
        let c = self.one?;
        let attr = |name| c.attr(name).filter(|value| is_short(value));
        Some([attr("hash")?, attr("node")?, attr("ver")?])
    }

    fn two(self) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
        let hashes = self.two.into_iter().flat_map(ElementRef::children);
        let hashes = hashes.filter(|hash| hash.is("hash", ns::HASHES));
        hashes.take(MAX_HASHES).filter_map(|hash| {
            let (algorithm, value) = (hash.attr("algo")?, hash.text());
            (is_short(&algorithm) && is_short(&value)).then_some((algorithm, value))
        })
    }

    /// The hash by which those find one another who say the same.
    fn hash(self) -> Option<Cow<'a, str>> {
        let one = self.one.and_then(|c| c.attr("ver"));
        one.or_else(|| self.two().next().map(|(_, hash)| hash))
    }

    /// Whether it says the same.
    fn is(self, announcement: &Announcement) -> bool {
        let one = match (self.one(), &announcement.one) {
            (Some(found), Some(known)) => found.iter().zip(known).all(|(a, b)| **a == **b),
            (None, None) => true,
            _ => false,
        };
        let mut known = announcement.two.iter();
        let two = self.two().all(|(algorithm, hash)| {
            let known = known.next();
            known.is_some_and(|(known, value)| **known == *algorithm && **value == *hash.trim())
        });
        one && two && known.next().is_none()
    }

    pub(super) fn read(self) -> Announcement {
        let text = |text: Cow<'_, str>| Box::from(text.trim());
        let hashes = self.two();
        Announcement {
            one: self.one().map(|parts| parts.map(|part| Box::from(&*part))),
            two: hashes
                .map(|(algorithm, hash)| (text(algorithm), text(hash)))
                .collect(),
        }
    }
}

fn is_short(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
}

/// Who announces what.
#[derive(Debug, Default)]
pub(super) struct Announced {
    resources: HashMap<Box<str>, Entry>,
    /// Many say the same: one copy for all, by its hash.
    shared: HashMap<Box<str>, Arc<Announcement>>,
    /// Of those of whom others keep what they announce: what was refuted.
    refuted: HashMap<Box<str>, Arc<Announcement>>,
}

/// What somebody announces to be able to (XEP-0115, XEP-0390); cheap to clone. It is shared by all who announce the same.
#[derive(Clone, PartialEq, Eq)]
pub struct Caps(pub(super) Arc<Announcement>);

/// What is announced is long.
impl fmt::Debug for Caps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caps").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Entry {
    announcement: Arc<Announcement>,
    /// Who announces it was asked, and its answer has another hash, or there was none.
    refuted: bool,
}

impl Announced {
    /// Notes what the presence of a resource announces; gives whether that is new.
    pub(super) fn note(&mut self, resource: &str, found: Found<'_>) -> bool {
        if let Some(entry) = self.resources.get_mut(resource) {
            if found.is(&entry.announcement) {
                return false;
            }
        } else if self.resources.len() >= MAX_RESOURCES {
            tracing::debug!("too many announce what they can; one is not remembered");
            return false;
        }
        let entry = Entry {
            announcement: self.share(found),
            refuted: false,
        };
        self.resources.insert(resource.into(), entry);
        true
    }

    /// What is announced, in a copy for all who announce the same.
    pub(super) fn share(&mut self, found: Found<'_>) -> Arc<Announcement> {
        let Some(hash) = found.hash() else {
            return Arc::new(found.read());
        };
        match self.shared.get(hash.trim()) {
            Some(known) if found.is(known) => Arc::clone(known),
            _ => {
                if self.shared.len() >= MAX_SHARED {
                    self.shared.clear();
                }
                let announcement = Arc::new(found.read());
                let hash = Box::from(hash.trim());
                self.shared.insert(hash, Arc::clone(&announcement));
                announcement
            }
        }
    }

    /// A resource is gone; gives whether it had announced something.
    pub(super) fn forget(&mut self, resource: &str) -> bool {
        self.resources.remove(resource).is_some()
    }

    /// What a resource announces, unless it has been refuted.
    pub(super) fn of(&self, resource: &str) -> Option<Arc<Announcement>> {
        let entry = self.resources.get(resource)?;
        (!entry.refuted).then(|| Arc::clone(&entry.announcement))
    }

    /// The answer of a resource does not fit what it announces.
    pub(super) fn refute(&mut self, resource: &str, announcement: &Arc<Announcement>) {
        let Some(entry) = self.resources.get_mut(resource) else {
            if self.refuted.len() >= MAX_SHARED {
                self.refuted.clear();
            }
            let announcement = Arc::clone(announcement);
            self.refuted.insert(resource.into(), announcement);
            return;
        };
        entry.refuted |= entry.announcement == *announcement;
    }

    /// Whether the answer of somebody of whom others keep what they announce did not fit it.
    pub(super) fn is_refuted(&self, resource: &str, announcement: &Arc<Announcement>) -> bool {
        self.refuted.get(resource) == Some(announcement)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use crate::xml::Element;

    fn note(announced: &mut Announced, resource: &str, hash: &str) -> bool {
        let xml = format!(
            "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='{hash}'/></presence>"
        );
        let presence = Element::parse(&xml).unwrap();
        announced.note(resource, Found::within(presence.view()).unwrap())
    }

    #[test]
    fn those_who_say_the_same_share_it() {
        let mut announced = Announced::default();
        assert!(note(&mut announced, "a@x/1", "H"));
        assert!(note(&mut announced, "b@x/1", "H"));
        assert!(!note(&mut announced, "b@x/1", "H"));
        let (one, other) = (
            announced.of("a@x/1").unwrap(),
            announced.of("b@x/1").unwrap(),
        );
        assert!(Arc::ptr_eq(&one, &other));
        assert!(note(&mut announced, "b@x/1", "I"));
        assert_ne!(announced.of("b@x/1"), Some(one));
    }
}
