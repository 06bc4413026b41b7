//! An account's data as lines.

use std::sync::Arc;

use converse_core::store::transfer::{Export, Import, TransferError};
use converse_core::store::{
    AccountStore, Change, LogScan, MemoryStore, Namespace, Place, Record, Scan, SecretBytes,
    StoreError,
};

const TABLE: Namespace = Namespace::new("testing.transfer", 1_000);
const OTHER: Namespace = Namespace::new("testing.other", 1_000);
const CHAT: &str = "chat/juliet@capulet.example";

fn empty() -> AccountStore {
    let account = "mara@kestrel.example".parse().unwrap();
    AccountStore::new(Arc::new(MemoryStore::new()), account)
}

fn record(n: u32) -> Record {
    Record {
        key: format!("k{n}"),
        names: vec![format!("s:{n}")],
        // Several stand at one place.
        place: Place::new(i64::from(n / 7), n / 7),
        text: (!n.is_multiple_of(3)).then(|| format!("night {n}")),
        value: format!("{{\"body\":\"\u{1f319}\\n{n}\"}}").into_bytes(),
    }
}

async fn filled() -> AccountStore {
    let store = empty();
    let mut changes: Vec<Change> = (0..450)
        .map(|n| Change::put(TABLE, format!("key {n:03}"), format!("value {n}")))
        .collect();
    changes.push(Change::put(OTHER, "", vec![0, 159, 146, 150]));
    changes.extend((0..1_000).map(|n| Change::put_record(CHAT, record(n))));
    changes.push(Change::put_record("room/garden", record(1)));
    store.write(changes).await.unwrap();
    let secret = SecretBytes::new(*b"moonlight");
    store.put_secret("token", Some(secret)).await.unwrap();
    store
}

async fn lines(store: &AccountStore) -> String {
    let mut lines = Vec::new();
    Export::new(store).write(&mut lines).await.unwrap();
    String::from_utf8(lines).unwrap()
}

async fn import(store: &AccountStore, lines: &str) -> Result<(u64, u64, u64), TransferError> {
    let done = Import::new(store).read(lines.as_bytes()).await?;
    Ok((done.values, done.records, done.skipped))
}

/// How many values and records there are.
async fn size(store: &AccountStore) -> (usize, usize) {
    let records = store
        .logs()
        .await
        .unwrap()
        .iter()
        .map(|log| log.records)
        .sum();
    (store.count(TABLE).await.unwrap(), records)
}

#[tokio::test]
async fn what_is_exported_is_imported_once() {
    let old = filled().await;
    let lines = lines(&old).await;
    assert_eq!(lines.lines().count(), 1 + 451 + 1_001 + 1);
    let new = empty();
    assert_eq!(import(&new, &lines).await.unwrap(), (451, 1_001, 0));
    let scan = Scan::all();
    for space in [TABLE, OTHER] {
        let page = old.scan(space, scan.clone()).await.unwrap();
        assert_eq!(new.scan(space, scan.clone()).await.unwrap(), page);
    }
    let scan = LogScan::newest(CHAT);
    assert_eq!(
        new.records(scan.clone()).await.unwrap(),
        old.records(scan).await.unwrap()
    );
    assert_eq!(new.secret("token").await.unwrap(), None);
    // Again nothing changes, and what it exports is the same.
    assert_eq!(import(&new, &lines).await.unwrap(), (451, 1_001, 1_452));
    assert_eq!(self::lines(&new).await, lines);
}

#[tokio::test]
async fn what_is_there_already_stays() {
    let old = filled().await;
    let lines = lines(&old).await;
    let new = empty();
    new.put(TABLE, "key 007", *b"newer").await.unwrap();
    // The same message, fetched again: it has another key and the archive's id.
    let mut fetched = record(5);
    fetched.key = "fetched".to_owned();
    new.write(vec![Change::put_record(CHAT, fetched)])
        .await
        .unwrap();
    assert_eq!(import(&new, &lines).await.unwrap(), (451, 1_001, 2));
    assert_eq!(
        new.get(TABLE, "key 007").await.unwrap(),
        Some(b"newer".to_vec())
    );
    assert_eq!(size(&new).await, size(&old).await);
}

#[tokio::test]
async fn secrets_go_only_where_both_sides_want_them() {
    let old = filled().await;
    assert!(!lines(&old).await.contains("token"));
    let mut lines = Vec::new();
    Export::new(&old)
        .with_secrets()
        .write(&mut lines)
        .await
        .unwrap();
    let new = empty();
    let done = Import::new(&new).read(&lines[..]).await.unwrap();
    assert_eq!((done.secrets, done.skipped), (1, 1));
    assert_eq!(new.secret("token").await.unwrap(), None);
    Import::new(&new)
        .with_secrets()
        .read(&lines[..])
        .await
        .unwrap();
    let secret = new.secret("token").await.unwrap().unwrap();
    assert_eq!(secret.expose(), b"moonlight");
}

#[tokio::test]
async fn progress_is_told() {
    let old = filled().await;
    let (mut told, mut lines) = (Vec::new(), Vec::new());
    let export = Export::new(&old).progress(|progress| told.push(progress.done()));
    export.write(&mut lines).await.unwrap();
    assert!(told.len() > 5 && told.is_sorted(), "{told:?}");
    let mut told = Vec::new();
    let new = empty();
    let import =
        Import::new(&new).progress(|progress| told.push((progress.done(), progress.total)));
    import.read(&lines[..]).await.unwrap();
    assert_eq!(told.last(), Some(&(1_452, 1_452)));
}

#[tokio::test]
async fn with_a_bad_first_line_nothing_is_written() {
    let lines = lines(&filled().await).await;
    let new = empty();
    let newer = lines.replacen("\"version\":1", "\"version\":99", 1);
    let other = lines.replacen("mara@", "otto@", 1);
    let (_, headless) = lines.split_once('\n').unwrap();
    for text in [
        "",
        "\n",
        "{}\n",
        "But, soft!",
        "{\"export\":{}}\n",
        headless,
        &lines[..40],
    ] {
        let error = import(&new, text).await.unwrap_err();
        assert!(matches!(error, TransferError::Foreign), "{text:?}: {error}");
    }
    let error = import(&new, &newer).await.unwrap_err();
    assert!(
        matches!(error, TransferError::Newer { found: 99 }),
        "{error}"
    );
    let error = import(&new, &other).await.unwrap_err();
    assert!(
        matches!(error, TransferError::OtherAccount { .. }),
        "{error}"
    );
    assert_eq!(size(&new).await, (0, 0));
    let any = Import::new(&new)
        .from_any_account()
        .read(other.as_bytes())
        .await;
    assert_eq!(any.unwrap().values, 451);
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_known_for_one_wherever_it_was() {
    let old = filled().await;
    let lines = lines(&old).await;
    let header = lines.find('\n').unwrap();
    for end in (header + 1..lines.len())
        .step_by(9_973)
        .chain([lines.len() - 1])
    {
        if !lines.is_char_boundary(end) {
            continue;
        }
        let new = empty();
        let torn = &lines[..end];
        let whole = torn.matches('\n').count() as u64;
        let error = import(&new, torn).await.unwrap_err();
        assert!(
            matches!(error, TransferError::CutOff { line } if line == whole + 1),
            "{end}: {error}"
        );
        // What is before it was read, and the whole file adds the rest.
        let contents = new.contents().await.unwrap();
        let values: usize = contents.namespaces.iter().map(|(_, entries)| entries).sum();
        let (_, records) = size(&new).await;
        assert_eq!((values + records) as u64, whole - 1, "{end}");
        import(&new, &lines).await.unwrap();
        assert_eq!(size(&new).await, size(&old).await);
    }
}

#[tokio::test]
async fn a_damaged_line_is_named() {
    let lines = lines(&filled().await).await;
    let all: Vec<&str> = lines.lines().collect();
    for (bad, what) in [
        ("nonsense", "no JSON"),
        ("", "an empty line"),
        ("{\"song\":{}}", "another member"),
        (
            "{\"value\":{\"namespace\":\"a\",\"key\":\"b\"}}",
            "no value",
        ),
        (
            "{\"value\":{\"namespace\":\"a\",\"key\":\"b\",\"base64\":\"*\"}}",
            "no base64",
        ),
        (all[0], "a second header"),
    ] {
        let mut damaged = all.clone();
        damaged[9] = bad;
        let new = empty();
        let error = import(&new, &(damaged.join("\n") + "\n"))
            .await
            .unwrap_err();
        assert!(
            matches!(error, TransferError::Damaged { line: 10, .. }),
            "{what}: {error}"
        );
        assert!(!format!("{error:?} {error}").contains("value 8"));
        // The first eight lines after the header are good.
        let entries: usize = new
            .contents()
            .await
            .unwrap()
            .namespaces
            .iter()
            .map(|it| it.1)
            .sum();
        assert_eq!(entries, 8, "{what}");
    }
    let mut fewer = all.clone();
    fewer.remove(20);
    let error = import(&empty(), &(fewer.join("\n") + "\n"))
        .await
        .unwrap_err();
    assert!(matches!(error, TransferError::Miscounted { .. }), "{error}");
    let error = import(&empty(), &format!("{lines}{{}}\n"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, TransferError::Surplus { line: 1_455 }),
        "{error}"
    );
}

#[tokio::test]
async fn what_the_store_does_not_take_is_named() {
    let long = "k".repeat(5_000);
    let text = format!(
        "{}\n{{\"value\":{{\"namespace\":\"a\",\"key\":\"{long}\",\"text\":\"\"}}}}\n{}\n",
        r#"{"export":{"version":1,"account":"mara@kestrel.example","values":1,"records":0,"secrets":false}}"#,
        r#"{"end":{"values":1,"records":0,"secrets":0}}"#,
    );
    let error = import(&empty(), &text).await.unwrap_err();
    assert!(
        matches!(
            error,
            TransferError::Refused {
                line: 3,
                source: StoreError::KeyTooLong { .. }
            }
        ),
        "{error:?}"
    );
}
