use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use converse_core::xml::{Element, Frame, Framer, Limits};

use crate::{OPEN, drain, feed, opened};

#[test]
fn a_stream_is_cut_into_its_parts() {
    let mut framer = Framer::new(Limits::default());
    framer.push(b"<?xml version='1.0'?>\n");
    framer.push(OPEN.as_bytes());
    framer.push(
        b"<message><body>1</body></message><presence/>\n\n<iq type='get'></iq></stream:stream>\n",
    );
    let (frames, error) = drain(&mut framer);
    assert!(error.is_none());
    let [
        Frame::Open(header),
        Frame::Element(message),
        Frame::Element(presence),
        Frame::Element(iq),
        Frame::Close,
    ] = frames.as_slice()
    else {
        panic!("{frames:?}");
    };
    assert_eq!(header.id.as_deref(), Some("s1"));
    assert_eq!(header.from.as_deref(), Some("montague.example"));
    assert_eq!(header.to, None);
    assert_eq!(header.lang.as_deref(), Some("en"));
    assert_eq!(header.content_ns.as_deref(), Some("jabber:client"));
    assert!(header.is_version_1());
    assert!(message.is("message", "jabber:client"));
    assert_eq!(message.lang().as_deref(), Some("en"));
    assert!(presence.is("presence", "jabber:client"));
    assert!(iq.is("iq", "jabber:client"));
}

#[test]
fn prefixes_of_the_header_are_in_scope() {
    let open = "<s:stream xmlns:s='http://etherx.jabber.org/streams' xmlns='jabber:client' \
        xmlns:db='urn:x:db' xmlns:e='urn:x:&amp;'>";
    let mut framer = Framer::new(Limits::default());
    framer.push(open.as_bytes());
    framer.push(b"<s:features/><db:x e:a='1'/><x xmlns='' db:y=''/></s:stream>");
    let (frames, error) = drain(&mut framer);
    assert!(error.is_none(), "{error:?}");
    let [
        Frame::Open(header),
        Frame::Element(features),
        Frame::Element(x),
        Frame::Element(y),
        Frame::Close,
    ] = frames.as_slice()
    else {
        panic!("{frames:?}");
    };
    assert!(!header.is_version_1());
    assert!(features.is("features", "http://etherx.jabber.org/streams"));
    assert!(x.is("x", "urn:x:db"));
    assert_eq!(x.attr_ns("a", "urn:x:&").as_deref(), Some("1"));
    assert!(y.is("x", ""));
    assert_eq!(Element::parse(&x.to_xml()).unwrap(), *x);
}

#[test]
fn cutting_the_stream_at_any_byte_changes_nothing() {
    let text = "<?xml version='1.0' encoding='utf-8'?><stream:stream xmlns='jabber:client' \
        xmlns:stream=\"http://etherx.jabber.org/streams\"><a b='>' c=\"/>'\">é🦀&amp;]] <![CDATA[<a>]]]>\
        <b/><c d='/'/></a>\r\n<presence/> </stream:stream>";
    let read = |parts: &[&[u8]]| {
        let mut framer = Framer::new(Limits::default());
        let mut all = Vec::new();
        for part in parts {
            framer.push(part);
            let (frames, error) = drain(&mut framer);
            assert!(error.is_none(), "{error:?}");
            all.extend(frames);
        }
        describe(&all)
    };
    let bytes = text.as_bytes();
    let whole = read(&[bytes]);
    assert_eq!(whole.len(), 4);
    for at in 0..bytes.len() {
        assert_eq!(read(&[&bytes[..at], &bytes[at..]]), whole, "cut at {at}");
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read(&single), whole);
}

/// Frames in a form that can be compared.
fn describe(frames: &[Frame]) -> Vec<String> {
    let describe = |frame: &Frame| match frame {
        Frame::Element(element) => element.to_xml(),
        other => format!("{other:?}"),
    };
    frames.iter().map(describe).collect()
}

#[test]
fn elements_before_an_error_are_not_lost() {
    let (elements, error) = feed("<presence/><message></massage><presence/>");
    assert_eq!(elements.len(), 1);
    assert_eq!(error, Some("not-well-formed"));
}

#[test]
fn an_error_stays() {
    let mut framer = opened();
    framer.push(b"garbage");
    for _ in 0..2 {
        assert_eq!(framer.next_frame().unwrap_err().condition(), "bad-format");
        framer.push(b"<presence/>");
    }
}

#[test]
fn only_white_space_may_stand_between_stanzas() {
    let (elements, error) = feed(" \r\n\t<presence/>    <presence/>\n");
    assert_eq!((elements.len(), error), (2, None));
    let (elements, error) = feed("<presence/>x<presence/>");
    assert_eq!((elements.len(), error), (1, Some("bad-format")));
    let (elements, error) = feed("<presence/>&amp;");
    assert_eq!((elements.len(), error), (1, Some("bad-format")));
    let (elements, error) = feed("<presence/><![CDATA[ ]]>");
    assert_eq!((elements.len(), error), (1, Some("not-well-formed")));
}

#[test]
fn the_end_of_the_stream_must_match_its_start() {
    let (_, error) = feed("</stream:stream>");
    assert_eq!(error, None);
    let (_, error) = feed("</stream>");
    assert_eq!(error, Some("not-well-formed"));
    let (_, error) = feed("</stream:stream ><presence/>");
    assert_eq!(error, Some("bad-format"));
}

#[test]
fn a_stream_can_be_empty() {
    let mut framer = Framer::new(Limits::default());
    framer.push(b"<stream:stream xmlns:stream='http://etherx.jabber.org/streams'/>");
    let (frames, error) = drain(&mut framer);
    assert!(error.is_none());
    assert!(matches!(frames.as_slice(), [Frame::Open(_), Frame::Close]));
}

#[test]
fn a_restarted_stream_starts_over() {
    let mut framer = opened();
    framer.push(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\n");
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Element(_)))));
    framer.restart();
    assert!(framer.buffered().is_empty());
    framer.push(b"<?xml version='1.0'?>");
    framer.push(OPEN.replace("s1", "s2").as_bytes());
    let Ok(Some(Frame::Open(header))) = framer.next_frame() else {
        panic!("no header");
    };
    assert_eq!(header.id.as_deref(), Some("s2"));
}

#[test]
fn bytes_slipped_in_before_a_restart_can_be_seen() {
    let mut framer = opened();
    framer.push(b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><presence/>");
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Element(_)))));
    assert_eq!(framer.buffered(), b"<presence/>");
}

#[test]
fn the_header_must_be_that_of_an_xmpp_stream() {
    let condition = |header: &str| {
        let mut framer = Framer::new(Limits::default());
        framer.push(header.as_bytes());
        framer
            .next_frame()
            .map(|_| ())
            .map_err(|error| error.condition())
    };
    let streams = "xmlns:stream='http://etherx.jabber.org/streams'";
    for (header, expected) in [
        (format!("<stream:stream {streams}>"), Ok(())),
        (
            format!("<stream:stream xmlns='jabber:client' {streams}>"),
            Ok(()),
        ),
        (
            "<stream xmlns='http://etherx.jabber.org/streams'>".to_owned(),
            Ok(()),
        ),
        (
            format!("<stream:stream xmlns='jabber:server' {streams}>"),
            Err("invalid-namespace"),
        ),
        (
            "<stream:stream xmlns:stream='urn:x'>".to_owned(),
            Err("invalid-namespace"),
        ),
        ("<stream>".to_owned(), Err("invalid-namespace")),
        (
            format!("<stream:other {streams}>"),
            Err("invalid-namespace"),
        ),
        ("<stream:stream>".to_owned(), Err("bad-namespace-prefix")),
        (
            "HTTP/1.1 400 Bad Request\r\n\r\n".to_owned(),
            Err("bad-format"),
        ),
        ("</stream:stream>".to_owned(), Err("not-well-formed")),
    ] {
        assert_eq!(condition(&header), expected, "{header}");
    }
}

#[test]
fn the_xml_declaration_stands_at_the_start_and_says_utf_8() {
    let condition = |prolog: &str| {
        let mut framer = Framer::new(Limits::default());
        framer.push(prolog.as_bytes());
        framer.push(OPEN.as_bytes());
        framer
            .next_frame()
            .map(|_| ())
            .map_err(|error| error.condition())
    };
    for (prolog, expected) in [
        ("<?xml version='1.0'?>", Ok(())),
        (
            "<?xml version=\"1.0\" encoding='UTF-8' standalone='yes' ?>\r\n",
            Ok(()),
        ),
        ("<?xml version = '1.0' encoding = 'utf-8'?>", Ok(())),
        (
            "<?xml version='1.0' encoding='ISO-8859-1'?>",
            Err("unsupported-encoding"),
        ),
        (
            "<?xml version='1.0' encoding='UTF-16'?>",
            Err("unsupported-encoding"),
        ),
        ("<?xml version='1.1'?>", Err("not-well-formed")),
        ("<?xml encoding='UTF-8'?>", Err("not-well-formed")),
        (
            "<?xml version='1.0'encoding='UTF-8'?>",
            Err("not-well-formed"),
        ),
        ("<?xml version='1.0' extra='1'?>", Err("not-well-formed")),
        (" <?xml version='1.0'?>", Err("restricted-xml")),
        (
            "<?xml version='1.0'?><?xml version='1.0'?>",
            Err("restricted-xml"),
        ),
        ("<?xml-stylesheet href='x'?>", Err("restricted-xml")),
        ("<?php ?>", Err("restricted-xml")),
        ("\u{feff}", Err("bad-format")),
    ] {
        assert_eq!(condition(prolog), expected, "{prolog}");
    }
    let mut framer = Framer::new(Limits::default());
    framer.push(b"\xff\xfe<\0s\0");
    assert_eq!(
        framer.next_frame().unwrap_err().condition(),
        "unsupported-encoding"
    );
    let mut framer = Framer::new(Limits::default());
    framer.push(b"<\0s\0");
    assert_eq!(
        framer.next_frame().unwrap_err().condition(),
        "unsupported-encoding"
    );
    let (_, error) = feed("<?xml version='1.0'?>");
    assert_eq!(error, Some("restricted-xml"));
}

#[test]
fn bytes_are_read_from_a_reader() {
    let mut framer = Framer::new(Limits::default());
    let mut reader = OPEN.as_bytes();
    let mut cx = Context::from_waker(Waker::noop());
    let count = framer.poll_read_from(Pin::new(&mut reader), &mut cx);
    assert!(matches!(count, Poll::Ready(Ok(count)) if count == OPEN.len()));
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Open(_)))));
    let count = framer.poll_read_from(Pin::new(&mut reader), &mut cx);
    assert!(matches!(count, Poll::Ready(Ok(0))));
}
