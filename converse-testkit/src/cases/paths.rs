//! Paths into JSON (`messages[0].body`, `occupants[nick=pia].role`), and what is checked there.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::trouble::{Done, Trouble};

/// One check of a view or a result.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    #[serde(default)]
    pub(super) path: String,
    pub(super) op: String,
    #[serde(default)]
    pub(super) value: Value,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
    /// The entry of a list whose key has this value.
    Where(String, String),
}

/// The value at `path`; the empty path is the whole.
pub(super) fn find(value: &Value, path: &str) -> Result<Option<Value>, Trouble> {
    let mut here = value;
    for step in steps(path)? {
        let next = match &step {
            Step::Key(key) => here.get(key.as_str()),
            Step::Index(index) => here.get(*index),
            Step::Where(key, wanted) => here.as_array().and_then(|list| {
                list.iter().find(|entry| match entry.get(key.as_str()) {
                    Some(Value::String(text)) => text == wanted,
                    Some(other) => {
                        serde_json::from_str::<Value>(wanted).is_ok_and(|value| value == *other)
                    }
                    None => false,
                })
            }),
        };
        match next {
            Some(next) => here = next,
            None => return Ok(None),
        }
    }
    Ok(Some(here.clone()).filter(|found| !found.is_null()))
}

fn steps(path: &str) -> Result<Vec<Step>, Trouble> {
    let unknown = || Trouble::unsupported(format!("the path `{path}`"));
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let (inside, after) = inside.split_once(']').ok_or_else(unknown)?;
            steps.push(match inside.split_once('=') {
                Some((key, value)) => Step::Where(key.to_owned(), value.to_owned()),
                None => Step::Index(inside.parse().map_err(|_| unknown())?),
            });
            rest = after;
        } else {
            let key = rest.strip_prefix('.').unwrap_or(rest);
            let end = key.find(['.', '[']).unwrap_or(key.len());
            if end == 0 {
                return Err(unknown());
            }
            steps.push(Step::Key(key[..end].to_owned()));
            rest = &key[end..];
        }
    }
    Ok(steps)
}

/// Equality by meaning: numbers by value, dates as instants, parts one by one.
pub(super) fn equal(expected: &Value, value: &Value) -> bool {
    match (expected, value) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::String(a), Value::String(b)) => {
            let instant = |text: &str| DateTime::parse_from_rfc3339(text).ok();
            a == b || matches!((instant(a), instant(b)), (Some(a), Some(b)) if a == b)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (a, b) => a == b,
    }
}

/// Applies a check.
pub(super) fn check(check: &Check, whole: &Value, now: DateTime<Utc>) -> Done {
    let found = find(whole, &check.path)?;
    let value = found.clone().unwrap_or(Value::Null);
    let expected = &check.value;
    let list = |name: &str| {
        expected
            .as_array()
            .ok_or_else(|| Trouble::unsupported(format!("`{name}` without a list")))
    };
    let holds = match check.op.as_str() {
        "equals" => equal(expected, &value),
        "not_equals" => !equal(expected, &value),
        "absent" => found.is_none(),
        "present" => found.is_some(),
        "length" => length(&value) == expected.as_u64() && expected.is_u64(),
        "length_max" => {
            matches!((length(&value), expected.as_u64()), (Some(n), Some(max)) if n <= max)
        }
        "length_min" => {
            matches!((length(&value), expected.as_u64()), (Some(n), Some(min)) if n >= min)
        }
        "contains" => contains(&value, expected),
        "not_contains" => !contains(&value, expected),
        "one_of" => list("one_of")?.iter().any(|one| equal(one, &value)),
        "not_in" => !list("not_in")?.iter().any(|one| equal(one, &value)),
        "matches" => matches_text(expected, &value)?,
        "not_matches" => !matches_text(expected, &value)?,
        "entropy_bits_at_least" => entropy_bits(&value)
            .zip(expected.as_f64())
            .is_some_and(|(bits, least)| bits >= least),
        "not_after_now" => not_after(&value, expected, now),
        op => return Err(Trouble::unsupported(format!("the check `{op}`"))),
    };
    if holds {
        return Ok(());
    }
    Err(Trouble::failed(format!(
        "`{}` {} {}: it is {}",
        check.path,
        check.op,
        expected,
        shorten(&value.to_string())
    )))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(600) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn length(value: &Value) -> Option<u64> {
    match value {
        Value::Array(list) => Some(list.len() as u64),
        Value::Object(map) => Some(map.len() as u64),
        Value::String(text) => Some(text.chars().count() as u64),
        _ => None,
    }
}

fn contains(value: &Value, expected: &Value) -> bool {
    match (value, expected) {
        (Value::Array(list), expected) => list.iter().any(|one| equal(expected, one)),
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Object(map), Value::String(key)) => map.contains_key(key),
        _ => false,
    }
}

/// A pattern is alternatives separated by `|`, each plain text or one class of characters in brackets.
fn matches_text(pattern: &Value, value: &Value) -> Result<bool, Trouble> {
    let unknown = || Trouble::unsupported(format!("the pattern {pattern}"));
    let pattern = pattern.as_str().ok_or_else(unknown)?;
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    for alternative in pattern.split('|') {
        let class = alternative
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let fits = match class {
            Some(class) => {
                let class = unescape(class).ok_or_else(unknown)?;
                text.contains(|c| class.contains(&c))
            }
            None if alternative
                .contains(['\\', '*', '+', '?', '(', ')', '[', ']', '{', '^', '$', '.']) =>
            {
                return Err(unknown());
            }
            None => text.contains(alternative),
        };
        if fits {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The characters of a class; `\u0000` is one of them.
fn unescape(class: &str) -> Option<Vec<char>> {
    let mut characters = Vec::new();
    let mut rest = class;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        if first != '\\' {
            if matches!(first, '^' | '-') {
                return None;
            }
            characters.push(first);
            continue;
        }
        let code = rest.strip_prefix('u')?;
        let digits = code.get(..4)?;
        characters.push(char::from_u32(u32::from_str_radix(digits, 16).ok()?)?);
        rest = &code[4..];
    }
    Some(characters)
}

/// A lower estimate of how hard the texts of a list are to guess: 0 if two are equal, else the bits that the positions vary in.
fn entropy_bits(value: &Value) -> Option<f64> {
    let texts: Vec<&str> = value
        .as_array()?
        .iter()
        .map(Value::as_str)
        .collect::<Option<_>>()?;
    let different: HashSet<&&str> = texts.iter().collect();
    if texts.len() < 2 || different.len() != texts.len() {
        return Some(0.0);
    }
    let shortest = texts.iter().map(|text| text.len()).min()?;
    let mut bits = 0.0;
    for position in 0..shortest {
        let mut counts = std::collections::HashMap::new();
        for text in &texts {
            *counts.entry(text.as_bytes()[position]).or_insert(0_u32) += 1;
        }
        let total = f64::from(u32::try_from(texts.len()).ok()?);
        bits += counts
            .values()
            .map(|count| f64::from(*count) / total)
            .map(|share| -share * share.log2())
            .sum::<f64>();
    }
    // A counter varies in its last positions as if it were random; it is given away by its neighbours being alike.
    let alike = texts
        .windows(2)
        .map(|pair| common_prefix(pair[0], pair[1]))
        .min()?;
    let usable = 1.0
        - f64::from(u32::try_from(alike).ok()?) / f64::from(u32::try_from(shortest.max(1)).ok()?);
    Some(bits * usable)
}

fn common_prefix(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// A time that is at most so many seconds in the future.
fn not_after(value: &Value, slack: &Value, now: DateTime<Utc>) -> bool {
    let time = value
        .as_str()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let slack = slack.as_i64().unwrap_or(0);
    time.is_some_and(|time| (time.with_timezone(&Utc) - now).num_seconds() <= slack)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;
    use serde_json::json;

    fn holds(op: &str, path: &str, expected: Value, whole: &Value) -> bool {
        let one = Check {
            path: path.to_owned(),
            op: op.to_owned(),
            value: expected,
        };
        check(&one, whole, DateTime::UNIX_EPOCH).is_ok()
    }

    #[test]
    fn paths_lead_through_lists_and_maps() {
        let whole = json!({ "m": [{ "id": "a@b.c", "body": "x" }], "n": null });
        assert!(holds("equals", "m[0].body", json!("x"), &whole));
        assert!(holds("equals", "m[id=a@b.c].body", json!("x"), &whole));
        assert!(holds("absent", "m[1].body", Value::Null, &whole));
        assert!(holds("absent", "n", Value::Null, &whole));
        assert!(!holds("absent", "", Value::Null, &whole));
        assert!(holds("length", "m", json!(1), &whole));
    }

    #[test]
    fn what_is_unknown_does_not_pass() {
        assert!(!holds("eqals", "", json!(1), &json!(1)));
        assert!(!holds("equals", "a..b", Value::Null, &json!({})));
        assert!(!holds("length", "", json!("1"), &json!(["a"])));
        assert!(!holds("not_matches", "", json!("a.*b"), &json!("x")));
    }

    #[test]
    fn patterns_are_words_or_a_class() {
        assert!(holds(
            "matches",
            "",
            json!("banned|301"),
            &json!("you are banned")
        ));
        assert!(holds("not_matches", "", json!("[\\u0000/]"), &json!("ab")));
        assert!(!holds(
            "not_matches",
            "",
            json!("[\\u0000/]"),
            &json!("a/b")
        ));
    }

    #[test]
    fn counters_and_repetitions_are_easy_to_guess() {
        let counter: Vec<String> = (0..200).map(|n| format!("iq-id-number-{n:09}")).collect();
        assert!(!holds(
            "entropy_bits_at_least",
            "",
            json!(64),
            &json!(counter)
        ));
        assert!(!holds(
            "entropy_bits_at_least",
            "",
            json!(1),
            &json!(["same", "same"])
        ));
    }
}
