//! From the text as it stands in a document to what it says.
//!
//! Both functions are given text that the index has checked: every reference in it is known.

use std::borrow::Cow;

use super::chars::is_xml_char;

/// Element content: references replaced, ends of line normalised (XML 1.0 §2.11).
pub(super) fn text(raw: &str) -> Cow<'_, str> {
    unescape(raw, false)
}

/// An attribute value: additionally white space turned into spaces (XML 1.0 §3.3.3).
pub(super) fn attribute(raw: &str) -> Cow<'_, str> {
    unescape(raw, true)
}

/// A CDATA section: only ends of line are normalised.
pub(super) fn cdata(raw: &str) -> Cow<'_, str> {
    if raw.contains('\r') {
        Cow::Owned(raw.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(raw)
    }
}

fn unescape(raw: &str, attribute: bool) -> Cow<'_, str> {
    let special = |byte: u8| match byte {
        b'&' | b'\r' => true,
        b'\t' | b'\n' => attribute,
        _ => false,
    };
    let mut rest = raw;
    let mut out = String::new();
    while let Some(at) = rest.bytes().position(special) {
        if out.is_empty() {
            out.reserve(raw.len());
        }
        out.push_str(&rest[..at]);
        let tail = &rest[at..];
        rest = match tail.as_bytes().first() {
            Some(b'&') => {
                let end = tail.find(';').unwrap_or(tail.len() - 1);
                out.extend(reference(&tail[1..end]));
                &tail[end + 1..]
            }
            Some(b'\r') => {
                out.push(if attribute { ' ' } else { '\n' });
                let tail = &tail[1..];
                tail.strip_prefix('\n').unwrap_or(tail)
            }
            _ => {
                out.push(' ');
                &tail[1..]
            }
        };
    }
    if rest.len() == raw.len() {
        return Cow::Borrowed(raw);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that `&name;` stands for: one of the five that XML predefines, or a character
/// reference to a legal character (XML 1.0 §4.1, §4.6).
pub(super) fn reference(name: &str) -> Option<char> {
    let code = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "apos" => return Some('\''),
        "quot" => return Some('"'),
        _ => name.strip_prefix('#')?,
    };
    let (digits, radix) = match code.strip_prefix('x') {
        Some(hexadecimal) => (hexadecimal, 16),
        None => (code, 10),
    };
    // `from_str_radix` would take a sign, and refuses what does not fit.
    let code = if digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        u32::from_str_radix(digits, radix).ok()?
    } else {
        return None;
    };
    char::from_u32(code).filter(|c| is_xml_char(*c))
}
