//! What the owner of a node does with the node itself (XEP-0060 §8).

use jid::BareJid;
use xmpp_parsers::data_forms::{DataForm, DataFormType};
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::super::dom::{Dom, Refusal, name, result};
use super::super::iq::Answer;
use super::super::state::State;
use super::config::Config;
use super::node::Node;
use super::node_name;

impl State {
    /// Answers a request about a node itself.
    pub(super) fn administer(
        &mut self,
        owner: &BareJid,
        iq: &Element,
        request: &Element,
        get: bool,
    ) -> Answer {
        let answer = match (get, request.name()) {
            (true, "default") => {
                let form = Config::default().form();
                Some(Element::bare("default", ns::PUBSUB_OWNER).holding(form.into()))
            }
            (true, "configure") => {
                let node = node_name(request)?;
                let form = self.node(owner, node)?.config.form();
                let answer = Element::bare("configure", ns::PUBSUB_OWNER).with(name::NODE, node);
                Some(answer.holding(form.into()))
            }
            (false, "configure") => {
                self.configure(owner, request)?;
                None
            }
            (false, "delete") => {
                self.delete(owner, request)?;
                None
            }
            (false, "purge") => {
                let node = node_name(request)?;
                self.node(owner, node)?.items.clear();
                self.tell_of_node(owner, node, "purge");
                None
            }
            _ => return Err(DefinedCondition::FeatureNotImplemented.into()),
        };
        Ok(Some(match answer {
            Some(answer) => {
                let payload = Element::bare("pubsub", ns::PUBSUB_OWNER).holding(answer);
                result(iq).holding(payload)
            }
            None => result(iq),
        }))
    }

    /// XEP-0060 §8.2.
    fn configure(&mut self, owner: &BareJid, request: &Element) -> Result<(), Refusal> {
        let name = node_name(request)?;
        let form = request.get_child("x", ns::DATA_FORMS);
        let form = form.and_then(|form| DataForm::try_from(form.clone()).ok());
        let form = form.ok_or(DefinedCondition::BadRequest)?;
        let limits = self.config.limits.clone();
        let node = self.node(owner, name)?;
        if form.type_ == DataFormType::Cancel {
            return Ok(());
        }
        if !node.config.change(&form) {
            return Err(DefinedCondition::NotAcceptable.into());
        }
        node.trim(&limits);
        Ok(())
    }

    /// XEP-0060 §8.4.
    fn delete(&mut self, owner: &BareJid, request: &Element) -> Result<(), Refusal> {
        let name = node_name(request)?;
        let config = self.node(owner, name)?.config.clone();
        if config.flag("pubsub#notify_delete") {
            self.tell_of_node(owner, name, "delete");
        }
        if let Some(account) = self.accounts.get_mut(owner) {
            account.nodes.delete(name);
        }
        Ok(())
    }

    fn node(&mut self, owner: &BareJid, name: &str) -> Result<&mut Node, Refusal> {
        let account = self.accounts.get_mut(owner);
        let node = account.and_then(|account| account.nodes.get_mut(name));
        node.ok_or_else(|| DefinedCondition::ItemNotFound.into())
    }
}
