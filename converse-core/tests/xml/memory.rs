use converse_core::xml::{Frame, Framer};

use crate::{drain, opened};

const KIB: usize = 1024;

#[test]
fn the_buffer_stays_small_for_small_stanzas() {
    let mut framer = opened();
    let stanza = format!("<message><body>{}</body></message>", "x".repeat(500));
    for _ in 0..20_000 {
        framer.push(stanza.as_bytes());
        assert!(matches!(framer.next_frame(), Ok(Some(Frame::Element(_)))));
    }
    assert!(framer.buffer_capacity() <= 128 * KIB);
}

#[test]
fn the_buffer_stays_small_when_stanzas_straddle_reads() {
    let mut framer = opened();
    let stream = format!("<message><body>{}</body></message>", "x".repeat(7_777)).repeat(1000);
    let mut count = 0;
    for read in stream.as_bytes().chunks(1460) {
        framer.push(read);
        count += drain(&mut framer).0.len();
    }
    assert_eq!(count, 1000);
    assert!(framer.buffer_capacity() <= 256 * KIB);
}

#[test]
fn the_buffer_shrinks_after_a_giant_element() {
    let giant = format!(
        "<message><body>{}</body></message>",
        "x".repeat(5_000 * KIB)
    );
    for after in ["", "<presence", "<presence/>"] {
        let mut framer = opened();
        framer.push(giant.as_bytes());
        framer.push(after.as_bytes());
        assert!(framer.buffer_capacity() > 5_000 * KIB);
        drain(&mut framer);
        read_nothing(&mut framer);
        assert!(framer.buffer_capacity() <= 256 * KIB, "{after}");
        assert_eq!(
            framer.buffered(),
            if after == "<presence" {
                after.as_bytes()
            } else {
                b""
            }
        );
    }
}

/// What a session does before it waits for more bytes.
fn read_nothing(framer: &mut Framer) {
    assert!(!framer.buffer().is_empty());
    framer.advance(0);
}

#[test]
fn reading_byte_by_byte_is_linear() {
    let mut framer = opened();
    let body = "x<b/>y<![CDATA[z]]>&amp;<c d='e' f=\"g\"/>".repeat(2_000);
    let stanza = format!("<message>{body}</message>");
    let mut count = 0;
    for byte in stanza.as_bytes().chunks(1) {
        framer.push(byte);
        count += drain(&mut framer).0.len();
    }
    assert_eq!(count, 1);
}
