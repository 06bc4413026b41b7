//! An account's data as lines, from the memory into a file and back.

use std::sync::Arc;

use converse_core::store::transfer::{Export, Import};
use converse_core::store::{
    AccountStore, Change, MemoryStore, Namespace, Place, Record, Search, SecretBytes, Store,
};
use converse_sqlite::SqliteStore;

use crate::folder::{Folder, run};

const TABLE: Namespace = Namespace::new("testing.transfer", 2_000);

fn of(store: impl Store + 'static) -> AccountStore {
    AccountStore::new(Arc::new(store), "mara@kestrel.example".parse().unwrap())
}

async fn lines(store: &AccountStore) -> String {
    let mut lines = Vec::new();
    let export = Export::new(store).with_secrets();
    export.write(&mut lines).await.unwrap();
    String::from_utf8(lines).unwrap()
}

#[test]
fn what_is_exported_from_one_store_is_imported_into_another() {
    let folder = Folder::new("transfer");
    run(async {
        let memory = of(MemoryStore::new());
        let record = |n: u32| Record {
            key: format!("k{n}"),
            names: vec![format!("s:{n}"), format!("o:{n}")],
            place: Place::new(i64::from(n / 5), 7),
            text: Some(format!("soft light {n}")),
            value: vec![u8::try_from(n % 256).unwrap(); 20],
        };
        let mut changes: Vec<Change> = (0..1_200)
            .map(|n| Change::put(TABLE, format!("{n:04}"), n.to_string()))
            .collect();
        changes.extend((0..1_300).map(|n| Change::put_record("chat/juliet", record(n))));
        memory.write(changes).await.unwrap();
        let secret = SecretBytes::new(vec![0, 255]);
        memory.put_secret("sm", Some(secret)).await.unwrap();
        let exported = lines(&memory).await;

        let file = of(SqliteStore::open(folder.file("store.db")).unwrap());
        for skipped in [0, 2_501] {
            let import = Import::new(&file).with_secrets();
            let done = import.read(exported.as_bytes()).await.unwrap();
            assert_eq!((done.done(), done.skipped), (2_500, skipped));
        }
        assert_eq!(lines(&file).await, exported);
        let found = file.search(Search::new("light 1299")).await.unwrap();
        assert_eq!(found[0].record.key, "k1299");

        let back = of(MemoryStore::new());
        let import = Import::new(&back).with_secrets();
        import.read(exported.as_bytes()).await.unwrap();
        assert_eq!(lines(&back).await, exported);
    });
}
