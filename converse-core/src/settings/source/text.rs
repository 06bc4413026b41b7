//! Settings from TOML and JSON.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use serde_json::Value;

use crate::settings::error::SettingsError;
use crate::settings::map::SettingsMap;
use crate::settings::origin::Origin;

impl SettingsMap {
    /// The settings in a TOML document; its tables are settings that are maps.
    ///
    /// # Errors
    ///
    /// The text is not TOML, or has a number that is not one (`nan`, `inf`).
    pub fn from_toml_str(text: &str) -> Result<Self, SettingsError> {
        toml_map(text, None)
    }

    /// The settings in a JSON document, which is one object.
    ///
    /// # Errors
    ///
    /// The text is not JSON or not an object, or a setting is in it twice.
    pub fn from_json_str(text: &str) -> Result<Self, SettingsError> {
        json_map(text, None)
    }

    /// The settings in a file, TOML or JSON as its name ends. Errors name the file and the line.
    ///
    /// # Errors
    ///
    /// The file cannot be read, its name ends in neither `.toml` nor `.json`, or as for the text.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, SettingsError> {
        let path = path.as_ref();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let read = match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("toml") => toml_map,
            Some("json") => json_map,
            _ => {
                return Err(SettingsError::Format {
                    path: path.to_owned(),
                });
            }
        };
        let text = std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        read(&text, Some(path))
    }
}

fn toml_map(text: &str, path: Option<&Path>) -> Result<SettingsMap, SettingsError> {
    let syntax = |error: &toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        syntax(path, line(text, at), error.message())
    };
    let table: toml::Table = text.parse().map_err(|error| syntax(&error))?;
    let spans = toml::de::DeTable::parse(text).map_err(|error| syntax(&error))?;
    let spans: BTreeMap<&str, Range<usize>> = spans
        .get_ref()
        .iter()
        .map(|(key, _)| (key.get_ref().as_ref(), key.span()))
        .collect();
    let mut map = SettingsMap::new();
    for (key, value) in table {
        let at = spans.get(key.as_str()).map_or(0, |span| span.start);
        let line = line(text, at);
        let value = toml_value(value)
            .ok_or_else(|| self::syntax(path, line, "`nan` and `inf` are no settings"))?;
        map.insert_from(key, value, origin(path, line));
    }
    Ok(map)
}

/// `value` as JSON; dates become text. `None` for a number that JSON does not have.
fn toml_value(value: toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(serde_json::Number::from_f64(number)?),
        toml::Value::Boolean(truth) => Value::from(truth),
        toml::Value::Datetime(date) => Value::from(date.to_string()),
        toml::Value::Array(items) => {
            Value::Array(items.into_iter().map(toml_value).collect::<Option<_>>()?)
        }
        toml::Value::Table(table) => {
            let entries = table.into_iter();
            let entries = entries.map(|(key, value)| Some((key, toml_value(value)?)));
            Value::Object(entries.collect::<Option<_>>()?)
        }
    })
}

fn json_map(text: &str, path: Option<&Path>) -> Result<SettingsMap, SettingsError> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        // The position is in the text of the error too; it is said once, in front.
        let message = error.to_string();
        let message = message
            .rsplit_once(" at line ")
            .map_or(&*message, |(what, _)| what);
        syntax(path, error.line(), message)
    })?;
    let Value::Object(entries) = value else {
        return Err(syntax(path, 1, "settings are a JSON object"));
    };
    let mut lines = BTreeMap::new();
    for (key, at) in json_keys(text) {
        let line = line(text, at);
        if lines.insert(key.clone(), line).is_some() {
            let origin = origin(path, line);
            return Err(SettingsError::Duplicate { key, origin });
        }
    }
    let mut map = SettingsMap::new();
    for (key, value) in entries {
        let line = lines.get(&key).copied().unwrap_or(1);
        map.insert_from(key, value, origin(path, line));
    }
    Ok(map)
}

/// The names in the outermost object of `text`, which is JSON, and where each begins.
fn json_keys(text: &str) -> Vec<(String, usize)> {
    let bytes = text.as_bytes();
    let mut keys = Vec::new();
    let (mut depth, mut at, mut key_next) = (0_usize, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                depth += 1;
                key_next = depth == 1;
            }
            b'}' | b']' => depth -= 1,
            b',' => key_next = depth == 1,
            b'"' => {
                let end = string_end(bytes, at);
                if key_next && let Ok(key) = serde_json::from_str(&text[at..end]) {
                    keys.push((key, at));
                }
                key_next = false;
                at = end - 1;
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// Where the JSON string that begins at `start` is over.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The line, from 1, of the byte `at`.
fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}

fn origin(path: Option<&Path>, line: usize) -> Origin {
    Origin::Text {
        path: path.map(Path::to_owned),
        line,
    }
}

fn syntax(path: Option<&Path>, line: usize, message: &str) -> SettingsError {
    SettingsError::Syntax {
        place: path.map_or_else(
            || format!("line {line}"),
            |path| format!("{}:{line}", path.display()),
        ),
        message: message.to_owned(),
    }
}
