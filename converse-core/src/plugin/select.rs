//! Which of the registered plugins run.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::plugin::order::{Node, order};
use crate::plugin::{PluginDefinition, PluginError, Registration};
use crate::settings::{Settings, keys};

/// The plugins that are linked into this program.
pub(crate) fn linked() -> impl Iterator<Item = PluginDefinition> {
    inventory::iter::<Registration>
        .into_iter()
        .map(PluginDefinition::from)
}

/// The names of the plugins that are linked into this program and could run, sorted.
///
/// A dependency that no source names is not linked, whatever Cargo features say.
///
/// ```
/// // This program names no crate with a plugin.
/// assert!(converse_core::plugin::linked_plugins().is_empty());
/// ```
#[must_use]
pub fn linked_plugins() -> Vec<String> {
    let mut names: Vec<String> = linked().map(|plugin| plugin.name().to_owned()).collect();
    names.sort_unstable();
    names
}

/// The plugins that run, in the order in which they start.
pub(crate) fn select(
    registered: impl IntoIterator<Item = PluginDefinition>,
    settings: &Settings,
) -> Result<Vec<PluginDefinition>, Error> {
    let whitelisted = settings.read(&keys::WHITELISTED_PLUGINS)?;
    let blacklisted = settings.read(&keys::BLACKLISTED_PLUGINS)?;
    let strict = settings.read(&keys::STRICT_PLUGIN_DEPENDENCIES)?;
    let mut by_name: BTreeMap<String, PluginDefinition> = BTreeMap::new();
    for plugin in registered {
        let name = plugin.name().to_owned();
        if by_name.contains_key(&name) {
            return Err(PluginError::Duplicate { name }.into());
        }
        by_name.insert(name, plugin);
    }
    by_name.retain(|name, plugin| {
        if blacklisted.contains(name) {
            tracing::info!(plugin = name, "the plugin is blacklisted and does not run");
            return false;
        }
        let allowed = plugin.is_own() || whitelisted.contains(name);
        if !allowed {
            tracing::warn!(
                plugin = name,
                "the plugin is not in `whitelisted_plugins` and does not run"
            );
        }
        allowed
    });
    for name in whitelisted
        .iter()
        .filter(|name| !by_name.contains_key(*name) && !blacklisted.contains(name))
    {
        tracing::warn!(
            plugin = name,
            "`whitelisted_plugins` names a plugin that is not linked"
        );
    }
    let nodes: Vec<Node> = by_name
        .values()
        .map(|plugin| {
            let (requires, after) = plugin.dependencies();
            Node {
                name: plugin.name().to_owned(),
                requires: requires.to_vec(),
                after: after.to_vec(),
            }
        })
        .collect();
    let (sorted, missing) = order(&nodes, strict)?;
    for (plugin, dependency) in missing {
        tracing::info!(plugin, dependency, "an optional dependency is not there");
    }
    Ok(sorted
        .iter()
        .filter_map(|name| by_name.remove(name))
        .collect())
}
