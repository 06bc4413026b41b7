//! What an application calls to find rooms.

use std::collections::HashSet;
use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, JidSelector};
use converse_core::disco::Info;
use futures_util::stream::{self, StreamExt as _};
use jid::BareJid;

use super::error::FindError;
use super::listed::{ListedRoom, RoomPage, RoomService};
use super::paging::Paging;
use super::shared::Finding;
use super::wire;
use crate::api::Rooms;
use crate::error::MucError;
use crate::model::RoomInfo;
use crate::settings::MUC_DOMAIN;
use crate::wire::{MUC, ask_info, read_info};

/// How many rooms of a service are listed in all.
pub(super) const MAX_ROOMS: usize = 10_000;
/// How many rooms are asked for at once where all are wanted.
const PAGE: u32 = 250;
/// How many rooms are asked at once what they are.
const ASKED_AT_ONCE: usize = 8;

impl Rooms {
    /// The services with rooms that the own server names (XEP-0045 §6.1); what is asked is remembered for the session.
    ///
    /// ```no_run
    /// # use converse_core::prelude::*;
    /// # use converse_muc::prelude::*;
    /// # async fn run(api: Api) -> Result<(), Error> {
    /// let rooms = api.rooms();
    /// for service in rooms.services().await? {
    ///     let page = rooms.on_service(&service.jid, 20).await?;
    ///     println!("{} has {:?} rooms, among them {:?}", service.jid, page.count(), page.rooms);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Api::iq`], when the server does not say which services it has.
    pub async fn services(&self) -> Result<Vec<RoomService>, Error> {
        let services = self.api.disco().services().await?.into_iter();
        let with_rooms = services.filter(|service| has_rooms(&service.info));
        let bare = with_rooms.filter_map(|service| {
            Some(RoomService {
                jid: BareJid::new(service.jid.as_str()).ok()?,
                name: service.info.name("conference").and_then(wire::named),
            })
        });
        Ok(bare.collect())
    }

    /// The service that rooms are looked for and opened on where none is named: the setting `muc_domain`, else the first
    /// that the own server names.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](converse_core::ErrorKind::Unsupported) when there is none,
    /// [`ErrorKind::Config`](converse_core::ErrorKind::Config) when the setting is no domain, and those of
    /// [`services`](Self::services).
    pub async fn service(&self) -> Result<BareJid, Error> {
        if let Some(domain) = self.api.settings().read(&MUC_DOMAIN)? {
            let jid = BareJid::new(domain.trim()).ok();
            let jid = jid.filter(|jid| jid.node().is_none());
            return jid.ok_or_else(|| FindError::BadDomain.into());
        }
        let first = self.services().await?.into_iter().next();
        first
            .map(|service| service.jid)
            .ok_or_else(|| FindError::NoService.into())
    }

    /// A part of the list of the public rooms of a service (XEP-0045 §6.3). Services that give no parts give all.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not a JID,
    /// [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) when the answer is no list, and those of
    /// [`Api::iq`].
    pub async fn on_service(
        &self,
        service: impl JidSelector,
        paging: impl Into<Paging>,
    ) -> Result<RoomPage, Error> {
        let service = service.bare("rooms.on_service")?;
        let paging = paging.into();
        let answer = self.api.iq(wire::list(&service, &paging)).await?;
        let (rooms, place) = wire::read_list(&answer, &service)?;
        Ok(RoomPage {
            service,
            rooms,
            max: paging.max,
            place,
        })
    }

    /// All public rooms of a service, each once, page by page; of more than 10,000 the first.
    ///
    /// # Errors
    ///
    /// As [`on_service`](Self::on_service), for the first page that fails.
    pub async fn all_on_service(
        &self,
        service: impl JidSelector,
    ) -> Result<Vec<ListedRoom>, Error> {
        let service = service.bare("rooms.all_on_service")?;
        let (mut rooms, mut known) = (Vec::new(), HashSet::new());
        let mut wanted = Some(Paging::new().max(PAGE));
        while let Some(paging) = wanted {
            let page = self.on_service(&service, paging).await?;
            wanted = page.next();
            let before = rooms.len();
            let new = page.rooms.into_iter();
            rooms.extend(new.filter(|room| known.insert(room.jid.clone())));
            rooms.truncate(MAX_ROOMS);
            // Who gives the same again and again has no more.
            if rooms.len() == before || rooms.len() >= MAX_ROOMS {
                break;
            }
        }
        Ok(rooms)
    }

    /// What a room says about itself (XEP-0045 §6.4), asked now, whether it is open or not.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) when it is not the JID of a room,
    /// [`ErrorKind::InvalidResponse`](converse_core::ErrorKind::InvalidResponse) when it does not answer the question, and
    /// those of [`Api::iq`]: [`ErrorKind::Stanza`](converse_core::ErrorKind::Stanza) for a room that is not there.
    pub async fn info(&self, room: impl JidSelector) -> Result<RoomInfo, Error> {
        let jid = room.bare("rooms.info")?;
        if jid.node().is_none() {
            let call = "rooms.info";
            return Err(MucError::NoRoom { call, jid }.into());
        }
        read_info(&self.api.iq(ask_info(&jid)).await?)
    }

    /// The same rooms with what they say about themselves, eight asked at once. One that does not answer stays as it is.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`](converse_core::ErrorKind::Disconnected) when the session ends on the way.
    pub async fn describe(
        &self,
        rooms: impl IntoIterator<Item = ListedRoom>,
    ) -> Result<Vec<ListedRoom>, Error> {
        let asked = rooms.into_iter().map(|mut room| async move {
            match self.info(&room.jid).await {
                Ok(info) => room.info = Some(info),
                Err(error) if error.kind() == converse_core::ErrorKind::Disconnected => {
                    return Err(error);
                }
                Err(error) => {
                    tracing::debug!(room = %room.jid, %error, "a room does not say what it is");
                }
            }
            Ok(room)
        });
        // Collected first: rustc cannot tell that the closure lives long enough inside the stream.
        let asked: Vec<_> = asked.collect();
        let mut asked = stream::iter(asked).buffered(ASKED_AT_ONCE);
        let mut described = Vec::new();
        while let Some(room) = asked.next().await {
            described.push(room?);
        }
        Ok(described)
    }

    /// The rooms that the setting `auto_list_rooms` had listed after login; none before [`RoomsListed`](super::RoomsListed).
    #[must_use]
    pub fn listed(&self) -> Vec<ListedRoom> {
        finding(&self.api).map_or_else(|_| Vec::new(), |finding| finding.listed().to_vec())
    }
}

fn has_rooms(info: &Info) -> bool {
    info.is("conference", "text") && info.has(MUC)
}

pub(super) fn finding(api: &Api) -> Result<Arc<Finding>, Error> {
    let provided = api.require::<Arc<Finding>>("converse-muc")?;
    Ok(Arc::clone(&provided))
}
