//! What the service and its rooms say of themselves (XEP-0045 §6, XEP-0030).

use jid::FullJid;
use xmpp_parsers::data_forms::{DataForm, DataFormType, Field, FieldType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::archive::features;
use super::super::config::Config;
use super::super::disco::info;
use super::super::dom::{Dom, Refusal, name};
use super::moderating::{MODERATE, RETRACT};
use super::paging::page;
use super::rank::Affiliation;
use super::room::Room;
use super::rooms::Rooms;
use super::{INFO, REQUEST};

const STABLE_ID: &str = "http://jabber.org/protocol/muc#stable_id";
const SELF_PING: &str = "http://jabber.org/protocol/muc#self-ping-optimization";
const TOMBSTONES: &str = "urn:xmpp:message-retract:1#tombstone";
/// The node by which somebody finds the own nick (XEP-0045 §7.12).
const OWN_NICK: &str = "x-roomuser-item";

const SERVICE: [&str; 6] = [
    ns::MUC,
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::PING,
    ns::OID,
    STABLE_ID,
];

const ROOM: [&str; 11] = [
    ns::MUC,
    ns::DISCO_INFO,
    ns::DISCO_ITEMS,
    ns::OID,
    ns::SID,
    ns::REGISTER,
    STABLE_ID,
    SELF_PING,
    REQUEST,
    MODERATE,
    RETRACT,
];

impl Rooms {
    pub(super) fn service_info(query: &Element) -> Result<Element, Refusal> {
        match query.attr("node") {
            Some(_) => Err(DefinedCondition::ItemNotFound.into()),
            None => Ok(info(
                &[["conference", "text", "Rooms"]],
                SERVICE.into_iter(),
            )),
        }
    }

    /// The rooms that can be found, page by page where somebody asks for that.
    pub(super) fn service_items(&self, query: &Element) -> Result<Element, Refusal> {
        if query.attr("node").is_some() {
            return Err(DefinedCondition::ItemNotFound.into());
        }
        let found: Vec<&Room> = self
            .all()
            .filter(|room| room.config.is("publicroom") && !room.locked)
            .collect();
        let addresses: Vec<String> = found.iter().map(|room| room.jid.to_string()).collect();
        let (part, place) = page(&addresses, query)?;
        let mut items = Element::bare("query", ns::DISCO_ITEMS);
        for room in found {
            if part.iter().any(|address| *address == room.jid.as_str()) {
                let item = Element::bare("item", ns::DISCO_ITEMS)
                    .with(name::JID, room.jid.as_str())
                    .with(name::NAME, room.title());
                items.append_child(item);
            }
        }
        if let Some(place) = place {
            items.append_child(place);
        }
        Ok(items)
    }
}

impl Room {
    /// Its name, or its address where it has none.
    fn title(&self) -> &str {
        match self.config.get("roomname") {
            "" => self.jid.node().map_or("", |node| node.as_str()),
            name => name,
        }
    }

    pub(super) fn info(
        &self,
        config: &Config,
        jid: &FullJid,
        query: &Element,
    ) -> Result<Element, Refusal> {
        match query.attr("node") {
            Some(OWN_NICK) => return Ok(self.own_nick(jid)),
            Some(_) => return Err(DefinedCondition::FeatureNotImplemented.into()),
            None => {}
        }
        let archive = features(&config.archives).chain([TOMBSTONES]);
        let archive = archive.filter(|_| self.has_archive(config));
        let features = ROOM.into_iter().chain(self.kinds()).chain(archive);
        let identity = [["conference", "text", self.title()]];
        Ok(info(&identity, features).holding(self.about().into()))
    }

    /// What kind of room it is (XEP-0045 §4.2).
    fn kinds(&self) -> [&'static str; 6] {
        let kind = |field, yes, no| if self.config.is(field) { yes } else { no };
        [
            kind("membersonly", "muc_membersonly", "muc_open"),
            kind("moderatedroom", "muc_moderated", "muc_unmoderated"),
            kind(
                "passwordprotectedroom",
                "muc_passwordprotected",
                "muc_unsecured",
            ),
            kind("persistentroom", "muc_persistent", "muc_temporary"),
            kind("publicroom", "muc_public", "muc_hidden"),
            match self.config.is_open_about_jids() {
                true => "muc_nonanonymous",
                false => "muc_semianonymous",
            },
        ]
    }

    /// More about the room (XEP-0045 §6.4, §15.5.4).
    fn about(&self) -> DataForm {
        let field = |var: &str, value: &str| Field::text_single(var, value);
        let count = self.occupants.len().to_string();
        let mut fields = vec![
            field("muc#roominfo_description", self.config.get("roomdesc")),
            field("muc#roominfo_occupants", &count),
            field("muc#roominfo_subject", &self.subject.text()),
            field("muc#roominfo_lang", self.config.get("lang")),
            field("muc#roomconfig_roomname", self.config.get("roomname")),
        ];
        let changes = self.config.get("changesubject");
        fields.push(Field::new("muc#roominfo_subjectmod", FieldType::Boolean).with_value(changes));
        let mut owners = Field::new("muc#roominfo_contactjid", FieldType::JidMulti);
        // Owners of a room that hides addresses are not told to everybody.
        if self.config.is_open_about_jids() {
            let list = self.standings.list(Affiliation::Owner);
            owners.values = list.map(|(jid, _)| jid.to_string()).collect();
            fields.push(owners);
        }
        DataForm::new(DataFormType::Result_, INFO, fields)
    }

    fn own_nick(&self, jid: &FullJid) -> Element {
        let answer = Element::bare("query", ns::DISCO_INFO).with(name::NODE, OWN_NICK);
        match self.standings.nick_of(&jid.to_bare()) {
            Some(nick) => answer.holding(
                Element::bare("identity", ns::DISCO_INFO)
                    .with(name::CATEGORY, "conference")
                    .with(name::TYPE, "text")
                    .with(name::NAME, nick.as_str()),
            ),
            None => answer,
        }
    }

    /// Who is in a room that can be found (XEP-0045 §6.5).
    pub(super) fn items(&self, query: &Element) -> Result<Element, Refusal> {
        if query.attr("node").is_some() {
            return Err(DefinedCondition::ItemNotFound.into());
        }
        let shown = self.config.is("publicroom");
        let nicks = self.occupants.keys().filter(|_| shown);
        let addresses: Vec<String> = nicks.map(|nick| self.address(nick).to_string()).collect();
        let (part, place) = page(&addresses, query)?;
        let mut items = Element::bare("query", ns::DISCO_ITEMS);
        for address in part {
            items.append_child(Element::bare("item", ns::DISCO_ITEMS).with(name::JID, address));
        }
        if let Some(place) = place {
            items.append_child(place);
        }
        Ok(items)
    }
}
