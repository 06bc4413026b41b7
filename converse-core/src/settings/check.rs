//! Checks one value against its kind, and puts one map on top of another.

use serde_json::Value;

use super::declaration::Declaration;
use super::error::SettingsError;
use super::kind::{Kind, found};
use super::map::Given;
use super::nearest::nearest;
use super::origin::Origin;

/// Longer words are cut in an error.
const MAX_SHOWN: usize = 40;

/// What happens to a key that the default of a [`Kind::Map`] does not have.
#[derive(Debug)]
pub(crate) enum Strays<'a> {
    /// It is left out and noted here.
    Drop(&'a mut Vec<SettingsError>),
    /// It is an error.
    Refuse,
}

/// The value that `given` has for a setting of `kind`: text from the environment is read first.
pub(crate) fn typed(declaration: &Declaration, given: &Given) -> Result<Value, SettingsError> {
    let kind = declaration.kind;
    let read = match (&given.origin, &given.value) {
        (Origin::Variable(_), Value::String(text)) => kind.parse(text),
        (_, value) => kind.accepts(value).then(|| value.clone()),
    };
    read.ok_or_else(|| wrong_type(&declaration.key, kind, &given.value, &given.origin))
}

/// Puts `over` on top of `base`: merged key by key for a [`Kind::Map`], in its place otherwise.
pub(crate) fn overlay(
    declaration: &Declaration,
    base: &Value,
    over: Value,
    origin: &Origin,
    strays: &mut Strays<'_>,
) -> Result<Value, SettingsError> {
    if !declaration.kind.merges() {
        return Ok(over);
    }
    merge(&declaration.key, base, over, origin, strays)
}

fn merge(
    path: &str,
    base: &Value,
    over: Value,
    origin: &Origin,
    strays: &mut Strays<'_>,
) -> Result<Value, SettingsError> {
    let kind = Kind::of(base);
    if !kind.accepts(&over) {
        return Err(wrong_type(path, kind, &over, origin));
    }
    let (Kind::Map, Value::Object(base), Value::Object(over)) = (kind, base, over.clone()) else {
        return Ok(over);
    };
    let mut merged = base.clone();
    for (key, value) in over {
        let path = format!("{path}.{key}");
        match base.get(&key) {
            Some(below) => {
                let value = merge(&path, below, value, origin, strays)?;
                merged.insert(key, value);
            }
            None => {
                let known = base.keys().map(String::as_str);
                let stray = SettingsError::Unknown {
                    nearest: nearest(&key, known).map(str::to_owned),
                    key: path,
                    origin: origin.clone(),
                };
                match strays {
                    Strays::Drop(noted) => noted.push(stray),
                    Strays::Refuse => return Err(stray),
                }
            }
        }
    }
    Ok(Value::Object(merged))
}

/// Puts the new default `over` on top of the default `base`; unlike what an application gives, it may add keys to a map.
pub(crate) fn extend(base: &Value, over: Value) -> Value {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            let mut merged = base.clone();
            for (key, value) in over {
                let value = match base.get(&key) {
                    Some(below) => extend(below, value),
                    None => value,
                };
                merged.insert(key, value);
            }
            Value::Object(merged)
        }
        (_, over) => over,
    }
}

pub(crate) fn wrong_type(key: &str, kind: Kind, value: &Value, origin: &Origin) -> SettingsError {
    SettingsError::WrongType {
        key: key.to_owned(),
        expected: expected(kind),
        found: shown(kind, value, origin),
        origin: origin.clone(),
    }
}

fn expected(kind: Kind) -> String {
    match kind {
        Kind::Choice(_) => format!("one of {kind}"),
        kind => kind.to_string(),
    }
}

/// What was found: its type, and the number or word itself where the type would have fitted.
pub(crate) fn shown(kind: Kind, value: &Value, origin: &Origin) -> String {
    if kind.is_secret() {
        return found(value).to_owned();
    }
    match (kind, value) {
        (Kind::Optional(kind), value) => shown(*kind, value, origin),
        (Kind::Integer { .. }, Value::Number(number)) => number.to_string(),
        (Kind::Texts, Value::Array(_)) => "list of something else".to_owned(),
        (Kind::Choice(_), Value::String(word)) => {
            let word: String = word.chars().take(MAX_SHOWN).collect();
            format!("`{}`", word.escape_debug())
        }
        (kind, value) => match (origin, value) {
            // All that the environment has is text, so its type says nothing.
            (Origin::Variable(_), Value::String(_)) if kind != Kind::Text => {
                "the text it holds".to_owned()
            }
            _ => found(value).to_owned(),
        },
    }
}
