//! Where an archive has a message.

use chrono::{DateTime, Utc};
use converse_core::store::Place;

/// Where an archive has a message among the others: its order is the order of the conversation, whatever the times say.
///
/// ```
/// use converse_messages::model::{History, Message, SentBy, Spot, Whose};
/// use chrono::{DateTime, TimeDelta, Utc};
///
/// let mut history = History::default();
/// let them = Whose::Side(SentBy::Them);
/// let noon: DateTime<Utc> = "2026-06-01T12:00:00Z".parse()?;
/// let says = |id: &str, body: &str| {
///     let mut message = Message::new(SentBy::Them, "juliet@capulet.example/balcony".parse()?, body.into(), noon);
///     message.stanza_id = Some(id.into());
///     Ok::<_, Box<dyn std::error::Error>>(message)
/// };
/// history.add_archived(says("28482", "third")?, them.clone(), Spot::at(noon));
///
/// // A page of what is before it. Its stamps say something else, because the clock of the server was set.
/// let before = history.archived_place("28482");
/// let later = noon + TimeDelta::hours(1);
/// let first = Spot::at(later).before(before);
/// history.add_archived(says("28480", "first")?, them.clone(), first);
/// let second = Spot::at(later).after(history.archived_place("28480")).before(before);
/// history.add_archived(says("28481", "second")?, them, second);
///
/// let bodies: Vec<_> = history.iter().map(|message| message.body.as_str()).collect();
/// assert_eq!(bodies, ["first", "second", "third"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub(super) at: Place,
    pub(super) after: Option<Place>,
    pub(super) before: Option<Place>,
}

impl Spot {
    /// At the time at which the archive got it, as far as nothing else is known.
    #[must_use]
    pub fn at(time: DateTime<Utc>) -> Self {
        Self::near(Place::at(time))
    }

    /// At this place or next to it.
    #[must_use]
    pub fn near(place: Place) -> Self {
        Self {
            at: place,
            after: None,
            before: None,
        }
    }

    /// Behind the message at this place, if there is one.
    #[must_use]
    pub fn after(mut self, place: Option<Place>) -> Self {
        self.after = place;
        self
    }

    /// Before the message at this place, if there is one.
    #[must_use]
    pub fn before(mut self, place: Option<Place>) -> Self {
        self.before = place;
        self
    }

    /// Whether a message at this place need not move.
    pub(super) fn fits(&self, place: Place) -> bool {
        self.after.is_none_or(|after| after < place)
            && self.before.is_none_or(|before| place < before)
    }
}
