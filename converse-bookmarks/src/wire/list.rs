//! The list of all bookmarks in one element (XEP-0048), which has other things in it too.

use std::collections::BTreeMap;

use converse_core::xml::{Child, Element, ElementBuilder, ElementRef, Node};
use jid::{BareJid, Jid};

use super::{MAX_BOOKMARKS, conference, shown};
use crate::model::{Bookmark, Kept};
use crate::ns;

/// A list as the server has it.
#[derive(Debug)]
pub(crate) struct List {
    /// The id of the item that holds it, on a node.
    pub(crate) id: String,
    storage: Element,
}

impl List {
    /// The list in an item; `None` if it is none.
    pub(crate) fn of_item(id: &str, storage: ElementRef<'_>) -> Option<Self> {
        storage.is("storage", ns::LIST).then(|| Self {
            id: id.to_owned(),
            storage: storage.to_element(),
        })
    }

    /// The list among the items of a node, if there is one; `None` if something else is there.
    pub(crate) fn of_items<'a>(
        items: impl Iterator<Item = (String, ElementRef<'a>)>,
    ) -> Option<Option<Self>> {
        let mut lists = Vec::new();
        for (id, storage) in items {
            lists.push(Self::of_item(&id, storage)?);
        }
        let current = lists.iter().position(|list| list.id == super::CURRENT);
        let place = current.or(lists.len().checked_sub(1));
        Some(place.map(|place| lists.swap_remove(place)))
    }

    /// The list in an answer of private storage (XEP-0049 §2).
    pub(crate) fn of_private(answer: ElementRef<'_>) -> Option<Self> {
        let query = answer.child("query", ns::PRIVATE)?;
        Self::of_item("", query.child("storage", ns::LIST)?)
    }

    /// The bookmarks in it; of a room that is there twice, the first.
    pub(crate) fn bookmarks(&self) -> BTreeMap<BareJid, Kept> {
        let conferences = self.storage.children_named("conference", ns::LIST);
        let mut bookmarks = BTreeMap::new();
        for conference in conferences.take(MAX_BOOKMARKS) {
            let Some(jid) = room(conference) else {
                let jid = conference.attr("jid").unwrap_or_default();
                tracing::warn!(jid = %shown(&jid), "a malformed entry of a list of bookmarks is ignored");
                continue;
            };
            let kept = || Kept {
                id: None,
                bookmark: conference::read(conference, jid.clone()),
            };
            bookmarks.entry(jid.clone()).or_insert_with(kept);
        }
        bookmarks
    }

    pub(crate) fn get(&self, jid: &BareJid) -> Option<Bookmark> {
        let entry = self.entries(jid).next()?;
        Some(conference::read(entry, jid.clone()))
    }

    fn entries<'a>(&'a self, jid: &BareJid) -> impl Iterator<Item = ElementRef<'a>> {
        let conferences = self.storage.children_named("conference", ns::LIST);
        conferences.filter(move |conference| room(*conference).as_ref() == Some(jid))
    }
}

/// The list with `bookmark`, or without one of `jid`; everything else in it stays as it is, where it is.
pub(crate) fn storage(
    list: Option<&List>,
    jid: &BareJid,
    bookmark: Option<&Bookmark>,
) -> ElementBuilder {
    let mut storage = Element::builder("storage", ns::LIST);
    let mut left = bookmark;
    let stored = list.map(|list| list.storage.view());
    for attr in stored.into_iter().flat_map(ElementRef::attrs) {
        let (name, ns) = (attr.name().to_owned(), attr.ns().to_owned());
        storage = storage.attr_ns(name, ns, attr.value());
    }
    for node in stored.into_iter().flat_map(ElementRef::nodes) {
        let entry = match node {
            Node::Text(text) => {
                storage = storage.child(Child::Text(text.into_owned()));
                continue;
            }
            Node::Element(entry) => entry,
        };
        let is_it = entry.is("conference", ns::LIST) && room(entry).as_ref() == Some(jid);
        if !is_it {
            storage = storage.child(entry.to_element());
        } else if let Some(bookmark) = left.take() {
            storage = storage.child(conference::write(ns::LIST, bookmark, Some(entry)));
        }
    }
    storage.child_opt(left.map(|bookmark| conference::write(ns::LIST, bookmark, None)))
}

fn room(conference: ElementRef<'_>) -> Option<BareJid> {
    let jid = conference.attr("jid")?;
    Jid::new(&jid).ok().map(|jid| jid.to_bare())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use converse_core::xml::Element;

    use super::{List, storage};
    use crate::model::Bookmark;

    const LIST: &str = "<storage xmlns='storage:bookmarks'>\
        <conference jid='Garden@rooms.example' name='Garden'><nick>Ro</nick></conference>\
        <url name='Verona' url='https://verona.example'/>\
        <conference jid='@' name='broken'/>\
        <conference jid='hall@rooms.example' autojoin='1'/>\
        <conference jid='garden@rooms.example' name='twice'/>\
        <roster xmlns='urn:example:more'/></storage>";

    fn list(xml: &str) -> List {
        List::of_item("current", Element::parse(xml).unwrap().view()).unwrap()
    }

    fn garden() -> Bookmark {
        Bookmark::new("garden@rooms.example".parse().unwrap())
    }

    fn written(list: &List, bookmark: Option<&Bookmark>) -> String {
        let storage = storage(Some(list), &garden().jid, bookmark);
        storage.build().unwrap().to_xml()
    }

    #[test]
    fn a_list_is_read_entry_by_entry() {
        let list = list(LIST);
        let bookmarks = list.bookmarks();
        let jids: Vec<_> = bookmarks.keys().map(ToString::to_string).collect();
        assert_eq!(jids, ["garden@rooms.example", "hall@rooms.example"]);
        let garden = list.get(&garden().jid).unwrap();
        assert_eq!(garden.name.as_deref(), Some("Garden"));
        assert!(
            List::of_item(
                "1",
                Element::parse("<x xmlns='storage:bookmarks'/>")
                    .unwrap()
                    .view()
            )
            .is_none()
        );
    }

    #[test]
    fn a_change_leaves_everything_else_as_it_is() {
        let list = list(LIST);
        let rest = "<url name='Verona' url='https://verona.example'/>\
            <conference jid='@' name='broken'/>\
            <conference jid='hall@rooms.example' autojoin='1'/>";
        assert_eq!(
            written(&list, Some(&garden().name("The garden"))),
            format!(
                "<storage xmlns='storage:bookmarks'>\
                   <conference jid='Garden@rooms.example' name='The garden'/>{rest}\
                   <roster xmlns='urn:example:more'/></storage>"
            )
        );
        assert_eq!(
            written(&list, None),
            format!(
                "<storage xmlns='storage:bookmarks'>{rest}<roster xmlns='urn:example:more'/></storage>"
            )
        );
    }

    #[test]
    fn a_new_entry_stands_at_the_end() {
        let list = list("<storage xmlns='storage:bookmarks'><url url='u'/></storage>");
        assert_eq!(
            written(&list, Some(&garden().autojoin(true))),
            "<storage xmlns='storage:bookmarks'><url url='u'/>\
             <conference jid='garden@rooms.example' autojoin='true'/></storage>"
        );
        let alone = storage(None, &garden().jid, Some(&garden()));
        assert_eq!(
            alone.build().unwrap().to_xml(),
            "<storage xmlns='storage:bookmarks'><conference jid='garden@rooms.example'/></storage>"
        );
    }
}
