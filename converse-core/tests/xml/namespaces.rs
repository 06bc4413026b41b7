use converse_core::xml::Element;

use crate::{feed, refusal};

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

#[test]
fn stanza_look_alikes_in_other_namespaces_are_told_apart() {
    let (elements, error) = feed(
        "<message xmlns='urn:x'><body/></message><x:message xmlns:x='jabber:client'><x:body/></x:message>\
         <message xmlns='jabber:client '/><message xmlns='jabber:server'/>",
    );
    assert_eq!(error, None);
    let stanzas: Vec<_> = elements
        .iter()
        .map(|e| e.is("message", "jabber:client"))
        .collect();
    assert_eq!(stanzas, [false, true, false, false]);
    assert!(elements[0].child("body", "jabber:client").is_none());
    assert!(elements[1].child("body", "jabber:client").is_some());
}

#[test]
fn undeclared_prefixes_are_refused() {
    for text in [
        "<a:b/>",
        "<b a:c=''/>",
        "<a><b xmlns:c='urn:c'/><c:d/></a>",
        "<xmlns:a/>",
    ] {
        assert_eq!(refusal(text), "bad-namespace-prefix", "{text}");
    }
}

#[test]
fn prefixes_are_case_sensitive_and_scoped() {
    let text = "<a xmlns:p='urn:1'><p:b xmlns:p='urn:2'><p:c/></p:b><p:d/></a>";
    let a = Element::parse(text).unwrap();
    let b = a.child("b", "urn:2").unwrap();
    assert!(b.child("c", "urn:2").is_some());
    assert!(a.child("d", "urn:1").is_some());
    assert_eq!(
        refusal("<a xmlns:p='urn:1'><P:b/></a>"),
        "bad-namespace-prefix"
    );
}

#[test]
fn a_declaration_applies_to_its_own_element() {
    let a = Element::parse("<p:a p:b='1' xmlns:p='urn:p' b='2'/>").unwrap();
    assert!(a.is("a", "urn:p"));
    assert_eq!(a.attr_ns("b", "urn:p").as_deref(), Some("1"));
    assert_eq!(a.attr("b").as_deref(), Some("2"));
}

#[test]
fn the_default_namespace_can_be_removed_but_no_prefix() {
    let a = Element::parse("<a xmlns='urn:a'><b xmlns=''><c/></b></a>").unwrap();
    assert!(a.child("b", "").unwrap().child("c", "").is_some());
    assert_eq!(refusal("<a:b xmlns:a=''/>"), "bad-namespace-prefix");
    assert_eq!(refusal("<b xmlns:a=''/>"), "bad-namespace-prefix");
}

#[test]
fn the_reserved_prefixes_cannot_be_declared_anew() {
    assert!(Element::parse(&format!("<a xmlns:xml='{XML}'/>")).is_ok());
    for text in [
        "<a xmlns:xml='urn:x'/>".to_owned(),
        format!("<a xmlns:x='{XML}'/>"),
        format!("<a xmlns='{XML}'/>"),
        "<a xmlns:xmlns='urn:x'/>".to_owned(),
        format!("<a xmlns:xmlns='{XMLNS}'/>"),
        format!("<a xmlns:x='{XMLNS}'/>"),
        format!("<a xmlns='{XMLNS}'/>"),
    ] {
        assert_eq!(refusal(&text), "bad-namespace-prefix", "{text}");
    }
}

#[test]
fn names_have_one_colon_at_most_and_two_parts() {
    for name in [":a", "a:", "x:y:z", "x::z", ":", "x:1"] {
        let text = format!("<a xmlns:x='urn:x' xmlns:a='urn:a'><{name}/></a>");
        assert_eq!(refusal(&text), "not-well-formed", "{text}");
        let text = format!("<a xmlns:x='urn:x' xmlns:a='urn:a' {name}=''/>");
        assert_eq!(refusal(&text), "not-well-formed", "{text}");
    }
}

#[test]
fn an_attribute_may_stand_only_once() {
    let many: String = (0..40).map(|i| format!(" a{i}=''")).collect();
    for text in [
        "<a b='1' b='1'/>".to_owned(),
        "<a xmlns:p='urn:p' p:b='1' p:b='1'/>".to_owned(),
        "<a xmlns:p='urn:p' xmlns:q='urn:p' p:b='1' q:b='1'/>".to_owned(),
        "<a xmlns:p='urn:&amp;' xmlns:q='urn:&#38;' p:b='1' q:b='1'/>".to_owned(),
        "<a xmlns='urn:p' xmlns='urn:p'/>".to_owned(),
        "<a xmlns:p='urn:p' xmlns:p='urn:p'/>".to_owned(),
        format!("<a{many} a7=''/>"),
    ] {
        assert_eq!(refusal(&text), "not-well-formed", "{text}");
    }
    assert!(Element::parse("<a xmlns:p='urn:p' p:b='' b=''/>").is_ok());
    assert!(Element::parse(&format!("<a{many}/>")).is_ok());
}

#[test]
fn namespace_names_are_compared_after_normalisation() {
    let a = Element::parse("<a xmlns='jabber:&#99;lient'/>").unwrap();
    assert!(a.is("a", "jabber:client"));
}

#[test]
fn many_namespaces_in_one_element_stay_apart() {
    let children: String = (0..100).map(|i| format!("<b xmlns='urn:{i}'/>")).collect();
    let a = Element::parse(&format!("<a>{children}{children}</a>")).unwrap();
    for (at, child) in a.children().enumerate() {
        assert!(child.is("b", &format!("urn:{}", at % 100)));
    }
}
