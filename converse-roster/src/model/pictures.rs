//! Whose pictures are kept: the newest, as many as fit.

use std::collections::{BTreeMap, HashMap};

use jid::BareJid;

/// How much the pictures of all contacts may take up, in bytes of Base64.
pub(crate) const MAX_PICTURES: usize = 64 * 1024 * 1024;

/// The pictures that are kept, by when they came.
#[derive(Debug, Default)]
pub(crate) struct Pictures {
    kept: HashMap<BareJid, (u64, usize)>,
    order: BTreeMap<u64, BareJid>,
    bytes: usize,
    count: u64,
}

impl Pictures {
    /// The picture of `jid` has so many bytes now, none if there is no picture; those whose pictures have to go for it.
    pub(crate) fn keep(&mut self, jid: &BareJid, bytes: usize) -> Vec<BareJid> {
        self.forget(jid);
        if bytes == 0 {
            return Vec::new();
        }
        self.count += 1;
        self.kept.insert(jid.clone(), (self.count, bytes));
        self.order.insert(self.count, jid.clone());
        self.bytes += bytes;
        let mut gone = Vec::new();
        while self.bytes > MAX_PICTURES
            && let Some((_, oldest)) = self.order.first_key_value()
        {
            let oldest = oldest.clone();
            self.forget(&oldest);
            gone.push(oldest);
        }
        gone
    }

    fn forget(&mut self, jid: &BareJid) {
        if let Some((order, bytes)) = self.kept.remove(jid) {
            self.order.remove(&order);
            self.bytes -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn the_oldest_pictures_make_room() {
        let jid = |n: usize| -> BareJid { format!("n{n}@heron.example").parse().unwrap() };
        let mut pictures = Pictures::default();
        let third = MAX_PICTURES / 3;
        for n in 0..3 {
            assert!(pictures.keep(&jid(n), third).is_empty());
        }
        // A new picture takes the place of the old one, and a small one needs none.
        assert!(pictures.keep(&jid(0), third).is_empty());
        assert_eq!(pictures.keep(&jid(3), third), [jid(1)]);
        assert!(pictures.keep(&jid(2), 0).is_empty());
        assert!(pictures.keep(&jid(4), third).is_empty());
        assert_eq!(
            pictures.keep(&jid(5), MAX_PICTURES),
            [jid(0), jid(3), jid(4)]
        );
    }
}
