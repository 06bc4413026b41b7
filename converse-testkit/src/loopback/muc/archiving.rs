//! What a room archives, and who may read it (XEP-0313 §5.1.2, XEP-0424 §5).

use chrono::SecondsFormat;
use jid::FullJid;
use xmpp_parsers::minidom::{Element, Node};
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;
use xso::exports::rxml::Namespace;

use super::super::archive::{Author, Entry, Query, fields, is_archivable};
use super::super::config::Config;
use super::super::dom::{Dom, Refusal, name};
use super::super::stanza_id;
use super::moderating::RETRACT;
use super::rank::{Affiliation, Role};
use super::room::Room;
use super::turn::Turn;

impl Room {
    /// Whether what is said here is archived.
    pub(super) fn has_archive(&self, config: &Config) -> bool {
        config.archives.rooms && self.config.is("enablearchiving")
    }

    /// Archives what everybody is told, and marks it with the id under which it is found again. In a room with an archive
    /// nothing bears an id that is not found there.
    pub(super) fn record(
        &mut self,
        turn: &Turn<'_>,
        message: &mut Element,
        author: Option<Author>,
    ) {
        let is_archived = self.has_archive(turn.config);
        if is_archived && !is_archivable(message) {
            return;
        }
        let id = turn.id();
        if is_archived {
            let limits = &turn.config.limits;
            let mut archived = message.clone();
            // Everybody is told, and nobody in particular.
            archived.attrs_mut().remove(&Namespace::NONE, name::TO);
            self.archive
                .keep(&id, turn.now(), &archived, author, limits);
        }
        stanza_id::mark(message, &self.jid, &id);
    }

    /// Who says something, for those who see real addresses.
    pub(super) fn author(&self, jid: &FullJid) -> Author {
        let rank = self.rank(jid);
        let item = Element::bare("item", ns::MUC_USER)
            .with(name::AFFILIATION, rank.affiliation.as_str())
            .with(name::ROLE, rank.role.as_str())
            .with(name::JID, jid.as_str());
        let jid = jid.clone();
        Author { jid, item }
    }

    /// Answers what a client asks the archive.
    pub(super) fn ask_archive(
        &self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        kind: Option<&str>,
        payload: &Element,
    ) -> Result<Element, Refusal> {
        let archives = &turn.config.archives;
        if !self.has_archive(turn.config) {
            return Err(DefinedCondition::ServiceUnavailable.into());
        }
        self.check_reader(jid)?;
        match (kind, payload.name()) {
            (Some("get"), "query") => Ok(fields(archives)),
            (Some("get"), "metadata") if archives.extended => Ok(self.archive.metadata()),
            (Some("set"), "query") => Ok(self.search_archive(turn, jid, payload)?),
            _ => Err(DefinedCondition::FeatureNotImplemented.into()),
        }
    }

    /// Whether somebody may read the archive: who may not come in may not (XEP-0313 §5.1.2).
    fn check_reader(&self, jid: &FullJid) -> Result<(), Refusal> {
        let account = jid.to_bare();
        let affiliation = self.standings.of(&account);
        if self.locked && affiliation < Affiliation::Owner {
            return Err(DefinedCondition::ItemNotFound.into());
        }
        let mut occupants = self.occupants.values();
        let is_inside = occupants.any(|occupant| occupant.account == account);
        let lacks_password =
            self.config.password().is_some() && affiliation < Affiliation::Owner && !is_inside;
        let is_stranger = affiliation == Affiliation::None && self.config.is("membersonly");
        match affiliation == Affiliation::Outcast || is_stranger || lacks_password {
            true => Err(DefinedCondition::Forbidden.into()),
            false => Ok(()),
        }
    }

    fn search_archive(
        &self,
        turn: &mut Turn<'_>,
        jid: &FullJid,
        query: &Element,
    ) -> Result<Element, DefinedCondition> {
        let query = Query::read(query, &turn.config.archives)?;
        let rank = self.rank(jid);
        let sees = self.config.is_open_about_jids()
            || rank.role == Role::Moderator
            || rank.affiliation >= Affiliation::Admin;
        let with = query.with.as_ref();
        let most = turn.config.limits.archive_page;
        let page = self.archive.page(&query, most, |entry| {
            with.is_none_or(|with| entry.is_of(with, sees))
        })?;
        for result in page.results(&query, &self.jid, |entry| shown(entry, sees)) {
            turn.send(jid.clone(), result);
        }
        Ok(page.fin(&turn.config.archives))
    }

    /// Takes back what was said: newcomers do not hear it, and in the archive stands only that it was said (XEP-0424 §5).
    /// `false` if the room does not know it any more.
    pub(super) fn take_back(&mut self, id: &str, retracted: &Element) -> bool {
        let forgotten = self.history.forget(id, self.jid.as_str());
        let is_archived = self.archive.get(id).is_some();
        self.archive.replace(id, |message| {
            let retracted = retracted.clone();
            tombstone(message).holding(retracted)
        });
        forgotten || is_archived
    }

    /// Takes back what somebody says they have not said, if it is theirs.
    pub(super) fn retract(&mut self, turn: &Turn<'_>, jid: &FullJid, message: &Element) {
        let id = message.get_child("retract", RETRACT).and_then(Dom::id);
        let said = id.and_then(|id| self.archive.get(id));
        let author = said.and_then(|said| said.author.as_ref());
        if let (Some(id), Some(author)) = (id, author)
            && author.jid.to_bare() == jid.to_bare()
        {
            let retracted = retracted(turn, message.id().unwrap_or_default());
            self.take_back(id, &retracted);
        }
    }
}

/// What stands for a message that was taken back by another.
pub(super) fn retracted(turn: &Turn<'_>, by: &str) -> Element {
    let now = turn.now().to_rfc3339_opts(SecondsFormat::Micros, true);
    Element::bare("retracted", RETRACT)
        .with(name::ID, by)
        .with(name::STAMP, &now)
}

/// A message without what it says: only who said it is left.
fn tombstone(mut message: Element) -> Element {
    for node in message.take_nodes() {
        if matches!(&node, Node::Element(child) if child.is("occupant-id", ns::OID)) {
            message.append_node(node);
        }
    }
    message
}

/// An archived message for one who sees real addresses or not.
fn shown(entry: &Entry, sees: bool) -> Element {
    let message = entry.message();
    match &entry.author {
        Some(author) if sees => {
            message.holding(Element::bare("x", ns::MUC_USER).holding(author.item.clone()))
        }
        _ => message,
    }
}
