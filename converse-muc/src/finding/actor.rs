//! The actor: lists the rooms of the server after login, if the setting `auto_list_rooms` says so.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::Api;
use converse_core::bus::{Handled, Hears};
use converse_core::session::event::SessionStarted;
use jid::BareJid;
use tokio::task::AbortHandle;

use super::message::RoomsListed;
use super::shared::Finding;
use crate::api::RoomsExt as _;
use crate::settings::{ALLOW_MUC, AUTO_LIST_ROOMS};

/// How many rooms are asked what they are.
const MAX_DESCRIBED: usize = 1_000;

pub(super) struct FindingActor {
    api: Api,
    finding: Arc<Finding>,
    /// Whose server the list is of.
    account: Option<BareJid>,
    /// The list of this session, while it is fetched.
    listing: Option<AbortHandle>,
}

impl FindingActor {
    pub(super) fn new(api: Api, finding: Arc<Finding>) -> Self {
        Self {
            api,
            finding,
            account: None,
            listing: None,
        }
    }
}

impl Hears<SessionStarted> for FindingActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if !event.begins_empty() {
            return Ok(());
        }
        if let Some(listing) = self.listing.take() {
            listing.abort();
        }
        let account = Some(event.jid.to_bare());
        if self.account != account {
            self.finding.set_listed(Arc::default());
            self.account = account;
        }
        let settings = self.api.settings();
        if settings.read(&ALLOW_MUC)? && settings.read(&AUTO_LIST_ROOMS)? {
            let (api, finding) = (self.api.clone(), Arc::clone(&self.finding));
            // Answers come only after everybody has heard of the session.
            let listing = tokio::spawn(async move {
                if let Err(error) = list(&api, &finding).await {
                    tracing::info!(%error, "the rooms of the server could not be listed");
                }
            });
            self.listing = Some(listing.abort_handle());
        }
        Ok(())
    }
}

async fn list(api: &Api, finding: &Finding) -> Result<(), Error> {
    let rooms = api.rooms();
    let service = rooms.service().await?;
    let mut listed = rooms.all_on_service(&service).await?;
    let rest = listed.split_off(listed.len().min(MAX_DESCRIBED));
    let mut described = rooms.describe(listed).await?;
    described.extend(rest);
    let rooms: Arc<[_]> = described.into();
    finding.set_listed(Arc::clone(&rooms));
    api.publish(RoomsListed { service, rooms });
    Ok(())
}
