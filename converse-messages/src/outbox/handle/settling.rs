//! What becomes of messages that are not shown: only the store has them, or their conversation is closed.

use std::sync::Arc;

use super::Outbox;
use crate::model::{Delivery, MessageError};
use crate::outbox::lane::Lane;
use crate::outbox::line::{Line, News};

impl Outbox {
    /// Somebody who can know shows that the server has a message, which has [arrived](Self::arrived) by that.
    pub fn acknowledged(&self, lane: &Lane, id: &str) {
        if let Some(line) = self.line(lane) {
            self.set_delivery(&line, id, Delivery::Acknowledged, None);
        }
    }

    /// What waits in a lane will not be sent: whoever it was for is gone for good. To be called while the conversation can be found.
    pub fn give_up_all(&self, lane: &Lane, error: &MessageError) {
        let waiting = self.inside().queue.waiting(lane);
        for id in waiting {
            self.give_up(lane, id.as_str(), error);
        }
    }

    /// A message of a conversation that was sent from here has come further, wherever it is; the store hears of it soon.
    pub(in crate::outbox) fn set_delivery(
        &self,
        line: &Arc<dyn Line>,
        id: &str,
        delivery: Delivery,
        error: Option<&MessageError>,
    ) {
        line.set_delivery(id, delivery, error);
        self.settle(line, id, delivery, error);
    }

    /// The store hears how a message fares that is not here.
    pub(in crate::outbox) fn settle(
        &self,
        line: &Arc<dyn Line>,
        id: &str,
        delivery: Delivery,
        error: Option<&MessageError>,
    ) {
        let mut is_here = false;
        line.work(&mut |history, _| {
            is_here = history.sent(id).is_some() || history.log().is_none();
            Vec::new()
        });
        let Some((keeper, source)) = line.stored().filter(|_| !is_here) else {
            return;
        };
        let (line, id, error) = (Arc::clone(line), id.to_owned(), error.cloned());
        self.spawn(async move {
            let settled = keeper.set_delivery(&*source, &id, delivery, error.as_ref());
            match settled.await {
                Ok(Some(message)) => {
                    let mut news = Some(News::Delivery(message));
                    line.work(&mut |_, _| news.take().into_iter().collect());
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "how a message fares could not be kept");
                }
            }
        });
    }
}
