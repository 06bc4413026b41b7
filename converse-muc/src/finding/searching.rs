//! What an application calls to search for rooms (XEP-0433).

use converse_core::api::JidSelector;
use converse_core::forms::Form;
use converse_core::router::StanzaError;
use converse_core::{Error, ErrorKind};
use jid::BareJid;

use super::api::finding;
use super::error::FindError;
use super::search::{SearchPage, SearchQuery};
use super::wire;
use crate::api::Rooms;

impl Rooms {
    /// The services of the own server that can search for rooms (XEP-0433 §4.1).
    ///
    /// # Errors
    ///
    /// As [`Api::iq`](converse_core::Api::iq), when the server does not say which services it has.
    pub async fn search_services(&self) -> Result<Vec<BareJid>, Error> {
        let services = self.api.disco().services().await?;
        let can_search = services
            .iter()
            .filter(|service| service.info.has(wire::SEARCH));
        let bare = can_search.filter_map(|service| BareJid::new(service.jid.as_str()).ok());
        Ok(bare.collect())
    }

    /// Searches for rooms, on many services where the search service knows many.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_muc::SearchQuery;
    /// # use converse_muc::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// let mut wanted = Some(SearchQuery::words("witches").max(20));
    /// while let Some(query) = wanted {
    ///     let page = api.rooms().search(query).await?;
    ///     for room in &page.rooms {
    ///         println!("{}: {:?}", room.jid, room.name);
    ///     }
    ///     wanted = page.next();
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] when no service is named and the own server has none,
    /// [`ErrorKind::Stanza`] with [`FindError`] as its cause when the service cannot search for that or was asked too
    /// often, [`ErrorKind::InvalidResponse`] when the answer is none, and those of [`Api::iq`](converse_core::Api::iq).
    pub async fn search(&self, query: impl Into<SearchQuery>) -> Result<SearchPage, Error> {
        let query = query.into();
        let service = match &query.service {
            Some(service) => service.clone(),
            None => {
                let first = self.search_services().await?.into_iter().next();
                first.ok_or(FindError::NoSearch)?
            }
        };
        let finding = finding(&self.api)?;
        let clock = &self.api.environment().clock;
        let wait = finding.limits().wait(&service, clock.now());
        if let Some(seconds) = wait {
            return Err(FindError::TooOften { service, seconds }.into());
        }
        let answer = self.api.iq(wire::search(&service, &query)?).await;
        let answer = answer.map_err(|error| {
            let mut limits = finding.limits();
            let limit = |retry_after| limits.limit(&service, retry_after, clock.now());
            understood(&service, error, limit)
        })?;
        finding.limits().lift(&service);
        let (rooms, place) = wire::read_found(&answer)?;
        Ok(SearchPage {
            service,
            rooms,
            query,
            place,
        })
    }

    /// The form of a search service, which shows what else it can search for: see [`SearchQuery::with`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] when it is not a JID, [`ErrorKind::InvalidResponse`] when there is no form in the
    /// answer, and those of [`Api::iq`](converse_core::Api::iq).
    pub async fn search_form(&self, service: impl JidSelector) -> Result<Form, Error> {
        let service = service.bare("rooms.search_form")?;
        let answer = self.api.iq(wire::search_form(&service)).await?;
        let search = answer.child("search", wire::SEARCH);
        let form = search.map(Form::inside).transpose()?.flatten();
        form.ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidResponse,
                format!("`{service}` answered without a form for searching"),
            )
        })
    }
}

/// What a service has against a query, in terms of searching where it has said it in these.
fn understood(service: &BareJid, error: Error, limit: impl FnOnce(Option<u64>) -> u64) -> Error {
    let Some(answer) = error.cause::<StanzaError>() else {
        return error;
    };
    let condition = answer.application(wire::SEARCH_ERRORS);
    if let Some(condition) = condition.filter(|condition| condition.name == "rate-limit") {
        let retry_after = condition.attribute("retry-after");
        let seconds = limit(retry_after.and_then(|seconds| seconds.trim().parse().ok()));
        let service = service.clone();
        return FindError::TooOften { service, seconds }.into();
    }
    FindError::of_answer(service, answer).map_or(error, Error::from)
}
