//! What the runner cannot reach by itself: the groupings, which are crates that it does not depend on.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use converse_core::store::Store;
use converse_core::{Api, Error};
use serde_json::Value;

/// The outcome of a call, or the state behind a view, as JSON.
pub type Answer = Pin<Box<dyn Future<Output = Result<Value, Error>>>>;

/// The groupings of a build, by the names that the cases use. `None` stands for what this build does not know.
pub trait Groupings: Sync {
    /// Whether an event of this name can be announced. That one does not come says nothing if it cannot come.
    fn has_event(&self, name: &str) -> bool {
        let _ = name;
        false
    }

    /// A call of the API of the 3.2 document, or of an extension (`ext.`…).
    fn call(&self, api: &Api, name: &str, args: &[Value]) -> Option<Answer> {
        let _ = (api, name, args);
        None
    }

    /// The state that a view shows.
    fn view(&self, api: &Api, name: &str, args: &[Value]) -> Option<Answer> {
        let _ = (api, name, args);
        None
    }

    /// Writes what an earlier run would have stored; before the instance starts.
    fn cache(
        &self,
        store: &Arc<dyn Store>,
        account: &str,
        what: &str,
        value: &Value,
    ) -> Option<Answer> {
        let _ = (store, account, what, value);
        None
    }

    /// Brings about what a case takes for granted (`rooms`, `chats`); when the session is up.
    fn prepare(&self, api: &Api, what: &str, value: &Value) -> Option<Answer> {
        let _ = (api, what, value);
        None
    }
}

/// A build without groupings.
#[derive(Debug, Clone, Copy, Default)]
pub struct CoreOnly;

impl Groupings for CoreOnly {}
