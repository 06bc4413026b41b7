//! Running a room: roles and affiliations, configuration, registration, requests for voice (XEP-0045 §7.10 to §10, XEP-0463).
//!
//! What an application calls is on [`Room`](crate::Room).

mod affiliate;
mod awaited;
mod config;
mod configuration;
mod destruction;
mod error;
pub mod message;
pub(crate) mod registration;
mod requests;
mod versions;
pub(crate) mod wire;

pub use affiliate::{Affiliate, Affiliates, AffiliationChange, RoleHolder};
pub(crate) use awaited::{Awaited, Refused};
pub use config::RoomConfig;
pub use configuration::RoomConfiguration;
pub(crate) use configuration::{Merged, Strictness};
pub use destruction::Destruction;
pub use error::ManagingError;
pub(crate) use error::in_call;
pub use registration::RoomRegistration;
pub(crate) use requests::Asked;
pub use requests::{RegistrationRequest, VoiceRequest};
pub(crate) use versions::Lists;
