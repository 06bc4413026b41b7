//! XML on its way in and out: framing, reading, decoding, building.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod build;
mod decode;
mod element;
mod framing;
mod hostile;
mod memory;
mod namespaces;
mod oracle;
mod properties;

use converse_core::xml::{Element, Frame, Framer, Limits, XmlError};

/// The start tag of a stream as a server sends it.
const OPEN: &str = "<stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' id='s1' from='montague.example' \
    version='1.0' xml:lang='en'>";

/// A framer that has read the start of a stream.
fn opened() -> Framer {
    opened_with(Limits::default())
}

fn opened_with(limits: Limits) -> Framer {
    let mut framer = Framer::new(limits);
    framer.push(OPEN.as_bytes());
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Open(_)))));
    framer
}

/// All frames that `framer` has, and the error that ended them.
fn drain(framer: &mut Framer) -> (Vec<Frame>, Option<XmlError>) {
    let mut frames = Vec::new();
    loop {
        match framer.next_frame() {
            Ok(Some(frame)) => frames.push(frame),
            Ok(None) => return (frames, None),
            Err(error) => return (frames, Some(error)),
        }
    }
}

/// What a stream says to which `bytes` are appended: its elements, then the condition of the error.
fn feed(bytes: impl AsRef<[u8]>) -> (Vec<Element>, Option<&'static str>) {
    let mut framer = opened();
    framer.push(bytes.as_ref());
    let (frames, error) = drain(&mut framer);
    let elements = frames.into_iter().filter_map(|frame| match frame {
        Frame::Element(element) => Some(element),
        _ => None,
    });
    (elements.collect(), error.map(|error| error.condition()))
}

/// The condition that refuses `text`, both on a stream and as a lone element.
fn refusal(text: &str) -> &'static str {
    let lone = Element::parse(text).expect_err("refused").condition();
    let (elements, on_stream) = feed(text);
    assert_eq!(elements.len(), 0);
    assert_eq!(on_stream, Some(lone));
    lone
}
