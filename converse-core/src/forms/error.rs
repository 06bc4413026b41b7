//! What can be wrong with a form or with an answer to it.

use crate::{Error, ErrorKind};

/// Why a form could not be read, filled out or submitted. What was answered is never part of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// The element is no data form.
    #[error("the element is no data form (`x` of `jabber:x:data`)")]
    NotAForm,
    /// The form is of a type that XEP-0004 does not know.
    #[error("the data form has the unknown type `{}`", .type_.escape_debug())]
    UnknownType {
        /// The type, at most 64 characters of it.
        type_: String,
    },
    /// The form has more of something than is read.
    #[error("the data form has more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        most: usize,
    },
    /// The form has no field of that name.
    #[error("the form has no field `{var}`")]
    UnknownField {
        /// The name that was given.
        var: String,
    },
    /// The field is text for people, or says what the form is about: it takes no answer.
    #[error("the field `{var}` takes no answer")]
    NotAnswerable {
        /// The field.
        var: String,
    },
    /// The field takes one value, and got several.
    #[error("the field `{var}` takes one value only")]
    OneValueOnly {
        /// The field.
        var: String,
    },
    /// The field takes one line of text, and got several.
    #[error("the field `{var}` takes one line of text only")]
    OneLineOnly {
        /// The field.
        var: String,
    },
    /// The field is a choice, and the answer is not among what it offers.
    #[error("the field `{var}` offers a choice, and the answer is not in it")]
    NotOffered {
        /// The field.
        var: String,
    },
    /// The field is a yes or no, and the answer is neither.
    #[error("the field `{var}` is a yes or no: answer `true` or `false`")]
    NotBoolean {
        /// The field.
        var: String,
    },
    /// The field takes addresses, and the answer is none.
    #[error("the field `{var}` takes an address, and the answer is not one")]
    NotAddress {
        /// The field.
        var: String,
        /// What is wrong with it.
        source: jid::Error,
    },
    /// Fields that must be answered are not.
    #[error("the form wants an answer to {}", listed(vars))]
    Missing {
        /// The names of the fields, in the form's order.
        vars: Vec<String>,
    },
}

fn listed(vars: &[String]) -> String {
    let quoted: Vec<String> = vars.iter().map(|var| format!("`{var}`")).collect();
    quoted.join(", ")
}

impl From<FormError> for Error {
    fn from(error: FormError) -> Self {
        let kind = match &error {
            FormError::NotAForm | FormError::UnknownType { .. } | FormError::TooMany { .. } => {
                ErrorKind::InvalidResponse
            }
            _ => ErrorKind::InvalidArgument,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
