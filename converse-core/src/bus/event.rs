//! What can be published: typed events, and events that are only a name with arguments.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::BoxError;

/// A fact that is announced on the bus, one type per event.
///
/// ```
/// use converse_core::bus::Event;
///
/// #[derive(Debug, serde::Serialize, Event)]
/// #[event(name = "rosterContactsFetched", promise)]
/// struct RosterContactsFetched {
///     count: usize,
/// }
///
/// assert_eq!(RosterContactsFetched::NAME, "rosterContactsFetched");
/// assert!(RosterContactsFetched::PROMISE);
/// assert_eq!(RosterContactsFetched { count: 2 }.to_value()["count"], 2);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    note = "derive it: `#[derive(Debug, serde::Serialize, Event)] #[event(name = \"somethingHappened\")]`"
)]
pub trait Event: fmt::Debug + Send + Sync + 'static {
    /// The name under which it is heard by [`Listen::on`](super::Listen::on); names are exact.
    const NAME: &'static str;

    /// Whether publishing it keeps the promise [`Event::NAME`] even if nobody declared that promise.
    const PROMISE: bool = false;

    /// The value that those who listen by name get; called at most once an emission, and only if someone does.
    fn to_value(&self) -> Value;
}

/// An event as those hear it who listen by name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NamedEvent {
    /// The name it was emitted under.
    pub name: Arc<str>,
    /// The arguments: those of [`Bus::emit`](super::Bus::emit), or the one value of a typed event (none for a unit struct).
    pub args: Vec<Value>,
}

impl NamedEvent {
    /// An event of this name with these arguments.
    pub fn new(name: impl Into<Arc<str>>, args: Vec<Value>) -> Self {
        Self {
            name: name.into(),
            args,
        }
    }

    /// The argument at `index`, or null.
    #[must_use]
    pub fn arg(&self, index: usize) -> &Value {
        self.args.get(index).unwrap_or(&Value::Null)
    }
}

/// What [`Bus::emit`](super::Bus::emit) takes as arguments: `()`, a JSON value, a list of them, or a tuple of up to six
/// values that serialise.
pub trait IntoArgs {
    /// The arguments as JSON values.
    ///
    /// # Errors
    /// One of them has no JSON form, such as a map whose keys are not text.
    fn into_args(self) -> Result<Vec<Value>, serde_json::Error>;
}

impl IntoArgs for () {
    fn into_args(self) -> Result<Vec<Value>, serde_json::Error> {
        Ok(Vec::new())
    }
}

impl IntoArgs for Value {
    fn into_args(self) -> Result<Vec<Value>, serde_json::Error> {
        Ok(vec![self])
    }
}

impl IntoArgs for Vec<Value> {
    fn into_args(self) -> Result<Vec<Value>, serde_json::Error> {
        Ok(self)
    }
}

macro_rules! tuples_into_args {
    ($(($($name:ident)+))+) => {$(
        impl<$($name: Serialize),+> IntoArgs for ($($name,)+) {
            #[allow(non_snake_case, reason = "the type parameters name the variables")]
            fn into_args(self) -> Result<Vec<Value>, serde_json::Error> {
                let ($($name,)+) = self;
                Ok(vec![$(serde_json::to_value($name)?),+])
            }
        }
    )+};
}

tuples_into_args! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) }

/// A handler of an event, a request or a hook panicked or returned an error. The others were still called.
#[derive(Debug, Clone, Serialize, converse_macros::Event)]
#[event(name = "handlerFailed")]
#[non_exhaustive]
pub struct HandlerFailed {
    /// The plugin the handler belongs to.
    #[serde(serialize_with = "text")]
    pub owner: Arc<str>,
    /// The event, request or hook that it was called with.
    pub event: Cow<'static, str>,
    /// What the handler said about it.
    pub reason: String,
}

/// A plugin has kept the session waiting: its inbox is full, so nothing new is read from the server.
#[derive(Debug, Clone, Serialize, converse_macros::Event)]
#[event(name = "pluginStalled")]
#[non_exhaustive]
pub struct PluginStalled {
    /// The plugin whose inbox is full.
    #[serde(serialize_with = "text")]
    pub owner: Arc<str>,
    /// For how many milliseconds it has been.
    pub waited_ms: u64,
}

impl PluginStalled {
    /// The plugin `owner` has kept the session waiting for `waited`.
    #[must_use]
    pub fn new(owner: Arc<str>, waited: std::time::Duration) -> Self {
        Self {
            owner,
            waited_ms: u64::try_from(waited.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// What a handler returns: an error is logged with the plugin's name and announced as [`HandlerFailed`].
pub type Handled = Result<(), BoxError>;

fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}
