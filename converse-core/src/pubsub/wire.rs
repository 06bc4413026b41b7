//! Elements of XEP-0060.

use jid::BareJid;

use super::LONGEST_NAME;
use super::item::{Item, Items, MAX_ITEMS, Which};
use super::options::PublishOptions;
use crate::ns;
use crate::xml::{Child, Element, ElementBuilder, ElementRef};

pub(super) fn request(
    type_: &'static str,
    to: Option<&BareJid>,
    pubsub: ElementBuilder,
) -> ElementBuilder {
    Element::builder("iq", ns::CLIENT)
        .attr("type", type_)
        .attr_opt("to", to.map(ToString::to_string))
        .child(pubsub)
}

/// §7.1
pub(super) fn publish(
    node: &str,
    id: Option<&str>,
    payload: Child,
    options: Option<&PublishOptions>,
) -> ElementBuilder {
    let item = Element::builder("item", ns::PUBSUB)
        .attr_opt("id", id)
        .child(payload);
    let publish = Element::builder("publish", ns::PUBSUB)
        .attr("node", node)
        .child(item);
    let options = options.map(|options| {
        Element::builder("publish-options", ns::PUBSUB)
            .child(form(ns::PUBSUB_PUBLISH_OPTIONS, options))
    });
    Element::builder("pubsub", ns::PUBSUB)
        .child(publish)
        .child_opt(options)
}

/// §8.2
pub(super) fn configure(node: &str, options: &PublishOptions) -> ElementBuilder {
    let configure = Element::builder("configure", ns::PUBSUB_OWNER)
        .attr("node", node)
        .child(form(ns::PUBSUB_NODE_CONFIG, options));
    Element::builder("pubsub", ns::PUBSUB_OWNER).child(configure)
}

fn form(type_: &str, options: &PublishOptions) -> ElementBuilder {
    let field = |var: &str, value: &str| {
        let value = Element::builder("value", ns::DATA_FORMS).text(value);
        Element::builder("field", ns::DATA_FORMS)
            .attr("var", var)
            .child(value)
    };
    Element::builder("x", ns::DATA_FORMS)
        .attr("type", "submit")
        .child(field("FORM_TYPE", type_).attr("type", "hidden"))
        .children(options.fields().map(|(var, value)| field(var, value)))
}

/// §7.2
pub(super) fn retract(node: &str, id: &str) -> ElementBuilder {
    let retract = Element::builder("retract", ns::PUBSUB)
        .attr("node", node)
        .attr("notify", "true")
        .child(Element::builder("item", ns::PUBSUB).attr("id", id));
    Element::builder("pubsub", ns::PUBSUB).child(retract)
}

/// §8.4
pub(super) fn delete(node: &str) -> ElementBuilder {
    let delete = Element::builder("delete", ns::PUBSUB_OWNER).attr("node", node);
    Element::builder("pubsub", ns::PUBSUB_OWNER).child(delete)
}

/// §6.5
pub(super) fn items(to: Option<&BareJid>, node: &str, which: &Items) -> ElementBuilder {
    let mut items = Element::builder("items", ns::PUBSUB).attr("node", node);
    match &which.0 {
        Which::All => {}
        Which::Newest(count) => items = items.attr("max_items", count.to_string()),
        Which::Ids(ids) => {
            let ids = ids.iter();
            items =
                items.children(ids.map(|id| Element::builder("item", ns::PUBSUB).attr("id", id)));
        }
    }
    request(
        "get",
        to,
        Element::builder("pubsub", ns::PUBSUB).child(items),
    )
}

/// The id that the service gave to what was published (§7.1.2).
pub(super) fn published(answer: ElementRef<'_>) -> Option<String> {
    let publish = answer
        .child("pubsub", ns::PUBSUB)?
        .child("publish", ns::PUBSUB)?;
    let id = publish.child("item", ns::PUBSUB)?.attr("id")?;
    is_name(&id).then(|| id.into_owned())
}

pub(super) fn read_items(answer: ElementRef<'_>, node: &str) -> Option<Vec<Item>> {
    let items = answer
        .child("pubsub", ns::PUBSUB)?
        .child("items", ns::PUBSUB)?;
    let same = items.attr("node").as_deref() == Some(node);
    same.then(|| items_in(items, ns::PUBSUB).collect())
}

fn items_in<'a>(items: ElementRef<'a>, ns: &'static str) -> impl Iterator<Item = Item> + use<'a> {
    let items = items.children_named("item", ns);
    items.filter_map(read_item).take(MAX_ITEMS)
}

fn read_item(item: ElementRef<'_>) -> Option<Item> {
    let id = item.attr("id").filter(|id| is_name(id))?;
    Some(Item {
        id: id.into_owned(),
        payload: item.children().next().map(ElementRef::to_element),
    })
}

/// What an event says about a node.
pub(super) struct Change {
    pub(super) node: String,
    pub(super) items: Vec<Item>,
    pub(super) retracted: Vec<String>,
    pub(super) emptied: bool,
}

/// The change that a child of an event tells of.
pub(super) fn change(child: ElementRef<'_>) -> Option<Change> {
    if child.ns() != ns::PUBSUB_EVENT {
        return None;
    }
    let node = child.attr("node").filter(|node| is_name(node))?;
    let mut change = Change {
        node: node.into_owned(),
        items: Vec::new(),
        retracted: Vec::new(),
        emptied: false,
    };
    match child.name() {
        "items" => {
            change.items = items_in(child, ns::PUBSUB_EVENT).collect();
            let retracted = child.children_named("retract", ns::PUBSUB_EVENT);
            let ids = retracted.filter_map(|item| item.attr("id").map(|id| id.into_owned()));
            change.retracted = ids.filter(|id| is_name(id)).take(MAX_ITEMS).collect();
        }
        "purge" | "delete" => change.emptied = true,
        _ => return None,
    }
    Some(change)
}

fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len())
}
