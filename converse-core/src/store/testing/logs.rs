//! Records of logs.

use super::{Outcome, SMALL, Suite, holds, same};
use crate::store::change::Change;
use crate::store::error::StoreError;
use crate::store::log::{LogPage, LogScan, LogSummary, Place, Record, Search};
use crate::store::{MAX_KEY_BYTES, MAX_NAMES, MAX_VALUE_BYTES};

const LOG: &str = "juliet@capulet.example";

fn record(key: &str, micros: i64, names: &[&str], text: &str) -> Record {
    Record {
        key: key.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        place: Place::new(micros, 0),
        text: (!text.is_empty()).then(|| text.to_owned()),
        value: key.as_bytes().to_vec(),
    }
}

fn page_keys(page: &LogPage) -> Vec<&str> {
    let records = page.records.iter();
    records.map(|record| record.key.as_str()).collect()
}

impl Suite<'_> {
    async fn log(&self, records: impl IntoIterator<Item = Record>) -> Result<(), StoreError> {
        let records = records.into_iter();
        let changes = records.map(|record| Change::put_record(LOG, record));
        self.store.write(&self.account, changes.collect()).await
    }

    async fn newest(&self, limit: usize) -> Result<LogPage, StoreError> {
        let scan = LogScan::newest(LOG).limit(limit);
        self.store.records(&self.account, scan).await
    }

    async fn found(&self, search: Search) -> Result<Vec<String>, StoreError> {
        let found = self.store.search(&self.account, search).await?;
        Ok(found.into_iter().map(|found| found.record.key).collect())
    }
}

pub(super) async fn records_come_in_the_order_of_their_places(suite: &Suite<'_>) -> Outcome {
    let mut middle = record("b", 20, &[], "");
    middle.place.number = 7;
    let records = [record("d", -5, &[], ""), record("a", 30, &[], ""), middle];
    suite.log(records).await?;
    suite.log([record("c", 20, &[], "")]).await?;
    let page = suite.newest(10).await?;
    same(page_keys(&page), vec!["a", "b", "c", "d"])?;
    same(page.more, false)?;
    same(page.records[0].clone(), record("a", 30, &[], ""))?;
    let scan = LogScan::oldest(LOG).limit(2);
    let page = suite.store.records(&suite.account, scan.clone()).await?;
    same((page_keys(&page), page.more), (vec!["d", "c"], true))?;
    let scan = scan.beyond(Place::new(20, 0));
    let page = suite.store.records(&suite.account, scan).await?;
    same((page_keys(&page), page.more), (vec!["b", "a"], false))?;
    let scan = LogScan::newest(LOG).beyond(Place::new(20, 7));
    let page = suite.store.records(&suite.account, scan).await?;
    same(page_keys(&page), vec!["c", "d"])?;
    let scan = LogScan::oldest(LOG).beyond(Place::new(i64::MAX, u32::MAX));
    let page = suite.store.records(&suite.account, scan).await?;
    same(page, LogPage::default())
}

pub(super) async fn a_record_is_found_by_key_and_names(suite: &Suite<'_>) -> Outcome {
    suite.log([record("a", 1, &["one", "eins"], "")]).await?;
    suite.log([record("b", 2, &["two"], "")]).await?;
    let found = |name: &'static str| async move {
        let found = suite.store.record(&suite.account, LOG, name).await?;
        Ok::<_, StoreError>(found.map(|record| record.key))
    };
    for name in ["a", "one", "eins"] {
        same(found(name).await?.as_deref(), Some("a"))?;
    }
    same(found("three").await?, None)?;
    // A name goes to whoever takes it, and a record that is set again has the names that it has then.
    suite.log([record("c", 3, &["one"], "")]).await?;
    same(found("one").await?.as_deref(), Some("c"))?;
    let first = suite.store.record(&suite.account, LOG, "a").await?;
    same(
        first.map(|record| record.names),
        Some(vec!["eins".to_owned()]),
    )?;
    suite.log([record("a", 9, &["uno"], "")]).await?;
    same(found("eins").await?, None)?;
    same(found("uno").await?.as_deref(), Some("a"))?;
    same(page_keys(&suite.newest(1).await?), vec!["a"])?;
    let change = Change::delete_record(LOG, "a");
    suite.store.write(&suite.account, vec![change]).await?;
    same(found("uno").await?, None)?;
    let elsewhere = suite.store.record(&suite.other, LOG, "b").await?;
    same(elsewhere, None)
}

pub(super) async fn a_failed_write_leaves_logs_as_they_were(suite: &Suite<'_>) -> Outcome {
    suite
        .log([record("a", 1, &["one"], "before"), record("b", 2, &[], "")])
        .await?;
    let before = suite.newest(10).await?;
    let mut changes = vec![
        Change::put_record(LOG, record("a", 5, &[], "after")),
        Change::put_record(LOG, record("c", 6, &["one"], "")),
        Change::delete_record(LOG, "b"),
        Change::delete_log("nobody@capulet.example"),
    ];
    changes.extend(["1", "2", "3", "4"].map(|key| Change::put(SMALL, key, *b"")));
    let outcome = suite.store.write(&suite.account, changes).await;
    holds(outcome.is_err(), "a write beyond the limit succeeded")?;
    same(suite.newest(10).await?, before)?;
    same(
        suite.found(Search::new("after")).await?,
        Vec::<String>::new(),
    )?;
    same(
        suite.found(Search::new("before")).await?,
        vec!["a".to_owned()],
    )?;
    let one = suite.store.record(&suite.account, LOG, "one").await?;
    same(one.map(|record| record.key).as_deref(), Some("a"))
}

pub(super) async fn a_log_is_pruned_by_number_and_by_age(suite: &Suite<'_>) -> Outcome {
    suite
        .log((1..=9).map(|n| record(&n.to_string(), n, &[], "word")))
        .await?;
    let prune = |keep, before| Change::Prune {
        log: LOG.to_owned(),
        keep,
        before,
    };
    let change = prune(7, None);
    suite.store.write(&suite.account, vec![change]).await?;
    same(suite.newest(10).await?.records.len(), 7)?;
    let change = prune(7, Some(Place::new(5, 0)));
    suite.store.write(&suite.account, vec![change]).await?;
    same(
        page_keys(&suite.newest(10).await?),
        vec!["9", "8", "7", "6", "5"],
    )?;
    same(suite.found(Search::new("word")).await?.len(), 5)?;
    let summary = LogSummary {
        log: LOG.to_owned(),
        records: 5,
        newest: Some(Place::new(9, 0)),
    };
    same(suite.store.logs(&suite.account).await?, vec![summary])?;
    let change = Change::delete_log(LOG);
    suite.store.write(&suite.account, vec![change]).await?;
    same(suite.store.logs(&suite.account).await?, Vec::new())?;
    same(suite.found(Search::new("word")).await?.len(), 0)
}

pub(super) async fn what_is_pinned_is_not_pruned(suite: &Suite<'_>) -> Outcome {
    let mut pinned = record("1", 1, &["one"], "word");
    pinned.pin();
    suite.log([pinned.clone()]).await?;
    suite
        .log((2..=5).map(|n| record(&n.to_string(), n, &[], "word")))
        .await?;
    let prune = |keep, before| {
        vec![Change::Prune {
            log: LOG.to_owned(),
            keep,
            before,
        }]
    };
    suite.store.write(&suite.account, prune(2, None)).await?;
    same(page_keys(&suite.newest(10).await?), vec!["5", "4", "1"])?;
    let before = Some(Place::new(5, 0));
    suite.store.write(&suite.account, prune(9, before)).await?;
    same(page_keys(&suite.newest(10).await?), vec!["5", "1"])?;
    let kept = suite.store.record(&suite.account, LOG, "one").await?;
    same(kept.is_some_and(|record| record.is_pinned()), true)?;
    // Written without its pin it is like any other.
    suite.log([record("1", 1, &["one"], "word")]).await?;
    suite.store.write(&suite.account, prune(9, before)).await?;
    same(page_keys(&suite.newest(10).await?), vec!["5"])?;
    suite.log([pinned]).await?;
    suite.store.write(&suite.account, prune(0, None)).await?;
    same(suite.store.logs(&suite.account).await?, Vec::new())?;
    same(suite.found(Search::new("word")).await?.len(), 0)
}

pub(super) async fn a_search_goes_on_where_the_last_page_ended(suite: &Suite<'_>) -> Outcome {
    // Many in one microsecond, put there in another order than that of their places, and in two logs.
    let numbers = (0..300).map(|n| n * 7 % 300);
    for log in [LOG, "room/garden@chat.shakespeare.example"] {
        let changes = numbers.clone().map(|number| {
            let mut record = record(&format!("{log} {number}"), number / 100, &[], "night");
            record.place.number = u32::try_from(number).unwrap_or_default();
            Change::put_record(log, record)
        });
        suite.store.write(&suite.account, changes.collect()).await?;
    }
    let mut places = Vec::new();
    let mut search = Search::new("nig").limit(7);
    loop {
        let page = suite.store.search(&suite.account, search.clone()).await?;
        let Some(last) = page.last() else { break };
        search = search.before(last.record.place);
        places.extend(page.into_iter().map(|found| found.record.place));
    }
    let mut expected: Vec<Place> = (0..300)
        .map(|n| Place::new(n / 100, u32::try_from(n).unwrap_or_default()))
        .flat_map(|place| [place, place])
        .collect();
    expected.reverse();
    same(places, expected)
}

pub(super) async fn a_search_finds_what_is_far_back(suite: &Suite<'_>) -> Outcome {
    let text = |n: i64| match n {
        3 | 1_000 => "a nightingale, and the moon",
        1_100 => "the nightly moon",
        _ => "the moon",
    };
    for log in [LOG, "room/garden@chat.shakespeare.example"] {
        for from in [2_000, 1_000, 0] {
            let records = from..from + 1_000;
            let changes = records.map(|n| {
                Change::put_record(log, record(&format!("{log} {n}"), n * 1_000, &[], text(n)))
            });
            suite.store.write(&suite.account, changes.collect()).await?;
        }
    }
    let micros = |found: &[String]| -> Vec<i64> {
        let found = found.iter().filter_map(|key| key.rsplit(' ').next());
        found.filter_map(|micros| micros.parse().ok()).collect()
    };
    for (text, expected) in [
        ("nightingale", &[1_000, 3][..]),
        ("moon nightin", &[1_000, 3]),
        ("moon nightl", &[1_100]),
        ("moon night", &[1_100, 1_000, 3]),
        ("the sun", &[]),
    ] {
        let found = suite.found(Search::new(text).log(LOG)).await?;
        same(micros(&found), expected.to_vec())?;
        let found = suite.found(Search::new(text)).await?;
        let twice: Vec<i64> = expected.iter().flat_map(|n| [*n, *n]).collect();
        same(micros(&found), twice)?;
    }
    let found = suite.found(Search::new("moon").limit(3).log(LOG)).await?;
    same(micros(&found), vec![2_999, 2_998, 2_997])?;
    let older = Search::new("moon").log(LOG).limit(2);
    let older = older.before(Place::new(901_000, 0));
    same(micros(&suite.found(older).await?), vec![900, 899])
}

pub(super) async fn a_search_finds_what_becomes_rare(suite: &Suite<'_>) -> Outcome {
    let has_it = |n: i64| match n {
        3_500.. => n % 25 == 0,
        _ => n % 500 == 0,
    };
    for from in (0..6_000).step_by(1_000) {
        let changes = (from..from + 1_000).map(|n| {
            let text = if has_it(n) { "the lark" } else { "the owl" };
            Change::put_record(LOG, record(&n.to_string(), n, &[], text))
        });
        suite.store.write(&suite.account, changes.collect()).await?;
    }
    let expected: Vec<i64> = (0..6_000).rev().filter(|n| has_it(*n)).collect();
    for limit in [7, 50, 400] {
        for search in [Search::new("lark"), Search::new("lark").log(LOG)] {
            let (mut search, mut places) = (search.limit(limit), Vec::new());
            loop {
                let page = suite.store.search(&suite.account, search.clone()).await?;
                // Each page is full, but for the last one.
                same(page.len(), limit.min(expected.len() - places.len()))?;
                let Some(last) = page.last() else { break };
                search = search.before(last.record.place);
                places.extend(page.into_iter().map(|found| found.record.place.micros));
            }
            same(places, expected.clone())?;
        }
    }
    Ok(())
}

pub(super) async fn words_of_all_scripts_are_found(suite: &Suite<'_>) -> Outcome {
    let texts = [
        "हिन्दी में संदेश",
        "東京タワー",
        "ПРИВЕТ мир",
        "cafe\u{301} x\u{0}y",
        "สวัสดีครับ",
    ];
    let records = texts.iter().zip(0..);
    suite
        .log(records.map(|(text, n)| record(&n.to_string(), n, &[], text)))
        .await?;
    for (text, key) in [
        ("हिन्दी", "0"),
        ("संदेश हि", "0"),
        ("タワー", "1"),
        ("東京", "1"),
        ("привет", "2"),
        ("МИР прив", "2"),
        ("cafe", "3"),
        ("สวัส", "4"),
    ] {
        same(suite.found(Search::new(text)).await?, vec![key.to_owned()])?;
    }
    Ok(())
}

pub(super) async fn a_search_finds_words(suite: &Suite<'_>) -> Outcome {
    suite
        .log([
            record(
                "a",
                1,
                &[],
                "But, soft! what light through yonder window breaks?",
            ),
            record(
                "b",
                2,
                &[],
                "It is the EAST, and Juliet is the sun. Österreich",
            ),
            record("c", 3, &[], "soft light"),
            record("d", 4, &[], ""),
            record("e", 5, &[], "\"quoted\" OR light-hearted * NEAR(x)"),
        ])
        .await?;
    let other = Change::put_record("otto@heron.example", record("f", 6, &[], "light"));
    suite.store.write(&suite.account, vec![other]).await?;
    for (text, expected) in [
        ("light", &["f", "e", "c", "a"][..]),
        ("Soft LIGHT", &["c", "a"]),
        ("light soft", &["c", "a"]),
        ("soft lig", &["c", "a"]),
        ("sof light", &[]),
        ("östER", &["b"]),
        ("east", &["b"]),
        ("\"quoted\"", &["e"]),
        ("light OR sun", &[]),
        ("near x", &["e"]),
        ("*", &[]),
        ("", &[]),
        ("'; DROP TABLE records; --", &[]),
    ] {
        let found = suite.found(Search::new(text)).await?;
        same(
            found,
            expected.iter().map(|key| (*key).to_owned()).collect(),
        )?;
    }
    let found = suite.found(Search::new("light").log(LOG).limit(2)).await?;
    same(found, vec!["e".to_owned(), "c".to_owned()])?;
    let older = Search::new("light").before(Place::new(3, 0));
    same(suite.found(older).await?, vec!["a".to_owned()])?;
    same(
        suite
            .store
            .search(&suite.other, Search::new("light"))
            .await?,
        Vec::new(),
    )?;
    // What was changed is found by what it says now.
    suite.log([record("c", 3, &[], "hard light")]).await?;
    same(
        suite.found(Search::new("soft")).await?,
        vec!["a".to_owned()],
    )
}

pub(super) async fn records_are_bounded(suite: &Suite<'_>) -> Outcome {
    let names: Vec<String> = (0..=MAX_NAMES).map(|n| n.to_string()).collect();
    let mut many = record("many", 1, &[], "");
    many.names = names;
    let mut large = record("large", 1, &[], "text");
    large.value = vec![0; MAX_VALUE_BYTES];
    let long = record(&"k".repeat(MAX_KEY_BYTES + 1), 1, &[], "");
    for (record, what) in [(many, "names"), (large, "value"), (long, "key")] {
        let outcome = suite.log([record]).await;
        holds(
            outcome.is_err(),
            &format!("a record with too much of {what} was taken"),
        )?;
    }
    same(suite.newest(1).await?, LogPage::default())?;
    let bodies: Vec<Record> = (0..1_500)
        .map(|n| record(&format!("{n:04}"), n, &[], ""))
        .collect();
    suite.log(bodies).await?;
    let page = suite.newest(usize::MAX).await?;
    same((page.records.len(), page.more), (1_000, true))
}
