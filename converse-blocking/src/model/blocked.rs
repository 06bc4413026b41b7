//! Who is blocked: one writes, everybody reads.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use jid::{BareJid, Jid};

/// How many blocks of a list are kept; a server that has more is not one for people.
const MAX_BLOCKED: usize = 50_000;

/// What a block or its end does to the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Block(Vec<Jid>),
    Unblock(Vec<Jid>),
    UnblockAll,
}

/// A change that was asked for, and whose answer has not come.
#[derive(Debug)]
struct Open {
    ticket: Ticket,
    /// What no push has told about yet.
    change: Change,
}

/// Tells requests apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

#[derive(Debug, Default)]
struct List {
    account: Option<BareJid>,
    /// Whether the list came at least once.
    known: bool,
    jids: BTreeSet<Jid>,
    open: Vec<Open>,
    tickets: u64,
}

/// Whom a change concerned: those who were not blocked before it and those who are not any more.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) blocked: Vec<Jid>,
    pub(crate) unblocked: Vec<Jid>,
}

/// The block list; only the actor changes what is on it.
#[derive(Debug, Default)]
pub(crate) struct Blocked {
    list: RwLock<List>,
}

impl Blocked {
    /// Everybody on the list, sorted.
    pub(crate) fn all(&self) -> Vec<Jid> {
        self.read(|list| list.jids.iter().cloned().collect())
    }

    /// Whether stanzas to and from `jid` are blocked: itself, its bare address, or its domain (XEP-0191 §5).
    pub(crate) fn is_blocked(&self, jid: &Jid) -> bool {
        self.read(|list| {
            if list.jids.is_empty() {
                return false;
            }
            let bare = jid.to_bare();
            let domain = BareJid::from_parts(None, jid.domain());
            let of_domain = jid.resource().map(|it| Jid::from(domain.with_resource(it)));
            let has = |jid: &Jid| list.jids.contains(jid);
            has(jid)
                || has(&Jid::from(bare))
                || of_domain.as_ref().is_some_and(has)
                || has(&Jid::from(domain))
        })
    }

    /// The list belongs to `account` from now on; another one's is forgotten.
    pub(crate) fn open(&self, account: BareJid) {
        self.write(|list| {
            list.open.clear();
            if list.account.as_ref() != Some(&account) {
                let tickets = list.tickets;
                *list = List {
                    account: Some(account),
                    tickets,
                    ..List::default()
                };
            }
        });
    }

    /// Nothing is known any more.
    pub(crate) fn clear(&self) {
        self.write(|list| {
            let tickets = list.tickets;
            *list = List {
                tickets,
                ..List::default()
            };
        });
    }

    /// The list as the server has it. What differs from the list before is told, unless there was none.
    pub(crate) fn replace(&self, jids: impl IntoIterator<Item = Jid>) -> Difference {
        self.write(|list| {
            let jids: BTreeSet<Jid> = jids.into_iter().take(MAX_BLOCKED).collect();
            let before = std::mem::replace(&mut list.jids, jids);
            if !std::mem::replace(&mut list.known, true) {
                return Difference::default();
            }
            Difference {
                blocked: list.jids.difference(&before).cloned().collect(),
                unblocked: before.difference(&list.jids).cloned().collect(),
            }
        })
    }

    /// The server tells of a change.
    pub(crate) fn push(&self, change: Change) -> Difference {
        self.write(|list| {
            list.open.iter_mut().for_each(|open| open.told(&change));
            list.apply(change)
        })
    }

    /// The user asks for a change.
    pub(crate) fn ask(&self, change: Change) -> Ticket {
        self.write(|list| {
            list.tickets += 1;
            let ticket = Ticket(list.tickets);
            list.open.push(Open { ticket, change });
            ticket
        })
    }

    /// The server has agreed to what was asked for, or has not. What pushes have told about meanwhile stays as they told.
    pub(crate) fn answered(&self, ticket: Ticket, agreed: bool) -> Difference {
        self.write(|list| {
            let open = list.open.iter().position(|open| open.ticket == ticket);
            match open.map(|at| list.open.swap_remove(at)) {
                Some(open) if agreed => list.apply(open.change),
                _ => Difference::default(),
            }
        })
    }

    fn read<T>(&self, read: impl FnOnce(&List) -> T) -> T {
        read(&self.list.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write<T>(&self, write: impl FnOnce(&mut List) -> T) -> T {
        write(&mut self.list.write().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Open {
    /// A push says how it is with these addresses, whatever the answer to this request will be.
    fn told(&mut self, push: &Change) {
        let (Change::Block(jids) | Change::Unblock(jids)) = &mut self.change else {
            return;
        };
        match push {
            Change::Block(told) | Change::Unblock(told) => jids.retain(|jid| !told.contains(jid)),
            Change::UnblockAll => jids.clear(),
        }
    }
}

impl List {
    fn apply(&mut self, change: Change) -> Difference {
        let mut difference = Difference::default();
        match change {
            Change::Block(jids) => {
                for jid in jids {
                    if self.jids.len() >= MAX_BLOCKED {
                        tracing::warn!(%jid, "the block list is full; it is blocked, but not shown so");
                    } else if self.jids.insert(jid.clone()) {
                        difference.blocked.push(jid);
                    }
                }
            }
            Change::Unblock(jids) => {
                let gone = jids.into_iter().filter(|jid| self.jids.remove(jid));
                difference.unblocked.extend(gone);
            }
            Change::UnblockAll => difference.unblocked.extend(std::mem::take(&mut self.jids)),
        }
        difference
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn jid(text: &str) -> Jid {
        Jid::new(text).unwrap()
    }

    fn list(jids: &[&str]) -> Blocked {
        let blocked = Blocked::default();
        blocked.replace(jids.iter().map(|text| jid(text)));
        blocked
    }

    #[test]
    fn an_address_its_account_and_its_domain_are_looked_for() {
        let blocked = list(&["a@x.example/r", "b@x.example", "y.example", "z.example/r"]);
        for (address, expected) in [
            ("a@x.example/r", true),
            ("a@x.example/s", false),
            ("a@x.example", false),
            ("b@x.example/any", true),
            ("b@x.example", true),
            ("x.example", false),
            ("anybody@y.example/any", true),
            ("y.example", true),
            ("sub.y.example", false),
            ("c@z.example/r", true),
            ("c@z.example/s", false),
        ] {
            assert_eq!(blocked.is_blocked(&jid(address)), expected, "{address}");
        }
    }

    #[test]
    fn the_first_list_is_no_news_and_a_later_one_is() {
        let blocked = Blocked::default();
        let first = blocked.replace([jid("a@x.example")]);
        assert_eq!(first, Difference::default());
        let second = blocked.replace([jid("b@x.example")]);
        assert_eq!(second.blocked, [jid("b@x.example")]);
        assert_eq!(second.unblocked, [jid("a@x.example")]);
    }

    #[test]
    fn a_change_is_news_once_whether_push_or_answer_comes_first() {
        let change = || Change::Block(vec![jid("a@x.example")]);
        for push_first in [true, false] {
            let blocked = list(&[]);
            let ticket = blocked.ask(change());
            let mut news = Vec::new();
            if push_first {
                news.extend(blocked.push(change()).blocked);
            }
            news.extend(blocked.answered(ticket, true).blocked);
            if !push_first {
                news.extend(blocked.push(change()).blocked);
            }
            assert_eq!(news, [jid("a@x.example")]);
        }
    }

    #[test]
    fn a_push_of_another_client_counts_more_than_a_late_answer() {
        let blocked = list(&[]);
        let ticket = blocked.ask(Change::Block(vec![jid("a@x.example")]));
        blocked.push(Change::Block(vec![jid("a@x.example")]));
        blocked.push(Change::UnblockAll);
        blocked.answered(ticket, true);
        assert!(!blocked.is_blocked(&jid("a@x.example")));
    }

    #[test]
    fn what_was_refused_changes_nothing() {
        let blocked = list(&["b@x.example"]);
        let ticket = blocked.ask(Change::UnblockAll);
        assert_eq!(blocked.answered(ticket, false), Difference::default());
        assert!(blocked.is_blocked(&jid("b@x.example")));
    }

    #[test]
    fn another_account_has_another_list() {
        let blocked = Blocked::default();
        blocked.open("m@x.example".parse().unwrap());
        blocked.replace([jid("a@x.example")]);
        blocked.open("m@x.example".parse().unwrap());
        assert_eq!(blocked.all().len(), 1);
        blocked.open("n@x.example".parse().unwrap());
        assert!(blocked.all().is_empty());
    }
}
