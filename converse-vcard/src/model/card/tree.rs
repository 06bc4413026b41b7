//! Changing one field of a vCard and nothing else.

use converse_core::xml::{Element, ElementBuilder, ElementRef, Node};

use crate::ns;

/// The element without its content.
pub(super) fn start_of(element: ElementRef<'_>) -> ElementBuilder {
    let start = Element::builder(element.name().to_owned(), element.ns().to_owned());
    element.attrs().fold(start, |start, attr| {
        start.attr_ns(attr.name().to_owned(), attr.ns().to_owned(), attr.value())
    })
}

/// `element` with another text at `path`; without a text there is none at that path any more.
pub(super) fn replaced(
    element: ElementRef<'_>,
    path: &[&str],
    text: Option<&str>,
) -> ElementBuilder {
    let mut new = start_of(element);
    let Some((first, rest)) = path.split_first() else {
        return match text {
            Some(text) => new.text(text),
            None => new,
        };
    };
    let mut left = text;
    for node in element.nodes() {
        new = match node {
            Node::Text(text) => new.text(text),
            Node::Element(child) if !child.is(first, ns::VCARD) => new.child(child),
            Node::Element(child) => match (left.take(), text.is_some(), rest.is_empty()) {
                (Some(text), _, _) => new.child(replaced(child, rest, Some(text))),
                // The first one was set; there may be more of them.
                (None, true, _) => new.child(child),
                (None, false, true) => new,
                (None, false, false) => new.child(replaced(child, rest, None)),
            },
        };
    }
    match left {
        Some(text) => new.child(nested(path, text)),
        None => new,
    }
}

/// An element with this text at the end of `path`.
pub(super) fn nested(path: &[&str], text: &str) -> ElementBuilder {
    let Some((first, rest)) = path.split_first() else {
        return Element::builder("vCard", ns::VCARD);
    };
    let element = Element::builder((*first).to_owned(), ns::VCARD);
    if rest.is_empty() {
        element.text(text)
    } else {
        element.child(nested(rest, text))
    }
}
