//! What is searched for, and what is found (XEP-0433).

use converse_core::forms::IntoValues;
use jid::BareJid;
use serde::Serialize;

use super::paging::{Paging, Place};

/// In which order rooms are wanted that were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SearchOrder {
    /// Those with the most occupants first. Pages may overlap or leave out some.
    Occupants,
    /// By address, which gives every room once.
    Address,
}

impl SearchOrder {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Occupants => "{urn:xmpp:channel-search:0:order}nusers",
            Self::Address => "{urn:xmpp:channel-search:0:order}address",
        }
    }
}

/// What [`Rooms::search`](crate::Rooms::search) is to find; words as text are enough.
///
/// What is searched for is told to the service.
///
/// ```
/// use converse_muc::{SearchOrder, SearchQuery};
///
/// let query = SearchQuery::words("good witches")
///     .min_occupants(2)
///     .order(SearchOrder::Address)
///     .max(20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SearchQuery {
    pub(super) service: Option<BareJid>,
    pub(super) fields: Vec<(String, Vec<String>)>,
    pub(super) paging: Paging,
}

impl SearchQuery {
    /// Rooms to which these words fit; how, is the service's business.
    pub fn words(words: impl Into<String>) -> Self {
        Self::of_field("q", words.into())
    }

    /// All rooms, by address. Some services do not give them.
    #[must_use]
    pub fn all() -> Self {
        Self::of_field("all", true).order(SearchOrder::Address)
    }

    fn of_field(var: &str, values: impl IntoValues) -> Self {
        let query = Self {
            service: None,
            fields: Vec::new(),
            paging: Paging::new(),
        };
        // Rooms are what can be entered here.
        query.with(var, values).with("types", "xep-0045")
    }

    /// Ask this service. Without it, the first one of the own server that can search is asked.
    #[must_use]
    pub fn on(mut self, service: BareJid) -> Self {
        self.service = Some(service);
        self
    }

    /// Whether the words may fit to the name of a room.
    #[must_use]
    pub fn in_name(self, may: bool) -> Self {
        self.with("sinname", may)
    }

    /// Whether the words may fit to the description of a room.
    #[must_use]
    pub fn in_description(self, may: bool) -> Self {
        self.with("sindescription", may)
    }

    /// Whether the words may fit to the address of a room.
    #[must_use]
    pub fn in_address(self, may: bool) -> Self {
        self.with("sinaddress", may)
    }

    /// Only rooms with so many occupants.
    #[must_use]
    pub fn min_occupants(self, count: u32) -> Self {
        self.with("min_users", count)
    }

    /// In this order.
    #[must_use]
    pub fn order(self, order: SearchOrder) -> Self {
        self.with("key", order.key())
    }

    /// With a field of the service's own, which [`Rooms::search_form`](crate::Rooms::search_form) shows, in place of the
    /// one of that name.
    #[must_use]
    pub fn with(mut self, var: impl Into<String>, values: impl IntoValues) -> Self {
        let var = var.into();
        self.fields.retain(|(known, _)| *known != var);
        self.fields.push((var, values.into_values()));
        self
    }

    /// At most so many at once.
    #[must_use]
    pub fn max(mut self, max: u32) -> Self {
        self.paging.max = Some(max);
        self
    }

    /// This part of what is found.
    #[must_use]
    pub fn paged(mut self, paging: impl Into<Paging>) -> Self {
        self.paging = paging.into();
        self
    }
}

impl From<&str> for SearchQuery {
    fn from(words: &str) -> Self {
        Self::words(words)
    }
}

impl From<String> for SearchQuery {
    fn from(words: String) -> Self {
        Self::words(words)
    }
}

/// A room that was found, as the search service knows it (XEP-0433 §6.2): it may know little, and not the latest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FoundRoom {
    /// Its address.
    pub jid: BareJid,
    /// Its name for people; at most 256 characters.
    pub name: Option<String>,
    /// What it is about; at most 1,024 characters.
    pub description: Option<String>,
    /// The language that is spoken there, as `en`.
    pub language: Option<String>,
    /// How many are in it.
    pub occupants: Option<u32>,
    /// Whether it can be entered without being a member or knowing a password.
    pub is_open: Option<bool>,
    /// Whether only its moderators see the real addresses of occupants; whatever it is that the service says instead
    /// is taken for no.
    pub is_semi_anonymous: Option<bool>,
}

/// A part of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SearchPage {
    /// Who searched.
    pub service: BareJid,
    /// The rooms, in the order of the service; at most 1,000.
    pub rooms: Vec<FoundRoom>,
    #[serde(skip)]
    pub(super) query: SearchQuery,
    #[serde(flatten)]
    pub(super) place: Place,
}

impl SearchPage {
    /// How many rooms were found in all, if the service tells.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.place.count
    }

    /// What to search for the rooms after these; `None` if these are the last ones.
    #[must_use]
    pub fn next(&self) -> Option<SearchQuery> {
        self.turn(self.place.next(self.query.paging.max))
    }

    /// What to search for the rooms before these; `None` if these are the first ones.
    #[must_use]
    pub fn previous(&self) -> Option<SearchQuery> {
        self.turn(self.place.previous(self.query.paging.max))
    }

    /// The same query for another part; the answers of two services would not fit.
    fn turn(&self, paging: Option<Paging>) -> Option<SearchQuery> {
        let query = self.query.clone().on(self.service.clone());
        paging.map(|paging| query.paged(paging))
    }
}
