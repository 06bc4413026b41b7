//! Walks through an element and all that is in it, without recursion.

use std::borrow::Cow;

use super::ElementRef;

/// A step of a walk through an element and all that is in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step<'a> {
    Start(ElementRef<'a>),
    Text(ElementRef<'a>),
    End(ElementRef<'a>),
}

/// A walk in document order that needs no stack.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    open: Option<ElementRef<'a>>,
    at: u32,
    root: ElementRef<'a>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: ElementRef<'a>) -> Self {
        Self {
            open: None,
            at: root.node,
            root,
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        if let Some(open) = self.open
            && open.document.node(open.node).next == self.at
        {
            self.open = (open.node != self.root.node)
                .then(|| open.parent())
                .flatten();
            return Some(Step::End(open));
        }
        if self.open.is_none() && self.at != self.root.node {
            return None;
        }
        let found = ElementRef {
            document: self.root.document,
            node: self.at,
        };
        self.at += 1;
        Some(if found.is_element() {
            self.open = Some(found);
            Step::Start(found)
        } else {
            Step::Text(found)
        })
    }
}

/// Whether two elements say the same.
pub(super) fn same(left: ElementRef<'_>, right: ElementRef<'_>) -> bool {
    let mut left = Walk::new(left);
    let mut right = Walk::new(right);
    loop {
        let (left_text, left_step) = take_text(&mut left);
        let (right_text, right_step) = take_text(&mut right);
        if left_text != right_text {
            return false;
        }
        match (left_step, right_step) {
            (None, None) => return true,
            (Some(Step::Start(left)), Some(Step::Start(right))) if same_tag(left, right) => {}
            (Some(Step::End(_)), Some(Step::End(_))) => {}
            _ => return false,
        }
    }
}

/// All text up to the next tag, and that tag.
fn take_text<'a>(walk: &mut Walk<'a>) -> (Cow<'a, str>, Option<Step<'a>>) {
    let mut all = Cow::Borrowed("");
    loop {
        match walk.next() {
            Some(Step::Text(text)) => {
                let run = text.document.text(text.node);
                if all.is_empty() {
                    all = run;
                } else {
                    all.to_mut().push_str(&run);
                }
            }
            step => return (all, step),
        }
    }
}

fn same_tag(left: ElementRef<'_>, right: ElementRef<'_>) -> bool {
    left.is(right.name(), right.ns())
        && left.attrs().count() == right.attrs().count()
        && left
            .attrs()
            .all(|attr| right.attr_ns(attr.name(), attr.ns()) == Some(attr.value()))
}
