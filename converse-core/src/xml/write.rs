//! Tags as they are written, with the namespace declarations that they need.

use super::ElementRef;
use super::document::Kind;
use super::escape::{push_attr, push_text};
use super::walk::{Step, Walk};
use crate::ns;

/// `<name`, with a declaration unless `ns` is what the place inherits. With nothing inherited, a
/// declaration is always written.
pub(super) fn start(out: &mut String, name: &str, ns: &str, inherited: Option<&str>) {
    out.push('<');
    push_name(out, name, ns);
    if inherited != Some(ns) && ns != ns::XML {
        out.push_str(" xmlns='");
        push_attr(out, ns);
        out.push('\'');
    }
}

/// `</name>`.
pub(super) fn end(out: &mut String, name: &str, ns: &str) {
    out.push_str("</");
    push_name(out, name, ns);
    out.push('>');
}

/// The one namespace that cannot be declared as the default is written with its own prefix.
fn push_name(out: &mut String, name: &str, ns: &str) {
    if ns == ns::XML {
        out.push_str("xml:");
    }
    out.push_str(name);
}

/// ` name=`, with a declared prefix if the attribute has a namespace. `prefixes` counts the prefixes
/// declared by this tag.
pub(super) fn attr_name(out: &mut String, name: &str, ns: &str, prefixes: &mut usize) {
    out.push(' ');
    if ns == ns::XML {
        out.push_str("xml:");
    } else if !ns.is_empty() {
        let prefix = format!("ns{prefixes}");
        *prefixes += 1;
        out.push_str("xmlns:");
        out.push_str(&prefix);
        out.push_str("='");
        push_attr(out, ns);
        out.push_str("' ");
        out.push_str(&prefix);
        out.push(':');
    }
    out.push_str(name);
    out.push('=');
}

/// An attribute with its value escaped.
pub(super) fn attr(out: &mut String, name: &str, ns: &str, value: &str, prefixes: &mut usize) {
    attr_name(out, name, ns, prefixes);
    out.push('\'');
    push_attr(out, value);
    out.push('\'');
}

/// An element that was read. Text and values are copied as they were escaped, except for CDATA
/// sections and ends of line that are still to be normalised, which some parsers get wrong.
pub(super) fn element(out: &mut String, root: ElementRef<'_>, inherited: Option<&str>) {
    for step in Walk::new(root) {
        match step {
            Step::Start(element) => {
                let around = if element.node == root.node {
                    inherited
                } else {
                    element.parent().map(ElementRef::ns)
                };
                start_tag(out, element, around);
            }
            Step::Text(text) => {
                let entry = text.document.node(text.node);
                let raw = text.document.slice(entry.start, entry.end);
                if entry.kind == Kind::Cdata || entry.dirty && raw.contains('\r') {
                    push_text(out, &text.document.text(text.node));
                } else {
                    out.push_str(raw);
                }
            }
            Step::End(element) => {
                if has_content(element) {
                    end(out, element.name(), element.ns());
                }
            }
        }
    }
}

fn has_content(element: ElementRef<'_>) -> bool {
    element.document.node(element.node).next > element.node + 1
}

fn start_tag(out: &mut String, element: ElementRef<'_>, inherited: Option<&str>) {
    start(out, element.name(), element.ns(), inherited);
    let document = element.document;
    let mut prefixes = 0;
    for entry in document.attrs(element.node) {
        let name = document.slice(entry.local, entry.name_end);
        attr_name(out, name, document.ns(entry.ns), &mut prefixes);
        // The byte before a value is the quote that it stands in.
        let raw = document.slice(entry.value - 1, entry.value_end + 1);
        if entry.dirty && raw.contains('\r') {
            out.push('\'');
            push_attr(out, &document.attr_value(entry));
            out.push('\'');
        } else {
            out.push_str(raw);
        }
    }
    out.push_str(if has_content(element) { ">" } else { "/>" });
}
