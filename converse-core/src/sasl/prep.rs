//! SASLprep (RFC 4013) of user names, passwords and addresses.

use std::borrow::Cow;

use stringprep::{saslprep, tables};

use super::SaslError;

/// Longest user name, password or address, in bytes, before and after preparation.
const MAX_LEN: usize = 1023;

/// `text` prepared as a query (RFC 3454 §7): characters that Unicode 3.2 did not have, emoji among them, stay as they are.
pub(super) fn prepare<'a>(text: &'a str, what: &'static str) -> Result<Cow<'a, str>, SaslError> {
    if text.is_empty() || text.len() > MAX_LEN {
        return Err(SaslError::Prohibited(what));
    }
    let prepared = if text.contains(tables::unassigned_code_point) {
        Cow::Owned(prepare_around_unassigned(text, what)?)
    } else {
        saslprep(text).map_err(|_| SaslError::Prohibited(what))?
    };
    if prepared.is_empty() {
        return Err(SaslError::Prohibited(what));
    }
    Ok(prepared)
}

/// An unassigned character neither changes nor combines with its neighbours, so what lies between can be prepared alone.
fn prepare_around_unassigned(text: &str, what: &'static str) -> Result<String, SaslError> {
    let mut prepared = String::with_capacity(text.len());
    for part in text.split_inclusive(tables::unassigned_code_point) {
        let unassigned = part
            .chars()
            .next_back()
            .filter(|c| tables::unassigned_code_point(*c));
        let rest = unassigned.map_or(part, |c| &part[..part.len() - c.len_utf8()]);
        prepared.push_str(&saslprep(rest).map_err(|_| SaslError::Prohibited(what))?);
        prepared.extend(unassigned);
    }
    Ok(prepared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prepares_as_rfc_4013_section_3_shows() {
        let prepare = |text| prepare(text, "password").map(Cow::into_owned);
        assert_eq!(prepare("I\u{ad}X"), Ok("IX".to_owned()));
        assert_eq!(prepare("user"), Ok("user".to_owned()));
        assert_eq!(prepare("USER"), Ok("USER".to_owned()));
        assert_eq!(prepare("\u{aa}"), Ok("a".to_owned()));
        assert_eq!(prepare("\u{2168}"), Ok("IX".to_owned()));
        assert_eq!(prepare("\u{7}"), Err(SaslError::Prohibited("password")));
        assert_eq!(
            prepare("\u{627}\u{31}"),
            Err(SaslError::Prohibited("password"))
        );
    }

    #[test]
    fn keeps_characters_younger_than_unicode_3_2() {
        let prepared = prepare("\u{aa}\u{1f980}\u{2168}", "password");
        assert_eq!(prepared, Ok(Cow::Owned("a\u{1f980}IX".to_owned())));
        let prohibited = prepare("\u{1f980}\u{7}", "password");
        assert_eq!(prohibited, Err(SaslError::Prohibited("password")));
    }

    #[test]
    fn refuses_what_is_empty_before_or_after() {
        assert!(prepare("", "user name").is_err());
        assert!(prepare("\u{ad}", "user name").is_err());
    }
}
