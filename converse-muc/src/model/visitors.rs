//! Who is the same person under which nick, in rooms that do not tell it.

use std::collections::HashMap;

/// Those who have written, as long as they stay: who leaves and comes again may be somebody else (XEP-0308 §6).
#[derive(Debug, Default)]
pub(crate) struct Visitors {
    by_nick: HashMap<String, u64>,
    last: u64,
}

impl Visitors {
    /// The number of somebody who is in the room now; it is nobody else's.
    pub(crate) fn number(&mut self, nick: &str) -> u64 {
        if let Some(number) = self.by_nick.get(nick) {
            return *number;
        }
        self.last += 1;
        self.by_nick.insert(nick.to_owned(), self.last);
        self.last
    }

    /// Somebody has another nick; whoever had that before is not there any more.
    pub(crate) fn rename(&mut self, old: &str, new: &str) {
        match self.by_nick.remove(old) {
            Some(number) => drop(self.by_nick.insert(new.to_owned(), number)),
            None => self.leave(new),
        }
    }

    pub(crate) fn leave(&mut self, nick: &str) {
        self.by_nick.remove(nick);
    }

    /// Nobody knows any more who comes and goes.
    pub(crate) fn clear(&mut self) {
        self.by_nick = HashMap::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_until_leaving() {
        let mut visitors = Visitors::default();
        let pia = visitors.number("pia");
        let rook = visitors.number("rook");
        assert_ne!(pia, rook);
        visitors.rename("pia", "piano");
        assert_eq!(visitors.number("piano"), pia);
        assert_ne!(visitors.number("pia"), pia);
        visitors.leave("piano");
        assert_ne!(visitors.number("piano"), pia);
        // Somebody who never wrote takes the nick of somebody who did.
        visitors.rename("silent", "rook");
        assert_ne!(visitors.number("rook"), rook);
        let rook = visitors.number("rook");
        visitors.clear();
        assert_ne!(visitors.number("rook"), rook);
    }
}
