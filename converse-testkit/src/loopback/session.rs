//! Sessions: binding a resource, losing the connection, coming back, ending (RFC 6120 §7, XEP-0198 §5).

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::{BareJid, FullJid, Jid, ResourcePart};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;
use xmpp_parsers::stream_error::DefinedCondition as StreamCondition;

use super::caps;
use super::config::Conflict;
use super::dom::Packet;
use super::limits::Limits;
use super::outbox::{End, Outbox};
use super::sm::Management;
use super::state::{SessionId, State, stream_error};

/// The way to a client.
pub(super) struct Link {
    pub(super) connection: u64,
    pub(super) outbox: Arc<Outbox>,
}

/// One bound resource.
pub(super) struct Session {
    pub(super) jid: FullJid,
    /// The last available presence, stamped with the full JID.
    pub(super) presence: Option<Element>,
    pub(super) priority: i8,
    /// Gets roster pushes.
    pub(super) interested: bool,
    /// Understands roster versions.
    pub(super) versioned: bool,
    /// Gets carbon copies.
    pub(super) carbons: bool,
    /// Has said that nobody is looking (XEP-0352).
    pub(super) inactive: bool,
    /// Gets changes of the list of blocked addresses.
    pub(super) hears_blocks: bool,
    /// What its presence says of its capabilities.
    pub(super) caps: Option<caps::Key>,
    /// What it was asked about them and has not answered.
    pub(super) asked: Option<caps::Question>,
    /// The nodes it wants to hear of (XEP-0163).
    pub(super) notified: BTreeSet<String>,
    /// Who got directed presence (RFC 6121 §4.6).
    pub(super) directed: BTreeSet<Jid>,
    pub(super) management: Option<Management>,
    /// Nothing while the session waits to be resumed.
    pub(super) link: Option<Link>,
    /// What ends a session that waits in vain.
    pub(super) timer: Option<Timer>,
}

/// A timer that stops when nobody needs it any more.
pub(super) struct Timer(pub(super) tokio::task::AbortHandle);

impl Drop for Timer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Session {
    fn new(jid: FullJid, link: Link) -> Self {
        Self {
            jid,
            presence: None,
            priority: 0,
            interested: false,
            versioned: false,
            carbons: false,
            inactive: false,
            hears_blocks: false,
            caps: None,
            asked: None,
            notified: BTreeSet::new(),
            directed: BTreeSet::new(),
            management: None,
            link: Some(link),
            timer: None,
        }
    }

    pub(super) fn is_available(&self) -> bool {
        self.presence.is_some()
    }

    pub(super) fn outbox(&self) -> Option<&Arc<Outbox>> {
        self.link.as_ref().map(|link| &link.outbox)
    }

    /// Queues an element, and asks for an acknowledgement unless one is on its way; `false` if it is too much.
    pub(super) fn push(&mut self, packet: Packet, sole: bool, limits: &Limits) -> bool {
        let mut fits = true;
        let mut request = None;
        if let Some(management) = &mut self.management
            && packet.is_stanza()
        {
            fits = management.sent(packet.clone(), sole, limits.unacked_stanzas);
            request = management.request();
        }
        if let Some(link) = &self.link {
            fits &= link.outbox.push(packet);
            if let Some(request) = request {
                fits &= link.outbox.push(request);
            }
        }
        fits
    }
}

impl State {
    /// Binds a resource, the one asked for or one nobody has (RFC 6120 §7.6, §7.7).
    pub(super) fn bind(
        &mut self,
        account: &BareJid,
        asked: Option<&str>,
        connection: u64,
        outbox: Arc<Outbox>,
    ) -> Result<(SessionId, FullJid), DefinedCondition> {
        let random = || self.config.environment.random.stanza_id();
        let mut resource = asked
            .filter(|asked| !asked.is_empty())
            .map_or_else(random, str::to_owned);
        let part = ResourcePart::new(&resource).map_err(|_| DefinedCondition::BadRequest)?;
        resource = part.as_str().to_owned();
        let taken = self.accounts.get(account);
        let taken = taken
            .ok_or(DefinedCondition::NotAllowed)?
            .resources
            .get(&resource);
        if let Some(other) = taken.copied() {
            match self.config.conflict {
                Conflict::Replace => self.replace(other),
                Conflict::Rename => resource = self.config.environment.random.stanza_id(),
                Conflict::Refuse => return Err(DefinedCondition::Conflict),
            }
        }
        let jid = account.with_resource_str(&resource);
        let jid = jid.map_err(|_| DefinedCondition::BadRequest)?;
        let id = SessionId(self.next_id());
        let account = self.accounts.get_mut(account);
        let account = account.ok_or(DefinedCondition::NotAllowed)?;
        account.resources.insert(resource, id);
        let session = Session::new(jid.clone(), Link { connection, outbox });
        self.sessions.insert(id, session);
        Ok((id, jid))
    }

    /// Ends a session because its resource goes to another connection.
    fn replace(&mut self, id: SessionId) {
        let end = stream_error(
            StreamCondition::Conflict,
            "another client took this resource",
        );
        if let Some(outbox) = self.sessions.get(&id).and_then(Session::outbox) {
            outbox.end(End::Error(end));
        }
        self.close(id);
    }

    /// Whether a connection still is the one of a session.
    pub(super) fn owns(&self, id: SessionId, connection: u64) -> bool {
        let link = self
            .sessions
            .get(&id)
            .and_then(|session| session.link.as_ref());
        link.is_some_and(|link| link.connection == connection)
    }

    /// Takes note that a connection is gone without the stream having been closed. A session that can be resumed stays.
    /// Gives what the timer needs to end it later.
    pub(super) fn detach(&mut self, id: SessionId, connection: u64) -> Option<Hibernation> {
        if !self.owns(id, connection) {
            return None;
        }
        let session = self.sessions.get_mut(&id)?;
        let management = session
            .management
            .as_mut()
            .filter(|management| management.can_resume());
        let Some(management) = management else {
            self.close(id);
            return None;
        };
        session.link = None;
        Some(Hibernation {
            id,
            lost: management.lost(),
            time: management.time,
        })
    }

    /// Ends a session that was not resumed in time; `lost` says which of its losses the timer is for.
    pub(super) fn expire(&mut self, id: SessionId, lost: u32) {
        let session = self.sessions.get(&id);
        let due = session
            .filter(|session| session.link.is_none())
            .is_some_and(|session| {
                session
                    .management
                    .as_ref()
                    .is_some_and(|management| management.is_loss(lost))
            });
        if due {
            self.close(id);
        }
    }

    /// Ends a session: its contacts see it leave, and what it did not get goes elsewhere.
    pub(super) fn close(&mut self, id: SessionId) {
        let Some(session) = self.sessions.remove(&id) else {
            return;
        };
        let bare = session.jid.to_bare();
        if let Some(account) = self.accounts.get_mut(&bare) {
            account.resources.remove(session.jid.resource().as_str());
        }
        self.leave(&session, None);
        if let Some(management) = session.management {
            if let Some(known) = management.id.clone() {
                self.remember(known, bare.clone(), management.handled);
            }
            for (element, sole) in management.into_unacked() {
                self.reroute(&bare, &element, sole);
            }
        }
        let account = self.accounts.get(&bare);
        if account.is_some_and(|account| account.verifier.is_none() && account.resources.is_empty())
        {
            self.accounts.remove(&bare);
        }
    }
}

/// A session that waits to be resumed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hibernation {
    pub(super) id: SessionId,
    pub(super) lost: u32,
    pub(super) time: std::time::Duration,
}
