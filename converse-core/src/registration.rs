//! In-band registration (XEP-0077): what a server wants to know of who registers, and why it refuses.
//!
//! An application uses it through [`User`](crate::api::User): [`registration`](crate::api::User::registration),
//! [`change_password`](crate::api::User::change_password) and [`delete_account`](crate::api::User::delete_account).
//!
//! XEP-0077, XEP-0004 (data forms), XEP-0066 (registration elsewhere), XEP-0158 and XEP-0231 (CAPTCHA forms and their pictures).

mod attachment;
mod error;
mod form;
mod request;

pub use attachment::Attachment;
pub use error::RegistrationError;
pub use form::RegistrationForm;
pub(crate) use request::{delete, form as form_request, new_password, submitted};

/// The namespace of the requests.
pub(crate) const NS: &str = "jabber:iq:register";
/// The namespace of the stream feature (XEP-0077 §7).
pub(crate) const FEATURE: &str = "http://jabber.org/features/iq-register";
