use converse_core::xml::{Element, Limits, Node, XmlError};

const MESSAGE: &str = "<message from='romeo@montague.example/orchard' id='1' xml:lang='en'>\
    <body>Art thou not &lt;Romeo&gt; &amp; a Montague?</body>\
    <body xml:lang='it'>Non sei forse Romeo?</body>\
    <x xmlns='jabber:x:oob'><url>http://x.example/?a=1&amp;b=2</url></x>\
    </message>";

#[test]
fn names_attributes_and_children_are_read() {
    let message = Element::parse(MESSAGE).unwrap();
    assert!(message.is("message", "jabber:client"));
    assert_eq!(message.attr("id").as_deref(), Some("1"));
    assert_eq!(message.attr("lang"), None);
    let xml = "http://www.w3.org/XML/1998/namespace";
    assert_eq!(message.attr_ns("lang", xml).as_deref(), Some("en"));
    assert_eq!(message.attrs().count(), 3);
    assert_eq!(message.children().count(), 3);
    assert_eq!(message.children_named("body", "jabber:client").count(), 2);
    assert!(message.child("body", "jabber:x:oob").is_none());
    let url = message
        .child("x", "jabber:x:oob")
        .and_then(|x| x.child("url", "jabber:x:oob"))
        .unwrap();
    assert_eq!(url.text(), "http://x.example/?a=1&b=2");
}

#[test]
fn text_is_borrowed_unless_it_has_references() {
    let plain = Element::parse("<a>plain</a>").unwrap();
    assert!(matches!(plain.text(), std::borrow::Cow::Borrowed("plain")));
    let message = Element::parse(MESSAGE).unwrap();
    let body = message.child("body", "jabber:client").unwrap();
    assert_eq!(body.text(), "Art thou not <Romeo> & a Montague?");
}

#[test]
fn language_is_inherited() {
    let message = Element::parse(MESSAGE).unwrap();
    let langs: Vec<_> = message.children().map(|child| child.lang()).collect();
    let langs: Vec<_> = langs.iter().map(Option::as_deref).collect();
    assert_eq!(langs, [Some("en"), Some("it"), Some("en")]);
    let reset = Element::parse("<a xml:lang='en'><b xml:lang=''/></a>").unwrap();
    assert_eq!(reset.children().next().unwrap().lang(), None);
}

#[test]
fn ends_of_line_and_white_space_are_normalised() {
    let a = Element::parse("<a b='1\r\n2\r3\n4\t5&#10;&#13;&#9;'>1\r\n2\r3\n4\t5&#13;&#xA;</a>")
        .unwrap();
    assert_eq!(a.attr("b").as_deref(), Some("1 2 3 4 5\n\r\t"));
    assert_eq!(a.text(), "1\n2\n3\n4\t5\r\n");
}

#[test]
fn cdata_is_text() {
    let a = Element::parse("<a>1<![CDATA[<&]]>]] >\r\n]]>2<![CDATA[]]><b/>3</a>").unwrap_err();
    assert_eq!(a.condition(), "not-well-formed");
    let a = Element::parse("<a>1<![CDATA[<&]]\r\n&amp;>]]>2<![CDATA[]]><b/>3</a>").unwrap();
    assert_eq!(a.text(), "1<&]]\n&amp;>23");
    assert_eq!(a.nodes().count(), 5);
    assert!(matches!(a.nodes().nth(3), Some(Node::Element(b)) if b.name() == "b"));
    assert_eq!(Element::parse(&a.to_xml()).unwrap(), a);
}

#[test]
fn references_are_replaced() {
    let a = Element::parse("<a>&lt;&gt;&amp;&apos;&quot;&#65;&#x1F980;&#x00000041;</a>").unwrap();
    assert_eq!(a.text(), "<>&'\"A🦀A");
}

#[test]
fn a_child_outlives_its_parent() {
    let message = Element::parse(MESSAGE).unwrap();
    let body = message.children().nth(1).unwrap().to_element();
    drop(message);
    assert_eq!(body.text(), "Non sei forse Romeo?");
    assert_eq!(body.lang().as_deref(), Some("it"));
    assert_eq!(
        body.to_xml(),
        "<body xmlns='jabber:client' xml:lang='it'>Non sei forse Romeo?</body>"
    );
}

#[test]
fn text_written_is_self_contained() {
    let text =
        "<p:a xmlns:p='urn:p' xmlns:q='urn:q' q:x=\"it's\"><b/><p:c xmlns=''><d/></p:c></p:a>";
    let a = Element::parse(text).unwrap();
    let written = a.to_xml();
    assert_eq!(
        written,
        "<a xmlns='urn:p' xmlns:ns0='urn:q' ns0:x=\"it's\"><b xmlns='jabber:client'/>\
         <c><d xmlns=''/></c></a>"
    );
    assert_eq!(Element::parse(&written).unwrap(), a);
}

#[test]
fn stanzas_do_not_declare_the_content_namespace_on_a_stream() {
    let message =
        Element::parse("<message xmlns='jabber:client'><x xmlns='urn:x'/></message>").unwrap();
    let mut out = String::new();
    message.write_to(&mut out);
    assert_eq!(out, "<message><x xmlns='urn:x'/></message>");
}

#[test]
fn elements_of_the_xml_namespace_keep_their_prefix() {
    let a = Element::parse("<a><xml:b><c/></xml:b></a>").unwrap();
    assert_eq!(Element::parse(&a.to_xml()).unwrap(), a);
}

#[test]
fn white_space_around_a_lone_element_is_ignored() {
    assert!(Element::parse(" \r\n\t<a/> \n").is_ok());
    for text in ["", " ", "x<a/>", "<a/>x", "<a/><b/>", "<a>", "</a>", "<a"] {
        assert_eq!(
            Element::parse(text).unwrap_err().condition(),
            "not-well-formed",
            "{text}"
        );
    }
}

#[test]
fn equality_is_about_what_is_said() {
    let parse = |text: &str| Element::parse(text).unwrap();
    let a = parse("<a b='1' c='2'>x&amp;y<d xmlns='urn:d'/></a>");
    assert_eq!(
        a,
        parse("<a c=\"2\" b='&#49;'>x<![CDATA[&y]]><p:d xmlns:p='urn:d'></p:d></a>")
    );
    assert_ne!(a, parse("<a b='1' c='2'>x&amp;y<d/></a>"));
    assert_ne!(a, parse("<a b='1' c='3'>x&amp;y<d xmlns='urn:d'/></a>"));
    assert_ne!(a, parse("<a b='1' c='2'>x&amp;y</a>"));
    assert_ne!(a, parse("<a b='1' c='2'>x&amp;y<d xmlns='urn:d'/> </a>"));
}

#[test]
fn debug_output_keeps_contents_private() {
    let auth =
        Element::parse("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' p='secret'>secret</auth>")
            .unwrap();
    for shown in [
        format!("{auth:?}"),
        format!("{:?}", auth.nodes()),
        format!("{:?}", auth.attrs()),
    ] {
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[test]
fn limits_hold_for_lone_elements() {
    let limits = Limits::default()
        .with_max_depth(2)
        .with_max_attributes(2)
        .with_max_nodes(6);
    let check = |text: &str| Element::parse_with(text, &limits).map_err(|error| error.condition());
    assert!(check("<a><b/><b/></a>").is_ok());
    assert_eq!(check("<a><b><c/></b></a>").unwrap_err(), "policy-violation");
    assert!(check("<a b='' c=''/>").is_ok());
    assert_eq!(
        check("<a b='' c='' xmlns='d'/>").unwrap_err(),
        "policy-violation"
    );
    assert_eq!(
        check("<a>1<b/>2<b/>3<b/>4</a>").unwrap_err(),
        "policy-violation"
    );
    let limits = Limits::default().with_max_element_bytes(10);
    let error = Element::parse_with("<a>12345</a>", &limits).unwrap_err();
    assert!(matches!(error, XmlError::Limit { limit: 10, .. }));
}
