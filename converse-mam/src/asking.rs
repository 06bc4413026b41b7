//! Asks an archive for one page: whose turn it is, whether there is an archive, the request, its results, its end.

use std::time::Duration;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::router::IntoStanza as _;
use tokio::time::timeout;

use crate::actor::Archives;
use crate::collecting::Collecting;
use crate::error::ArchiveError;
use crate::model::{Page, Query};
use crate::settings::TIMEOUT;
use crate::support;
use crate::wire;

/// The page that a query asks for. The time that it may take begins when it is its turn.
pub(crate) async fn page(api: &Api, archives: &Archives, query: &Query) -> Result<Page, Error> {
    query.check()?;
    if !api.session().is_online() {
        return Err(ArchiveError::Offline.into());
    }
    let ms = api.settings().read(&TIMEOUT)?;
    let turn = archives.turns.wait(query.archive()).await?;
    let limit = Duration::from_millis(ms);
    let page = timeout(limit, ask(api, archives, query, limit)).await;
    drop(turn);
    page.unwrap_or_else(|_| {
        let archive = match query.archive() {
            Some(room) => room.to_string(),
            None => "the own archive".to_owned(),
        };
        Err(ArchiveError::Timeout { archive, ms }.into())
    })
}

async fn ask(
    api: &Api,
    archives: &Archives,
    query: &Query,
    limit: Duration,
) -> Result<Page, Error> {
    support::require(api, query.archive().as_ref(), query.extended()).await?;
    let random = &*api.environment().random;
    let queryid = random.stanza_id();
    let collecting = Collecting::start(api, query, &queryid)?;
    let request = wire::request(query, &queryid).into_stanza(random)?;
    let answer = api.session().request(request, limit).await?;
    let rsm = wire::fin(&answer)?;
    if !collecting.is_whole(&rsm) || !api.bus().pressure().is_open() {
        archives.catch_up(api).await?;
    }
    Ok(collecting.finish(rsm)?)
}
