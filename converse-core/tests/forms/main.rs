//! Data forms (XEP-0004).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed unwrap is a failed test"
)]

mod arbitrary;
mod filling;
mod reading;

use converse_core::forms::{Form, FormError};
use converse_core::xml::Element;

fn try_form(xml: &str) -> Result<Form, FormError> {
    Form::read(Element::parse(xml).unwrap().view())
}

/// The form with these fields.
fn form_of(fields: &str) -> Form {
    try_form(&format!(
        "<x xmlns='jabber:x:data' type='form'>{fields}</x>"
    ))
    .unwrap()
}
