use std::borrow::Cow;

/// `text` as element content: `&`, `<`, `>` and carriage returns as references.
///
/// Characters that XML cannot carry pass through; [`is_xml_char`](super::is_xml_char) finds them.
///
/// ```
/// assert_eq!(converse_core::xml::escape_text("1 < 2 & 3"), "1 &lt; 2 &amp; 3");
/// ```
#[must_use]
pub fn escape_text(text: &str) -> Cow<'_, str> {
    escape(text, text_reference)
}

/// `value` as an attribute value between quotes of either kind: additionally the quotes, and the
/// white space that a parser would turn into spaces.
///
/// ```
/// assert_eq!(converse_core::xml::escape_attr("it's\n"), "it&apos;s&#10;");
/// ```
#[must_use]
pub fn escape_attr(value: &str) -> Cow<'_, str> {
    escape(value, attr_reference)
}

pub(super) fn push_text(out: &mut String, text: &str) {
    push(out, text, text_reference);
}

pub(super) fn push_attr(out: &mut String, value: &str) {
    push(out, value, attr_reference);
}

fn text_reference(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        _ => None,
    }
}

fn attr_reference(byte: u8) -> Option<&'static str> {
    match byte {
        b'"' => Some("&quot;"),
        b'\'' => Some("&apos;"),
        b'\n' => Some("&#10;"),
        b'\t' => Some("&#9;"),
        _ => text_reference(byte),
    }
}

fn escape(text: &str, reference: impl Fn(u8) -> Option<&'static str>) -> Cow<'_, str> {
    if text.bytes().any(|byte| reference(byte).is_some()) {
        let mut out = String::with_capacity(text.len() + 16);
        push(&mut out, text, reference);
        Cow::Owned(out)
    } else {
        Cow::Borrowed(text)
    }
}

fn push(out: &mut String, text: &str, reference: impl Fn(u8) -> Option<&'static str>) {
    out.reserve(text.len());
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(reference) = reference(byte) {
            out.push_str(&text[copied..at]);
            out.push_str(reference);
            copied = at + 1;
        }
    }
    out.push_str(&text[copied..]);
}
