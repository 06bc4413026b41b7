//! From the types of `xmpp-parsers` and any other that writes through `xso` to text.

use std::borrow::Cow;
use std::sync::Arc;

use rxml::{Namespace, NcNameStr};
use xso::{AsXml, Item};

use super::chars::{CLASSES, Class, is_xml_char};
use super::escape::push_text;
use super::{XmlError, write};
use crate::ns;

/// `value` as it goes onto a client's stream: `jabber:client` is the default namespace there, so
/// that stanzas do not declare it.
///
/// ```
/// use converse_core::xml::to_xml;
/// use xmpp_parsers::ping::Ping;
///
/// assert_eq!(to_xml(&Ping)?, "<ping xmlns='urn:xmpp:ping'/>");
/// # Ok::<(), converse_core::xml::XmlError>(())
/// ```
///
/// # Errors
///
/// [`XmlError::IllegalCharacter`] if the value holds a character that XML cannot carry,
/// [`XmlError::Encode`] if it cannot be written for another reason.
pub fn to_xml<T: AsXml>(value: &T) -> Result<String, XmlError> {
    let mut out = String::with_capacity(256);
    let mut writer = Writer {
        out: &mut out,
        open: Vec::new(),
        in_tag: false,
        prefixes: 0,
    };
    let items = value.as_xml_iter().map_err(encode_error)?;
    for item in items {
        writer.item(item.map_err(encode_error)?)?;
    }
    Ok(out)
}

/// The first character of `text` that XML cannot carry, as an error.
pub(super) fn check(text: &str) -> Result<(), XmlError> {
    let suspicious =
        |byte: u8| matches!(CLASSES[byte as usize], Class::Illegal | Class::Noncharacter);
    if !text.bytes().any(suspicious) {
        return Ok(());
    }
    match text.chars().find(|c| !is_xml_char(*c)) {
        Some(c) => Err(XmlError::IllegalCharacter { code: c.into() }),
        None => Ok(()),
    }
}

fn encode_error(source: xso::error::Error) -> XmlError {
    XmlError::Encode {
        source: Arc::new(source),
    }
}

struct Writer<'o, 'x> {
    out: &'o mut String,
    open: Vec<(Namespace<'x>, Cow<'x, NcNameStr>)>,
    /// The start tag of the innermost element still lacks its `>`.
    in_tag: bool,
    prefixes: usize,
}

impl<'x> Writer<'_, 'x> {
    fn item(&mut self, item: Item<'x>) -> Result<(), XmlError> {
        match item {
            Item::XmlDeclaration(_) => {}
            Item::ElementHeadStart(ns, name) => {
                self.end_start_tag();
                check(&ns)?;
                let inherited = self.open.last().map_or(ns::CLIENT, |(ns, _)| ns.as_str());
                write::start(self.out, name.as_str(), &ns, Some(inherited));
                self.open.push((ns, name));
                self.in_tag = true;
                self.prefixes = 0;
            }
            Item::Attribute(ns, name, value) => {
                check(&ns)?;
                check(&value)?;
                write::attr(self.out, name.as_str(), &ns, &value, &mut self.prefixes);
            }
            Item::ElementHeadEnd => {}
            Item::Text(text) => {
                check(&text)?;
                if !text.is_empty() {
                    self.end_start_tag();
                    push_text(self.out, &text);
                }
            }
            Item::ElementFoot => {
                let closed = self.open.pop();
                if std::mem::take(&mut self.in_tag) {
                    self.out.push_str("/>");
                } else if let Some((ns, name)) = closed {
                    write::end(self.out, name.as_str(), &ns);
                }
            }
        }
        Ok(())
    }

    fn end_start_tag(&mut self) {
        if std::mem::take(&mut self.in_tag) {
            self.out.push('>');
        }
    }
}
