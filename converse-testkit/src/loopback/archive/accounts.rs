//! The archives of accounts: what gets into them, and who may ask.

use jid::{BareJid, Jid};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Packet, name, result};
use super::super::iq::Answer;
use super::super::stanza_id;
use super::super::state::{SessionId, State};
use super::{Preferences, Query, fields, is_archivable};

impl State {
    /// Archives a message that an account sends. Gives it as it goes on, and as the other clients of the account get to see it:
    /// only these may know the id under which it is found, as nobody else may ask for it (XEP-0313 §3.5).
    pub(in super::super) fn archive_sent(
        &mut self,
        account: &BareJid,
        to: &Jid,
        packet: Packet,
    ) -> (Packet, Packet) {
        let Some(id) = self.archive_message(account, to, &packet.element) else {
            return (packet.clone(), packet);
        };
        let marked = packet.changed(|message| stanza_id::mark(message, account, &id));
        match to.to_bare() == *account {
            true => (marked.clone(), marked),
            false => (packet, marked),
        }
    }

    /// Archives a message that an account gets, and marks it with the id under which it is found.
    pub(in super::super) fn archive_received(
        &mut self,
        account: &BareJid,
        packet: Packet,
    ) -> Packet {
        // What bears an id has been here before.
        let is_known = stanza_id::given(&packet.element, account).is_some();
        let from = packet.element.attr("from").map(Jid::new);
        let Some(Ok(from)) = from.filter(|_| !is_known) else {
            return packet;
        };
        match self.archive_message(account, &from, &packet.element) {
            Some(id) => packet.changed(|message| stanza_id::mark(message, account, &id)),
            None => packet,
        }
    }

    /// Archives a message if it is one to archive and the account wants it; gives its id.
    fn archive_message(
        &mut self,
        account: &BareJid,
        with: &Jid,
        message: &Element,
    ) -> Option<String> {
        let config = &self.config;
        let is_of_room = message.kind() == Some("groupchat");
        if !config.archives.accounts || is_of_room || !is_archivable(message) {
            return None;
        }
        let account = self.accounts.get_mut(account)?;
        let roster = &account.roster;
        let is_contact = |contact: &BareJid| roster.get(contact).is_some_and(|one| one.listed);
        if !account.preferences.wants(with, is_contact) {
            return None;
        }
        let id = config.environment.random.stanza_id();
        let now = config.environment.clock.now();
        account
            .archive
            .keep(&id, now, message, None, &config.limits);
        Some(id)
    }

    /// Answers what a client asks the archive of its own account.
    pub(in super::super) fn ask_archive(
        &mut self,
        id: SessionId,
        own: &BareJid,
        iq: &Element,
        payload: &Element,
    ) -> Answer {
        let archives = &self.config.archives;
        let account = self.accounts.get(own);
        let account = account.filter(|_| archives.accounts);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let answer = result(iq);
        Ok(Some(match (iq.kind(), payload.name()) {
            (Some("get"), "query") => answer.holding(fields(archives)),
            (Some("get"), "metadata") if archives.extended => {
                answer.holding(account.archive.metadata())
            }
            (Some("get"), "prefs") if archives.preferences => {
                answer.holding(account.preferences.written())
            }
            (Some("set"), "prefs") if archives.preferences => {
                answer.holding(self.set_preferences(own, payload)?)
            }
            (Some("set"), "query") => answer.holding(self.search_archive(id, own, payload)?),
            _ => return Err(DefinedCondition::FeatureNotImplemented.into()),
        }))
    }

    /// Sends the results of a query; gives what comes after them.
    fn search_archive(
        &mut self,
        id: SessionId,
        own: &BareJid,
        query: &Element,
    ) -> Result<Element, DefinedCondition> {
        let config = &self.config;
        let query = Query::read(query, &config.archives)?;
        let account = self.accounts.get(own);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let session = self.sessions.get(&id);
        let session = session.ok_or(DefinedCondition::ServiceUnavailable)?;
        let with = query.with.as_ref();
        let page = account
            .archive
            .page(&query, config.limits.archive_page, |entry| {
                with.is_none_or(|with| entry.is_with(own, with))
            })?;
        let results = page.results(&query, own, |entry| entry.message());
        let fin = page.fin(&config.archives);
        let to = session.jid.clone();
        for result in results {
            let result = result.with(name::TO, to.as_str());
            self.push(id, Packet::new(result));
        }
        Ok(fin)
    }

    fn set_preferences(
        &mut self,
        own: &BareJid,
        prefs: &Element,
    ) -> Result<Element, DefinedCondition> {
        let preferences = Preferences::read(prefs, self.config.limits.archive_preferences)?;
        let account = self.accounts.get_mut(own);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        account.preferences = preferences;
        Ok(account.preferences.written())
    }
}
