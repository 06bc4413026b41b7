//! Documents made up by `proptest`, and what becomes of them elsewhere.

use converse_core::xml::{Element, ElementBuilder, Frame, Framer, Limits, is_xml_char};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use xmpp_parsers::minidom;

use crate::oracle::{Part, Tree, is_beyond, theirs, tree};
use crate::{OPEN, drain};

/// Characters that mean something, and some that do not.
const ALPHABET: &[&str] = &[
    "<",
    ">",
    "&",
    "'",
    "\"",
    "/",
    "=",
    ":",
    "!",
    "?",
    "[",
    "]",
    "-",
    ";",
    "#",
    "x",
    "a",
    "b",
    "1",
    ".",
    "_",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "é",
    "€",
    "\u{fffd}",
    "\u{fffe}",
    "\u{1}",
    "\0",
    "🦀",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?",
    "&amp;",
    "&#65;",
    "&#x1;",
    "&#xd;",
    "&x;",
    "xmlns",
    "xmlns:",
    "xmlns=''",
    " xmlns:a='urn:b'",
    "xml:",
    "a:",
    "<a>",
    "</a>",
    "<b/>",
    "\u{b7}",
    "\u{300}",
    "\u{d7}",
];

fn text_piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z éß€🦀'\">\\]]{0,8}".prop_filter("]]>", |text| !text.contains("]]>")),
        1 => select(vec!["&lt;", "&gt;", "&amp;", "&apos;", "&quot;", "&#10;", "&#xD;", "&#x1F980;", "\r", "\r\n", "\n", "\t"])
            .prop_map(str::to_owned),
        1 => "[a-z<&>\r\n\\]]{0,6}".prop_filter("]]>", |text| !text.contains("]]>") && !text.ends_with(']'))
            .prop_map(|text| format!("<![CDATA[{text}]]>")),
    ]
}

fn value() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z éß🦀>\\]]{0,6}",
        1 => select(vec!["&lt;", "&amp;", "&apos;", "&quot;", "&#10;", "&#9;", "\n", "\t"]).prop_map(str::to_owned),
    ];
    vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = &'static str> {
    select(vec![
        "a", "b", "message", "body", "é", "a-1.2_3", "p:a", "p:b", "q:a", "xml:lang",
    ])
}

fn attribute() -> impl Strategy<Value = String> {
    let declaration = (
        select(vec!["xmlns", "xmlns:p", "xmlns:q"]),
        select(vec!["urn:1", "urn:2", "urn:&amp;3", "jabber:client"]),
    );
    let plain = (
        name(),
        value(),
        any::<bool>(),
        select(vec!["=", " = ", "\n=\t"]),
    );
    prop_oneof![
        declaration.prop_map(|(name, value)| format!("{name}='{value}'")),
        plain.prop_map(|(name, value, double, equals)| {
            let quote = if double { '"' } else { '\'' };
            format!("{name}{equals}{quote}{value}{quote}")
        }),
    ]
}

/// A document, most often a well-formed one.
fn document() -> impl Strategy<Value = String> {
    let head = || {
        (
            name(),
            vec(attribute(), 0..4),
            select(vec!["", " ", "\r\n"]),
        )
    };
    let leaf = head().prop_map(|(name, attrs, space)| {
        let attrs: String = attrs.iter().map(|attr| format!(" {attr}")).collect();
        format!("<{name}{attrs}{space}/>")
    });
    let inner = leaf.prop_recursive(4, 24, 4, move |inner| {
        let content = vec(prop_oneof![inner, text_piece()], 0..4);
        (head(), content).prop_map(|((name, attrs, space), content)| {
            let attrs: String = attrs.iter().map(|attr| format!(" {attr}")).collect();
            format!("<{name}{attrs}{space}>{}</{name}{space}>", content.concat())
        })
    });
    inner.prop_map(|inner| format!("<r xmlns:p='urn:p' xmlns:q='urn:q'>{inner}</r>"))
}

/// Some changes to a document.
fn mutations() -> impl Strategy<Value = Vec<(Index, u8, &'static str)>> {
    vec((any::<Index>(), 0..4_u8, select(ALPHABET)), 1..4)
}

fn mutate(document: &str, mutations: &[(Index, u8, &'static str)]) -> String {
    let mut chars: Vec<char> = document.chars().collect();
    for (at, kind, piece) in mutations {
        let at = at.index(chars.len());
        match kind {
            0 => drop(chars.splice(at..at, piece.chars())),
            1 => drop(chars.splice(at..at + 1, piece.chars())),
            2 => drop(chars.remove(at)),
            _ => chars.truncate(at.max(1)),
        }
        if chars.is_empty() {
            chars.push('x');
        }
    }
    chars.into_iter().collect()
}

/// What we read.
fn ours(text: &str) -> Option<Tree> {
    Some(tree(Element::parse(text).ok()?.view()))
}

#[test]
fn the_other_parser_agrees_on_a_simple_document() {
    let text = "<p:a xmlns:p='urn:p' p:b='1' c='&lt;'>x<d/>y<![CDATA[&]]></p:a>";
    let tree = theirs(text).unwrap();
    assert_eq!(tree.ns, "urn:p");
    assert_eq!(tree.attrs.len(), 2);
    assert_eq!(tree.children.len(), 3);
    assert_eq!(ours(text), Some(tree));
}

fn check(text: &str) -> Result<(), TestCaseError> {
    if !is_beyond(text) {
        prop_assert_eq!(ours(text), theirs(text), "{:?}", text);
    }
    Ok(())
}

fn legal_text() -> impl Strategy<Value = String> {
    let special = select(vec![
        '<',
        '>',
        '&',
        '"',
        '\'',
        '\r',
        '\n',
        '\t',
        ']',
        ' ',
        '🦀',
        '\u{10ffff}',
        '\u{fffd}',
    ]);
    let any_char = any::<char>().prop_filter("legal", |c| is_xml_char(*c));
    vec(prop_oneof![special, any_char], 0..12).prop_map(String::from_iter)
}

fn model() -> impl Strategy<Value = Tree> {
    let ns = || select(vec!["", "jabber:client", "urn:1", "urn:<&>'\""]).prop_map(str::to_owned);
    let name = || select(vec!["a", "b", "é", "x-1"]).prop_map(str::to_owned);
    let attr = (
        ns().prop_map(|ns| ns.replace("urn:1", "http://www.w3.org/XML/1998/namespace")),
        name(),
    );
    let head = move || {
        (
            ns(),
            name(),
            proptest::collection::btree_map(attr.clone(), legal_text(), 0..3),
        )
    };
    let leaf = head().prop_map(|(ns, name, attrs)| Tree {
        ns,
        name,
        attrs,
        children: Vec::new(),
    });
    leaf.prop_recursive(4, 16, 4, move |inner| {
        let part = prop_oneof![
            inner.prop_map(Part::Tree),
            legal_text().prop_map(Part::Text)
        ];
        (head(), vec(part, 0..4)).prop_map(|((ns, name, attrs), parts)| {
            let mut tree = Tree {
                ns,
                name,
                attrs,
                children: Vec::new(),
            };
            for part in parts {
                match part {
                    Part::Text(text) => tree.push_text(&text),
                    part => tree.children.push(part),
                }
            }
            tree
        })
    })
}

fn builder(tree: &Tree) -> ElementBuilder {
    let mut builder = Element::builder(tree.name.clone(), tree.ns.clone());
    for ((ns, name), value) in &tree.attrs {
        builder = builder.attr_ns(name.clone(), ns.clone(), value);
    }
    for part in &tree.children {
        builder = match part {
            Part::Text(text) => builder.text(text),
            Part::Tree(tree) => builder.child(self::builder(tree)),
        };
    }
    builder
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn documents_read_the_same_elsewhere(text in document()) {
        check(&text)?;
    }

    #[test]
    fn broken_documents_are_refused_as_elsewhere(text in document(), mutations in mutations()) {
        check(&mutate(&text, &mutations))?;
    }

    #[test]
    fn any_text_is_read_or_refused_as_elsewhere(pieces in vec(select(ALPHABET), 0..12)) {
        check(&format!("<a xmlns:a='urn:a'>{}</a>", pieces.concat()))?;
        check(&format!("<a {}/>", pieces.concat()))?;
        check(&pieces.concat())?;
    }

    #[test]
    fn what_was_read_is_written_so_that_it_reads_the_same(text in document()) {
        if let Ok(element) = Element::parse(&text) {
            let written = element.to_xml();
            prop_assert_eq!(&Element::parse(&written).unwrap(), &element);
            prop_assert_eq!(theirs(&written), Some(tree(element.view())));
            let mut on_stream = String::new();
            element.write_to(&mut on_stream);
            prop_assert_eq!(&Element::parse(&on_stream).unwrap(), &element);
        }
    }

    #[test]
    fn what_is_built_reads_as_given(model in model()) {
        let built = builder(&model).build().unwrap();
        prop_assert_eq!(&tree(built.view()), &model);
        let mut written = String::new();
        builder(&model).write_to(&mut written).unwrap();
        prop_assert_eq!(&theirs(&written), &Some(model));
    }

    #[test]
    fn decoding_gives_what_the_library_itself_reads(model in model()) {
        let built = builder(&model).build().unwrap();
        let decoded: minidom::Element = built.decode().unwrap();
        let parsed: minidom::Element = built.to_xml().parse().unwrap();
        prop_assert_eq!(decoded, parsed);
    }

    #[test]
    fn the_cuts_of_the_network_do_not_matter(
        documents in vec(document(), 1..5),
        mutations in mutations(),
        broken in any::<bool>(),
        cuts in vec(any::<Index>(), 0..12),
    ) {
        let mut stream = documents.join("\r\n ");
        if broken {
            stream = mutate(&stream, &mutations);
        }
        let stream = format!("{OPEN}{stream}</stream:stream>");
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|pair| &stream.as_bytes()[pair[0]..pair[1]]);
        prop_assert_eq!(frames(parts), frames([stream.as_bytes()].into_iter()));
    }

    #[test]
    fn frames_are_the_elements_that_were_sent(documents in vec(document(), 1..5)) {
        let mut documents = documents;
        documents.retain(|document| Element::parse(document).is_ok());
        let stream = format!("{OPEN}{}", documents.join("\n"));
        let (found, error) = frames([stream.as_bytes()].into_iter());
        prop_assert_eq!(error, None);
        let sent = documents.iter().map(|document| Element::parse(document).unwrap().to_xml());
        prop_assert_eq!(&found[1..], &sent.collect::<Vec<_>>()[..]);
    }
}

/// The frames of a stream that comes in parts, and what ended it.
fn frames<'a>(parts: impl Iterator<Item = &'a [u8]>) -> (Vec<String>, Option<&'static str>) {
    let mut framer = Framer::new(Limits::default());
    let mut all = Vec::new();
    for part in parts {
        framer.push(part);
        let (frames, error) = drain(&mut framer);
        all.extend(frames.iter().map(|frame| match frame {
            Frame::Element(element) => element.to_xml(),
            other => format!("{other:?}"),
        }));
        if let Some(error) = error {
            return (all, Some(error.condition()));
        }
    }
    (all, None)
}
