//! Settings as people may see them.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::Settings;
use crate::settings::redact::redacted;

impl Settings {
    /// Each setting with its value, or `***` if it is a secret.
    fn shown(&self) -> Vec<(String, Value)> {
        self.with(|state| {
            let values = state.values.iter();
            let shown = values.map(|(key, value)| {
                let declaration = state.layers.declaration(key);
                let secret = declaration.is_none_or(|found| found.kind.is_secret());
                (key.clone(), redacted(value, secret))
            });
            shown.collect()
        })
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        let entries = shown.iter().map(|(key, value)| (key, value.to_string()));
        f.debug_map().entries(entries).finish()
    }
}

impl Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = self.shown();
        let mut map = serializer.serialize_map(Some(shown.len()))?;
        for (key, value) in &shown {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
