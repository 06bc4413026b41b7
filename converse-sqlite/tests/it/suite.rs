//! What every backend can.

use converse_core::store::testing;
use converse_sqlite::SqliteStore;

use crate::folder::{Folder, run};

#[test]
fn the_suite_of_all_backends_passes() {
    let folder = Folder::new("suite");
    let store = SqliteStore::open(folder.file("store.db")).unwrap();
    run(testing::run(&store)).unwrap_or_else(|failure| panic!("{failure}"));
}
