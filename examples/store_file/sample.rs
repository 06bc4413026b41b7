//! All of it, with a store that is made for it.

use converse::core::store::{AccountStore, Change, Place, Record};
use converse::prelude::*;
use converse::sqlite::SqliteStore;

const SAID: [&str; 4] = [
    "But, soft! what light through yonder window breaks?",
    "O Romeo, Romeo! wherefore art thou Romeo?",
    "Shall I hear more, or shall I speak at this?",
    "'Tis but thy name that is my enemy",
];

pub(crate) async fn show() -> Result<(), BoxError> {
    let folder = format!("converse-store-{}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    std::fs::create_dir_all(&folder)?;
    let shown = run(&folder).await;
    std::fs::remove_dir_all(&folder)?;
    shown
}

async fn run(folder: &std::path::Path) -> Result<(), BoxError> {
    let account: BareJid = "romeo@montague.example".parse()?;
    let open = |name: &str| -> Result<AccountStore, BoxError> {
        let store = SqliteStore::open(folder.join(name))?;
        Ok(AccountStore::new(Arc::new(store), account.clone()))
    };
    let (old, new) = (open("old.sqlite")?, open("new.sqlite")?);
    let now = chrono::Utc::now();
    let mut place = Place::at(now);
    let mut changes = Vec::new();
    for (number, text) in SAID.into_iter().enumerate() {
        let record = Record {
            key: number.to_string(),
            names: Vec::new(),
            place,
            text: Some(text.to_owned()),
            value: Vec::new(),
        };
        changes.push(Change::put_record("chat/juliet@capulet.example", record));
        place = place.next();
    }
    old.write(changes).await?;
    println!("── A store with {} messages", SAID.len());
    println!("── Those that say `romeo`:");
    crate::search(&old, "romeo").await?;
    println!("── As lines of JSON, and into another store:");
    let lines = folder.join("lines.jsonl");
    crate::export(&old, &lines).await?;
    crate::import(&new, &lines).await?;
    println!("── There, those that begin with `wind`:");
    crate::search(&new, "wind").await
}
