//! Settings: declared by the core and by plugins, given by the application, changed at run time.
//!
//! | layer | from | wins over |
//! |---|---|---|
//! | defaults | [`Settings::extend`], [`Settings::update`], in plugin order | – |
//! | application | `initialize`: [`settings!`], [`SettingsMap`] from a file or the environment | defaults |
//! | run time | [`Settings::set`] | all |
//!
//! Every setting has a [`Declaration`]: name, [`Kind`], default, one line of documentation, the plugin that reads it. A value of
//! the wrong type is an error that names the setting; an unknown name is an error with the nearest known one, or a warning
//! with `strict_settings` off.
//!
//! What a value set at run time means for a later `update`: it stays in force, and so does what the application gave.
//!
//! ```
//! use converse_core::settings::{Settings, settings};
//!
//! let settings = Settings::new(settings! { "jid": "romeo@montague.example", "priority": 5 });
//! settings.for_plugin("greeter").update(settings! { "greeting": "Hello" })?;
//! settings.finish()?;
//!
//! assert_eq!(settings.get("greeting"), Some("Hello".into()));
//! assert_eq!(settings.get_as::<i8>("priority")?, 5);
//! settings.set("priority", 10)?;
//! assert!(settings.set("priority", "high").is_err());
//! # Ok::<(), converse_core::settings::SettingsError>(())
//! ```

mod check;
mod declaration;
mod docs;
mod error;
mod handle;
mod key;
pub mod keys;
mod kind;
mod layers;
mod map;
mod nearest;
mod origin;
mod redact;
mod secret;
mod source;
mod table;
mod watch;

pub use serde_json::{Value, json};

pub use crate::settings;
pub use declaration::Declaration;
pub use docs::{markdown, markdown_table};
pub use error::SettingsError;
pub use handle::Settings;
pub use key::Key;
pub use kind::Kind;
pub use map::SettingsMap;
pub use origin::Origin;
pub use secret::Secret;
pub use watch::Setting;
