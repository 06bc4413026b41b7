//! The nodes of an account and what is in them: bounded in number and in bytes.

use std::collections::BTreeMap;

use xmpp_parsers::minidom::Element;

use super::super::dom::{Dom, name, size};
use super::super::limits::Limits;
use super::config::Config;

/// Something published.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) payload: Element,
}

impl Item {
    /// The item as it goes over the wire, in the namespace of an answer or in that of an event.
    pub(super) fn element(&self, ns: &str, payload: bool) -> Element {
        let item = Element::bare("item", ns).with(name::ID, &self.id);
        match payload {
            true => item.holding(self.payload.clone()),
            false => item,
        }
    }

    fn bytes(&self) -> usize {
        self.id.len() + size(&self.payload)
    }
}

/// One node, the oldest item first.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) config: Config,
    pub(super) items: Vec<Item>,
}

/// The nodes of an account.
#[derive(Debug, Default)]
pub(in super::super) struct Nodes {
    nodes: BTreeMap<String, Node>,
}

impl Nodes {
    pub(super) fn get(&self, node: &str) -> Option<&Node> {
        self.nodes.get(node)
    }

    pub(super) fn get_mut(&mut self, node: &str) -> Option<&mut Node> {
        self.nodes.get_mut(node)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(String::as_str)
    }

    /// Adds a node; `false` if there is no room for one more.
    pub(super) fn create(&mut self, node: &str, config: Config, limits: &Limits) -> bool {
        let room = self.nodes.len() < limits.nodes;
        if room {
            let items = Vec::new();
            self.nodes.insert(node.to_owned(), Node { config, items });
        }
        room
    }

    /// Adds a node, configured as nodes are by default, if there is none; `false` if there is no room for one more.
    pub(in super::super) fn ensure(&mut self, node: &str, limits: &Limits) -> bool {
        self.nodes.contains_key(node) || self.create(node, Config::default(), limits)
    }

    pub(super) fn delete(&mut self, node: &str) -> bool {
        self.nodes.remove(node).is_some()
    }

    /// Puts an item into a node, in the place of the one with its id or of the oldest; `false` if it is too much.
    pub(super) fn publish(&mut self, node: &str, item: Item, limits: &Limits) -> bool {
        let elsewhere = self.nodes.iter().filter(|(name, _)| *name != node);
        let elsewhere: usize = elsewhere.map(|(_, node)| node.bytes()).sum();
        let Some(node) = self.nodes.get_mut(node) else {
            return false;
        };
        let most = node.config.max_items(limits.node_items);
        let kept = node.items.iter().filter(|known| known.id != item.id);
        let kept = kept.count();
        let surplus = (kept + 1).saturating_sub(most);
        let remaining = node.items.iter().filter(|known| known.id != item.id);
        let remaining: usize = remaining.skip(surplus).map(Item::bytes).sum();
        if elsewhere + remaining + item.bytes() > limits.published_bytes {
            return false;
        }
        node.items.retain(|known| known.id != item.id);
        node.items.push(item);
        node.trim(limits);
        true
    }

    /// The payload of an item.
    pub(in super::super) fn payload(&self, node: &str, id: &str) -> Option<&Element> {
        let mut items = self.nodes.get(node)?.items.iter();
        items.find(|item| item.id == id).map(|item| &item.payload)
    }
}

impl Node {
    /// Drops the oldest items that the configuration does not keep.
    pub(super) fn trim(&mut self, limits: &Limits) {
        let most = self.config.max_items(limits.node_items);
        let surplus = self.items.len().saturating_sub(most);
        self.items.drain(..surplus);
    }

    fn bytes(&self) -> usize {
        self.items.iter().map(Item::bytes).sum()
    }
}
