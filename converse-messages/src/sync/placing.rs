//! Where archived messages belong among the others: in the archive's order, as near to their stamps as that allows.

use std::fmt;

use chrono::{DateTime, Utc};
use converse_core::contract::Archived;
use converse_core::store::Place;

/// How much room is left for what is missing before a message whose stamp leaves none, in microseconds.
const ROOM: i64 = 1_000_000;

/// A message of an archive, and where it belongs.
#[derive(Clone)]
#[non_exhaustive]
pub struct Placed {
    /// Its id in the archive.
    pub id: String,
    /// The message. Only that the archive has it has been checked.
    pub stanza: converse_core::router::Stanza,
    /// When the archive got it; if it does not say so, when it got one next to it.
    pub time: DateTime<Utc>,
    /// Its place.
    pub place: Place,
}

/// What was said is private and is left out.
impl fmt::Debug for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Placed")
            .field("id", &self.id)
            .field("time", &self.time)
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// Places messages that follow `after`, with nothing missing between if `is_next`.
pub(super) fn forward(
    messages: Vec<Archived>,
    after: Option<Place>,
    is_next: bool,
    now: DateTime<Utc>,
) -> Vec<Placed> {
    let times = times(&messages, now);
    let mut last = after;
    let mut is_next = is_next;
    let placed = messages.into_iter().zip(times).map(|(message, time)| {
        let stamp = Place::at(time);
        let least = last.map(|last| if is_next { last.next() } else { apart(last) });
        let place = least.map_or(stamp, |least| least.max(stamp));
        (last, is_next) = (Some(place), true);
        put(message, time, place)
    });
    placed.collect()
}

/// Places messages that come before `before`, with nothing missing between, and follow `after`, where something may be missing.
pub(super) fn backward(
    messages: Vec<Archived>,
    after: Option<Place>,
    before: Option<Place>,
    now: DateTime<Utc>,
) -> Vec<Placed> {
    let times = times(&messages, now);
    let mut first = before;
    let mut placed: Vec<_> = messages.into_iter().zip(times).collect();
    placed.reverse();
    let mut placed: Vec<_> = placed
        .into_iter()
        .map(|(message, time)| {
            let stamp = Place::at(time);
            let most = first.map(Place::before);
            let place = match most {
                // The stamp says that it is older than what is older: then it is next to what is newer.
                Some(most) if after.is_some_and(|after| stamp <= after) => most,
                Some(most) => most.min(stamp),
                None => after.map_or(stamp, |after| apart(after).max(stamp)),
            };
            first = Some(place);
            put(message, time, place)
        })
        .collect();
    placed.reverse();
    placed
}

fn put(message: Archived, time: DateTime<Utc>, place: Place) -> Placed {
    let Archived { id, stanza, .. } = message;
    Placed {
        id,
        stanza,
        time,
        place,
    }
}

/// The stamps; where there is none, that of the message before, or else of the one behind.
fn times(messages: &[Archived], now: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let mut stamps = messages.iter().filter_map(|message| message.time);
    let mut last = stamps.next().unwrap_or(now);
    let times = messages.iter().map(|message| {
        last = message.time.unwrap_or(last);
        last
    });
    times.collect()
}

/// A place behind another one that leaves room between them.
pub(super) fn apart(place: Place) -> Place {
    Place::new(place.micros.saturating_add(ROOM), 0)
}
