//! The actor: finds out at the start of a session whether there is an archive, and knows what has arrived.

use std::sync::Arc;

use converse_core::api::{Api, HearsAnswers};
use converse_core::bus::{Handled, Hears, Spawned};
use converse_core::disco::Info;
use converse_core::session::IqResult;
use converse_core::session::event::SessionStarted;
use converse_core::xml::Element;
use converse_core::{Error, ErrorKind, ns};
use jid::BareJid;
use tokio::sync::oneshot;

use crate::message::ServiceDiscovered;
use crate::support::Support;

/// What queries share.
pub(crate) struct Archives {
    pub(crate) support: Support,
    pub(crate) actor: Spawned<ArchiveActor>,
}

pub(crate) struct ArchiveActor {
    api: Api,
    support: Support,
    this: Spawned<Self>,
}

/// Who was asked what it can.
pub(crate) struct Asked(BareJid);

/// Whoever waits until everything has arrived that came before an answer.
pub(crate) struct Fence(oneshot::Sender<Result<(), Error>>);

impl ArchiveActor {
    pub(crate) fn new(api: Api, support: Support, this: Spawned<Self>) -> Self {
        Self { api, support, this }
    }
}

impl Archives {
    /// Returns when the routes have heard everything that the server has sent until now.
    ///
    /// While an inbox is full, answers overtake the messages before them. A ping whose answer keeps its place among the
    /// stanzas tells when those have arrived too.
    pub(crate) async fn catch_up(&self, api: &Api) -> Result<(), Error> {
        let server = api.session().bare_jid();
        let ping = Element::builder("iq", ns::CLIENT)
            .attr("type", "get")
            .attr_opt("to", server.map(|own| own.domain().to_string()))
            .child(Element::builder("ping", ns::PING));
        let (tell, told) = oneshot::channel();
        api.iq_in_order(&self.actor, Fence(tell), ping).await?;
        told.await.unwrap_or_else(|_| {
            let gone = "archive.query: the instance has been torn down";
            Err(Error::new(ErrorKind::Closed, gone))
        })
    }
}

// 1 events heard

impl Hears<SessionStarted> for ArchiveActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if !event.resumed {
            self.support.forget();
            self.ask(event.jid.to_bare()).await;
        }
        Ok(())
    }
}

// 2 answers heard

impl HearsAnswers<Asked> for ArchiveActor {
    async fn hear_answer(&mut self, Asked(jid): Asked, answer: IqResult) -> Handled {
        let info = answer.and_then(|answer| Info::from_answer(&answer));
        match self.support.learn(&jid, info) {
            Ok(true) => self.api.publish(ServiceDiscovered {
                var: crate::ns::MAM,
                from: jid,
            }),
            Ok(false) if jid.node().is_some() => self.ask(Support::server_of(&jid)).await,
            Ok(false) => {}
            Err(error) => tracing::debug!(%jid, %error, "whether it has an archive is not known"),
        }
        Ok(())
    }
}

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

// 3 private

impl ArchiveActor {
    /// Asks somebody what it can (XEP-0030 §3.1), without waiting for the answer.
    async fn ask(&self, jid: BareJid) {
        let request = Element::builder("iq", ns::CLIENT)
            .attr("type", "get")
            .attr("to", jid.as_str())
            .child(Element::builder("query", ns::DISCO_INFO));
        let asked = self.api.iq_in_order(&self.this, Asked(jid), request).await;
        if let Err(error) = asked {
            tracing::debug!(%error, "whether there is an archive is asked with the first query");
        }
    }
}
