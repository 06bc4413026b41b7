//! A plugin as data, from whichever side it was registered.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::error::BoxError;
use crate::plugin::{Plugin, PluginContext};

/// What `#[converse_plugin]` submits at link time. Written by the macro; anyone could write it by hand.
#[derive(Debug)]
pub struct Registration {
    /// [`Plugin::NAME`].
    pub name: &'static str,
    /// [`Plugin::REQUIRES`].
    pub requires: &'static [&'static str],
    /// [`Plugin::AFTER`].
    pub after: &'static [&'static str],
    /// [`Plugin::initialize`].
    pub initialize: fn(&PluginContext) -> Result<(), BoxError>,
    /// The Cargo package that registers it.
    pub package: &'static str,
}

inventory::collect!(Registration);

type Initialize = Arc<dyn Fn(&PluginContext) -> Result<(), BoxError> + Send + Sync>;

/// A plugin as data, for plugins whose name or content is known only at run time.
///
/// ```
/// use converse_core::plugin::PluginDefinition;
///
/// let plugin = PluginDefinition::new("log-everything", |cx| {
///     cx.promises().add("logging");
///     Ok(())
/// })
/// .after(["converse-roster"]);
/// assert_eq!(plugin.name(), "log-everything");
/// ```
#[derive(Clone)]
pub struct PluginDefinition {
    name: Cow<'static, str>,
    requires: Vec<String>,
    after: Vec<String>,
    initialize: Initialize,
    own: bool,
}

impl fmt::Debug for PluginDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginDefinition")
            .field("name", &self.name)
            .field("requires", &self.requires)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

/// The framework's own plugins run without being whitelisted.
const OWN: &[&str] = &[
    "converse-roster",
    "converse-status",
    "converse-chat",
    "converse-muc",
    "converse-mam",
    "converse-vcard",
    "converse-blocking",
    "converse-bookmarks",
    "converse-otr",
];

impl PluginDefinition {
    /// A plugin of that name; `initialize` is called once each time an instance starts.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        initialize: impl Fn(&PluginContext) -> Result<(), BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            requires: Vec::new(),
            after: Vec::new(),
            initialize: Arc::new(initialize),
            own: false,
        }
    }

    /// The same with plugins it cannot do without.
    #[must_use]
    pub fn requires<S: Into<String>>(mut self, plugins: impl IntoIterator<Item = S>) -> Self {
        self.requires.extend(plugins.into_iter().map(Into::into));
        self
    }

    /// The same with plugins that start first if they are there.
    #[must_use]
    pub fn after<S: Into<String>>(mut self, plugins: impl IntoIterator<Item = S>) -> Self {
        self.after.extend(plugins.into_iter().map(Into::into));
        self
    }

    /// The plugin's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same as one of the framework's own.
    pub(crate) fn own(mut self) -> Self {
        self.own = true;
        self
    }

    pub(crate) fn dependencies(&self) -> (&[String], &[String]) {
        (&self.requires, &self.after)
    }

    /// Whether it is one of the framework's own, which need no permission.
    pub(crate) fn is_own(&self) -> bool {
        self.own
    }

    pub(crate) fn initialize(&self, cx: &PluginContext) -> Result<(), BoxError> {
        (self.initialize)(cx)
    }
}

impl<P: Plugin> From<P> for PluginDefinition {
    fn from(_: P) -> Self {
        Self::new(P::NAME, P::initialize)
            .requires(P::REQUIRES.iter().copied())
            .after(P::AFTER.iter().copied())
    }
}

impl From<&'static Registration> for PluginDefinition {
    fn from(registration: &'static Registration) -> Self {
        let mut definition = Self::new(registration.name, registration.initialize)
            .requires(registration.requires.iter().copied())
            .after(registration.after.iter().copied());
        definition.own =
            OWN.contains(&registration.name) && registration.package == registration.name;
        definition
    }
}
