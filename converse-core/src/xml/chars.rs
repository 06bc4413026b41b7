//! The character classes of XML 1.0 (fifth edition).

/// Whether XML 1.0 can carry this character (§2.2, production 2).
///
/// ```
/// use converse_core::xml::is_xml_char;
///
/// assert!(is_xml_char('\t') && is_xml_char('ä') && is_xml_char('🦀'));
/// assert!(!is_xml_char('\0') && !is_xml_char('\u{1b}') && !is_xml_char('\u{fffe}'));
/// ```
#[must_use]
pub fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether `text` holds nothing but XML white space (§2.3, production 3).
#[must_use]
pub fn is_xml_whitespace(text: &str) -> bool {
    text.bytes().all(is_space)
}

/// Whether `name` may be the local name of an element or attribute (Namespaces in XML 1.0,
/// production 4).
#[must_use]
pub fn is_ncname(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c != ':' && is_name_start(c))
        && chars.all(|c| c != ':' && is_name_char(c))
}

/// White space, one byte of it.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// §2.3, production 4, the colon included.
pub(super) fn is_name_start(c: char) -> bool {
    matches!(c,
        ':' | 'A'..='Z' | '_' | 'a'..='z'
        | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}'
        | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}'
        | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}' | '\u{10000}'..='\u{effff}')
}

/// §2.3, production 4a, the colon included.
pub(super) fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c,
            '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// What one byte means to the tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Nothing special.
    Plain,
    /// Tab or line feed, which attribute values turn into a space.
    Space,
    /// Carriage return, which starts an end of line to be normalised.
    Return,
    /// `<`.
    Less,
    /// `&`.
    Ampersand,
    /// `]`, which may start `]]>`.
    Bracket,
    /// `"` or `'`.
    Quote,
    /// First byte of U+F000 to U+FFFF, among which two are no characters.
    Noncharacter,
    /// A control character that XML does not know.
    Illegal,
}

/// The class of each byte of UTF-8 text.
pub(super) static CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = Class::Illegal;
        byte += 1;
    }
    table[b'\t' as usize] = Class::Space;
    table[b'\n' as usize] = Class::Space;
    table[b'\r' as usize] = Class::Return;
    table[b'<' as usize] = Class::Less;
    table[b'&' as usize] = Class::Ampersand;
    table[b']' as usize] = Class::Bracket;
    table[b'"' as usize] = Class::Quote;
    table[b'\'' as usize] = Class::Quote;
    table[0xef] = Class::Noncharacter;
    table
}

/// Whether the character that starts at `at` with byte 0xEF is U+FFFE or U+FFFF.
pub(super) fn is_noncharacter(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at + 1..at + 3), Some([0xbf, 0xbe | 0xbf]))
}

/// How a byte of ASCII can take part in a name: 1 anywhere, 2 anywhere but first, 0 not at all.
pub(super) static NAME_BYTES: [u8; 128] = name_bytes();

const fn name_bytes() -> [u8; 128] {
    let mut table = [0; 128];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => 1,
            b'0'..=b'9' | b'-' | b'.' => 2,
            _ => 0,
        };
        byte += 1;
    }
    table
}
