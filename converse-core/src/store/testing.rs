//! The suite that every backend passes.
//!
//! ```
//! use converse_core::store::{MemoryStore, testing};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! testing::run(&MemoryStore::new()).await
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accounts;
mod bounds;
mod logs;
mod scans;
mod secrets;
mod values;
mod writes;

use std::fmt;

use jid::BareJid;

use super::backend::Store;
use super::error::StoreError;
use super::namespace::Namespace;
use super::scan::Page;

/// An ordinary table.
const TABLE: Namespace = Namespace::new("testing.table", 5_000);
/// A table with room for three.
const SMALL: Namespace = Namespace::new("testing.small", 3);
/// A table with room for three that forgets.
const FORGETFUL: Namespace = Namespace::new("testing.forgetful", 3).dropping_oldest();

/// What a backend did that it should not have done.
#[derive(Debug)]
pub struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(format!("an operation failed: {error}"))
    }
}

impl From<jid::Error> for Failure {
    fn from(error: jid::Error) -> Self {
        Self(format!("the suite's own address is none: {error}"))
    }
}

type Outcome = Result<(), Failure>;

/// Runs every check of the suite against `store`, which keeps nothing of it afterwards.
///
/// # Errors
///
/// The first check that failed: its name, and what was found in place of what.
pub async fn run(store: &dyn Store) -> Outcome {
    let account: BareJid = "mara@store-suite.example".parse()?;
    let other: BareJid = "otto@store-suite.example".parse()?;
    let suite = Suite {
        store,
        account,
        other,
    };
    suite.clear().await?;
    let outcome = suite.run().await;
    suite.clear().await?;
    outcome
}

struct Suite<'a> {
    store: &'a dyn Store,
    account: BareJid,
    other: BareJid,
}

/// Runs checks one after the other, each on an empty store, and names the one that fails.
macro_rules! checks {
    ($suite:ident: $($module:ident::$check:ident,)*) => {
        $(
            let outcome = $module::$check($suite).await;
            outcome.map_err(|failure| {
                Failure(format!("{}::{}: {failure}", stringify!($module), stringify!($check)))
            })?;
            $suite.clear().await?;
        )*
    };
}

impl Suite<'_> {
    async fn run(&self) -> Outcome {
        checks! { self:
            values::a_missing_key_has_no_value,
            values::a_value_is_read_as_it_was_written,
            values::a_second_value_replaces_the_first,
            values::a_deleted_key_has_no_value,
            values::keys_are_told_apart_exactly,
            values::namespaces_are_told_apart,
            writes::a_failed_write_leaves_nothing,
            writes::changes_are_made_in_their_order,
            writes::a_prefix_is_deleted_and_nothing_else,
            writes::nothing_happens_before_a_future_is_polled,
            writes::writes_at_once_are_all_kept,
            scans::entries_come_in_the_order_of_their_bytes,
            scans::a_prefix_is_no_pattern,
            scans::pages_follow_one_another_both_ways,
            scans::after_need_not_exist,
            scans::a_page_is_bounded_in_entries,
            scans::a_page_is_bounded_in_bytes,
            bounds::long_keys_and_large_values_are_refused,
            bounds::the_longest_key_and_the_largest_value_are_kept,
            bounds::a_full_namespace_refuses,
            bounds::a_forgetful_namespace_drops_what_was_written_first,
            logs::records_come_in_the_order_of_their_places,
            logs::a_record_is_found_by_key_and_names,
            logs::a_failed_write_leaves_logs_as_they_were,
            logs::a_log_is_pruned_by_number_and_by_age,
            logs::what_is_pinned_is_not_pruned,
            logs::a_search_finds_words,
            logs::a_search_goes_on_where_the_last_page_ended,
            logs::a_search_finds_what_is_far_back,
            logs::a_search_finds_what_becomes_rare,
            logs::words_of_all_scripts_are_found,
            logs::records_are_bounded,
            accounts::accounts_are_told_apart,
            accounts::clearing_an_account_clears_all_of_it_and_no_other,
            secrets::a_secret_is_kept_replaced_and_removed,
            secrets::secrets_are_no_entries,
            secrets::secrets_are_bounded,
        }
        Ok(())
    }

    async fn clear(&self) -> Result<(), StoreError> {
        self.store.clear_account(&self.account).await?;
        self.store.clear_account(&self.other).await
    }
}

/// Fails unless `found` is `expected`.
fn same<T: PartialEq + fmt::Debug>(found: T, expected: T) -> Outcome {
    if found == expected {
        Ok(())
    } else {
        Err(Failure(format!("expected {expected:?}, found {found:?}")))
    }
}

/// Fails unless `found`, described by `what`, is so.
fn holds(found: bool, what: &str) -> Outcome {
    if found {
        Ok(())
    } else {
        Err(Failure(what.to_owned()))
    }
}

fn keys(page: &Page) -> Vec<&str> {
    let entries = page.entries.iter();
    entries.map(|entry| entry.key.as_str()).collect()
}
