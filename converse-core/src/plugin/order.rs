//! In which order plugins start: what one requires starts before it.

use std::collections::{BTreeMap, BTreeSet};

use crate::plugin::PluginError;

/// What the order depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) name: String,
    /// Must be there.
    pub(crate) requires: Vec<String>,
    /// Goes first if it is there.
    pub(crate) after: Vec<String>,
}

/// The names in order, and which plugin misses which optional dependency.
type Ordered = (Vec<String>, Vec<(String, String)>);

/// Sorts plugins so that each comes after what it depends on, and otherwise by name, so that the order of linking does
/// not matter.
///
/// An optional dependency that is missing is an error when `strict`, and returned in the second list otherwise.
pub(crate) fn order(nodes: &[Node], strict: bool) -> Result<Ordered, PluginError> {
    let present: BTreeSet<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    let mut missing = Vec::new();
    let mut waits_for: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for node in nodes {
        let mut dependencies = BTreeSet::new();
        for required in &node.requires {
            if !present.contains(required.as_str()) {
                return Err(PluginError::MissingDependency {
                    plugin: node.name.clone(),
                    dependency: required.clone(),
                });
            }
            dependencies.insert(required.as_str());
        }
        for wished in &node.after {
            if present.contains(wished.as_str()) {
                dependencies.insert(wished.as_str());
            } else if strict {
                return Err(PluginError::MissingDependency {
                    plugin: node.name.clone(),
                    dependency: wished.clone(),
                });
            } else {
                missing.push((node.name.clone(), wished.clone()));
            }
        }
        waits_for.insert(&node.name, dependencies);
    }
    let mut sorted: Vec<String> = Vec::with_capacity(nodes.len());
    while !waits_for.is_empty() {
        let Some(next) = waits_for
            .iter()
            .find(|(_, waits)| waits.is_empty())
            .map(|(name, _)| *name)
        else {
            return Err(PluginError::Cycle {
                plugins: cycle(&waits_for),
            });
        };
        waits_for.remove(next);
        for waits in waits_for.values_mut() {
            waits.remove(next);
        }
        sorted.push(next.to_owned());
    }
    Ok((sorted, missing))
}

/// One circle among plugins that all wait for another: following any edge must come back.
fn cycle(waits_for: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let mut path: Vec<&str> = Vec::new();
    let mut at = waits_for.keys().next().copied();
    while let Some(name) = at {
        if let Some(start) = path.iter().position(|seen| *seen == name) {
            return path[start..]
                .iter()
                .chain([&name])
                .map(|name| (*name).to_owned())
                .collect();
        }
        path.push(name);
        at = waits_for
            .get(name)
            .and_then(|waits| waits.iter().next().copied());
    }
    path.into_iter().map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{Node, order};
    use crate::plugin::PluginError;

    fn node(name: &str, requires: &[&str], after: &[&str]) -> Node {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Node {
            name: name.to_owned(),
            requires: owned(requires),
            after: owned(after),
        }
    }

    #[test]
    fn dependencies_start_first_whatever_the_order_of_linking() {
        let mut nodes = vec![
            node("a", &["c"], &["b"]),
            node("b", &[], &[]),
            node("c", &["b"], &[]),
        ];
        for _ in 0..3 {
            nodes.rotate_left(1);
            let sorted = order(&nodes, true).map(|(sorted, _)| sorted);
            assert_eq!(
                sorted.as_deref().ok(),
                Some(&["b", "c", "a"].map(ToOwned::to_owned)[..])
            );
        }
    }

    #[test]
    fn a_circle_is_named_plugin_by_plugin() {
        let nodes = [
            node("a", &["b"], &[]),
            node("b", &[], &["c"]),
            node("c", &["a"], &[]),
            node("z", &["a"], &[]),
        ];
        match order(&nodes, false) {
            Err(PluginError::Cycle { plugins }) => assert_eq!(plugins, ["a", "b", "c", "a"]),
            other => assert!(other.is_err(), "a circle was not found"),
        }
    }

    #[test]
    fn what_is_missing_is_an_error_or_reported() {
        let nodes = [node("a", &[], &["ghost"])];
        assert!(matches!(
            order(&nodes, true),
            Err(PluginError::MissingDependency { .. })
        ));
        let missing = order(&nodes, false)
            .map(|(_, missing)| missing)
            .unwrap_or_default();
        assert_eq!(missing, [("a".to_owned(), "ghost".to_owned())]);
        assert!(order(&[node("a", &["ghost"], &[])], false).is_err());
    }
}
