//! By which names a store knows messages.

use converse_core::store::{MAX_KEY_BYTES, MAX_NAMES};

use super::entries::Entry;
use super::{History, Message, MessageId, SentBy, Whose, names};
use crate::model::fold::{Change, Fold};

impl History {
    /// By which names a store would know a message that is the same as this one, the surest first.
    #[must_use]
    pub fn names_of(&self, message: &Message, whose: &Whose) -> Vec<String> {
        let archived = message.stanza_id.as_deref().map(archived);
        let nick = message.nick.as_deref().filter(|_| self.is_room);
        let chosen = names(message).filter_map(|id| match nick {
            Some(nick) => Some(named(nick, id)),
            None => of(whose, id),
        });
        archived.into_iter().chain(chosen).filter(fits).collect()
    }

    /// By which name a store knows the message with an id of the account's or the room's archive.
    #[must_use]
    pub fn archived_name(stanza_id: &str) -> String {
        archived(stanza_id)
    }

    /// By which name a store knows the message that was sent from here with an id.
    #[must_use]
    pub fn sent_name(id: &str) -> String {
        format!("me:{id}")
    }

    /// The id of an archive that a name of a record stands for, if it is such a name.
    #[must_use]
    pub fn archived_id(name: &str) -> Option<&str> {
        name.strip_prefix("s:")
    }

    /// By which names a store would know the message that a change is about.
    #[must_use]
    pub fn names_of_target(&self, change: &Change) -> Vec<String> {
        let (whose, id) = (&change.by.whose, change.fold.target());
        let other = whose.other().and_then(|other| of(&other, id));
        let in_room = || self.is_room.then(|| archived(id));
        let found = match &change.fold {
            Fold::Correction(_) => [of(whose, id), None],
            Fold::Retraction { .. } => [of(whose, id), in_room()],
            Fold::Moderation { .. } => [in_room(), None],
            Fold::Reactions { .. } if self.is_room => [in_room(), None],
            Fold::Reactions { .. } => [other, of(whose, id)],
            Fold::Receipt { .. } | Fold::Displayed { .. } => [other, None],
        };
        found.into_iter().flatten().filter(fits).collect()
    }

    /// By which names a store knows a message.
    pub(super) fn record_names(&self, entry: &Entry) -> Vec<String> {
        let Entry { message, whose, .. } = entry;
        let mut all = self.names_of(message, whose);
        let replaced = message.replaces.as_ref().map(MessageId::as_str);
        let folded = entry.folds.iter().rev().filter_map(|fold| {
            let (whose, id) = &**fold.name.as_ref()?;
            of(whose, id)
        });
        let own = names(message)
            .chain(replaced)
            .filter_map(|id| of(whose, id));
        // A pin is a name too.
        let most = MAX_NAMES - usize::from(self.is_unsettled(entry));
        for name in own.chain(folded).filter(fits) {
            if all.len() < most && !all.contains(&name) {
                all.push(name);
            }
        }
        all
    }
}

/// An id that an archive gave.
fn archived(id: &str) -> String {
    format!("s:{id}")
}

/// An id that whoever had this nick chose; nobody can choose a nick so that it is the name of another.
fn named(nick: &str, id: &str) -> String {
    format!("n{}:{nick}:{id}", nick.len())
}

/// An id that its sender chose, if it is certain who that is, also the next day.
fn of(whose: &Whose, id: &str) -> Option<String> {
    Some(match whose {
        Whose::Side(SentBy::Me) => History::sent_name(id),
        Whose::Side(SentBy::Them) => format!("them:{id}"),
        Whose::Occupant(occupant) => format!("o{}:{occupant}:{id}", occupant.len()),
        Whose::Visitor(_) | Whose::Nick(_) | Whose::Room => return None,
    })
}

fn fits(name: &impl AsRef<str>) -> bool {
    name.as_ref().len() <= MAX_KEY_BYTES
}
