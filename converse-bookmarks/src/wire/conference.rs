//! `<conference/>`, which is much the same in XEP-0402 and in XEP-0048.

use converse_core::settings::Secret;
use converse_core::xml::{Element, ElementBuilder, ElementRef, Node};
use jid::BareJid;

use crate::model::Bookmark;
use crate::ns;

/// The bookmark of `jid` in an element (XEP-0402 §3.1; XEP-0048 §2.1).
pub(super) fn read(conference: ElementRef<'_>, jid: BareJid) -> Bookmark {
    let ns = conference.ns();
    let text = |name: &str| {
        let text = conference.child_text(name, ns);
        let text = text.map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty())
    };
    let password = conference.child_text("password", ns);
    let password = password.filter(|password| !password.is_empty());
    let name = conference.attr("name").map(|name| name.into_owned());
    let extensions = conference.child("extensions", ns);
    let extensions = extensions.filter(|_| ns == ns::NATIVE);
    let extensions = extensions.into_iter().flat_map(ElementRef::children);
    Bookmark {
        jid,
        name: name.filter(|name| !name.is_empty()),
        autojoin: conference.attr("autojoin").as_deref().is_some_and(is_true),
        nick: text("nick"),
        password: password.map(|password| Secret::new(password.into_owned())),
        extensions: extensions.map(ElementRef::to_element).collect(),
    }
}

/// The element that says what the bookmark says, and whatever else is in the one that is there (XEP-0402 §3.4).
pub(crate) fn write(
    ns: &'static str,
    bookmark: &Bookmark,
    stored: Option<ElementRef<'_>>,
) -> ElementBuilder {
    let mut conference = Element::builder("conference", ns);
    if ns == ns::LIST && stored.is_none() {
        conference = conference.attr("jid", bookmark.jid.as_str());
    }
    for attr in stored.into_iter().flat_map(ElementRef::attrs) {
        let written = attr.ns().is_empty() && matches!(attr.name(), "name" | "autojoin");
        if !written {
            let (name, ns) = (attr.name().to_owned(), attr.ns().to_owned());
            conference = conference.attr_ns(name, ns, attr.value());
        }
    }
    let text = |name: &'static str, text: &str| Element::builder(name, ns).text(text);
    let nick = bookmark.nick.as_deref();
    let password = bookmark.password.as_ref();
    conference
        .attr_opt("name", bookmark.name.clone())
        .attr_opt("autojoin", bookmark.autojoin.then_some("true"))
        .child_opt(nick.map(|nick| text("nick", nick)))
        .child_opt(password.map(|password| text("password", password.expose())))
        .child_opt(extensions(ns, bookmark, stored))
        .children(unknown(ns, stored))
}

/// What clients have added to a native bookmark, with what they have written around it.
fn extensions(
    ns: &'static str,
    bookmark: &Bookmark,
    stored: Option<ElementRef<'_>>,
) -> Option<ElementBuilder> {
    if ns != ns::NATIVE {
        return None;
    }
    let stored = stored.and_then(|stored| stored.child("extensions", ns));
    if stored.is_none() && bookmark.extensions.is_empty() {
        return None;
    }
    let mut extensions = Element::builder("extensions", ns);
    for attr in stored.into_iter().flat_map(ElementRef::attrs) {
        let (name, ns) = (attr.name().to_owned(), attr.ns().to_owned());
        extensions = extensions.attr_ns(name, ns, attr.value());
    }
    Some(extensions.children(bookmark.extensions.iter().cloned()))
}

/// The children that a bookmark has no field for.
fn unknown(ns: &str, stored: Option<ElementRef<'_>>) -> Vec<Element> {
    let nodes = stored.into_iter().flat_map(ElementRef::nodes);
    let children = nodes.filter_map(|node| match node {
        Node::Element(child) => Some(child),
        Node::Text(_) => None,
    });
    let known = |child: &ElementRef<'_>| {
        child.ns() == ns
            && match child.name() {
                "nick" | "password" => true,
                "extensions" => ns == ns::NATIVE,
                _ => false,
            }
    };
    let unknown = children.filter(|child| !known(child));
    unknown.map(ElementRef::to_element).collect()
}

/// XML Schema Part 2 §3.2.2.
fn is_true(text: &str) -> bool {
    matches!(text.trim(), "true" | "1")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use converse_core::xml::Element;

    use super::{Bookmark, read, write};
    use crate::ns;

    fn element(xml: &str) -> Element {
        Element::parse(xml).unwrap()
    }

    fn bookmark(xml: &str) -> Bookmark {
        let jid = "garden@rooms.example".parse().unwrap();
        read(element(xml).view(), jid)
    }

    fn written(bookmark: &Bookmark, over: Option<&Element>) -> String {
        let ns = over.map_or(ns::NATIVE, |it| {
            if it.ns() == ns::LIST {
                ns::LIST
            } else {
                ns::NATIVE
            }
        });
        let element = write(ns, bookmark, over.map(Element::view)).build();
        element.unwrap().to_xml()
    }

    #[test]
    fn a_conference_is_read() {
        let read = bookmark(
            "<conference xmlns='urn:xmpp:bookmarks:1' name='Garden' autojoin=' 1 '>\
               <nick>Ro</nick><password> p </password>\
               <extensions><state xmlns='urn:example:state'/><other xmlns='urn:example:other'/></extensions>\
             </conference>",
        );
        assert_eq!(read.name.as_deref(), Some("Garden"));
        assert_eq!(read.nick.as_deref(), Some("Ro"));
        assert_eq!(read.password.as_ref().unwrap().expose(), " p ");
        assert!(read.autojoin);
        assert_eq!(read.extensions.len(), 2);
        for no in [
            "<conference xmlns='urn:xmpp:bookmarks:1'/>",
            "<conference xmlns='urn:xmpp:bookmarks:1' autojoin='yes' name=''><nick/><nick xmlns='urn:example:n'>x</nick><password/></conference>",
        ] {
            let read = bookmark(no);
            assert_eq!(read, Bookmark::new(read.jid.clone()), "{no}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let full = Bookmark::new("garden@rooms.example".parse().unwrap())
            .name("Garden & <more>")
            .nick("Ro")
            .password("rose")
            .autojoin(true)
            .extension(element(
                "<state xmlns='urn:example:state' minimized='true'/>",
            ));
        assert_eq!(bookmark(&written(&full, None)), full);
        let plain = Bookmark::new(full.jid.clone());
        assert_eq!(bookmark(&written(&plain, None)), plain);
        assert_eq!(
            written(&plain, None),
            "<conference xmlns='urn:xmpp:bookmarks:1'/>"
        );
    }

    /// XEP-0402 §3.4: clients must preserve any elements that they do not understand.
    #[test]
    fn what_is_not_understood_stays() {
        let stored = element(
            "<conference xmlns='urn:xmpp:bookmarks:1' xmlns:v='urn:example:v' name='Old' v:mark='7' colour='red'>\
               <nick>Old</nick><future>soon</future>\
               <extensions v:since='1'><state xmlns='urn:example:state'/></extensions>\
               <v:vendor>kept</v:vendor></conference>",
        );
        let mut changed = bookmark(&stored.to_xml());
        changed.name = Some("New".to_owned());
        changed.nick = None;
        let new = element(&written(&changed, Some(&stored)));
        assert_eq!(new.attr("name").as_deref(), Some("New"));
        assert_eq!(new.attr("colour").as_deref(), Some("red"));
        assert_eq!(new.attr_ns("mark", "urn:example:v").as_deref(), Some("7"));
        assert!(new.child("nick", ns::NATIVE).is_none());
        let extensions = new.child("extensions", ns::NATIVE).unwrap();
        assert_eq!(
            extensions.attr_ns("since", "urn:example:v").as_deref(),
            Some("1")
        );
        assert!(extensions.child("state", "urn:example:state").is_some());
        assert_eq!(
            new.child_text("future", ns::NATIVE).as_deref(),
            Some("soon")
        );
        assert_eq!(
            new.child_text("vendor", "urn:example:v").as_deref(),
            Some("kept")
        );
    }

    #[test]
    fn an_entry_of_a_list_keeps_its_address_and_has_no_extensions() {
        let stored = element(
            "<conference xmlns='storage:bookmarks' jid='Garden@rooms.example' autojoin='true'>\
               <minimize xmlns='urn:example:bar'>never</minimize></conference>",
        );
        let changed = Bookmark::new("garden@rooms.example".parse().unwrap())
            .nick("Ro")
            .extension(element("<state xmlns='urn:example:state'/>"));
        assert_eq!(
            written(&changed, Some(&stored)),
            "<conference xmlns='storage:bookmarks' jid='Garden@rooms.example'><nick>Ro</nick>\
               <minimize xmlns='urn:example:bar'>never</minimize></conference>"
        );
    }
}
