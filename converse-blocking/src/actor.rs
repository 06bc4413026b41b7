//! The actor: keeps the list as the server has it.

mod support;

use std::sync::Arc;

use converse_core::api::{Api, HearsAnswers, StoreCleared};
use converse_core::bus::{Answers, Handled, Hears, Spawned};
use converse_core::router::{Answer, AnswersRequests, Condition, HearsStanzas, Stanza};
use converse_core::session::IqResult;
use converse_core::session::event::{Disconnected, SessionStarted};
use converse_core::{Error, ErrorKind};
use jid::Jid;
use tokio::sync::oneshot;

use crate::message::{
    BlockListFetched, ContactBlocked, ContactUnblocked, SendRefused, ServerKnown,
};
use crate::model::{Blocked, Difference, Ticket};
use crate::{ns, wire};

pub(crate) use support::{Offer, Support};

pub(crate) struct BlockingActor {
    api: Api,
    me: Spawned<Self>,
    blocked: Arc<Blocked>,
    support: Support,
    /// Counts the sessions, so that an answer of an old one is not taken for the new one's.
    session: u64,
}

/// The list was asked for.
pub(crate) struct Fetched {
    session: u64,
    offer: Offer,
}

/// The user asked for a change and waits.
pub(crate) struct Asked {
    pub(crate) ticket: Ticket,
    pub(crate) tell: oneshot::Sender<Result<(), Error>>,
}

impl BlockingActor {
    pub(crate) fn new(
        api: Api,
        me: Spawned<Self>,
        blocked: Arc<Blocked>,
        support: Support,
    ) -> Self {
        Self {
            api,
            me,
            blocked,
            support,
            session: 0,
        }
    }
}

// 1 lifecycle

impl Hears<SessionStarted> for BlockingActor {
    async fn hear(&mut self, event: Arc<SessionStarted>) -> Handled {
        if !event.begins_empty() {
            return Ok(());
        }
        self.session += 1;
        let account = event.jid.to_bare();
        self.blocked.open(account);
        self.support.asking();
        let (api, session) = (self.api.clone(), self.session);
        tokio::spawn(async move {
            let server = api.disco().server().await;
            // When the bus has stopped nobody wants to know any more.
            let _ = api.bus().call(ServerKnown { session, server }).await;
        });
        Ok(())
    }
}

impl Hears<Disconnected> for BlockingActor {
    async fn hear(&mut self, _: Arc<Disconnected>) -> Handled {
        self.support.offline();
        Ok(())
    }
}

impl Hears<StoreCleared> for BlockingActor {
    /// The user has logged out, and nothing of the account is to be seen any more.
    async fn hear(&mut self, _: Arc<StoreCleared>) -> Handled {
        self.blocked.clear();
        Ok(())
    }
}

// 2 answers heard

impl HearsAnswers<Fetched> for BlockingActor {
    async fn hear_answer(&mut self, key: Fetched, answer: IqResult) -> Handled {
        if key.session != self.session {
            return Ok(());
        }
        let list = match &answer {
            Ok(answer) => answer.child("blocklist", ns::BLOCKING),
            Err(error) if error.kind() == ErrorKind::Disconnected => {
                self.support.lost(error);
                return Ok(());
            }
            Err(error) => {
                tracing::warn!(%error, "the block list could not be fetched; it is the one of before, or empty");
                None
            }
        };
        if let Some(list) = list {
            let difference = self.blocked.replace(wire::jids(list));
            self.announce(difference);
            self.api.publish(BlockListFetched::new(self.blocked.all()));
        }
        self.support.offered(key.offer);
        Ok(())
    }
}

impl HearsAnswers<Asked> for BlockingActor {
    async fn hear_answer(&mut self, key: Asked, answer: IqResult) -> Handled {
        let difference = self.blocked.answered(key.ticket, answer.is_ok());
        self.announce(difference);
        // The caller may have stopped waiting.
        let _ = key.tell.send(answer.map(drop));
        Ok(())
    }
}

// 3 what the server says

impl AnswersRequests for BlockingActor {
    /// A push (XEP-0191 §3.3); that it comes from the own account is certain.
    async fn answer_request(&mut self, request: Stanza) -> Answer {
        let payload = request.root().children().next();
        let change = payload.and_then(wire::push).ok_or(Condition::BadRequest)?;
        let difference = self.blocked.push(change);
        self.announce(difference);
        Ok(None)
    }
}

impl HearsStanzas for BlockingActor {
    async fn hear_stanza(&mut self, stanza: Stanza) -> Handled {
        if let Some(from) = stanza.from()
            && wire::is_refusal(stanza.root())
            && self.blocked.is_blocked(from)
        {
            let id = stanza.id().map(|id| id.into_owned());
            self.api.publish(SendRefused::new(from.clone(), id));
        }
        Ok(())
    }
}

// 4 requests answered

impl Answers<ServerKnown> for BlockingActor {
    async fn answer(&mut self, known: ServerKnown) {
        if known.session != self.session {
            return;
        }
        match known.server {
            Ok(info) if info.has(ns::BLOCKING) => {
                let takes_reports = info.has(ns::REPORTING);
                self.fetch(Offer { takes_reports }).await;
            }
            Ok(_) => self.support.refused(),
            Err(error) => self.support.lost(&error),
        }
    }
}

// 5 private

impl BlockingActor {
    async fn fetch(&mut self, offer: Offer) {
        let session = self.session;
        let key = Fetched { session, offer };
        if let Err(error) = self.api.iq_in_order(&self.me, key, wire::query()).await {
            self.support.lost(&error);
        }
    }

    fn announce(&self, difference: Difference) {
        let Difference { blocked, unblocked } = difference;
        let publish = |jid: Jid| self.api.publish(ContactBlocked::new(jid));
        blocked.into_iter().for_each(publish);
        let publish = |jid: Jid| self.api.publish(ContactUnblocked::new(jid));
        unblocked.into_iter().for_each(publish);
    }
}
