//! Presence: who is seen by whom (RFC 6121 §3 and §4).

mod subscribing;

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::dom::{Dom, Packet, name, presence};
use super::session::Session;
use super::state::{SessionId, State};
use super::subscription::Step;

impl State {
    /// Handles a presence stanza of a client.
    pub(super) fn presence(&mut self, id: SessionId, stanza: Element, to: Option<Jid>) {
        if let Some(to) = to.as_ref().filter(|to| self.rooms.answers_for(to)) {
            return self.rooms_presence(id, stanza, to);
        }
        let kind = stanza.kind().map(str::to_owned);
        match (kind.as_deref(), to) {
            (None, None) => self.arrive(id, stanza),
            (Some("unavailable"), None) => self.depart(id, stanza),
            (None | Some("unavailable"), Some(to)) => self.direct(id, stanza, &to),
            (Some("probe"), Some(to)) => self.probe(id, &stanza, &to),
            (Some("error"), Some(to)) => {
                if let Ok(full) = to.try_into_full() {
                    self.deliver_full(&full, Packet::new(stanza));
                }
            }
            (Some("error" | "probe"), None) => {}
            (Some(kind), to) => match (Step::parse(kind), to) {
                (Some(step), Some(to)) => self.subscription(id, step, &to.into_bare(), stanza),
                _ => self.bounce(&stanza, DefinedCondition::BadRequest),
            },
        }
    }

    /// A session is available, or still is with another presence (RFC 6121 §4.2, §4.4).
    fn arrive(&mut self, id: SessionId, mut stanza: Element) {
        let priority = match stanza.get_child("priority", ns::JABBER_CLIENT) {
            Some(priority) => priority.text().trim().parse(),
            None => Ok(0),
        };
        let Ok(priority) = priority else {
            return self.bounce(&stanza, DefinedCondition::BadRequest);
        };
        self.stamp_photo(id, &mut stanza);
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let initial = session.presence.replace(stanza.clone()).is_none();
        let wanted_messages = !initial && session.priority >= 0;
        session.priority = priority;
        let bare = session.jid.to_bare();
        self.broadcast(&bare, &stanza);
        if initial {
            self.show_contacts(id, &bare);
        }
        if priority >= 0 && !wanted_messages {
            self.deliver_stored(id);
        }
        self.learn(id, &stanza);
    }

    /// A session does not want to be seen any more (RFC 6121 §4.5).
    fn depart(&mut self, id: SessionId, stanza: Element) {
        let Some(mut session) = self.sessions.remove(&id) else {
            return;
        };
        self.leave(&session, Some(stanza));
        session.presence = None;
        session.directed.clear();
        session.caps = None;
        session.asked = None;
        session.notified.clear();
        self.sessions.insert(id, session);
    }

    /// Tells everybody who sees a session that it is not available, in its own words or in none.
    pub(super) fn leave(&mut self, session: &Session, last: Option<Element>) {
        let own = Jid::from(session.jid.clone());
        let bare = session.jid.to_bare();
        let last = last.unwrap_or_else(|| presence(&own, &own, Some("unavailable")));
        if session.is_available() {
            self.broadcast(&bare, &last);
            self.note_departure(session, &last);
        }
        self.leave_rooms(&session.jid, &last);
        for to in &session.directed {
            let seen = session.is_available() && self.sees(&to.to_bare(), &bare);
            if !seen {
                self.show(&last, to);
            }
        }
    }

    /// Keeps when an account was there last (XEP-0012 §4).
    fn note_departure(&mut self, session: &Session, last: &Element) {
        let bare = session.jid.to_bare();
        let mut others = self.available(&bare).into_iter();
        if others.any(|id| {
            self.sessions
                .get(&id)
                .is_some_and(|other| other.jid != session.jid)
        }) {
            return;
        }
        let status = last.get_child("status", ns::JABBER_CLIENT);
        let left = (
            self.config.environment.clock.now(),
            status.map_or_else(String::new, Element::text),
        );
        if let Some(account) = self.accounts.get_mut(&bare) {
            account.left = Some(left);
        }
    }

    /// Presence for one entity alone (RFC 6121 §4.6).
    fn direct(&mut self, id: SessionId, mut stanza: Element, to: &Jid) {
        if stanza.kind().is_none() {
            self.stamp_photo(id, &mut stanza);
        }
        let room = self.config.limits.directed;
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if stanza.kind().is_some() {
            session.directed.remove(to);
        } else if session.directed.contains(to) || session.directed.len() < room {
            session.directed.insert(to.clone());
        } else {
            return self.bounce(&stanza, DefinedCondition::ResourceConstraint);
        }
        if self.is_local(to) {
            self.show(&stanza, to);
        } else {
            self.bounce(&stanza, DefinedCondition::RemoteServerNotFound);
        }
    }

    /// Somebody asks for the presence of an account (RFC 6121 §4.3.2).
    fn probe(&mut self, id: SessionId, stanza: &Element, to: &Jid) {
        let Some(own) = self.bare(id) else {
            return;
        };
        let bare = to.to_bare();
        // Who is blocked gets no answer at all (XEP-0191 §3.3).
        if !self.has_account(&bare) || self.has_blocked(&bare, &Jid::from(own.clone())) {
            return;
        }
        if bare != own && !self.sees(&own, &bare) {
            let asker = Jid::from(own);
            let refusal = presence(&Jid::from(bare), &asker, Some("unsubscribed"));
            return self.push(id, Packet::new(refusal));
        }
        let mut resources = self.available(&bare);
        if let Some(resource) = to.resource() {
            let wanted = self.find(&bare, resource);
            resources.retain(|id| Some(*id) == wanted);
        }
        if resources.is_empty() {
            let mut absence = presence(&Jid::from(bare), &Jid::from(own), Some("unavailable"));
            if let Some(known) = stanza.id() {
                absence.put(name::ID, known);
            }
            return self.push(id, Packet::new(absence));
        }
        for resource in resources {
            self.show_one(resource, id);
        }
    }

    /// Whether an account sees the presence of another.
    pub(super) fn sees(&self, watcher: &BareJid, watched: &BareJid) -> bool {
        let account = self.accounts.get(watched);
        account.is_some_and(|account| account.roster.subscription(watcher).from)
            && !self.is_kept_from(&Jid::from(watched.clone()), &Jid::from(watcher.clone()))
    }

    /// Whether either of two has blocked the other.
    fn is_kept_from(&self, one: &Jid, other: &Jid) -> bool {
        let (own, others) = (one.to_bare(), other.to_bare());
        own != others && (self.has_blocked(&own, other) || self.has_blocked(&others, one))
    }

    /// Sends presence to the own resources and to the contacts that see the account.
    pub(super) fn broadcast(&mut self, account: &BareJid, stanza: &Element) {
        let roster = self.accounts.get(account).map(|account| &account.roster);
        let watchers = roster.into_iter().flat_map(|roster| roster.iter());
        let watchers = watchers.filter(|(_, contact)| contact.subscription.from);
        let watchers: Vec<BareJid> = watchers.map(|(jid, _)| jid.clone()).collect();
        for to in std::iter::once(account.clone()).chain(watchers) {
            self.show(stanza, &Jid::from(to));
        }
    }

    /// Sends presence to one resource or to the available ones of an account.
    fn show(&mut self, stanza: &Element, to: &Jid) {
        let from = stanza.attr("from").map(Jid::new);
        if matches!(from, Some(Ok(from)) if self.is_kept_from(&from, to)) {
            return;
        }
        let packet = Packet::new(stanza.clone().with(name::TO, to.as_str()));
        match to.try_as_full() {
            Ok(full) => {
                self.deliver_full(full, packet);
            }
            Err(bare) => {
                for id in self.available(bare) {
                    self.push_copy(id, packet.clone(), false);
                }
            }
        }
    }

    /// Shows the presence of one session to another.
    fn show_one(&mut self, shown: SessionId, watcher: SessionId) {
        let watching = self
            .sessions
            .get(&watcher)
            .map(|session| session.jid.clone());
        let session = self.sessions.get(&shown);
        let stanza = session.and_then(|session| session.presence.clone());
        if let (Some(stanza), Some(watching)) = (stanza, watching) {
            let from = stanza.attr("from").map(Jid::new);
            let to = Jid::from(watching);
            if matches!(from, Some(Ok(from)) if self.is_kept_from(&from, &to)) {
                return;
            }
            let stanza = stanza.with(name::TO, to.as_str());
            self.push(watcher, Packet::new(stanza));
        }
    }

    /// What a resource sees when it arrives: its siblings, its contacts, and who waits for an answer.
    fn show_contacts(&mut self, id: SessionId, bare: &BareJid) {
        let Some(account) = self.accounts.get(bare) else {
            return;
        };
        let mut watched = vec![bare.clone()];
        let mut requests = Vec::new();
        for (jid, contact) in account.roster.iter() {
            if contact.subscription.to {
                watched.push(jid.clone());
            }
            requests.extend(contact.request.clone());
        }
        for jid in watched {
            for shown in self.available(&jid) {
                if shown != id && (jid == *bare || self.sees(bare, &jid)) {
                    self.show_one(shown, id);
                }
            }
        }
        for request in requests {
            self.push(id, Packet::new(request));
        }
    }
}
