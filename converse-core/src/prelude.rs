//! What most plugins and applications import: `use converse::prelude::*;`.

pub use std::sync::Arc;

pub use converse_macros::converse_plugin;
pub use jid::{BareJid, FullJid, Jid};
pub use serde_json::json;

pub use crate::api::{Api, LoginOptions};
pub use crate::bus::{
    Answers, Event, Handled, Hears, Hook, NamedEvent, Request, Spawned, Transforms,
};
pub use crate::converse::Converse;
pub use crate::error::{BoxError, Error, ErrorKind};
pub use crate::plugin::{Plugin, PluginContext, PluginDefinition, PluginsInitialized};
pub use crate::router::{
    Answer, AnswersRequests, Condition, HearsStanzas, Route, Sender, Senders, Stanza, StanzaError,
};
pub use crate::session::event::{
    Connected, Disconnected, Initialized, Reconnected, Reconnecting, SessionStarted,
};
pub use crate::settings::{Settings, SettingsMap, settings};
pub use crate::view::{Diff, View};
pub use crate::xml::{Element, ElementBuilder};
