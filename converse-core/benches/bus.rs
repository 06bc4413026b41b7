//! What the bus costs: a publication by number of subscribers, a delivery, a call, a hook.
#![allow(
    missing_docs,
    reason = "the macros of criterion write items without documentation"
)]
#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is a failed measurement"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};

use converse_core::bus::{Bus, BusConfig, Event, Handled, Hears, Hook, Request};

#[derive(Debug, serde::Serialize, Event)]
#[event(name = "ticked")]
struct Ticked(u64);

struct Double(u64);

impl Request for Double {
    type Response = u64;
}

struct Outgoing(u64);

impl Hook for Outgoing {
    const NAME: &'static str = "outgoing";
}

#[derive(Default)]
struct Sum(u64);

impl Hears<Ticked> for Sum {
    async fn hear(&mut self, event: Arc<Ticked>) -> Handled {
        self.0 += event.0;
        Ok(())
    }
}

/// How many are under way at most, as with batches read from a socket.
const BATCH: u64 = 64;

/// Measures `iterations` of `work` on an arbiter of its own.
fn measure<F: Future<Output = ()>>(iterations: u64, work: impl FnOnce(Bus, u64) -> F) -> Duration {
    actix::System::new().block_on(async {
        let bus = Bus::start(BusConfig::default());
        let start = Instant::now();
        work(bus.clone(), iterations).await;
        let elapsed = start.elapsed();
        bus.stop();
        elapsed
    })
}

/// Publishes in batches, each until all of it was heard.
async fn publish(bus: Bus, iterations: u64) {
    for n in 0..iterations {
        if n % BATCH == BATCH - 1 {
            bus.publish_wait(Ticked(n)).await.unwrap();
        } else {
            bus.publish(Ticked(n));
        }
    }
    bus.dispatch(|_| {}).await.unwrap();
}

fn publications(c: &mut Criterion) {
    let mut group = c.benchmark_group("publish");
    for subscribers in [0, 1, 10] {
        group.bench_function(format!("{subscribers} synchronous subscribers"), |b| {
            b.iter_custom(|iterations| {
                measure(iterations, |bus, iterations| {
                    for _ in 0..subscribers {
                        bus.subscribe_sync::<Ticked, _>("bench", |event| {
                            black_box(event.0);
                            Ok(())
                        });
                    }
                    publish(bus, iterations)
                })
            });
        });
    }
    group.bench_function("1 asynchronous subscriber", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| {
                bus.subscribe::<Ticked, _, _>("bench", |event| async move {
                    black_box(event.0);
                    Ok(())
                });
                publish(bus, iterations)
            })
        });
    });
    group.bench_function("1 hosted actor", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| {
                bus.spawn("bench", Sum::default()).hears::<Ticked>();
                publish(bus, iterations)
            })
        });
    });
    group.bench_function("1 subscriber by name", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| {
                bus.listen().on_sync("ticked", |event| {
                    black_box(&event.args);
                    Ok(())
                });
                publish(bus, iterations)
            })
        });
    });
    group.bench_function("1 subscriber, each awaited", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| async move {
                bus.subscribe_sync::<Ticked, _>("bench", |_| Ok(()));
                for n in 0..iterations {
                    bus.publish_wait(Ticked(n)).await.unwrap();
                }
            })
        });
    });
    group.finish();
}

fn deliveries(c: &mut Criterion) {
    let mut group = c.benchmark_group("deliver");
    group.bench_function("synchronous", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| async move {
                let inbox = bus.inbox("bench");
                let work = bus.dispatch(move |dispatcher| {
                    for n in 0..iterations {
                        dispatcher.deliver_sync(&inbox, "stanza", move || {
                            black_box(n);
                            Ok(())
                        });
                    }
                });
                work.await.unwrap();
            })
        });
    });
    group.bench_function("asynchronous, ready", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| async move {
                let inbox = bus.inbox("bench");
                let work = bus.dispatch(move |dispatcher| {
                    for n in 0..iterations {
                        dispatcher.deliver(&inbox, "stanza", move || async move {
                            black_box(n);
                            Ok(())
                        });
                    }
                });
                work.await.unwrap();
            })
        });
    });
    group.bench_function("asynchronous, once suspended", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| async move {
                let inbox = bus.inbox("bench");
                for _ in 0..iterations.div_ceil(BATCH) {
                    let inbox = inbox.clone();
                    bus.dispatch(move |dispatcher| {
                        for _ in 0..BATCH {
                            dispatcher.deliver(&inbox, "stanza", || async {
                                tokio::task::yield_now().await;
                                Ok(())
                            });
                        }
                    });
                    bus.settle().await;
                }
            })
        });
    });
    group.finish();
}

fn round_trips(c: &mut Criterion) {
    let mut group = c.benchmark_group("round trip");
    group.bench_function("call", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| async move {
                bus.answer("bench", |Double(n)| async move { n * 2 })
                    .unwrap();
                for n in 0..iterations {
                    black_box(bus.call(Double(n)).await.unwrap());
                }
            })
        });
    });
    group.bench_function("transform, 2 hooks", |b| {
        b.iter_custom(|iterations| {
            measure(iterations, |bus, iterations| async move {
                for _ in 0..2 {
                    bus.hook("bench", 0, |Outgoing(n)| async move { Ok(Outgoing(n + 1)) });
                }
                for n in 0..iterations {
                    black_box(bus.transform(Outgoing(n)).await.unwrap().0);
                }
            })
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = publications, deliveries, round_trips
}
criterion_main!(benches);
