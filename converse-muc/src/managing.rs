//! Running a room: roles and affiliations, configuration, registration, requests for voice (XEP-0045 §7.10 to §10, XEP-0463).
//!
//! What an application calls is on [`Room`](crate::Room).

mod config;
mod configuration;
mod error;
pub mod message;
pub(crate) mod wire;

pub use config::RoomConfig;
pub use configuration::RoomConfiguration;
pub(crate) use configuration::Strictness;
pub use error::ManagingError;
pub(crate) use error::in_call;
