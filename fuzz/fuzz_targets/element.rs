//! One element, against another parser.
#![no_main]

#[path = "../../converse-core/tests/xml/oracle.rs"]
mod oracle;

use converse_core::xml::{Element, XmlError};
use libfuzzer_sys::fuzz_target;
use oracle::{is_beyond, theirs, tree};
use xmpp_parsers::message::Message;
use xmpp_parsers::minidom;

fuzz_target!(|text: &str| {
    let ours = match Element::parse(text) {
        // The other parser knows no limits.
        Err(XmlError::Limit { .. }) => return,
        ours => ours.ok(),
    };
    if !is_beyond(text) {
        assert_eq!(
            ours.as_ref().map(|element| tree(element.view())),
            theirs(text)
        );
    }
    if let Some(element) = ours {
        let again = Element::parse(&element.to_xml());
        assert_eq!(again.ok().as_ref(), Some(&element));
        let mut on_stream = String::new();
        element.write_to(&mut on_stream);
        assert_eq!(Element::parse(&on_stream).ok().as_ref(), Some(&element));
        let _ = element.decode::<Message>();
        let _ = element.decode::<minidom::Element>();
    }
});
