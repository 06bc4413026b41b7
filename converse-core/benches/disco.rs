//! What presence costs discovery, and what a hash costs.
#![allow(
    missing_docs,
    reason = "the macros of criterion write items without documentation"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed measurement"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

use converse_core::disco::caps::{Algorithm, capability_hash, verification_string};
use converse_core::disco::{Identity, Info};
use converse_core::prelude::*;

/// Contacts with three resources each.
const RESOURCES: usize = 30_000;

fn presence(number: usize, caps: &str) -> Stanza {
    let xml = format!(
        "<presence from='contact{}@heron.example/{}' to='mara@kestrel.example/desk'><show>away</show>\
         <priority>5</priority>{caps}</presence>",
        number / 3,
        number % 3
    );
    Stanza::parse(&xml).unwrap()
}

fn caps(number: usize) -> String {
    let hash = format!("{:0>27}=", number % 200);
    format!(
        "<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://example.org' ver='{hash}'/>"
    )
}

fn presences(c: &mut Criterion) {
    let runner = actix::System::new();
    let api = runner.block_on(Converse::initialize(settings! {})).unwrap();
    let disco = api.disco();
    let announcing: Vec<_> = (0..RESOURCES)
        .map(|number| presence(number, &caps(number)))
        .collect();
    let plain: Vec<_> = (0..RESOURCES).map(|number| presence(number, "")).collect();
    let changed: Vec<_> = (0..RESOURCES)
        .map(|number| presence(number, &caps(number + 1)))
        .collect();
    let mut group = c.benchmark_group("presence");
    let mut turn = 0;
    let mut next = |from: &[Stanza]| {
        turn = (turn + 1) % from.len();
        disco.hear(black_box(&from[turn]));
    };
    for stanza in &announcing {
        disco.hear(stanza);
    }
    group.bench_function("with the same hash as before", |b| {
        b.iter(|| next(&announcing));
    });
    group.bench_function("without a hash", |b| b.iter(|| next(&plain)));
    let both: Vec<_> = announcing.iter().chain(&changed).cloned().collect();
    group.bench_function("with the same or another hash", |b| b.iter(|| next(&both)));
    group.finish();
}

fn hashes(c: &mut Criterion) {
    let mut info = Info::default();
    info.identities
        .push(Identity::new("client", "pc").named("Verona"));
    info.features = (0..40)
        .map(|number| format!("urn:example:feature:{number}"))
        .collect();
    let mut group = c.benchmark_group("hash of 40 features");
    group.bench_function("XEP-0115", |b| {
        b.iter(|| verification_string(black_box(&info), Algorithm::Sha1));
    });
    group.bench_function("XEP-0390", |b| {
        b.iter(|| capability_hash(black_box(&info), Algorithm::Sha3_256));
    });
    group.finish();
}

criterion_group!(benches, presences, hashes);
criterion_main!(benches);
