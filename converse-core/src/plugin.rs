//! Plugins: how they register, which of them run, in which order, and what they get.
//!
//! A plugin registers at link time with `#[converse_plugin]`, or at run time with
//! [`plugins().add`](crate::Plugins::add). Registration is not permission: what is not one of the framework's own runs
//! only if `whitelisted_plugins` names it, and `blacklisted_plugins` wins.
//!
//! Two phases: [`Plugin::initialize`] subscribes and spawns; work begins with the event
//! [`PluginsInitialized`], before any network event.

mod context;
mod definition;
mod error;
mod order;
mod select;

use converse_macros::Event;
use serde::Serialize;

use crate::error::BoxError;

pub use context::PluginContext;
pub use definition::{PluginDefinition, Registration};
pub use error::PluginError;
pub use select::linked_plugins;
pub(crate) use select::{linked, select};

/// A plugin: a name, what it depends on, and what it does when it starts.
///
/// Life of a plugin:
///
/// 1. it is linked, or added before `initialize`;
/// 2. it is selected: allowed, not blacklisted, and everything it [requires](Self::REQUIRES) is there;
/// 3. [`initialize`](Self::initialize) is called once, after that of everything it depends on;
/// 4. [`PluginsInitialized`] is published once, when every plugin is set up;
/// 5. it lives through any number of sessions, until the instance is torn down.
///
/// ```
/// use converse_core::prelude::*;
///
/// struct Hello;
///
/// impl Plugin for Hello {
///     const NAME: &'static str = "hello";
///
///     fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
///         cx.promises().add("hello-said");
///         Ok(())
///     }
/// }
/// ```
pub trait Plugin: 'static {
    /// The name by which settings, dependencies and logs know it; unique in a build.
    const NAME: &'static str;

    /// Plugins without which this one cannot run.
    const REQUIRES: &'static [&'static str] = &[];

    /// Plugins that start first if they are there; with the setting `strict_plugin_dependencies` they must be.
    const AFTER: &'static [&'static str] = &[];

    /// Declares settings and promises, subscribes, spawns actors. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// Whatever keeps the plugin from working; start-up then fails and names it.
    fn initialize(cx: &PluginContext) -> Result<(), BoxError> {
        let _ = cx;
        Ok(())
    }
}

/// Every plugin is set up; published once, after the last `initialize` and before any network event.
#[derive(Debug, Clone, Serialize, Event)]
#[event(name = "pluginsInitialized", promise)]
#[non_exhaustive]
pub struct PluginsInitialized {
    /// The plugins that run, in the order in which they started.
    pub plugins: Vec<String>,
}
