//! What follows a stream header, whole and in pieces, against another parser.
#![no_main]

#[path = "../../converse-core/tests/xml/oracle.rs"]
mod oracle;

use converse_core::xml::{Frame, Framer, Limits};
use libfuzzer_sys::fuzz_target;
use oracle::{Tree, is_beyond, theirs, tree};

const OPEN: &[u8] =
    b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

/// The elements of a stream, whether it was closed, and what ended it.
type Outcome = (Vec<Tree>, bool, Option<&'static str>);

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Outcome {
    let mut framer = Framer::new(Limits::default());
    framer.push(OPEN);
    let mut elements = Vec::new();
    let mut closed = false;
    for piece in std::iter::once(&b""[..]).chain(pieces) {
        framer.push(piece);
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Element(element))) => {
                    let written = element.to_xml();
                    if !is_beyond(&written) {
                        assert_eq!(theirs(&written), Some(tree(element.view())));
                    }
                    elements.push(tree(element.view()));
                }
                Ok(Some(Frame::Close)) => closed = true,
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => return (elements, closed, Some(error.condition())),
            }
        }
    }
    (elements, closed, None)
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let whole = read(std::iter::once(bytes));
    assert_eq!(read(bytes.chunks(usize::from(size).max(1))), whole);
});
