//! The plugins that a case adds: they must be there before the start, so they are read out of its steps.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use converse_core::Converse;
use converse_core::plugin::PluginDefinition;
use serde::Deserialize;
use serde_json::Value;

use super::format::Case;
use super::trouble::{Done, Trouble, parameters};

/// The operation `plugin`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PluginStep {
    #[serde(rename = "op")]
    _op: String,
    name: String,
    whitelisted: Option<bool>,
    #[serde(default)]
    blacklisted: bool,
    /// Somebody has that name already.
    #[serde(default)]
    duplicate: bool,
    expect_error: Option<bool>,
    expect_initialized: Option<bool>,
    /// The event that it handles.
    handler: Option<String>,
    /// Its handler panics, from this step on.
    #[serde(default)]
    panic: bool,
}

impl PluginStep {
    fn is_whitelisted(&self) -> bool {
        // A plugin that a case wants to run must be allowed to.
        self.whitelisted.unwrap_or(self.handler.is_some())
    }
}

#[derive(Debug, Default)]
struct Added {
    initialized: Arc<AtomicBool>,
    armed: Arc<AtomicBool>,
    called: Arc<AtomicBool>,
    error: Option<String>,
}

/// What became of the plugins of a case.
#[derive(Debug, Default)]
pub(super) struct Plugins {
    added: HashMap<String, Added>,
    /// For the settings.
    pub(super) whitelisted: Vec<String>,
    pub(super) blacklisted: Vec<String>,
}

impl Plugins {
    /// Adds all of them.
    pub(super) fn add(case: &Case, converse: &Converse) -> Result<Self, Trouble> {
        let mut plugins = Self::default();
        for step in case.controls("plugin") {
            let step: PluginStep = parameters(step)?;
            let mut added = Added::default();
            let mut outcome = converse.plugins().add(definition(&step, &added));
            if step.duplicate && outcome.is_ok() {
                // Nobody had the name: somebody has it now.
                outcome = converse.plugins().add(definition(&step, &added));
            }
            added.error = outcome.err().map(|error| error.to_string());
            if step.is_whitelisted() {
                plugins.whitelisted.push(step.name.clone());
            }
            if step.blacklisted {
                plugins.blacklisted.push(step.name.clone());
            }
            plugins.added.insert(step.name, added);
        }
        Ok(plugins)
    }

    /// The step's turn: what should have happened has, and what it arms is armed.
    pub(super) fn step(&self, value: &Value) -> Done {
        let step: PluginStep = parameters(value)?;
        let added = self
            .added
            .get(&step.name)
            .ok_or_else(|| Trouble::unsupported("a plugin that was not added"))?;
        if let Some(expected) = step.expect_error {
            let names_it = |error: &String| error.contains(&step.name);
            match &added.error {
                Some(error) if expected && !names_it(error) => {
                    return Err(Trouble::failed(format!(
                        "the error does not name it: {error}"
                    )));
                }
                Some(error) if !expected => return Err(Trouble::failed(error.clone())),
                None if expected => return Err(Trouble::failed("adding it was no error")),
                _ => {}
            }
        } else if let Some(error) = &added.error {
            return Err(Trouble::failed(error.clone()));
        }
        let initialized = added.initialized.load(Ordering::Relaxed);
        if let Some(expected) = step.expect_initialized
            && expected != initialized
        {
            return Err(Trouble::failed(format!(
                "its initialize was called: {initialized}"
            )));
        }
        if step.handler.is_some() && !initialized {
            return Err(Trouble::failed("it does not run"));
        }
        added.armed.store(step.panic, Ordering::Relaxed);
        Ok(())
    }

    /// A handler that was to panic and was never called proves nothing.
    pub(super) fn check_called(&self) -> Done {
        let idle = |added: &&Added| {
            added.armed.load(Ordering::Relaxed) && !added.called.load(Ordering::Relaxed)
        };
        match self.added.values().find(idle) {
            Some(_) => Err(Trouble::failed(
                "the handler that was to panic was never called",
            )),
            None => Ok(()),
        }
    }
}

#[expect(clippy::panic, reason = "the case asks for it")]
fn definition(step: &PluginStep, added: &Added) -> PluginDefinition {
    let handler = step.handler.clone();
    let (initialized, armed, called) = (
        Arc::clone(&added.initialized),
        Arc::clone(&added.armed),
        Arc::clone(&added.called),
    );
    PluginDefinition::new(step.name.clone(), move |cx| {
        initialized.store(true, Ordering::Relaxed);
        if let Some(event) = handler.clone() {
            let (armed, called) = (Arc::clone(&armed), Arc::clone(&called));
            cx.listen().on_sync(event, move |_| {
                if armed.load(Ordering::Relaxed) {
                    called.store(true, Ordering::Relaxed);
                    panic!("a plugin that panics");
                }
                Ok(())
            });
        }
        Ok(())
    })
}
