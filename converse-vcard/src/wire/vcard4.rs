//! Reading vCards of version 4 (XEP-0292 §7, RFC 6351) as the older kind.

use converse_core::xml::ElementRef;

use crate::model::VCard;
use crate::ns;

/// A setter of a field.
type Set = fn(&mut VCard, &str) -> bool;

/// Where the fields are, as XEP-0292 §7 maps them.
const FIELDS: [(&[&str], Set); 12] = [
    (&["fn", "text"], |card, text| {
        card.set_fullname(text).is_ok()
    }),
    (&["nickname", "text"], |card, text| {
        card.set_nickname(text).is_ok()
    }),
    (&["n", "given"], |card, text| {
        card.set_given_name(text).is_ok()
    }),
    (&["n", "surname"], |card, text| {
        card.set_family_name(text).is_ok()
    }),
    (&["email", "text"], |card, text| {
        card.set_email(text).is_ok()
    }),
    (&["tel", "text"], |card, text| card.set_phone(text).is_ok()),
    (&["tel", "uri"], |card, uri| {
        let number = uri.strip_prefix("tel:").unwrap_or(uri);
        card.set_phone(number).is_ok()
    }),
    (&["bday", "date"], |card, text| {
        card.set_birthday(text).is_ok()
    }),
    (&["org", "text"], |card, text| {
        card.set_organisation(text).is_ok()
    }),
    (&["title", "text"], |card, text| {
        card.set_title(text).is_ok()
    }),
    (&["role", "text"], |card, text| card.set_role(text).is_ok()),
    (&["url", "uri"], |card, text| card.set_url(text).is_ok()),
];

/// The older kind of vCard that says the same; nothing if the element is no vCard. Pictures are left out: they are addresses.
pub(crate) fn read(element: ElementRef<'_>) -> Option<VCard> {
    if !element.is("vcard", ns::VCARD4) {
        return None;
    }
    let mut card = VCard::new();
    for (path, set) in FIELDS {
        let at = path
            .iter()
            .try_fold(element, |at, name| at.child(name, ns::VCARD4));
        let text = at.map(|at| at.text()).unwrap_or_default();
        if !text.trim().is_empty() {
            // What has been read can be written.
            set(&mut card, text.trim());
        }
    }
    let note = element.child("note", ns::VCARD4);
    if let Some(note) = note.and_then(|note| note.child_text("text", ns::VCARD4)) {
        card.set_note(note.as_ref()).ok()?;
    }
    Some(card)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use converse_core::xml::Element;

    use super::read;

    #[test]
    fn the_fields_have_their_places() {
        let element = Element::parse(
            "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'><fn><text>Peter Saint-Andre</text></fn>\
             <n><surname>Saint-Andre</surname><given>Peter</given></n>\
             <nickname><text>stpeter</text></nickname><nickname><text>psa</text></nickname>\
             <photo><uri>https://stpeter.im/images/stpeter_oscon.jpg</uri></photo>\
             <bday><date>1966-08-06</date></bday><url><uri>https://stpeter.im/</uri></url>\
             <tel><parameters/><uri>tel:+1-303-308-3282</uri></tel>\
             <email><text>psaintan@cisco.com</text></email><org><text>XSF</text></org>\
             <title><text>Executive Director</text></title><role><text>Patron Saint</text></role>\
             <note><text>More</text></note></vcard>",
        );
        let card = read(element.unwrap().view()).unwrap();
        let fields = [
            card.fullname(),
            card.nickname(),
            card.given_name(),
            card.family_name(),
            card.birthday(),
            card.url(),
            card.phone(),
            card.email(),
            card.organisation(),
            card.title(),
            card.role(),
            card.note(),
        ];
        let expected = [
            "Peter Saint-Andre",
            "stpeter",
            "Peter",
            "Saint-Andre",
            "1966-08-06",
            "https://stpeter.im/",
            "+1-303-308-3282",
            "psaintan@cisco.com",
            "XSF",
            "Executive Director",
            "Patron Saint",
            "More",
        ];
        assert_eq!(fields.map(Option::unwrap_or_default), expected);
        assert_eq!(card.photo(), Ok(None));
        assert!(read(Element::parse("<vcard/>").unwrap().view()).is_none());
    }
}
