//! The XML declaration (XML 1.0 §2.8).

use super::XmlError;
use super::chars::is_space;

/// Checks a complete `<?xml …?>`: version 1.0, and UTF-8 if it names an encoding.
pub(super) fn check(declaration: &[u8]) -> Result<(), XmlError> {
    let text = str::from_utf8(declaration).map_err(|_| XmlError::UnsupportedEncoding)?;
    let mut rest = text
        .strip_prefix("<?xml")
        .and_then(|text| text.strip_suffix("?>"))
        .ok_or_else(malformed)?;
    let version = take(&mut rest, "version")?.ok_or_else(malformed)?;
    let encoding = take(&mut rest, "encoding")?;
    let standalone = take(&mut rest, "standalone")?;
    if version != "1.0" || !rest.trim_start_matches(space).is_empty() {
        return Err(malformed());
    }
    if !matches!(standalone, None | Some("yes" | "no")) {
        return Err(malformed());
    }
    match encoding {
        Some(encoding) if !encoding.eq_ignore_ascii_case("utf-8") => {
            Err(XmlError::UnsupportedEncoding)
        }
        _ => Ok(()),
    }
}

/// Takes ` name = 'value'` from the start of `rest` if it is there.
fn take<'a>(rest: &mut &'a str, name: &str) -> Result<Option<&'a str>, XmlError> {
    let trimmed = rest.trim_start_matches(space);
    let Some(after) = trimmed.strip_prefix(name) else {
        return Ok(None);
    };
    if trimmed.len() == rest.len() {
        return Err(malformed());
    }
    let after = after.trim_start_matches(space);
    let after = after.strip_prefix('=').ok_or_else(malformed)?;
    let after = after.trim_start_matches(space);
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
    let quote = quote.ok_or_else(malformed)?;
    let (value, after) = after[1..].split_once(quote).ok_or_else(malformed)?;
    *rest = after;
    Ok(Some(value))
}

fn space(c: char) -> bool {
    c.is_ascii() && is_space(c as u8)
}

fn malformed() -> XmlError {
    XmlError::NotWellFormed {
        what: "the XML declaration is not one of XML 1.0",
        offset: 0,
    }
}
