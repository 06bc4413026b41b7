//! What a change of a list of 10,000 sorted entries costs its owner, without and with followers.
#![allow(
    missing_docs,
    reason = "the macros of criterion write items without documentation"
)]

use std::hint::black_box;
use std::sync::Arc;

use converse_core::view::{Publisher, View};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const ENTRIES: u32 = 10_000;

type Entry = Arc<(String, u32)>;

fn address(number: u32) -> String {
    format!("contact{number:05}@contacts.example")
}

fn update(publisher: &Publisher<Entry>, entry: &Entry) {
    publisher.put_sorted(|| Arc::clone(entry), |one, other| one.0.cmp(&other.0));
}

fn updates(criterion: &mut Criterion) {
    let entries: Vec<Entry> = (0..ENTRIES)
        .map(|number| Arc::new((address(number), number)))
        .collect();
    let mut group = criterion.benchmark_group("update_one_of_10000");
    for followers in [0, 1, 4] {
        let publisher = Publisher::new();
        let mut views: Vec<View<Entry>> = (0..followers)
            .map(|_| publisher.follow(|| entries.clone()))
            .collect();
        let mut turn = (0..ENTRIES).cycle().step_by(7);
        group.bench_function(BenchmarkId::new("followers", followers), |bencher| {
            bencher.iter(|| {
                let number = turn.next().unwrap_or_default();
                update(&publisher, &entries[number as usize]);
                for view in &mut views {
                    black_box(view.try_next());
                }
            });
        });
    }
    group.finish();
}

fn falling_behind(criterion: &mut Criterion) {
    let entries: Vec<Entry> = (0..ENTRIES)
        .map(|number| Arc::new((address(number), number)))
        .collect();
    let publisher = Publisher::new();
    let mut view = publisher.follow(|| entries.clone());
    criterion.bench_function("begin_anew_with_10000", |bencher| {
        bencher.iter(|| {
            publisher.edit(|list| list.reset(entries.clone()));
            black_box(view.try_next())
        });
    });
}

criterion_group!(benches, updates, falling_behind);
criterion_main!(benches);
