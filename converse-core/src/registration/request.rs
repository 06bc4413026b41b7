//! The requests of an account about itself, and the answers to them.

use crate::forms::{Form, FormError, Submission};
use crate::router::StanzaError;
use crate::settings::Secret;
use crate::xml::{Element, ElementBuilder, ElementRef};

use super::{NS, RegistrationError};

/// Asks for the form (XEP-0077 §3.1).
pub(crate) fn form() -> ElementBuilder {
    Element::builder("query", NS)
}

/// Asks for another password (XEP-0077 §3.3).
pub(crate) fn new_password(user: &str, password: &Secret) -> ElementBuilder {
    Element::builder("query", NS)
        .child(Element::builder("username", NS).text(user))
        .child(Element::builder("password", NS).text(password.expose()))
}

/// Asks for the end of the account (XEP-0077 §3.2).
pub(crate) fn delete() -> ElementBuilder {
    Element::builder("query", NS).child(Element::builder("remove", NS))
}

/// Answers the form that the server wanted to be filled out.
pub(crate) fn submitted(submission: &Submission) -> Result<ElementBuilder, FormError> {
    Ok(Element::builder("query", NS).child(submission.submit()?))
}

impl RegistrationError {
    /// What an answer of type `error` means; it may hold a form to fill out.
    pub(crate) fn of(answer: ElementRef<'_>) -> Self {
        let error = StanzaError::of(answer);
        let query = answer.child("query", NS);
        let form = query.and_then(|query| Form::inside(query).ok().flatten());
        match form {
            Some(form) => Self::FormRequired {
                form: Box::new(form),
                source: error,
            },
            None => Self::refused(error),
        }
    }
}
