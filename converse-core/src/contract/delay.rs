//! Delayed delivery (XEP-0203).

use chrono::{DateTime, Utc};

use crate::ns;
use crate::xml::ElementRef;

/// When a stanza was sent that was delivered late, if it says so in a way that can be.
///
/// Stamps that are malformed, before the common era or in the future say nothing; then the time of arrival counts.
///
/// ```
/// use chrono::{DateTime, Utc};
/// use converse_core::contract::sent_at;
/// use converse_core::xml::Element;
///
/// let now: DateTime<Utc> = "2026-02-01T12:00:00Z".parse()?;
/// let late = Element::parse("<message><delay xmlns='urn:xmpp:delay' stamp='2026-01-10T08:00:00Z'/></message>")?;
/// assert_eq!(sent_at(late.view(), now), Some("2026-01-10T08:00:00Z".parse()?));
/// let lie = Element::parse("<message><delay xmlns='urn:xmpp:delay' stamp='2036-01-10T08:00:00Z'/></message>")?;
/// assert_eq!(sent_at(lie.view(), now), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn sent_at(stanza: ElementRef<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    stamp(stanza.child("delay", ns::DELAY)?, now)
}

/// The time that a `<delay/>` gives, if it can be: see [`sent_at`]. Whose word it is, is for the caller to look at.
#[must_use]
pub fn stamp(delay: ElementRef<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let stamp = delay.attr("stamp")?;
    let stamp = DateTime::parse_from_rfc3339(stamp.trim()).ok()?;
    Some(stamp.to_utc()).filter(|stamp| *stamp <= now)
}

#[cfg(test)]
mod tests {
    use super::sent_at;
    use crate::xml::Element;

    #[test]
    fn a_stamp_that_cannot_be_says_nothing() {
        let Ok(now) = "2027-01-01T00:00:00Z".parse() else {
            return;
        };
        let cases = [
            ("99999-01-01T00:00:00Z", false),
            ("-0001-01-01T00:00:00Z", false),
            ("yesterday", false),
            ("", false),
            ("2027-01-01T00:00:01Z", false),
            ("2026-12-31T23:59:60Z", true),
            ("2026-12-31T23:59:59.123456789123+02:00", true),
            ("0000-01-01T00:00:00Z", true),
        ];
        for (stamp, valid) in cases {
            let message = Element::parse(&format!(
                "<message><delay xmlns='urn:xmpp:delay' stamp='{stamp}'/></message>"
            ));
            let time = message
                .ok()
                .and_then(|message| sent_at(message.view(), now));
            assert_eq!(time.is_some(), valid, "{stamp}");
        }
    }
}
