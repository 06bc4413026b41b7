//! The elements of stream management as they come in.

use std::sync::Arc;
use std::time::Duration;

use jid::BareJid;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::sm::{
    A, Enable, Enabled, Failed, HandledCountTooHigh, Nonza, Resume, Resumed, StreamId,
};
use xmpp_parsers::stanza_error::DefinedCondition;
use xmpp_parsers::stream_error::{DefinedCondition as StreamCondition, StreamError};

use super::super::dom::Packet;
use super::super::outbox::{End, Outbox};
use super::super::session::{Link, Session};
use super::super::state::{SessionId, State, stream_error};
use super::{Management, TooHigh};

/// Ended sessions whose counters the server can still tell (XEP-0198 §5).
const REMEMBERED: usize = 256;

/// A resumed session, or why it is not resumed.
pub(in super::super) enum Resumption {
    Resumed(SessionId, Arc<Outbox>),
    Refused(Failed),
    Broken(StreamError),
}

impl State {
    /// Handles an element of the stream management namespace in a bound session.
    pub(in super::super) fn managed(
        &mut self,
        id: SessionId,
        element: Element,
    ) -> Result<(), StreamError> {
        match Nonza::try_from(element) {
            Ok(Nonza::Enable(enable)) => self.enable(id, &enable),
            Ok(Nonza::Req(_)) => self.acknowledge(id),
            Ok(Nonza::Ack(ack)) => return self.acknowledged(id, ack.h),
            Ok(_) => self.refuse(id, DefinedCondition::UnexpectedRequest),
            Err(_) => self.refuse(id, DefinedCondition::BadRequest),
        }
        Ok(())
    }

    fn enable(&mut self, id: SessionId, enable: &Enable) {
        let config = Arc::clone(&self.config);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if session.management.is_some() {
            return self.refuse(id, DefinedCondition::UnexpectedRequest);
        }
        let asked = enable
            .max
            .map_or(Duration::MAX, |max| Duration::from_secs(max.into()));
        let time = config.limits.hibernation.min(asked);
        let resumption = enable.resume.then(|| config.environment.random.stanza_id());
        let enabled = Enabled {
            id: resumption.clone().map(StreamId),
            location: None,
            max: enable
                .resume
                .then(|| u32::try_from(time.as_secs()).unwrap_or(u32::MAX)),
            resume: enable.resume,
        };
        session.management = Some(Management::new(resumption, time));
        self.push(id, Packet::new(Element::from(enabled)));
    }

    fn acknowledge(&mut self, id: SessionId) {
        let management = self
            .sessions
            .get(&id)
            .and_then(|session| session.management.as_ref());
        match management {
            Some(management) => {
                let h = management.handled;
                self.push(id, Packet::new(Element::from(A::new(h))));
            }
            None => self.refuse(id, DefinedCondition::UnexpectedRequest),
        }
    }

    fn acknowledged(&mut self, id: SessionId, h: u32) -> Result<(), StreamError> {
        let Some(session) = self.sessions.get_mut(&id) else {
            return Ok(());
        };
        let Some(management) = session.management.as_mut() else {
            self.refuse(id, DefinedCondition::UnexpectedRequest);
            return Ok(());
        };
        management.ack(h).map_err(too_high)?;
        if let Some(request) = management.request() {
            self.push(id, request);
        }
        Ok(())
    }

    fn refuse(&mut self, id: SessionId, condition: DefinedCondition) {
        self.push(id, Packet::new(Element::from(failed(None, condition))));
    }

    /// Gives a lost session, or one whose connection is not known to be lost yet, to a new connection (XEP-0198 §5).
    pub(in super::super) fn resume(
        &mut self,
        account: &BareJid,
        connection: u64,
        resume: &Resume,
    ) -> Resumption {
        let known = resume.previd.0.as_str();
        let found = self.sessions.iter_mut().find(|(_, session)| {
            let management = session.management.as_ref();
            session.jid.to_bare() == *account
                && management.is_some_and(|management| management.id.as_deref() == Some(known))
        });
        let Some((&id, session)) = found else {
            let mut expired = self.expired.iter();
            let h = expired
                .find(|(id, owner, _)| id == known && owner == account)
                .map(|entry| entry.2);
            return Resumption::Refused(failed(h, DefinedCondition::ItemNotFound));
        };
        let Some(management) = session.management.as_mut() else {
            return Resumption::Refused(failed(None, DefinedCondition::ItemNotFound));
        };
        if let Err(error) = management.ack(resume.h) {
            return Resumption::Broken(too_high(error));
        }
        let resumed = Resumed {
            h: management.handled,
            previd: resume.previd.clone(),
        };
        let mut first = vec![Packet::new(Element::from(resumed))];
        first.extend(management.replay());
        first.extend(management.request());
        let outbox = Arc::new(Outbox::new(&self.config.limits, first));
        session.timer = None;
        if let Some(old) = session.link.replace(Link {
            connection,
            outbox: Arc::clone(&outbox),
        }) {
            let text = "the session goes on elsewhere";
            old.outbox
                .end(End::Error(stream_error(StreamCondition::Conflict, text)));
        }
        Resumption::Resumed(id, outbox)
    }

    /// Keeps the counter of a session that has ended.
    pub(in super::super) fn remember(&mut self, known: String, account: BareJid, handled: u32) {
        if self.expired.len() == REMEMBERED {
            self.expired.pop_front();
        }
        self.expired.push_back((known, account, handled));
    }

    /// Counts a stanza as handled.
    pub(in super::super) fn count(&mut self, id: SessionId) {
        let session: Option<&mut Session> = self.sessions.get_mut(&id);
        if let Some(management) = session.and_then(|session| session.management.as_mut()) {
            management.count();
        }
    }
}

/// A refusal, with what was handled before if it is known.
pub(in super::super) fn failed(h: Option<u32>, condition: DefinedCondition) -> Failed {
    Failed {
        h,
        error: Some(condition),
    }
}

fn too_high(error: TooHigh) -> StreamError {
    HandledCountTooHigh {
        h: error.h,
        send_count: error.sent,
    }
    .into()
}
