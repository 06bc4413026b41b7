//! What an application calls.

use std::fmt::Display;
use std::sync::Arc;

use converse_core::api::{Api, JidSelector};
use converse_core::bus::Spawned;
use converse_core::xml::ElementBuilder;
use converse_core::{Error, ErrorKind};
use jid::Jid;
use tokio::sync::oneshot;

use crate::actor::{Asked, BlockingActor, Support};
use crate::error::BlockingError;
use crate::model::{Blocked, Change, Report};
use crate::wire;

const PLUGIN: &str = "converse-blocking";

/// What the plugin and its handles share.
pub(crate) struct Shared {
    pub(crate) blocked: Arc<Blocked>,
    pub(crate) actor: Spawned<BlockingActor>,
    pub(crate) support: Support,
}

/// Adds the **blocking** grouping to [`Api`].
pub trait BlockingExt {
    /// Whom the user has blocked.
    fn blocking(&self) -> Blocking;
}

impl BlockingExt for Api {
    fn blocking(&self) -> Blocking {
        Blocking { api: self.clone() }
    }
}

/// Whom the user has blocked; reading it takes no round trip.
///
/// The list is empty until it has come from the server: `blocklistInitialized` says when. An address is that of a person, of
/// one of their clients, or a whole domain.
///
/// ```
/// use converse_blocking::prelude::*;
/// use converse_core::prelude::*;
///
/// # #[actix::main]
/// # async fn main() -> Result<(), converse_core::Error> {
/// let api = Converse::initialize(settings! {}).await?;
/// assert!(!api.blocking().is_blocked("iago@venice.example")?);
/// let error = api.blocking().block(["iago@venice.example"]).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Disconnected);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Blocking {
    api: Api,
}

impl Blocking {
    /// Everybody who is blocked, sorted; nobody if the plugin does not run.
    #[must_use]
    pub fn list(&self) -> Vec<Jid> {
        self.shared()
            .map(|shared| shared.blocked.all())
            .unwrap_or_default()
    }

    /// Whether somebody is blocked: the person or their whole domain.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] when it is not a JID, [`ErrorKind::Unsupported`] when the plugin does not run.
    pub fn is_blocked(&self, jid: impl JidSelector) -> Result<bool, Error> {
        let jid = jid.bare("blocking.is_blocked")?;
        Ok(self.shared()?.blocked.is_blocked(&Jid::from(jid)))
    }

    /// Whether the server blocks; waits until that is known in this session.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Disconnected`] without a session.
    pub async fn is_supported(&self) -> Result<bool, Error> {
        let supported = self
            .shared()?
            .support
            .require("blocking.is_supported")
            .await;
        match supported {
            Ok(_) => Ok(true),
            Err(BlockingError::Unsupported { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Blocks these addresses: nothing they send arrives any more, and nothing goes to them. Blocked ones stay so.
    ///
    /// It returns when the server has agreed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] for what is no address, the own one, and for none at all;
    /// [`ErrorKind::Unsupported`] when the server does not block; and those of [`Api::iq`].
    pub async fn block<J: Display>(&self, jids: impl IntoIterator<Item = J>) -> Result<(), Error> {
        const CALL: &str = "blocking.block";
        let jids = self.others(jids, CALL)?;
        self.change(Change::Block(jids), CALL).await
    }

    /// Blocks somebody and tells the server why, who may act upon it (XEP-0377).
    ///
    /// # Errors
    ///
    /// As [`block`](Self::block), and [`ErrorKind::Unsupported`] when the server takes no reports; nothing is blocked then.
    ///
    /// ```no_run
    /// # use converse_blocking::prelude::*;
    /// # use converse_core::prelude::*;
    /// # async fn example(api: Api) -> Result<(), converse_core::Error> {
    /// api.blocking().report("iago@venice.example", Report::abuse().text("He lies.")).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn report(&self, jid: impl Display, report: Report) -> Result<(), Error> {
        const CALL: &str = "blocking.report";
        let jids = self.others([jid], CALL)?;
        let shared = self.shared()?;
        if !shared.support.require(CALL).await?.takes_reports {
            return Err(BlockingError::NoReports { call: CALL }.into());
        }
        let (Some(jid), Some(own)) = (jids.first(), self.api.session().bare_jid()) else {
            return Err(BlockingError::Offline { call: CALL }.into());
        };
        let request = wire::report(jid, &report, &own);
        self.ask(&shared, Change::Block(jids), request).await
    }

    /// Takes back the blocks of these addresses. One that is not on the list is no error.
    ///
    /// # Errors
    ///
    /// As [`block`](Self::block).
    pub async fn unblock<J: Display>(
        &self,
        jids: impl IntoIterator<Item = J>,
    ) -> Result<(), Error> {
        const CALL: &str = "blocking.unblock";
        let jids = addresses(jids, CALL)?;
        self.change(Change::Unblock(jids), CALL).await
    }

    /// Takes back every block.
    ///
    /// # Errors
    ///
    /// As [`block`](Self::block).
    pub async fn unblock_all(&self) -> Result<(), Error> {
        self.change(Change::UnblockAll, "blocking.unblock_all")
            .await
    }

    fn shared(&self) -> Result<Arc<Shared>, Error> {
        self.api.require(PLUGIN)
    }

    async fn change(&self, change: Change, call: &'static str) -> Result<(), Error> {
        let shared = self.shared()?;
        shared.support.require(call).await?;
        let request = wire::request(&change);
        self.ask(&shared, change, request).await
    }

    /// Sends the request; the list changes in the place of the answer among the pushes.
    async fn ask(
        &self,
        shared: &Shared,
        change: Change,
        request: ElementBuilder,
    ) -> Result<(), Error> {
        let (tell, told) = oneshot::channel();
        let ticket = shared.blocked.ask(change);
        let asked = Asked { ticket, tell };
        if let Err(error) = self.api.iq_in_order(&shared.actor, asked, request).await {
            shared.blocked.answered(ticket, false);
            return Err(error);
        }
        told.await.unwrap_or_else(|_| {
            let gone = "the instance has been torn down";
            Err(Error::new(ErrorKind::Closed, gone))
        })
    }

    /// Addresses that can be blocked.
    fn others<J: Display>(
        &self,
        jids: impl IntoIterator<Item = J>,
        call: &'static str,
    ) -> Result<Vec<Jid>, Error> {
        let jids = addresses(jids, call)?;
        let own = self.api.session().bare_jid();
        match jids.iter().find(|jid| Some(jid.to_bare()) == own) {
            Some(jid) => Err(BlockingError::Own {
                call,
                jid: jid.clone(),
            }
            .into()),
            None => Ok(jids),
        }
    }
}

/// At least one address.
fn addresses<J: Display>(
    jids: impl IntoIterator<Item = J>,
    call: &'static str,
) -> Result<Vec<Jid>, BlockingError> {
    let jids = jids.into_iter().map(|jid| {
        let given = jid.to_string();
        Jid::new(&given).map_err(|_| BlockingError::InvalidJid { call, given })
    });
    let jids: Vec<Jid> = jids.collect::<Result<_, _>>()?;
    if jids.is_empty() {
        return Err(BlockingError::Nobody { call });
    }
    Ok(jids)
}
