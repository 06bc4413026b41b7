//! What one chat message of 527 bytes costs, from bytes to `from` and `body`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark is no library"
)]

use std::hint::black_box;

use converse_core::xml::{Element, Frame, Framer, Limits, to_xml};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xmpp_parsers::message::Message;

const OPEN: &str = "<stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'>";

/// A message as a Prosody server passes it on.
const MESSAGE: &str = "<message xml:lang='en' to='romeo@montague.example/orchard.7Qb2' \
    from='juliet@capulet.example/balcony.XkP3' type='chat' id='6b1f2ad8-7c4e-4a8d-9b7a-0f3c1b2d4e5f'>\
    <body>Thou knowest the mask of night is on my face &amp; else would a maiden blush bepaint my cheek. And so, good night</body>\
    <active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>\
    <origin-id xmlns='urn:xmpp:sid:0' id='6b1f2ad8-7c4e'/>\
    <stanza-id xmlns='urn:xmpp:sid:0' by='romeo@montague.example' id='1700000000000001'/></message>";

/// Messages that one read holds.
const BATCH: usize = 100;

fn opened() -> Framer {
    let mut framer = Framer::new(Limits::default());
    framer.push(OPEN.as_bytes());
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Open(_)))));
    framer
}

/// Reads a batch and hands out each element.
fn read_batch(framer: &mut Framer, bytes: &[u8], mut each: impl FnMut(&Element)) {
    framer.push(bytes);
    for _ in 0..BATCH {
        match framer.next_frame() {
            Ok(Some(Frame::Element(element))) => each(&element),
            other => panic!("{other:?}"),
        }
    }
}

fn read(c: &mut Criterion) {
    assert_eq!(MESSAGE.len(), 527);
    let batch = MESSAGE.repeat(BATCH);
    let mut group = c.benchmark_group("message");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("frame, index, from, body", |b| {
        let mut framer = opened();
        b.iter(|| {
            read_batch(&mut framer, batch.as_bytes(), |message| {
                black_box(message.attr("from"));
                let body = message.child("body", "jabber:client");
                black_box(body.map(|body| body.text()));
            });
        });
    });
    group.bench_function("frame, index", |b| {
        let mut framer = opened();
        b.iter(|| {
            read_batch(&mut framer, batch.as_bytes(), |message| {
                black_box(message.clone());
            });
        });
    });
    group.finish();

    let mut group = c.benchmark_group("single");
    group.bench_function("parse", |b| {
        b.iter(|| Element::parse(black_box(MESSAGE)).unwrap());
    });
    group.bench_function("quick-xml tokens with namespaces, no checks", |b| {
        b.iter(|| {
            let mut reader = quick_xml::NsReader::from_str(black_box(MESSAGE));
            while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        });
    });
    let element = Element::parse(MESSAGE).unwrap();
    group.bench_function("from, body", |b| {
        b.iter(|| {
            black_box(element.attr("from"));
            black_box(
                element
                    .child("body", "jabber:client")
                    .map(|body| body.text()),
            );
        });
    });
    group.bench_function("to_xml", |b| b.iter(|| element.to_xml()));
    group.bench_function("decode Message", |b| {
        b.iter(|| element.decode::<Message>().unwrap());
    });
    let message: Message = element.decode().unwrap();
    group.bench_function("Message to text", |b| b.iter(|| to_xml(&message).unwrap()));
    group.bench_function("build text", |b| {
        b.iter(|| {
            let mut out = String::new();
            Element::builder("message", "jabber:client")
                .attr("to", "juliet@capulet.example")
                .attr("type", "chat")
                .attr("id", "6b1f2ad8-7c4e-4a8d-9b7a-0f3c1b2d4e5f")
                .child(Element::builder("body", "jabber:client").text("But, soft!"))
                .write_to(&mut out)
                .unwrap();
            out
        });
    });
    group.finish();
}

criterion_group!(benches, read);
criterion_main!(benches);
