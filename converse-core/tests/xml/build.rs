use converse_core::xml::{Element, XmlError, escape_attr, escape_text, to_xml};
use xmpp_parsers::jid::Jid;
use xmpp_parsers::message::{Lang, Message};
use xmpp_parsers::presence::{Presence, Type};

#[test]
fn a_built_element_reads_as_given() {
    let text = "<>&'\" \t\r\n]]> ä 🦀";
    let built = Element::builder("a", "urn:a")
        .attr("v", text)
        .attr_ns("w", "urn:w", text)
        .lang("en")
        .text(text)
        .child(Element::builder("b", "urn:b").child(Element::builder("c", "")))
        .build()
        .unwrap();
    assert!(built.is("a", "urn:a"));
    assert_eq!(built.attr("v").as_deref(), Some(text));
    assert_eq!(built.attr_ns("w", "urn:w").as_deref(), Some(text));
    assert_eq!(built.text(), text);
    assert_eq!(built.lang().as_deref(), Some("en"));
    assert!(built.child("b", "urn:b").unwrap().child("c", "").is_some());
    assert_eq!(Element::parse(&built.to_xml()).unwrap(), built);
}

#[test]
fn an_attribute_set_twice_has_the_last_value() {
    let built = Element::builder("a", "")
        .attr("b", "1")
        .attr("b", "2")
        .build()
        .unwrap();
    assert_eq!(built.attr("b").as_deref(), Some("2"));
}

#[test]
fn elements_that_were_read_can_be_children() {
    let read = Element::parse("<p:x xmlns:p='urn:p'><y/></p:x>").unwrap();
    let mut out = String::new();
    Element::builder("message", "jabber:client")
        .child(read.clone())
        .child(read.view())
        .write_to(&mut out)
        .unwrap();
    let x = "<x xmlns='urn:p'><y xmlns='jabber:client'/></x>";
    assert_eq!(out, format!("<message>{x}{x}</message>"));
}

#[test]
fn what_xml_cannot_carry_is_refused() {
    for c in ['\0', '\u{b}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
        let a = Element::builder("a", "urn:a");
        for bad in [
            a.clone().text(c),
            a.clone().attr("b", c),
            a.clone().child(a.clone().text(c)),
        ] {
            let mut out = String::from("before");
            let error = bad.write_to(&mut out).unwrap_err();
            assert!(matches!(error, XmlError::IllegalCharacter { code } if code == u32::from(c)));
            assert_eq!(out, "before");
            assert!(bad.build().is_err());
        }
    }
    for name in ["", "1a", "a b", "a:b", "a>", "-a", "a\0"] {
        let element = Element::builder(name, "urn:a");
        assert!(
            matches!(element.build(), Err(XmlError::InvalidName { .. })),
            "{name:?}"
        );
        let attribute = Element::builder("a", "urn:a").attr(name, "");
        assert!(
            matches!(attribute.build(), Err(XmlError::InvalidName { .. })),
            "{name:?}"
        );
    }
    assert!(
        Element::builder("a", "urn:a")
            .attr("xmlns", "urn:b")
            .build()
            .is_err()
    );
    for reserved in [
        "http://www.w3.org/2000/xmlns/",
        "http://www.w3.org/XML/1998/namespace",
    ] {
        assert!(Element::builder("a", reserved).build().is_err());
    }
}

#[test]
fn typed_stanzas_are_written_for_a_stream() {
    let to = Jid::new("juliet@capulet.example").unwrap();
    let message =
        Message::chat(to.clone()).with_body(Lang(String::new()), "1 < 2 & 'x'".to_owned());
    let text = to_xml(&message).unwrap();
    assert!(text.starts_with("<message "), "{text}");
    assert!(!text.contains("jabber:client"), "{text}");
    let read = Element::parse(&text).unwrap();
    assert_eq!(
        read.child("body", "jabber:client").unwrap().text(),
        "1 < 2 & 'x'"
    );
    assert_eq!(read.decode::<Message>().unwrap(), message);
    let presence = Presence::new(Type::Subscribe).with_to(to);
    assert_eq!(
        to_xml(&presence).unwrap(),
        "<presence to='juliet@capulet.example' type='subscribe'><priority>0</priority></presence>"
    );
}

#[test]
fn typed_stanzas_with_illegal_characters_are_refused() {
    let to = Jid::new("juliet@capulet.example").unwrap();
    let message = Message::chat(to).with_body(Lang(String::new()), "a\u{1}b".to_owned());
    let error = to_xml(&message).unwrap_err();
    assert!(matches!(error, XmlError::IllegalCharacter { code: 1 }));
}

#[test]
fn escaping_borrows_what_needs_none() {
    assert!(matches!(
        escape_text("plain \t\n'\""),
        std::borrow::Cow::Borrowed(_)
    ));
    assert!(matches!(
        escape_attr("plain"),
        std::borrow::Cow::Borrowed(_)
    ));
    assert_eq!(escape_text("<&>\r"), "&lt;&amp;&gt;&#13;");
    assert_eq!(escape_attr("'\"\t\r\n"), "&apos;&quot;&#9;&#13;&#10;");
}
