//! What can go wrong in finding rooms, apart from what everybody answers.

use converse_core::router::StanzaError;
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use super::wire::SEARCH_ERRORS;

/// Why rooms cannot be found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// The own server has no rooms.
    #[error("the server names no service with rooms; set `muc_domain`, or name one")]
    NoService,
    /// The setting `muc_domain` is not the address of a service.
    #[error("the setting `muc_domain` must be a domain")]
    BadDomain,
    /// The own server cannot search.
    #[error("the server names no service that searches for rooms; name one with SearchQuery::on")]
    NoSearch,
    /// The service was asked too often (XEP-0433 §5). Nothing is sent to it until it may be asked again.
    #[error("`{service}` was asked too often; search again in {seconds} s")]
    TooOften {
        /// Which service.
        service: BareJid,
        /// For how many seconds it is not asked any more.
        seconds: u64,
    },
    /// The service can make nothing of the words.
    #[error("`{service}` cannot search for these words{}", said(.source))]
    BadWords {
        /// Which service.
        service: BareJid,
        /// What it answered.
        source: StanzaError,
    },
    /// The service does not give all rooms to everybody.
    #[error("`{service}` does not list all of its rooms; search for words{}", said(.source))]
    NotAll {
        /// Which service.
        service: BareJid,
        /// What it answered.
        source: StanzaError,
    },
    /// Fields of the query contradict each other, or none says what to search for, or the service does not know the order.
    #[error("`{service}` cannot search for that ({condition}){}", said(.source))]
    BadQuery {
        /// Which service.
        service: BareJid,
        /// `conflicting-fields`, `no-search-conditions` or `invalid-sort-key` (XEP-0433 §4.2.2).
        condition: String,
        /// What it answered.
        source: StanzaError,
    },
}

impl FindError {
    /// What a search service has against a query, if it says it in the way of XEP-0433.
    pub(super) fn of_answer(service: &BareJid, source: &StanzaError) -> Option<Self> {
        let (service, source) = (service.clone(), source.clone());
        let condition = source.application(SEARCH_ERRORS)?.name.clone();
        match condition.as_str() {
            "invalid-search-terms" => Some(Self::BadWords { service, source }),
            "full-set-retrieval-rejected" => Some(Self::NotAll { service, source }),
            "conflicting-fields" | "no-search-conditions" | "invalid-sort-key" => {
                Some(Self::BadQuery {
                    service,
                    condition,
                    source,
                })
            }
            _ => None,
        }
    }
}

/// What the service said for people.
fn said(error: &StanzaError) -> String {
    let text = error.text.as_ref();
    text.map(|text| format!(": {}", text.escape_debug()))
        .unwrap_or_default()
}

impl From<FindError> for Error {
    fn from(error: FindError) -> Self {
        let kind = match &error {
            FindError::NoService | FindError::NoSearch => ErrorKind::Unsupported,
            FindError::BadDomain => ErrorKind::Config,
            FindError::TooOften { .. }
            | FindError::BadWords { .. }
            | FindError::NotAll { .. }
            | FindError::BadQuery { .. } => ErrorKind::Stanza,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
