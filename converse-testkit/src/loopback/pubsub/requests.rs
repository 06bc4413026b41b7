//! What a client asks of a publish-subscribe service (XEP-0060 §6, §7).

use jid::BareJid;
use xmpp_parsers::data_forms::DataForm;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name, result};
use super::super::iq::Answer;
use super::super::state::State;
use super::config::{Access, Config};
use super::node::Item;
use super::{item_id, node_name, refusal, unsupported};

impl State {
    /// Answers a request to the service that the account `owner` is.
    pub(in super::super) fn pubsub(
        &mut self,
        asker: &BareJid,
        owner: &BareJid,
        iq: &Element,
        payload: &Element,
    ) -> Answer {
        let get = iq.kind() == Some("get");
        let request = payload.children().next();
        let request = request.ok_or(DefinedCondition::BadRequest)?;
        if payload.has_ns(ns::PUBSUB_OWNER) {
            owned(asker, owner)?;
            return self.administer(owner, iq, request, get);
        }
        let answer = match (get, request.name()) {
            (true, "items") => Some(self.items(asker, owner, request)?),
            (true, "default") => {
                let form = Config::default().form();
                Some(Element::bare("default", ns::PUBSUB).holding(form.into()))
            }
            (false, "publish") => {
                owned(asker, owner)?;
                Some(self.publish(owner, request, payload)?)
            }
            (false, "create") => {
                owned(asker, owner)?;
                Some(self.create(owner, request, payload)?)
            }
            (false, "retract") => {
                owned(asker, owner)?;
                self.retract(owner, request)?;
                None
            }
            (false, "subscribe" | "unsubscribe") => return Err(unsupported("subscribe")),
            (true, "subscriptions") => return Err(unsupported("retrieve-subscriptions")),
            (true, "affiliations") => return Err(unsupported("retrieve-affiliations")),
            _ => return Err(DefinedCondition::FeatureNotImplemented.into()),
        };
        let answered = answer.map(|answer| Element::bare("pubsub", ns::PUBSUB).holding(answer));
        Ok(Some(match answered {
            Some(payload) => result(iq).holding(payload),
            None => result(iq),
        }))
    }

    /// Whether an account may read a node of another (XEP-0060 §4.5).
    pub(super) fn may_read(&self, reader: &BareJid, owner: &BareJid, access: Access) -> bool {
        reader == owner
            || match access {
                Access::Open => true,
                Access::Presence => self.sees(reader, owner),
                Access::Whitelist => false,
            }
    }

    /// The names of the nodes that an account may read.
    pub(in super::super) fn readable_nodes(&self, asker: &BareJid, owner: &BareJid) -> Vec<String> {
        let Some(nodes) = self.accounts.get(owner).map(|account| &account.nodes) else {
            return Vec::new();
        };
        let readable = nodes.names().filter(|name| {
            let node = nodes.get(name);
            node.is_some_and(|node| self.may_read(asker, owner, node.config.access()))
        });
        readable.map(str::to_owned).collect()
    }

    /// XEP-0060 §6.5.
    fn items(
        &self,
        asker: &BareJid,
        owner: &BareJid,
        request: &Element,
    ) -> Result<Element, Refusal> {
        let name = node_name(request)?;
        let account = self.accounts.get(owner);
        let node = account.and_then(|account| account.nodes.get(name));
        let node = node.ok_or(DefinedCondition::ItemNotFound)?;
        match node.config.access() {
            access if self.may_read(asker, owner, access) => {}
            Access::Whitelist => {
                return Err(refusal(DefinedCondition::NotAllowed, "closed-node"));
            }
            _ => {
                let detail = "presence-subscription-required";
                return Err(refusal(DefinedCondition::NotAuthorized, detail));
            }
        }
        let most = request.attr("max_items").map(str::parse::<usize>);
        let most = most.transpose().map_err(|_| DefinedCondition::BadRequest)?;
        let wanted: Vec<&str> = request
            .children()
            .filter(|child| child.is("item", ns::PUBSUB))
            .filter_map(|child| child.attr("id"))
            .collect();
        let mut items: Vec<&Item> = node.items.iter().collect();
        if !wanted.is_empty() {
            items.retain(|item| wanted.contains(&item.id.as_str()));
        } else if let Some(most) = most {
            items.drain(..items.len().saturating_sub(most));
        }
        let answer = Element::bare("items", ns::PUBSUB).with(name::NODE, name);
        Ok(items.iter().fold(answer, |answer, item| {
            answer.holding(item.element(ns::PUBSUB, true))
        }))
    }

    /// XEP-0060 §7.1, with publish options as preconditions (§7.1.5).
    fn publish(
        &mut self,
        owner: &BareJid,
        request: &Element,
        payload: &Element,
    ) -> Result<Element, Refusal> {
        let name = node_name(request)?;
        let mut items = request
            .children()
            .filter(|child| child.is("item", ns::PUBSUB));
        let (Some(item), None) = (items.next(), items.next()) else {
            return Err(refusal(DefinedCondition::BadRequest, "item-required"));
        };
        let mut payloads = item.children();
        let content = match (payloads.next(), payloads.next()) {
            (Some(content), None) => content.clone(),
            (None, _) => return Err(refusal(DefinedCondition::BadRequest, "payload-required")),
            (Some(_), Some(_)) => {
                return Err(refusal(DefinedCondition::BadRequest, "invalid-payload"));
            }
        };
        let id = match item_id(item)? {
            Some(id) => id.to_owned(),
            None => self.config.environment.random.stanza_id().to_string(),
        };
        let options = options(payload, "publish-options")?;
        let limits = &self.config.limits;
        let account = self.accounts.get_mut(owner);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        match (account.nodes.get(name), options) {
            (Some(node), Some(options)) if !node.config.meets(&options) => {
                return Err(refusal(DefinedCondition::Conflict, "precondition-not-met"));
            }
            (Some(_), _) => {}
            (None, options) => {
                if !account
                    .nodes
                    .create(name, options.unwrap_or_default(), limits)
                {
                    return Err(DefinedCondition::ResourceConstraint.into());
                }
            }
        }
        self.put_item(owner, name, &id, content)?;
        let item = Element::bare("item", ns::PUBSUB).with(name::ID, &id);
        Ok(Element::bare("publish", ns::PUBSUB)
            .with(name::NODE, name)
            .holding(item))
    }

    /// Puts an item into a node and tells of it.
    pub(in super::super) fn put_item(
        &mut self,
        owner: &BareJid,
        node: &str,
        id: &str,
        payload: Element,
    ) -> Result<(), Refusal> {
        let id = id.to_owned();
        let item = Item { id, payload };
        let limits = &self.config.limits;
        let account = self.accounts.get_mut(owner);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        if !account.nodes.publish(node, item.clone(), limits) {
            return Err(DefinedCondition::ResourceConstraint.into());
        }
        self.tell_of_item(owner, node, &item);
        if node == ns::AVATAR_METADATA {
            self.avatar_published(owner, &item.payload);
        }
        Ok(())
    }

    /// XEP-0060 §8.1.
    fn create(
        &mut self,
        owner: &BareJid,
        request: &Element,
        payload: &Element,
    ) -> Result<Element, Refusal> {
        let name = node_name(request)?;
        let config = options(payload, "configure")?.unwrap_or_default();
        let account = self.accounts.get_mut(owner);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        if account.nodes.get(name).is_some() {
            return Err(DefinedCondition::Conflict.into());
        }
        if !account.nodes.create(name, config, &self.config.limits) {
            return Err(DefinedCondition::ResourceConstraint.into());
        }
        Ok(Element::bare("create", ns::PUBSUB).with(name::NODE, name))
    }

    /// XEP-0060 §7.2.
    fn retract(&mut self, owner: &BareJid, request: &Element) -> Result<(), Refusal> {
        let name = node_name(request)?;
        let item = request
            .children()
            .find(|child| child.is("item", ns::PUBSUB));
        let item = item.ok_or_else(|| refusal(DefinedCondition::BadRequest, "item-required"))?;
        let id =
            item_id(item)?.ok_or_else(|| refusal(DefinedCondition::BadRequest, "item-required"))?;
        let account = self.accounts.get_mut(owner);
        let node = account.and_then(|account| account.nodes.get_mut(name));
        let node = node.ok_or(DefinedCondition::ItemNotFound)?;
        let position = node.items.iter().position(|item| item.id == id);
        node.items
            .remove(position.ok_or(DefinedCondition::ItemNotFound)?);
        let asked = matches!(request.attr("notify"), Some("1" | "true"));
        if asked || node.config.flag("pubsub#notify_retract") {
            self.tell_of_retraction(owner, name, id);
        }
        Ok(())
    }
}

/// Only the owner writes.
fn owned(asker: &BareJid, owner: &BareJid) -> Result<(), Refusal> {
    match asker == owner {
        true => Ok(()),
        false => Err(DefinedCondition::Forbidden.into()),
    }
}

/// The configuration that goes with a request, if one does.
fn options(payload: &Element, element: &str) -> Result<Option<Config>, Refusal> {
    let form = payload
        .get_child(element, ns::PUBSUB)
        .and_then(|options| options.get_child("x", ns::DATA_FORMS));
    let Some(form) = form else {
        return Ok(None);
    };
    let form = DataForm::try_from(form.clone()).map_err(|_| DefinedCondition::BadRequest)?;
    match (Config::read(&form), element) {
        (Some(config), _) => Ok(Some(config)),
        (None, "publish-options") => {
            Err(refusal(DefinedCondition::Conflict, "precondition-not-met"))
        }
        (None, _) => Err(DefinedCondition::NotAcceptable.into()),
    }
}
