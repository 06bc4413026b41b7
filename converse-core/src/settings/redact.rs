//! Values as they may be shown.

use serde_json::Value;

use super::secret::HIDDEN;

/// Parts of a name inside a map that give away a secret: room passwords in `auto_join_rooms`, say.
const SECRET_NAMES: [&str; 4] = ["password", "secret", "token", "credential"];

/// `value` with every secret replaced by `***`; `secret` says that all of it is one.
pub(crate) fn redacted(value: &Value, secret: bool) -> Value {
    match value {
        Value::Null => Value::Null,
        _ if secret => Value::from(HIDDEN),
        Value::Array(items) => items.iter().map(|item| redacted(item, false)).collect(),
        Value::Object(map) => {
            let entries = map.iter().map(|(name, value)| {
                let name_lower = name.to_ascii_lowercase();
                let secret = SECRET_NAMES.iter().any(|part| name_lower.contains(part));
                (name.clone(), redacted(value, secret))
            });
            Value::Object(entries.collect())
        }
        value => value.clone(),
    }
}
