//! The actor: knows what has arrived.

use converse_core::api::{Api, HearsAnswers};
use converse_core::bus::{Handled, Spawned};
use converse_core::session::IqResult;
use converse_core::xml::Element;
use converse_core::{Error, ErrorKind, ns};
use tokio::sync::oneshot;

/// What queries share.
pub(crate) struct Archives {
    pub(crate) actor: Spawned<ArchiveActor>,
}

/// Hears what keeps its place among the stanzas.
pub(crate) struct ArchiveActor;

/// Whoever waits until everything has arrived that came before an answer.
pub(crate) struct Fence(oneshot::Sender<Result<(), Error>>);

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

// 1 answers heard

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
