//! Queries as maps, as the 3.2 document has them.

use serde_json::{Map, Value};

use super::date;
use super::query::Query;
use crate::error::ArchiveError;

const TEXT: &str = "a text";
const COUNT: &str = "a whole number from 0 to 4294967295";

impl TryFrom<Value> for Query {
    type Error = ArchiveError;

    fn try_from(options: Value) -> Result<Self, ArchiveError> {
        match options {
            Value::Null => Ok(Self::default()),
            Value::Object(options) => Self::try_from(options),
            _ => Err(ArchiveError::NotAMap),
        }
    }
}

impl TryFrom<Map<String, Value>> for Query {
    type Error = ArchiveError;

    /// Null is the same as nothing.
    fn try_from(options: Map<String, Value>) -> Result<Self, ArchiveError> {
        let mut query = Self::default();
        for (name, value) in options.iter().filter(|(_, value)| !value.is_null()) {
            match name.as_str() {
                "room" => query.room = Some(parse("room", "a JID", value, |jid| jid.parse().ok())?),
                "with" => query.with = Some(parse("with", "a JID", value, |jid| jid.parse().ok())?),
                "start" => query.start = Some(parse("start", DATE, value, date::read)?),
                "end" => query.end = Some(parse("end", DATE, value, date::read)?),
                "max" => query.max = Some(count("max", value)?),
                "index" => query.index = Some(count("index", value)?.into()),
                "before" => query.before = Some(text("before", TEXT, value)?.to_owned()),
                "after" => query.after = Some(text("after", TEXT, value)?.to_owned()),
                "groupchat" => query.groupchat = flag("groupchat", value)?,
                "before_id" => query.before_id = Some(text("before_id", TEXT, value)?.to_owned()),
                "after_id" => query.after_id = Some(text("after_id", TEXT, value)?.to_owned()),
                "ids" => query.ids = texts("ids", value)?,
                "flip_page" => query.flip_page = flag("flip_page", value)?,
                "first" | "last" | "count" => {
                    tracing::warn!(parameter = %name, "archive.query: only answers have it; it is ignored");
                }
                _ => {
                    return Err(ArchiveError::Unknown {
                        parameter: name.clone(),
                    });
                }
            }
        }
        Ok(query)
    }
}

const DATE: &str = "a date in ISO 8601, as 2010-06-07T00:00:00Z";

fn text<'a>(
    parameter: &'static str,
    expected: &'static str,
    value: &'a Value,
) -> Result<&'a str, ArchiveError> {
    let text = value.as_str();
    text.ok_or_else(|| ArchiveError::invalid(parameter, expected, value))
}

fn texts(parameter: &'static str, value: &Value) -> Result<Vec<String>, ArchiveError> {
    let list = value.as_array().and_then(|list| {
        let texts = list.iter().map(|item| item.as_str().map(str::to_owned));
        texts.collect::<Option<Vec<_>>>()
    });
    list.ok_or_else(|| ArchiveError::invalid(parameter, "a list of texts", value))
}

fn flag(parameter: &'static str, value: &Value) -> Result<bool, ArchiveError> {
    let flag = value.as_bool();
    flag.ok_or_else(|| ArchiveError::invalid(parameter, "true or false", value))
}

fn parse<T>(
    parameter: &'static str,
    expected: &'static str,
    value: &Value,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ArchiveError> {
    let text = text(parameter, expected, value)?;
    read(text).ok_or_else(|| ArchiveError::invalid(parameter, expected, value))
}

/// A number, or a text that says one.
fn count(parameter: &'static str, value: &Value) -> Result<u32, ArchiveError> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_u64().and_then(|number| number.try_into().ok()),
    };
    number.ok_or_else(|| ArchiveError::invalid(parameter, COUNT, value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use serde_json::json;

    use super::*;

    #[test]
    fn every_parameter_is_read() {
        let query = Query::try_from(json!({
            "room": "atrium@rooms.kestrel.example", "with": "otto@heron.example", "start": "2010-06-07", "end": "2010-06-08T00:00:00+01:00",
            "max": "10", "after": "a", "index": 3, "groupchat": false, "before": null,
            "before_id": "b", "after_id": "a", "ids": ["c", "d"], "flip_page": true,
            "first": "x", "last": "y", "count": 7,
        }))
        .unwrap();
        let again = Query::try_from(json!(query)).unwrap();
        assert_eq!(query, again);
        assert_eq!((query.max, query.index), (Some(10), Some(3)));
        assert_eq!(query.end.unwrap().to_rfc3339(), "2010-06-07T23:00:00+00:00");
        assert_eq!(query.before, None);
        assert_eq!(Query::try_from(Value::Null).unwrap(), Query::new());
    }

    #[test]
    fn an_error_names_the_parameter() {
        let wrong = [
            ("with", json!("@")),
            ("with", json!(1)),
            ("start", json!("some other day")),
            ("start", json!(1_275_868_800)),
            ("end", json!("")),
            ("max", json!(-1)),
            ("max", json!("-1")),
            ("max", json!("ten")),
            ("max", json!(1.5)),
            ("max", json!(4_294_967_296_u64)),
            ("index", json!(-1)),
            ("before", json!(true)),
            ("after", json!({})),
            ("groupchat", json!("yes")),
            ("room", json!("pia@rooms.example/nick")),
            ("before_id", json!(1)),
            ("after_id", json!([])),
            ("ids", json!("a")),
            ("ids", json!(["a", 1])),
            ("flip_page", json!(1)),
            ("maximum", json!(1)),
        ];
        for (name, value) in wrong {
            let error = Query::try_from(json!({ name: value.clone() })).unwrap_err();
            assert!(
                error.to_string().contains(&format!("`{name}`")),
                "{error} {value}"
            );
        }
        assert_eq!(Query::try_from(json!([])), Err(ArchiveError::NotAMap));
        let long = Query::try_from(json!({ "start": "ä".repeat(1000) })).unwrap_err();
        assert!(long.to_string().chars().count() < 250, "{long}");
    }
}
