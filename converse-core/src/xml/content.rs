//! What stands between tags: text, references and CDATA sections (XML 1.0 §2.4, §2.7, §4.1).

use memchr::memmem;

use super::XmlError;
use super::chars::{CLASSES, Class, is_noncharacter};
use super::document::{Kind, NodeEntry};
use super::index::{CONTROL, Pass};
use super::scope::NsId;
use super::unescape;

impl Pass<'_> {
    /// Text up to the next `<`.
    pub(super) fn content(&mut self) -> Result<(), XmlError> {
        let start = self.at;
        let mut dirty = false;
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(self.malformed("the text ends inside of an element"));
            };
            match CLASSES[byte as usize] {
                Class::Plain | Class::Space | Class::Quote => {}
                Class::Less => break,
                Class::Return => dirty = true,
                Class::Ampersand => {
                    dirty = true;
                    self.reference()?;
                    continue;
                }
                Class::Bracket => {
                    if self.bytes[self.at..].starts_with(b"]]>") {
                        return Err(self.malformed("`]]>` in text"));
                    }
                }
                Class::Noncharacter => self.check_character()?,
                Class::Illegal => return Err(self.malformed(CONTROL)),
            }
            self.at += 1;
        }
        if self.at > start {
            self.push_text(Kind::Text, start, self.at, dirty)?;
        }
        Ok(())
    }

    /// What starts with `<!`: only CDATA sections are allowed.
    pub(super) fn declaration(&mut self) -> Result<(), XmlError> {
        const OPEN: &[u8] = b"<![CDATA[";
        let rest = &self.bytes[self.at..];
        if !rest.starts_with(OPEN) || self.to.open.is_empty() {
            return Err(match rest.get(2) {
                Some(b'-') => self.restricted("comments"),
                Some(b'D') => self.restricted("document type declarations"),
                _ => self.malformed("`<!` that starts no CDATA section"),
            });
        }
        let start = self.at + OPEN.len();
        let Some(length) = memmem::find(&self.bytes[start..], b"]]>") else {
            return Err(self.malformed("a CDATA section does not end"));
        };
        let mut dirty = false;
        self.at = start;
        while self.at < start + length {
            match CLASSES[self.bytes[self.at] as usize] {
                Class::Return => dirty = true,
                Class::Noncharacter => self.check_character()?,
                Class::Illegal => return Err(self.malformed(CONTROL)),
                _ => {}
            }
            self.at += 1;
        }
        self.at += 3;
        if length > 0 {
            self.push_text(Kind::Cdata, start, start + length, dirty)?;
        }
        Ok(())
    }

    fn push_text(
        &mut self,
        kind: Kind,
        start: usize,
        end: usize,
        dirty: bool,
    ) -> Result<(), XmlError> {
        let node = self.to.nodes.len() as u32;
        self.push(NodeEntry {
            kind,
            dirty,
            start: start as u32,
            end: end as u32,
            local: 0,
            name_end: 0,
            ns: NsId::NONE,
            parent: self.to.open.last().map_or(0, |open| open.node),
            next: node + 1,
            attrs: 0,
            attrs_end: 0,
        })
    }

    /// Steps over a reference, which must be one that needs no declaration.
    pub(super) fn reference(&mut self) -> Result<(), XmlError> {
        let name = &self.bytes[self.at + 1..];
        let in_name =
            |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80 || b"#:_-.".contains(byte);
        let length = name.iter().take_while(|byte| in_name(byte)).count();
        if length == 0 || name.get(length) != Some(&b';') {
            return Err(self.malformed("`&` that starts no reference"));
        }
        let name = &self.text[self.at + 1..self.at + 1 + length];
        if unescape::reference(name).is_none() {
            return Err(if name.starts_with('#') {
                self.malformed("a reference to something that is no character of XML")
            } else {
                self.restricted("entities other than the predefined ones")
            });
        }
        self.at += length + 2;
        Ok(())
    }

    pub(super) fn check_character(&self) -> Result<(), XmlError> {
        if is_noncharacter(self.bytes, self.at) {
            Err(self.malformed("U+FFFE or U+FFFF"))
        } else {
            Ok(())
        }
    }
}
