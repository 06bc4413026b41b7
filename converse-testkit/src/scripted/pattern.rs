//! Patterns: XML in which what is written must be there, and what is not written may be.
//!
//! - The element's name and namespace are equal; without a namespace `jabber:client` is meant.
//! - Each attribute of the pattern is there with that value. More attributes are fine.
//! - Each child of the pattern has a child that fits, no two the same. More children are fine, and order is free.
//! - Text of the pattern is the element's text; an element without text fits any.
//! - `{{name}}` binds on first use and must be equal afterwards; `{{name+1}}` counts on from a bound number.
//! - Dates are compared as instants, form values `0`/`false` and `1`/`true` are equal.

use std::collections::BTreeMap;

use chrono::DateTime;
use converse_core::ns;
use converse_core::xml::{Element, ElementRef};

use super::ScriptError;

/// What `{{name}}` stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Captures {
    values: BTreeMap<String, String>,
}

impl Captures {
    /// What `name` is bound to.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Binds a name.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.insert(name.into(), value.into());
    }

    /// The text with every `{{name}}` replaced.
    ///
    /// # Errors
    ///
    /// When a name is not bound, or is to be counted on from and is no number.
    pub fn fill(&self, text: &str) -> Result<String, ScriptError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((name, after)) = after.split_once("}}") else {
                break;
            };
            filled.push_str(before);
            let value = self.value(name).ok_or_else(|| {
                ScriptError::new(format!("`{{{{{name}}}}}` is not bound to anything"))
            })?;
            filled.push_str(&value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// What an expression stands for: a name, or a name and a number to add to it.
    fn value(&self, expression: &str) -> Option<String> {
        let expression = expression.trim();
        let (name, add) = match expression.split_once(['+', '-']) {
            Some((name, number)) if !number.is_empty() => {
                let number: i64 = number.trim().parse().ok()?;
                let minus = expression.contains('-');
                (name.trim(), if minus { -number } else { number })
            }
            _ => return self.get(expression).map(ToOwned::to_owned),
        };
        let base: i64 = self.get(name)?.parse().ok()?;
        Some((base + add).to_string())
    }

    /// Whether `value` fits the text of a pattern, which may bind a name.
    fn fits(&mut self, pattern: &str, value: &str, compare: Compare) -> bool {
        let pattern = pattern.trim();
        let inner = pattern
            .strip_prefix("{{")
            .and_then(|rest| rest.strip_suffix("}}"));
        match inner {
            Some(name) if !name.contains("{{") => match self.value(name) {
                Some(bound) => bound == value,
                None if name.contains(['+', '-']) => false,
                None => {
                    self.set(name.trim(), value);
                    true
                }
            },
            _ => match self.fill(pattern) {
                Ok(filled) => compare.equal(&filled, value.trim()),
                Err(_) => false,
            },
        }
    }
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compare {
    Text,
    /// In a form (XEP-0004).
    FormValue,
}

impl Compare {
    fn equal(self, expected: &str, value: &str) -> bool {
        if expected == value {
            return true;
        }
        let truth = |text: &str| match text {
            "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        };
        if self == Self::FormValue && truth(expected).is_some() {
            return truth(expected) == truth(value);
        }
        let instant = |text| DateTime::parse_from_rfc3339(text).ok();
        matches!((instant(expected), instant(value)), (Some(a), Some(b)) if a == b)
    }
}

/// What a stanza must look like: an element whose attributes and children must be there, while others may be; `{{name}}` binds
/// what stands in its place, and demands it from then on.
#[derive(Debug, Clone)]
pub struct Pattern {
    element: Element,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// When it is not one well-formed element.
    pub fn parse(xml: &str) -> Result<Self, ScriptError> {
        let element = Element::parse(xml)
            .map_err(|error| ScriptError::new(format!("the pattern `{xml}`: {error}")))?;
        Ok(Self { element })
    }

    /// Whether `element` fits; only then names are bound.
    pub fn matches(&self, element: &Element, captures: &mut Captures) -> bool {
        match fit(self.element.view(), element.view(), captures.clone()) {
            Some(bound) => {
                *captures = bound;
                true
            }
            None => false,
        }
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn to_xml(&self) -> String {
        self.element.to_xml()
    }
}

fn fit(
    pattern: ElementRef<'_>,
    element: ElementRef<'_>,
    mut captures: Captures,
) -> Option<Captures> {
    if !element.is(pattern.name(), pattern.ns()) {
        return None;
    }
    for attribute in pattern.attrs() {
        let value = element.attr_ns(attribute.name(), attribute.ns())?;
        if !captures.fits(&attribute.value(), &value, Compare::Text) {
            return None;
        }
    }
    let text = pattern.text();
    if !text.trim().is_empty() {
        let compare = if element.is("value", "jabber:x:data") {
            Compare::FormValue
        } else {
            Compare::Text
        };
        if !captures.fits(&text, &element.text(), compare) {
            return None;
        }
    }
    let wanted: Vec<_> = pattern.children().collect();
    let offered: Vec<_> = element.children().collect();
    assign(&wanted, &offered, &mut vec![false; offered.len()], captures)
}

/// Finds a child for each wanted one, trying others where a choice led nowhere.
fn assign(
    wanted: &[ElementRef<'_>],
    offered: &[ElementRef<'_>],
    used: &mut [bool],
    captures: Captures,
) -> Option<Captures> {
    let Some((first, rest)) = wanted.split_first() else {
        return Some(captures);
    };
    for (index, child) in offered.iter().enumerate() {
        if used[index] {
            continue;
        }
        let Some(bound) = fit(*first, *child, captures.clone()) else {
            continue;
        };
        used[index] = true;
        if let Some(bound) = assign(rest, offered, used, bound) {
            return Some(bound);
        }
        used[index] = false;
    }
    None
}

/// Whether `element` has something at `path`: names of children separated by `/`, each with an optional
/// `[@attribute='value']`, and at the end optionally `@attribute`, or ` = text`.
///
/// # Errors
///
/// When the path cannot be read.
pub fn has_path(element: &Element, path: &str) -> Result<bool, ScriptError> {
    let (steps, text) = match path.split_once(" = ") {
        Some((steps, text)) => (steps, Some(text)),
        None => (path, None),
    };
    let mut here: Vec<ElementRef<'_>> = vec![element.view()];
    for step in steps.split('/') {
        if let Some(attribute) = step.strip_prefix('@') {
            let has = |element: &ElementRef<'_>| element.attr(attribute).is_some();
            return Ok(here.iter().any(has));
        }
        let (name, condition) = match step.split_once("[@") {
            None => (step, None),
            Some((name, condition)) => {
                let condition = condition
                    .strip_suffix("']")
                    .and_then(|c| c.split_once("='"));
                let condition = condition
                    .ok_or_else(|| ScriptError::new(format!("the path `{path}` is unknown")))?;
                (name, Some(condition))
            }
        };
        if name.is_empty() || name.contains(['[', ']', '@', ' ']) {
            return Err(ScriptError::new(format!("the path `{path}` is unknown")));
        }
        here = here
            .iter()
            .flat_map(|element| element.children())
            .filter(|child| child.name() == name)
            .filter(|child| {
                condition.is_none_or(|(key, value)| child.attr(key).as_deref() == Some(value))
            })
            .collect();
    }
    let fits = |element: &ElementRef<'_>| {
        text.is_none_or(|text| Compare::FormValue.equal(text, element.text().trim()))
    };
    Ok(here.iter().any(fits))
}

/// Whether an element is a stanza, which stream management counts (XEP-0198 §4).
pub(super) fn is_stanza(element: &Element) -> bool {
    element.ns() == ns::CLIENT && matches!(element.name(), "message" | "presence" | "iq")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn check(pattern: &str, xml: &str) -> Option<Captures> {
        let mut captures = Captures::default();
        let fits = Pattern::parse(pattern)
            .unwrap()
            .matches(&Element::parse(xml).unwrap(), &mut captures);
        fits.then_some(captures)
    }

    #[test]
    fn what_is_written_must_be_there() {
        assert!(check("<a/>", "<a x='1'><b/></a>").is_some());
        assert!(check("<a x='1'/>", "<a/>").is_none());
        assert!(check("<a><b/></a>", "<a/>").is_none());
        assert!(check("<a/>", "<a xmlns='urn:other'/>").is_none());
        assert!(check("<a>hi</a>", "<a>ho</a>").is_none());
        assert!(check("<a/>", "<a>ho</a>").is_some());
        assert!(check("<a><b/><b/></a>", "<a><b/></a>").is_none());
    }

    #[test]
    fn names_bind_once_and_try_other_children() {
        let bound = check(
            "<a><b i='{{x}}'/><c i='{{x}}'/></a>",
            "<a><b i='1'/><b i='2'/><c i='2'/></a>",
        );
        assert_eq!(bound.unwrap().get("x"), Some("2"));
        assert!(check("<a i='{{x}}' j='{{x+1}}'/>", "<a i='7' j='8'/>").is_some());
        assert!(check("<a i='{{x}}' j='{{x+1}}'/>", "<a i='7' j='9'/>").is_none());
    }

    #[test]
    fn dates_and_form_values_compare_by_meaning() {
        let date = "<a>2026-01-10T08:00:00Z</a>";
        assert!(check(date, "<a>2026-01-10T09:00:00.000+01:00</a>").is_some());
        let form = "<x xmlns='jabber:x:data'><value>0</value></x>";
        assert!(check(form, "<x xmlns='jabber:x:data'><value>false</value></x>").is_some());
        assert!(check("<a>0</a>", "<a>false</a>").is_none());
    }

    #[test]
    fn paths_name_what_is_there() {
        let iq =
            Element::parse("<iq type='set'><q ver='1'><f var='a'><v>1</v></f></q></iq>").unwrap();
        let has = |path| has_path(&iq, path).unwrap();
        assert!(has("@type") && has("q/@ver") && has("q/f") && has("q/f[@var='a']/v = 1"));
        assert!(!has("@to") && !has("q/item") && !has("q/f[@var='b']") && !has("q/f/v = 2"));
        assert!(has_path(&iq, "q/f[1]").is_err());
    }
}
