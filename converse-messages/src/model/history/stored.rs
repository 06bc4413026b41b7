//! A message as a store has it.

use std::borrow::Cow;

use chrono::{DateTime, Timelike, Utc};
use converse_core::store::{Record, StoreError};
use jid::Jid;
use serde::{Deserialize, Serialize};

use super::entries::Entry;
use crate::model::message::{Message, MessageId, SentBy};
use crate::model::reaction::Reactor;
use crate::model::whose::Whose;

/// How many bytes of text are searched; nobody writes more.
const MAX_TEXT: usize = 64 * 1024;

/// The value of a record.
#[derive(Serialize, Deserialize)]
struct Stored<'a> {
    message: Cow<'a, Message>,
    /// The nanoseconds of its times, of which a message as JSON has the milliseconds only.
    nanos: Vec<u32>,
    whose: Who<'a>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reactors: Vec<StoredReactor<'a>>,
    /// Who said something of it, with which id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    folds: Vec<(Who<'a>, Cow<'a, str>)>,
}

/// Who it was, as far as that says anything the next day.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Who<'a> {
    Me,
    Them,
    Occupant(Cow<'a, str>),
    Nick(Cow<'a, str>),
    Room,
}

#[derive(Serialize, Deserialize)]
struct StoredReactor<'a> {
    whose: Who<'a>,
    jid: Cow<'a, Jid>,
    micros: i64,
    emojis: Cow<'a, [String]>,
}

/// What a record holds.
pub(super) struct Read {
    pub(super) entry: Entry,
    pub(super) folds: Vec<(Whose, MessageId)>,
}

impl<'a> Who<'a> {
    /// A visitor is one only as long as he stays, and somebody with a nick after that.
    fn of(whose: &'a Whose, nick: &'a str) -> Self {
        match whose {
            Whose::Side(SentBy::Me) => Self::Me,
            Whose::Side(SentBy::Them) => Self::Them,
            Whose::Occupant(id) => Self::Occupant(Cow::Borrowed(id)),
            Whose::Nick(nick) => Self::Nick(Cow::Borrowed(nick)),
            Whose::Visitor(_) => Self::Nick(Cow::Borrowed(nick)),
            Whose::Room => Self::Room,
        }
    }

    fn into_whose(self) -> Whose {
        match self {
            Self::Me => Whose::Side(SentBy::Me),
            Self::Them => Whose::Side(SentBy::Them),
            Self::Occupant(id) => Whose::Occupant(id.into_owned()),
            Self::Nick(nick) => Whose::Nick(nick.into_owned()),
            Self::Room => Whose::Room,
        }
    }
}

/// The record of a message.
pub(super) fn write(entry: &Entry, key: String, names: Vec<String>) -> Result<Record, StoreError> {
    let message = &entry.message;
    let nick = message.nick.as_deref().unwrap_or_default();
    let reactors = entry.reactors.iter().map(|reactor| StoredReactor {
        whose: Who::of(&reactor.whose, nick_of(&reactor.jid)),
        jid: Cow::Borrowed(&reactor.jid),
        micros: reactor.time.timestamp_micros(),
        emojis: Cow::Borrowed(&reactor.emojis),
    });
    let folds = entry.folds.iter().filter_map(|fold| {
        let (whose, id) = &**fold.name.as_ref()?;
        let is_lasting = !matches!(whose, Whose::Visitor(_) | Whose::Nick(_));
        is_lasting.then(|| (Who::of(whose, nick), Cow::Borrowed(id.as_str())))
    });
    let stored = Stored {
        message: Cow::Borrowed(message),
        nanos: times(message).map(|time| time.nanosecond()).collect(),
        whose: Who::of(&entry.whose, nick),
        reactors: reactors.collect(),
        folds: folds.collect(),
    };
    let value = serde_json::to_vec(&stored).map_err(|error| StoreError::Format {
        namespace: "a log",
        key: key.clone(),
        column: error.column(),
    })?;
    let is_text = !message.body.is_empty() && message.body.len() <= MAX_TEXT;
    let record = Record {
        key,
        names,
        place: entry.place,
        text: is_text.then(|| message.body.clone()),
        value,
    };
    record.check("")?;
    Ok(record)
}

/// What a record holds.
pub(super) fn read(record: Record) -> Result<Read, StoreError> {
    let stored: Stored<'_> =
        serde_json::from_slice(&record.value).map_err(|error| StoreError::Format {
            namespace: "a log",
            key: record.key.clone(),
            column: error.column(),
        })?;
    let mut message = stored.message.into_owned();
    for (time, nanos) in times_mut(&mut message).zip(stored.nanos) {
        *time = time.with_nanosecond(nanos).unwrap_or(*time);
    }
    let mut entry = Entry::new(message, stored.whose.into_whose(), record.place);
    entry.key = Some(record.key.into_boxed_str());
    entry.reactors = stored.reactors.into_iter().filter_map(reactor).collect();
    let folds = stored.folds.into_iter();
    let folds = folds.map(|(whose, id)| (whose.into_whose(), MessageId::new(id)));
    Ok(Read {
        entry,
        folds: folds.collect(),
    })
}

/// All times of a message.
fn times(message: &Message) -> impl Iterator<Item = &DateTime<Utc>> {
    let edited = message.edited.iter().flat_map(|edit| {
        let older = edit.older.iter().map(|version| &version.time);
        [&edit.time].into_iter().chain(older)
    });
    let first = [&message.time].into_iter();
    first.chain(&message.retracted).chain(edited)
}

/// The same, to be set.
fn times_mut(message: &mut Message) -> impl Iterator<Item = &mut DateTime<Utc>> {
    let edited = message.edited.iter_mut().flat_map(|edit| {
        let older = edit.older.iter_mut().map(|version| &mut version.time);
        [&mut edit.time].into_iter().chain(older)
    });
    let first = [&mut message.time].into_iter();
    first.chain(&mut message.retracted).chain(edited)
}

fn reactor(stored: StoredReactor<'_>) -> Option<Reactor> {
    let time: DateTime<Utc> = DateTime::from_timestamp_micros(stored.micros)?;
    Some(Reactor {
        whose: stored.whose.into_whose(),
        jid: stored.jid.into_owned(),
        time,
        emojis: stored.emojis.into_owned(),
    })
}

fn nick_of(jid: &Jid) -> &str {
    jid.resource().map_or("", |resource| resource.as_str())
}
