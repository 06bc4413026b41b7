//! Addresses, parsed.

use std::collections::HashMap;
use std::fmt;

use jid::{BareJid, Jid};

/// The JIDs of many stanzas by their text, so that the same address is parsed and normalised once; for
/// [`Stanza::from_element_with`](super::Stanza::from_element_with).
///
/// Bounded: when full it starts over.
#[derive(Default)]
pub struct AddressCache {
    known: HashMap<Box<str>, Jid>,
    /// Whose resource was parsed last: the occupants of a room come one after the other.
    last: Option<(Box<str>, BareJid)>,
}

impl AddressCache {
    const CAPACITY: usize = 1024;
    /// RFC 7622 §3.1: three parts of at most 1,023 bytes and two separators.
    const LONGEST: usize = 3 * 1023 + 2;

    /// The address, which is likely to come again.
    pub(crate) fn get(&mut self, text: &str) -> Option<Jid> {
        if let Some(jid) = self.known.get(text) {
            return Some(jid.clone());
        }
        let jid = self.parse(text)?;
        if self.known.len() >= Self::CAPACITY {
            self.known.clear();
        }
        self.known.insert(text.into(), jid.clone());
        Some(jid)
    }

    /// The address, which is not likely to come again soon: a crowd sends one presence each.
    pub(crate) fn get_once(&mut self, text: &str) -> Option<Jid> {
        if let Some(jid) = self.at_last(text) {
            return jid;
        }
        match self.known.get(text) {
            Some(jid) => Some(jid.clone()),
            None => self.parse(text),
        }
    }

    /// The address if it is at the same bare one as the last.
    fn at_last(&self, text: &str) -> Option<Option<Jid>> {
        let (last, jid) = self.last.as_ref()?;
        let resource = text.strip_prefix(&**last)?.strip_prefix('/')?;
        if text.len() > Self::LONGEST {
            return Some(None);
        }
        Some(jid.with_resource_str(resource).ok().map(Jid::from))
    }

    fn parse(&mut self, text: &str) -> Option<Jid> {
        if text.len() > Self::LONGEST {
            return None;
        }
        let jid = Jid::new(text).ok()?;
        if let Some((bare, _)) = text.split_once('/') {
            self.last = Some((bare.into(), jid.to_bare()));
        }
        Some(jid)
    }
}

/// Addresses are private and are left out.
impl fmt::Debug for AddressCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddressCache")
            .field("known", &self.known.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn an_address_is_the_same_however_it_was_found() {
        let long = format!("a@b/{}", "r".repeat(1024));
        let mut cache = AddressCache::default();
        for text in [
            "Atrium@Rooms.Kestrel.Example/Pia",
            "Atrium@Rooms.Kestrel.Example/ro ok/x",
            "Atrium@Rooms.Kestrel.Example/",
            "Atrium@Rooms.Kestrel.Example/pia\u{202e}x",
            "Atrium@Rooms.Kestrel.Example",
            "kestrel.example/desk",
            "kestrel.example/a@b",
            "/x",
            "@x/y",
            &long,
        ] {
            let parsed = Jid::new(text).ok();
            for _ in 0..2 {
                assert_eq!(cache.get_once(text), parsed, "{text:?}");
                assert_eq!(cache.get(text), parsed, "{text:?}");
            }
        }
    }
}
