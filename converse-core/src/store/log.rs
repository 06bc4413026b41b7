//! Records in the order of time: the messages of a conversation.

use std::fmt;

use chrono::{DateTime, Utc};

use super::error::StoreError;
use super::{MAX_KEY_BYTES, MAX_NAMES, MAX_PAGE_ENTRIES, MAX_VALUE_BYTES};

/// Where a record stands in its log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its time, in microseconds since 1970-01-01T00:00:00Z.
    pub micros: i64,
    /// Its place among those of the same time.
    pub number: u32,
}

impl Place {
    /// The place `number` among those of a time in microseconds since 1970.
    #[must_use]
    pub const fn new(micros: i64, number: u32) -> Self {
        Self { micros, number }
    }

    /// The middle of the places of a time: there is room on both sides.
    ///
    /// ```
    /// use converse_core::store::Place;
    ///
    /// let noon = Place::at("2026-06-01T12:00:00Z".parse()?);
    /// assert!(noon.before() < noon && noon < noon.next());
    /// assert!(noon.next() < Place::at("2026-06-01T12:00:00.000001Z".parse()?));
    /// assert!(noon.between(noon.next()).is_some_and(|between| noon < between && between < noon.next()));
    /// # Ok::<(), chrono::ParseError>(())
    /// ```
    #[must_use]
    pub fn at(time: DateTime<Utc>) -> Self {
        Self::new(time.timestamp_micros(), 1 << 31)
    }

    /// A place behind this one, with room for others between them.
    #[must_use]
    pub fn next(self) -> Self {
        Self::from_code(self.code() + STEP)
    }

    /// A place before this one, with room for others between them.
    #[must_use]
    pub fn before(self) -> Self {
        Self::from_code(self.code() - STEP)
    }

    /// The place in the middle between this one and another one behind it; `None` if there is none.
    #[must_use]
    pub fn between(self, other: Self) -> Option<Self> {
        let (low, high) = (self.code(), other.code());
        (high - low > 1).then(|| Self::from_code(low + (high - low) / 2))
    }

    /// All places as numbers in their order.
    fn code(self) -> i128 {
        (i128::from(self.micros) << 32) + i128::from(self.number)
    }

    fn from_code(code: i128) -> Self {
        let micros = (code >> 32).clamp(i128::from(i64::MIN), i128::from(i64::MAX));
        Self {
            micros: i64::try_from(micros).unwrap_or_default(),
            number: u32::try_from(code & i128::from(u32::MAX)).unwrap_or_default(),
        }
    }
}

/// What the name begins with that is a record's pin; its key follows.
const PIN: &str = "pin:";
/// How far one place is from the next: twenty others can be put between them by halves, and thousands in one microsecond.
const STEP: i128 = 1 << 20;

/// One record of a log; its `Debug` shows neither text nor value, which are private.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its key; the log has one record of a key.
    pub key: String,
    /// What else it is known by, at most [`MAX_NAMES`]. A name that another record of the log had is this one's now.
    pub names: Vec<String>,
    /// Where it stands.
    pub place: Place,
    /// What a [`Search`] finds it by.
    pub text: Option<String>,
    /// What it holds.
    pub value: Vec<u8>,
}

impl Record {
    /// Whether everything is small enough; backends ask this before they write.
    ///
    /// # Errors
    ///
    /// A key or name is longer than [`MAX_KEY_BYTES`], there are more than [`MAX_NAMES`] names, or value and text are larger
    /// than [`MAX_VALUE_BYTES`].
    pub fn check(&self, log: &str) -> Result<(), StoreError> {
        let names = self.names.iter().map(String::len);
        let longest = names.chain([log.len(), self.key.len()]).max();
        if let Some(bytes) = longest.filter(|bytes| *bytes > MAX_KEY_BYTES) {
            return Err(StoreError::KeyTooLong { bytes });
        }
        if self.names.len() > MAX_NAMES {
            return Err(StoreError::TooManyNames {
                names: self.names.len(),
            });
        }
        let bytes = self.value.len() + self.text.as_ref().map_or(0, String::len);
        if bytes > MAX_VALUE_BYTES {
            return Err(StoreError::ValueTooLarge {
                namespace: "a log",
                bytes,
                limit: MAX_VALUE_BYTES,
            });
        }
        Ok(())
    }

    /// Keeps it from being [pruned](super::Change::Prune), until it is written without its pin: what has yet to be sent, say.
    ///
    /// A pin is one of its names.
    ///
    /// ```
    /// use converse_core::store::{Place, Record};
    ///
    /// let mut record = Record {
    ///     key: "a".to_owned(),
    ///     names: Vec::new(),
    ///     place: Place::new(0, 0),
    ///     text: None,
    ///     value: Vec::new(),
    /// };
    /// record.pin();
    /// record.pin();
    /// assert!(record.is_pinned() && record.names.len() == 1);
    /// ```
    pub fn pin(&mut self) {
        if !self.is_pinned() {
            self.names.push(format!("{PIN}{}", self.key));
        }
    }

    /// Whether it is kept from being pruned.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        let pin = |name: &String| name.strip_prefix(PIN) == Some(self.key.as_str());
        self.names.iter().any(pin)
    }

    /// What it takes, about, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let names: usize = self.names.iter().map(String::len).sum();
        let text = self.text.as_ref().map_or(0, String::len);
        self.key.len() + names + text + self.value.len()
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} at {:?}: {} bytes",
            self.key,
            self.place,
            self.value.len()
        )
    }
}

/// Which records of a log to read, in the order of their places.
///
/// ```
/// use converse_core::store::{LogScan, Place};
///
/// // The newest fifty, and the fifty before them:
/// let newest = LogScan::newest("juliet@capulet.example").limit(50);
/// let older = newest.clone().beyond(Place::new(1_767_225_600_000_000, 0));
/// assert!(older.reverse);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogScan {
    /// Which log.
    pub log: String,
    /// The place that was last on the page before.
    pub beyond: Option<Place>,
    /// How many at most; more than [`MAX_PAGE_ENTRIES`] count as that many.
    pub limit: usize,
    /// Whether to go from the newest to the oldest.
    pub reverse: bool,
}

impl LogScan {
    /// From the newest to the oldest.
    pub fn newest(log: impl Into<String>) -> Self {
        Self {
            log: log.into(),
            beyond: None,
            limit: MAX_PAGE_ENTRIES,
            reverse: true,
        }
    }

    /// From the oldest to the newest.
    pub fn oldest(log: impl Into<String>) -> Self {
        Self {
            reverse: false,
            ..Self::newest(log)
        }
    }

    /// Those that come after `place` in the direction of the scan.
    #[must_use]
    pub fn beyond(mut self, place: Place) -> Self {
        self.beyond = Some(place);
        self
    }

    /// At most `limit` of them.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}

/// What a [`LogScan`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogPage {
    /// The records, in the direction of the scan.
    pub records: Vec<Record>,
    /// Whether there are more: go on [beyond](LogScan::beyond) the last one.
    pub more: bool,
}

/// Looks for text in the logs of an account, the newest first.
///
/// A record is found if its text has all [`words`](super::words) of the search, the last of which may be the beginning of a
/// word; capital and small letters are the same.
///
/// The next page is what is [before](Self::before) the place of the last one found. A page may hold more than was asked for, when
/// records of several logs stand at the same place as its last one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Search {
    /// The words.
    pub text: String,
    /// In this log only.
    pub log: Option<String>,
    /// What is older than this, for the next page.
    pub before: Option<Place>,
    /// How many at most; more than [`MAX_PAGE_ENTRIES`] count as that many.
    pub limit: usize,
}

impl Search {
    /// In all logs.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            log: None,
            before: None,
            limit: 100,
        }
    }

    /// In this log only.
    #[must_use]
    pub fn log(mut self, log: impl Into<String>) -> Self {
        self.log = Some(log.into());
        self
    }

    /// Only what is older than `place`.
    #[must_use]
    pub fn before(mut self, place: Place) -> Self {
        self.before = Some(place);
        self
    }

    /// At most `limit` records.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }
}

/// What a [`Search`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// In which log.
    pub log: String,
    /// The record.
    pub record: Record,
}

/// A log as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSummary {
    /// Which log.
    pub log: String,
    /// How many records it has.
    pub records: usize,
    /// Where its newest stands; `None` without records.
    pub newest: Option<Place>,
}
