use std::fmt::Write;

use converse_core::xml::{Element, Frame, Framer, Limits};

use crate::{drain, feed, opened, opened_with, refusal};

#[test]
fn billion_laughs_expand_to_nothing() {
    let mut bomb = String::from("<!DOCTYPE lolz [<!ENTITY lol 'lol'>");
    for level in 1..10 {
        let previous = if level == 1 {
            "lol".to_owned()
        } else {
            format!("lol{}", level - 1)
        };
        let references = format!("&{previous};").repeat(10);
        write!(bomb, "<!ENTITY lol{level} '{references}'>").unwrap();
    }
    bomb.push_str("]>");
    let (elements, error) = feed(format!("{bomb}<message><body>&lol9;</body></message>"));
    assert_eq!((elements.len(), error), (0, Some("restricted-xml")));
    assert_eq!(
        refusal("<message><body>&lol9;</body></message>"),
        "restricted-xml"
    );
    let mut framer = Framer::new(Limits::default());
    framer.push(bomb.as_bytes());
    assert_eq!(
        framer.next_frame().unwrap_err().condition(),
        "restricted-xml"
    );
}

#[test]
fn external_entities_are_not_fetched() {
    let text = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
    assert_eq!(refusal(text), "restricted-xml");
    assert_eq!(refusal("<a>&x;</a>"), "restricted-xml");
    assert_eq!(refusal("<a b='&x;'/>"), "restricted-xml");
}

#[test]
fn comments_and_processing_instructions_are_refused() {
    for text in [
        "<!-- c -->",
        "<a><!-- c --></a>",
        "<a><b/><!----></a>",
        "<?pi?>",
        "<a><?pi x?></a>",
        "<a><?xml version='1.0'?></a>",
        "<!DOCTYPE a>",
        "<a><!DOCTYPE a></a>",
    ] {
        assert_eq!(refusal(text), "restricted-xml", "{text}");
    }
    for text in [
        "<!x>",
        "<a><!ELEMENT a></a>",
        "<a><![cdata[x]]></a>",
        "<a><![CDATB[",
        "<![CDATA[x]]>",
    ] {
        assert_eq!(refusal(text), "not-well-formed", "{text}");
    }
}

#[test]
fn forbidden_markup_is_refused_before_its_end_has_come() {
    for start in ["<a><!-", "<!D", "<a><?", "<a b='<", "<a><![CDX"] {
        let (_, error) = feed(start);
        assert!(error.is_some(), "{start}");
    }
}

#[test]
fn a_depth_bomb_is_refused() {
    let (_, error) = feed("<a>".repeat(100_000));
    assert_eq!(error, Some("policy-violation"));
    let (_, error) = feed("<a>".repeat(65));
    assert_eq!(error, Some("policy-violation"));
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let (elements, error) = feed(nested(64));
    assert_eq!((elements.len(), error), (1, None));
    assert_eq!(refusal(&nested(65)), "policy-violation");
    assert_eq!(
        refusal(&format!("{}<a/>{}", "<a>".repeat(64), "</a>".repeat(64))),
        "policy-violation"
    );
}

#[test]
fn a_flood_of_attributes_is_refused_early() {
    let attributes: String = (0..257).map(|i| format!(" a{i}=''")).collect();
    let (_, error) = feed(format!("<a{attributes}"));
    assert_eq!(error, Some("policy-violation"));
    let attributes: String = (0..256).map(|i| format!(" a{i}=''")).collect();
    let (elements, error) = feed(format!("<a{attributes}/>"));
    assert_eq!((elements.len(), error), (1, None));
}

#[test]
fn a_flood_of_prefixes_is_refused() {
    let declarations: String = (0..200).map(|i| format!(" xmlns:p{i}='urn:x'")).collect();
    let text = format!("<a{declarations}><b{declarations}/></a>");
    assert_eq!(refusal(&text), "policy-violation");
}

#[test]
fn a_huge_body_is_refused_with_bounded_memory() {
    let mut framer = opened();
    framer.push(b"<message><body>");
    let chunk = [b'a'; 64 * 1024];
    let mut sent = 0;
    let error = loop {
        framer.push(&chunk);
        sent += chunk.len();
        assert!(framer.buffer_capacity() <= 10 * 1024 * 1024 + 128 * 1024);
        if let Err(error) = framer.next_frame() {
            break error;
        }
        assert!(sent < 64 * 1024 * 1024);
    };
    assert_eq!(error.condition(), "policy-violation");
    assert!(sent <= 10 * 1024 * 1024 + chunk.len());
}

#[test]
fn the_size_limit_is_exact() {
    let limits = Limits::default().with_max_element_bytes(100);
    let element = |length: usize| format!("<a>{}</a>", "x".repeat(length - 7));
    let mut framer = opened_with(Limits::default().with_max_element_bytes(200));
    framer.push(element(200).as_bytes());
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Element(_)))));
    framer.push(element(201).as_bytes());
    assert_eq!(
        framer.next_frame().unwrap_err().condition(),
        "policy-violation"
    );
    assert!(Element::parse_with(&element(100), &limits).is_ok());
    assert!(Element::parse_with(&element(101), &limits).is_err());
}

#[test]
fn small_elements_in_one_read_are_not_taken_for_a_large_one() {
    let mut framer = opened_with(Limits::default().with_max_element_bytes(200));
    framer.push("<presence/>".repeat(1000).as_bytes());
    let (frames, error) = drain(&mut framer);
    assert_eq!(frames.len(), 1000);
    assert!(error.is_none());
}

#[test]
fn bytes_that_are_not_utf_8_are_refused() {
    let cases: [(&str, &[u8]); 9] = [
        ("overlong slash", b"\xc0\xaf"),
        ("overlong less-than", b"\xe0\x80\xbc"),
        ("overlong NUL", b"\xc0\x80"),
        ("surrogate", b"\xed\xa0\x80"),
        ("surrogate pair", b"\xed\xa0\xbd\xed\xb8\x80"),
        ("truncated", b"\xe2\x82"),
        ("lone continuation", b"\x80"),
        ("beyond Unicode", b"\xf4\x90\x80\x80"),
        ("latin 1", b"caf\xe9 "),
    ];
    for (name, bytes) in cases {
        let text = [b"<a>", bytes, b"</a>"].concat();
        let (elements, error) = feed(&text);
        assert_eq!(
            (elements.len(), error),
            (0, Some("unsupported-encoding")),
            "{name}"
        );
        let attribute = [b"<a b='", bytes, b"'/>"].concat();
        let (elements, error) = feed(&attribute);
        assert_eq!(
            (elements.len(), error),
            (0, Some("unsupported-encoding")),
            "{name}"
        );
    }
}

#[test]
fn illegal_characters_are_refused() {
    for c in [
        '\0', '\u{1}', '\u{8}', '\u{b}', '\u{c}', '\u{1f}', '\u{fffe}', '\u{ffff}',
    ] {
        for text in [
            format!("<a>{c}</a>"),
            format!("<a b='{c}'/>"),
            format!("<a><![CDATA[{c}]]></a>"),
            format!("<a>&#{};</a>", u32::from(c)),
            format!("<a b='&#x{:X};'/>", u32::from(c)),
            format!("<a{c}/>"),
        ] {
            assert_eq!(refusal(&text), "not-well-formed", "{text:?}");
        }
    }
    for c in [
        '\t',
        '\u{7f}',
        '\u{85}',
        '\u{fffd}',
        '\u{efff}',
        '\u{f000}',
        '\u{10ffff}',
    ] {
        assert_eq!(
            Element::parse(&format!("<a>{c}</a>")).unwrap().text(),
            c.to_string()
        );
    }
}

#[test]
fn broken_references_are_refused() {
    for reference in [
        "&",
        "& ",
        "&;",
        "&amp",
        "&#;",
        "&#x;",
        "&#xg;",
        "&#a;",
        "&#X41;",
        "&#-1;",
        "&#+65;",
        "&#xD800;",
        "&#x110000;",
        "&#99999999999999999999;",
        "&#0;",
    ] {
        assert_eq!(
            refusal(&format!("<a>{reference}</a>")),
            "not-well-formed",
            "{reference}"
        );
    }
}

#[test]
fn broken_tags_are_refused() {
    for text in [
        "<a b/>",
        "<a b=c/>",
        "<a b='1'c='2'/>",
        "<a b='1\"></a>'/ >",
        "<a / >",
        "< a/>",
        "<a></ a>",
        "<a></a b='1'>",
        "<a><b></a></b>",
        "<a></A>",
        "<a></ab>",
        "<ab></a>",
        "<>",
        "<a></>",
        "<1/>",
        "<a 1=''/>",
        "<a =''/>",
        "<a>]]></a>",
        "<a//>",
        "<a/b/>",
    ] {
        assert_eq!(
            Element::parse(text).unwrap_err().condition(),
            "not-well-formed",
            "{text}"
        );
        let (elements, _) = feed(text);
        assert_eq!(elements.len(), 0, "{text}");
    }
    assert!(Element::parse("<a\t\r\nb = \"1\"\n></a \n>").is_ok());
}

#[test]
fn garbage_glued_to_an_element_is_refused() {
    for garbage in ["x", "\0", "&lt;", "]]>", ">", "</a>", "<", "<!", "\u{feff}"] {
        let mut framer = opened();
        framer.push(b"<presence/>");
        framer.push(garbage.as_bytes());
        framer.push(b"<presence/>");
        let (frames, error) = drain(&mut framer);
        assert_eq!(frames.len(), 1, "{garbage}");
        assert!(error.is_some(), "{garbage}");
    }
}

#[test]
fn an_end_tag_that_closes_another_element_is_refused_before_the_element_ends() {
    for open in [
        "<message><body></message>",
        "<message><a><b></a>",
        "<x:a xmlns:x='urn:x' xmlns:y='urn:x'></y:a>",
        "<message><body></bodyy>",
        "<message><body></bod>",
    ] {
        let (elements, error) = feed(open);
        assert_eq!(
            (elements.len(), error),
            (0, Some("not-well-formed")),
            "{open}"
        );
    }
    let (elements, error) = feed("<message\n a='>'><body ></body\t></message >");
    assert_eq!((elements.len(), error), (1, None));
}
