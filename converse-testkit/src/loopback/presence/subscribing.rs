//! Subscriptions on their way from account to account (RFC 6121 §3).

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Packet, name, presence};
use super::super::state::{SessionId, State};
use super::super::subscription::{Step, Subscription};

impl State {
    /// A client takes a step.
    pub(super) fn subscription(
        &mut self,
        id: SessionId,
        step: Step,
        contact: &BareJid,
        mut stanza: Element,
    ) {
        let Some(user) = self.bare(id).filter(|user| user != contact) else {
            return;
        };
        if !self.is_local(&Jid::from(contact.clone())) {
            return self.bounce(&stanza, DefinedCondition::RemoteServerNotFound);
        }
        let room = self.config.limits.contacts;
        let Some(account) = self.accounts.get_mut(&user) else {
            return;
        };
        let Some(entry) = account.roster.entry(contact, room) else {
            return self.bounce(&stanza, DefinedCondition::ResourceConstraint);
        };
        let before = entry.subscription;
        let was_approved = entry.approved;
        match step {
            // Nobody has asked yet, but may (RFC 6121 §3.4).
            Step::Subscribed if !before.from && !before.pending_in => entry.approved = true,
            Step::Unsubscribed => entry.approved = false,
            _ => {}
        }
        let routed = entry.subscription.outbound(step);
        let after = entry.subscription;
        if !after.pending_in {
            entry.request = None;
        }
        // Whom one has agreed on something with is in the roster (RFC 6121 §3.1.2, §3.1.5).
        let visible = Subscription {
            pending_in: false,
            ..after
        };
        entry.listed |= visible != Subscription::default() || entry.approved;
        let changed = before != after || was_approved != entry.approved;
        // The stanza is the account's, not the resource's (RFC 6121 §3.1.2).
        stanza.put(name::FROM, user.as_str());
        stanza.put(name::TO, contact.as_str());
        if changed || !entry.listed {
            self.roster_changed(&user, contact);
        }
        if routed {
            self.inbound(step, &user, contact, stanza);
        }
        match step {
            Step::Subscribed if routed => self.show_presence(&user, contact),
            Step::Unsubscribed if before.from => self.show_absence(&user, contact),
            _ => {}
        }
    }

    /// A step reaches the account it is meant for.
    pub(in super::super) fn inbound(
        &mut self,
        step: Step,
        from: &BareJid,
        to: &BareJid,
        stanza: Element,
    ) {
        let room = self.config.limits.contacts;
        // For an account nobody has there is nothing to say (RFC 6121 §8.5.1).
        if self.has_blocked(to, &Jid::from(from.clone())) {
            return;
        }
        let Some(account) = self.accounts.get_mut(to) else {
            return;
        };
        let known = account.roster.get(from).is_some();
        if !known && step != Step::Subscribe {
            return;
        }
        let Some(entry) = account.roster.entry(from, room) else {
            return self.bounce(&stanza, DefinedCondition::ResourceConstraint);
        };
        let before = entry.subscription;
        let news = entry.subscription.inbound(step);
        let after = entry.subscription;
        if step == Step::Subscribe && news {
            entry.request = Some(stanza.clone());
        } else if !after.pending_in {
            entry.request = None;
        }
        if step == Step::Subscribe && before.from {
            return self.agree(to, from);
        }
        if step == Step::Subscribe && entry.approved {
            // The contact needs not be asked (RFC 6121 §3.4.2).
            entry.subscription.outbound(Step::Subscribed);
            entry.request = None;
            self.roster_changed(to, from);
            return self.agree(to, from);
        }
        if news {
            self.hand_over(step, to, stanza);
        }
        let visible = |state: Subscription| Subscription {
            pending_in: false,
            ..state
        };
        if visible(before) != visible(after) || after == Subscription::default() {
            self.roster_changed(to, from);
        }
        if step == Step::Unsubscribe && before.from {
            self.show_absence(to, from);
        }
    }

    /// Requests go to whoever is there, the other steps to those who keep a roster (RFC 6121 §3.1.3, §3.1.6).
    fn hand_over(&mut self, step: Step, to: &BareJid, stanza: Element) {
        let packet = Packet::new(stanza);
        for id in self.resources(to) {
            let wanted = self.sessions.get(&id).is_some_and(|session| match step {
                Step::Subscribe => session.is_available(),
                _ => session.interested || session.is_available(),
            });
            if wanted {
                self.push_copy(id, packet.clone(), false);
            }
        }
    }

    /// Answers a request for what was granted before (RFC 6121 §3.1.3).
    fn agree(&mut self, user: &BareJid, contact: &BareJid) {
        let (from, to) = (Jid::from(user.clone()), Jid::from(contact.clone()));
        let step = Step::Subscribed;
        self.inbound(step, user, contact, presence(&from, &to, Some(step.kind())));
        self.show_presence(user, contact);
    }

    /// Shows every available resource of an account to a contact, and what the account has published.
    pub(in super::super) fn show_presence(&mut self, user: &BareJid, contact: &BareJid) {
        let to = Jid::from(contact.clone());
        for id in self.available(user) {
            let stanza = self
                .sessions
                .get(&id)
                .and_then(|session| session.presence.clone());
            if let Some(stanza) = stanza {
                self.show(&stanza, &to);
            }
        }
        for id in self.available(contact) {
            let nodes = self.sessions.get(&id).map(|session| &session.notified);
            let nodes: Vec<String> = nodes.into_iter().flatten().cloned().collect();
            self.show_last_items_of(user, id, &nodes);
        }
    }

    /// Hides every available resource of an account from a contact (RFC 6121 §3.2.3, §3.3.3).
    pub(in super::super) fn show_absence(&mut self, user: &BareJid, contact: &BareJid) {
        let to = Jid::from(contact.clone());
        for id in self.available(user) {
            let from = self
                .sessions
                .get(&id)
                .map(|session| Jid::from(session.jid.clone()));
            if let Some(from) = from {
                self.show(&presence(&from, &to, Some("unavailable")), &to);
            }
        }
    }
}
