//! Defaults, what the application gave, what was set at run time; and the values that come out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::check::{self, Strays};
use super::declaration::{Declaration, Values};
use super::error::SettingsError;
use super::kind::Kind;
use super::map::{Given, SettingsMap};
use super::nearest::nearest;
use super::origin::Origin;

/// All that is known about the settings of one instance. Each change is made on a copy, so that a failed one leaves no trace.
#[derive(Clone, Default)]
pub(crate) struct Layers {
    declared: BTreeMap<String, Declaration>,
    application: SettingsMap,
    run_time: BTreeMap<String, Value>,
    finished: bool,
}

impl Layers {
    pub(crate) fn new(application: SettingsMap) -> Self {
        Self {
            application,
            ..Self::default()
        }
    }

    pub(crate) fn declared(&self) -> impl Iterator<Item = &Declaration> {
        self.declared.values()
    }

    pub(crate) fn declaration(&self, key: &str) -> Option<&Declaration> {
        self.declared.get(key)
    }

    pub(crate) fn unknown(&self, key: &str, origin: &Origin) -> SettingsError {
        let known = self.declared.keys().map(String::as_str);
        SettingsError::Unknown {
            key: key.to_owned(),
            nearest: nearest(key, known).map(str::to_owned),
            origin: origin.clone(),
        }
    }

    /// Adds `declaration`, made by `owner`. A plugin may declare its own setting again; anyone else has to agree on the kind.
    pub(crate) fn declare(
        &mut self,
        owner: &str,
        mut declaration: Declaration,
    ) -> Result<(), SettingsError> {
        if declaration.owner.is_empty() {
            declaration.owner = Cow::Owned(owner.to_owned());
        }
        if !declaration.kind.accepts(&declaration.default) {
            let (kind, default) = (declaration.kind, &declaration.default);
            return Err(check::wrong_type(
                &declaration.key,
                kind,
                default,
                &Origin::Code,
            ));
        }
        if let Some(first) = self.declared.get(declaration.key.as_ref())
            && first.owner != declaration.owner
            && first.kind != declaration.kind
        {
            return Err(clash(
                first,
                &declaration.owner,
                declaration.kind.to_string(),
            ));
        }
        let key = declaration.key.clone().into_owned();
        self.declared.insert(key, declaration);
        Ok(())
    }

    /// Gives `key` the default `default`, declaring it if it is new.
    pub(crate) fn set_default(
        &mut self,
        owner: &str,
        key: &str,
        default: Value,
    ) -> Result<(), SettingsError> {
        let Some(declaration) = self.declared.get_mut(key) else {
            let kind = Kind::of(&default);
            let declaration = Declaration::new(key.to_owned(), kind, default, "");
            return self.declare(owner, declaration);
        };
        if !declaration.kind.accepts(&default) {
            let second = check::shown(declaration.kind, &default, &Origin::Code);
            return Err(clash(declaration, owner, second));
        }
        declaration.default = if declaration.kind.merges() {
            check::extend(&declaration.default, default)
        } else {
            default
        };
        declaration.derived = None;
        Ok(())
    }

    /// Sets `key` for the rest of the run. An unknown key is an error, or noted in `ignored` if that is given.
    pub(crate) fn set(
        &mut self,
        key: &str,
        given: &Given,
        values: &Values,
        ignored: Option<&mut Vec<SettingsError>>,
    ) -> Result<(), SettingsError> {
        let (Some(declaration), Some(now)) = (self.declared.get(key), values.get(key)) else {
            let error = self.unknown(key, &given.origin);
            return match ignored {
                Some(ignored) => {
                    ignored.push(error);
                    Ok(())
                }
                None => Err(error),
            };
        };
        let mut strays = ignored.map_or(Strays::Refuse, Strays::Drop);
        let value = check::typed(declaration, given)?;
        let value = check::overlay(declaration, now, value, &given.origin, &mut strays)?;
        self.run_time.insert(key.to_owned(), value);
        Ok(())
    }

    /// Forgets what was set for `key` at run time.
    pub(crate) fn reset(&mut self, key: &str) -> bool {
        self.run_time.remove(key).is_some()
    }

    /// From now on, a value that the application gave wrongly is an error at once.
    pub(crate) fn finish(&mut self) {
        self.finished = true;
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.finished
    }

    /// What the application gave for settings that nobody declared.
    pub(crate) fn strangers(&self) -> impl Iterator<Item = SettingsError> {
        let given = self.application.iter();
        given
            .filter(|(key, _)| !self.declared.contains_key(*key))
            .map(|(key, given)| self.unknown(key, &given.origin))
    }

    /// Works out the value of each setting.
    pub(crate) fn resolve(&self) -> Resolved {
        let mut resolved = Resolved::default();
        for (key, declaration) in &self.declared {
            let mut value = declaration.default.clone();
            if let Some(given) = self.application.given(key) {
                value = resolved.overlay(declaration, value, given);
            }
            if let Some(set) = self.run_time.get(key) {
                value = resolved.overlay(declaration, value, &Given::in_code(set.clone()));
            }
            resolved.values.insert(key.clone(), value);
        }
        for (key, declaration) in &self.declared {
            let given = self.application.given(key).is_some() || self.run_time.contains_key(key);
            if let (Some(derived), false) = (&declaration.derived, given) {
                let value = (derived.compute)(&resolved.values);
                resolved.values.insert(key.clone(), value);
            }
        }
        resolved
    }
}

/// The values that come out of the layers.
#[derive(Default)]
pub(crate) struct Resolved {
    pub(crate) values: Values,
    /// What is wrong with values above the defaults; they do not count.
    pub(crate) problems: Vec<SettingsError>,
    /// Keys inside maps that the default does not have; they do not count either.
    pub(crate) strays: Vec<SettingsError>,
}

impl Resolved {
    /// `base` with `given` on top, or as it is if `given` does not fit.
    fn overlay(&mut self, declaration: &Declaration, base: Value, given: &Given) -> Value {
        let mut strays = Strays::Drop(&mut self.strays);
        let over = check::typed(declaration, given)
            .and_then(|over| check::overlay(declaration, &base, over, &given.origin, &mut strays));
        match over {
            Ok(over) => over,
            Err(error) => {
                self.problems.push(error);
                base
            }
        }
    }
}

fn clash(first: &Declaration, owner: &str, second_kind: String) -> SettingsError {
    SettingsError::TypeClash {
        key: first.key.clone().into_owned(),
        first_owner: first.owner.clone().into_owned(),
        first_kind: first.kind.to_string(),
        second_owner: owner.to_owned(),
        second_kind,
    }
}
