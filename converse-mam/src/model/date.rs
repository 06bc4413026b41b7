//! Dates as text (XEP-0082).

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::Serializer;

/// As it goes over the wire: in UTC, with as many decimals as it has.
pub(crate) fn date_text(date: &DateTime<Utc>) -> String {
    date.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The instant that a text in ISO 8601 stands for. What has no offset is UTC, what has no time is midnight.
pub(crate) fn read(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let date = DateTime::parse_from_rfc3339(text)
        .map(|date| date.to_utc())
        .or_else(|_| {
            text.parse::<NaiveDateTime>()
                .or_else(|_| {
                    text.parse::<NaiveDate>()
                        .map(|day| day.and_time(chrono::NaiveTime::MIN))
                })
                .map(|date| date.and_utc())
        })
        .ok()?;
    is_writable(&date).then_some(date)
}

/// Whether XEP-0082 has a text for it: years have four digits.
pub(super) fn is_writable(date: &DateTime<Utc>) -> bool {
    (0..=9999).contains(&date.year())
}

#[expect(clippy::ref_option, reason = "serde asks for it so")]
pub(super) fn serialize<S: Serializer>(
    date: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.serialize_str(&date_text(date)),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::{date_text, read};

    #[test]
    fn the_same_instant_comes_out() {
        let cases = [
            ("2010-06-07T00:00:00Z", Some("2010-06-07T00:00:00Z")),
            ("2010-06-07T02:00:00+02:00", Some("2010-06-07T00:00:00Z")),
            ("2010-06-07T00:00:00.25Z", Some("2010-06-07T00:00:00.250Z")),
            (
                "2010-06-07T00:00:00.123456Z",
                Some("2010-06-07T00:00:00.123456Z"),
            ),
            ("2010-06-07T23:59:60Z", Some("2010-06-07T23:59:60Z")),
            ("2010-06-07T12:30:00", Some("2010-06-07T12:30:00Z")),
            ("2010-06-07", Some("2010-06-07T00:00:00Z")),
            (" 2010-06-07 ", Some("2010-06-07T00:00:00Z")),
            ("some other day", None),
            ("", None),
            ("2010-13-07", None),
            ("12010-06-07", None),
            ("+12010-06-07T00:00:00", None),
        ];
        for (text, expected) in cases {
            let read = read(text).map(|date| date_text(&date));
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}
