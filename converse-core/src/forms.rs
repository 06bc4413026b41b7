//! Data forms (XEP-0004): what a server asks, and what is answered.
//!
//! A [`Form`] is read from the `<x/>` that a protocol carries. It is filled out through a [`Submission`], which refuses at once what
//! the form does not allow, and in the end what is missing. Results are forms too, with fields or with a table of [`Row`]s.
//!
//! ```
//! use converse_core::forms::{FieldKind, Form};
//! use converse_core::xml::Element;
//!
//! let form = Form::read(
//!     Element::parse(
//!         "<x xmlns='jabber:x:data' type='form'>\
//!            <field var='FORM_TYPE' type='hidden'><value>jabber:iq:register</value></field>\
//!            <field var='username' label='User name'><required/></field>\
//!            <field var='password' type='text-private'><required/></field>\
//!            <field var='news' type='boolean'><value>1</value></field></x>",
//!     )?
//!     .view(),
//! )?;
//! assert_eq!(form.form_type(), Some("jabber:iq:register"));
//! assert_eq!(form.field("username").map(|field| field.kind), Some(FieldKind::TextSingle));
//!
//! let mut submission = form.fill();
//! submission.set("username", "bill")?.set("news", false)?;
//! let error = submission.submit().unwrap_err();
//! assert_eq!(error.to_string(), "the form wants an answer to `password`");
//!
//! submission.set("password", "Calliope")?;
//! assert!(submission.submit()?.build()?.to_xml().contains("<value>Calliope</value>"));
//! # Ok::<(), converse_core::Error>(())
//! ```

mod error;
mod field;
mod form;
mod read;
mod submission;
mod values;

pub use error::FormError;
pub use field::{Field, FieldKind, FieldOption, Media};
pub use form::{Form, FormKind, Row};
pub use submission::Submission;
pub use values::IntoValues;

/// The namespace of data forms.
pub(crate) const NS: &str = "jabber:x:data";
/// The name of the hidden field that says what a form is about (XEP-0068).
const FORM_TYPE: &str = "FORM_TYPE";
