//! A vCard (XEP-0054): some fields by name, all of them kept.

mod tree;

use std::fmt;

use converse_core::xml::{Element, ElementBuilder, ElementRef, XmlError};

use self::tree::{nested, replaced, start_of};
use super::avatar::{Avatar, ImageError};
use crate::ns;

/// The longest text of a field that is read, in bytes; of longer ones it is the beginning.
const LONGEST_TEXT: usize = 4_096;

/// A vCard. What it has no name for is kept as it is, so that publishing a changed vCard loses nothing.
///
/// ```
/// use converse_vcard::VCard;
///
/// let mut card = VCard::new();
/// card.set_fullname("Romeo Montague")?;
/// card.set_nickname("Ro")?;
/// card.set_nickname(None)?;
/// assert_eq!(card.fullname().as_deref(), Some("Romeo Montague"));
/// assert_eq!(card.nickname(), None);
/// assert_eq!(card.element().build()?.to_xml(), "<vCard xmlns='vcard-temp'><FN>Romeo Montague</FN></vCard>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct VCard {
    /// Nothing is in an empty one.
    element: Option<Element>,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $get:ident, $set:ident = $path:expr;)*) => {
        impl VCard {$(
            $(#[$doc])*
            #[must_use]
            pub fn $get(&self) -> Option<String> {
                self.text(&$path)
            }

            /// Sets it, or with `None` takes it away; other fields stay as they are.
            ///
            /// # Errors
            ///
            /// The text has characters that XML cannot carry.
            pub fn $set<'a>(&mut self, text: impl Into<Option<&'a str>>) -> Result<(), XmlError> {
                self.put(&$path, text.into())
            }
        )*}
    };
}

fields! {
    /// The full name (`FN`).
    fullname, set_fullname = ["FN"];
    /// The name they want to be called by (`NICKNAME`).
    nickname, set_nickname = ["NICKNAME"];
    /// The given name (`N/GIVEN`).
    given_name, set_given_name = ["N", "GIVEN"];
    /// The family name (`N/FAMILY`).
    family_name, set_family_name = ["N", "FAMILY"];
    /// The mail address (`EMAIL/USERID`).
    email, set_email = ["EMAIL", "USERID"];
    /// The telephone number (`TEL/NUMBER`).
    phone, set_phone = ["TEL", "NUMBER"];
    /// The birthday as it is written (`BDAY`).
    birthday, set_birthday = ["BDAY"];
    /// The organisation (`ORG/ORGNAME`).
    organisation, set_organisation = ["ORG", "ORGNAME"];
    /// The title (`TITLE`).
    title, set_title = ["TITLE"];
    /// The role (`ROLE`).
    role, set_role = ["ROLE"];
    /// What they say about themselves (`DESC`).
    note, set_note = ["DESC"];
    /// The web page as it is written (`URL`); [`url`](Self::url) gives only what may be opened.
    raw_url, set_url = ["URL"];
}

impl VCard {
    /// An empty vCard.
    #[must_use]
    pub fn new() -> Self {
        Self { element: None }
    }

    /// The vCard that an element is; nothing if it is another element.
    #[must_use]
    pub fn from_element(element: ElementRef<'_>) -> Option<Self> {
        let is_card = element.is("vCard", ns::VCARD);
        is_card.then(|| Self {
            element: Some(element.to_element()),
        })
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields().next().is_none()
    }

    /// The whole vCard.
    pub fn element(&self) -> ElementBuilder {
        match &self.element {
            Some(element) => element.view().into(),
            None => Element::builder("vCard", ns::VCARD),
        }
    }

    /// The web page, if it is one: an address of `http`, `https` or `xmpp`.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        self.raw_url().filter(|url| is_web_page(url))
    }

    /// The picture (`PHOTO/BINVAL`), if there is one.
    ///
    /// # Errors
    ///
    /// There is one that may not be shown.
    pub fn photo(&self) -> Result<Option<Avatar>, ImageError> {
        let photos = self.fields().filter(|field| field.name() == "PHOTO");
        let mut pictures = photos.filter_map(|photo| photo.child_text("BINVAL", ns::VCARD));
        match pictures.find(|text| !text.trim().is_empty()) {
            Some(text) => Avatar::from_base64(&text).map(Some),
            None => Ok(None),
        }
    }

    /// Sets the picture, or with `None` takes it away.
    ///
    /// # Errors
    ///
    /// The vCard cannot be written as XML.
    pub fn set_photo(&mut self, photo: Option<&Avatar>) -> Result<(), XmlError> {
        let new = photo.map(|photo| {
            let child =
                |name: &'static str, text: String| Element::builder(name, ns::VCARD).text(text);
            Element::builder("PHOTO", ns::VCARD)
                .child(child("TYPE", photo.type_.as_str().to_owned()))
                .child(child("BINVAL", photo.to_base64()))
        });
        let rest = self.fields().filter(|field| field.name() != "PHOTO");
        let card = self.start().children(rest).child_opt(new);
        self.element = Some(card.build()?);
        Ok(())
    }

    /// Bytes of it.
    pub(crate) fn size(&self) -> usize {
        self.element.as_ref().map_or(0, Element::source_len)
    }

    fn fields(&self) -> impl Iterator<Item = ElementRef<'_>> {
        let children = self.element.iter().flat_map(Element::children);
        children.filter(|child| child.ns() == ns::VCARD)
    }

    /// The element without its content.
    fn start(&self) -> ElementBuilder {
        match &self.element {
            Some(element) => start_of(element.view()),
            None => Element::builder("vCard", ns::VCARD),
        }
    }

    /// The first text at this path that is not empty.
    fn text(&self, path: &[&str]) -> Option<String> {
        let (first, rest) = path.split_first()?;
        let mut fields = self.fields().filter(|field| field.name() == *first);
        fields.find_map(|field| {
            let at = rest
                .iter()
                .try_fold(field, |at, name| at.child(name, ns::VCARD))?;
            Some(bounded(at.text().trim())).filter(|text| !text.is_empty())
        })
    }

    fn put(&mut self, path: &[&str], text: Option<&str>) -> Result<(), XmlError> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let card = match &self.element {
            Some(element) => replaced(element.view(), path, text),
            None => match text {
                Some(text) => self.start().child(nested(path, text)),
                None => return Ok(()),
            },
        };
        self.element = Some(card.build()?);
        Ok(())
    }
}

impl Default for VCard {
    fn default() -> Self {
        Self::new()
    }
}

/// What is in it may be private and is left out.
impl fmt::Debug for VCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VCard")
            .field("bytes", &self.size())
            .finish_non_exhaustive()
    }
}

/// As much of what a peer wrote as is kept.
pub(crate) fn bounded(text: &str) -> String {
    let mut end = text.len().min(LONGEST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// Whether an address may be opened without harm.
fn is_web_page(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    let known = ["http", "https", "xmpp"];
    scheme.is_some_and(|scheme| known.iter().any(|it| scheme.eq_ignore_ascii_case(it)))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    fn card(inside: &str) -> VCard {
        let text = format!("<vCard xmlns='vcard-temp' version='2.0'>{inside}</vCard>");
        VCard::from_element(Element::parse(&text).unwrap().view()).unwrap()
    }

    fn xml(card: &VCard) -> String {
        card.element().build().unwrap().to_xml()
    }

    #[test]
    fn what_has_no_name_stays() {
        let mut it = card(
            "<FN>Peter</FN><X-SECRET a='1'>kept<Y/></X-SECRET><EMAIL><WORK/><USERID>a@x</USERID></EMAIL>\
             <EMAIL><HOME/><USERID>b@x</USERID></EMAIL><other xmlns='urn:x'/>",
        );
        it.set_fullname("Pete").unwrap();
        it.set_email("c@x").unwrap();
        it.set_note("Hi & bye").unwrap();
        assert_eq!(
            xml(&it),
            "<vCard xmlns='vcard-temp' version='2.0'><FN>Pete</FN><X-SECRET a='1'>kept<Y/></X-SECRET>\
             <EMAIL><WORK/><USERID>c@x</USERID></EMAIL><EMAIL><HOME/><USERID>b@x</USERID></EMAIL>\
             <other xmlns='urn:x'/><DESC>Hi &amp; bye</DESC></vCard>"
        );
        assert_eq!(it.email().as_deref(), Some("c@x"));
    }

    #[test]
    fn what_is_taken_away_is_gone() {
        let mut it = card(
            "<NICKNAME>a</NICKNAME><NICKNAME>b</NICKNAME><N><GIVEN>P</GIVEN><FAMILY>S</FAMILY></N>",
        );
        it.set_nickname(None).unwrap();
        it.set_given_name("").unwrap();
        assert_eq!((it.nickname(), it.given_name()), (None, None));
        assert_eq!(it.family_name().as_deref(), Some("S"));
        assert!(!it.is_empty());
        it.set_family_name(None).unwrap();
        assert!(VCard::new().is_empty());
    }

    #[test]
    fn only_web_pages_are_addresses() {
        for (url, good) in [
            ("https://x.example/a", true),
            ("HTTP://x.example", true),
            ("xmpp:a@x.example", true),
            ("javascript:alert(1)", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("x.example", false),
            ("https://x.example/ a", false),
        ] {
            let it = card(&format!("<URL>{url}</URL>"));
            assert_eq!(it.url().is_some(), good, "{url}");
            assert_eq!(it.raw_url().as_deref(), Some(url));
        }
    }

    #[test]
    fn a_picture_is_set_read_and_taken_away() {
        let picture = Avatar::new(b"GIF89a and more".to_vec()).unwrap();
        let mut it = card("<FN>P</FN><PHOTO><EXTVAL>http://x</EXTVAL></PHOTO>");
        assert_eq!(it.photo(), Ok(None));
        it.set_photo(Some(&picture)).unwrap();
        assert_eq!(it.photo(), Ok(Some(picture)));
        assert!(xml(&it).contains("<TYPE>image/gif</TYPE>"));
        it.set_photo(None).unwrap();
        assert_eq!(
            xml(&it),
            "<vCard xmlns='vcard-temp' version='2.0'><FN>P</FN></vCard>"
        );
        let text = card("<PHOTO><TYPE>image/png</TYPE><BINVAL>aGVsbG8=</BINVAL></PHOTO>");
        assert_eq!(text.photo(), Err(ImageError::UnknownType));
        assert_eq!(card("<PHOTO><BINVAL>\n</BINVAL></PHOTO>").photo(), Ok(None));
    }

    #[test]
    fn long_texts_are_cut_and_broken_ones_refused() {
        let it = card(&format!("<FN>{}</FN>", "ä".repeat(5_000)));
        assert!(it.fullname().unwrap().len() <= LONGEST_TEXT);
        assert!(VCard::new().set_fullname("\u{0}").is_err());
        assert!(VCard::from_element(Element::parse("<vCard/>").unwrap().view()).is_none());
    }
}
