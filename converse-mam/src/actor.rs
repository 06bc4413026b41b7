//! The actor: knows when what was learned about archives is not true any more, and what has arrived.

use std::sync::Arc;

use converse_core::Error;
use converse_core::api::{Api, HearsAnswers};
use converse_core::bus::{Handled, Hears, Spawned};
use converse_core::session::IqResult;
use converse_core::session::event::{Disconnected, Reconnecting, SessionStarted};
use converse_core::xml::Element;
use converse_core::{ErrorKind, ns};
use tokio::sync::oneshot;

use crate::support::Support;

/// What queries share.
pub(crate) struct Archives {
    pub(crate) support: Support,
    pub(crate) actor: Spawned<ArchiveActor>,
}

pub(crate) struct ArchiveActor {
    support: Support,
}

/// Whoever waits until everything has arrived that came before an answer.
pub(crate) struct Fence(oneshot::Sender<Result<(), Error>>);

impl ArchiveActor {
    pub(crate) fn new(support: Support) -> Self {
        Self { support }
    }
}

impl Archives {
    /// Returns when the routes have heard everything that the server has sent until now.
    ///
    /// While an inbox is full, answers overtake the messages before them. A ping whose answer keeps its place among the
    /// stanzas tells when those have arrived too.
    pub(crate) async fn catch_up(&self, api: &Api) -> Result<(), Error> {
        let server = api.session().bare_jid();
        let server = server.map(|own| own.domain().to_string());
        let ping = Element::builder("iq", ns::CLIENT)
            .attr("type", "get")
            .attr_opt("to", server)
            .child(Element::builder("ping", ns::PING));
        let (tell, told) = oneshot::channel();
        api.iq_in_order(&self.actor, Fence(tell), ping).await?;
        let gone = || {
            Error::new(
                ErrorKind::Closed,
                "archive.query: the instance has been torn down",
            )
        };
        told.await.map_err(|_| gone())?
    }
}

// 1 events heard

impl Hears<SessionStarted> for ArchiveActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if !event.resumed {
            self.support.forget();
        }
        Ok(())
    }
}

impl Hears<Reconnecting> for ArchiveActor {
    async fn hear(&mut self, _: Arc<Reconnecting>) -> Handled {
        self.support.forget();
        Ok(())
    }
}

impl Hears<Disconnected> for ArchiveActor {
    async fn hear(&mut self, _: Arc<Disconnected>) -> Handled {
        self.support.forget();
        Ok(())
    }
}

// 2 answers heard

impl HearsAnswers<Fence> for ArchiveActor {
    async fn hear_answer(&mut self, Fence(tell): Fence, answer: IqResult) -> Handled {
        let arrived = match answer {
            // A server that knows no pings has answered as well.
            Err(error) if error.kind() != ErrorKind::Stanza => Err(error),
            _ => Ok(()),
        };
        // The query may have been given up.
        let _ = tell.send(arrived);
        Ok(())
    }
}
