//! What a server wants to know.

use crate::forms::{Field, FieldKind, Form, FormKind, Media, Submission};
use crate::xml::{Element, ElementBuilder, ElementRef};
use crate::{Error, ErrorKind};

use super::{Attachment, NS, RegistrationError, attachment};

/// Out-of-band data (XEP-0066).
const OOB: &str = "jabber:x:oob";

/// The fields that the schema of XEP-0077 has.
const FIELDS: [&str; 17] = [
    "username", "nick", "password", "name", "first", "last", "email", "address", "city", "state",
    "zip", "phone", "url", "date", "misc", "text", "key",
];

/// What a server wants to know of who registers. Old servers ask with fields of XEP-0077, others with a data form; both are a
/// [`Form`] here, and the answer goes out in the way in which the server asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistrationForm {
    /// The form. Without fields, registration is possible elsewhere only.
    pub form: Form,
    /// What the server says beside it.
    pub instructions: Option<String>,
    /// Where one can register, too, or instead.
    pub url: Option<String>,
    /// The server says that who asks is registered already.
    pub registered: bool,
    /// What the fields show, as the picture of a CAPTCHA.
    pub attachments: Vec<Attachment>,
    legacy: bool,
}

impl RegistrationForm {
    /// Begins to fill it out. The user name is the field `username`, the password `password`.
    #[must_use]
    pub fn fill(&self) -> Submission {
        self.form.fill()
    }

    /// What a field shows.
    #[must_use]
    pub fn attachment(&self, media: &Media) -> Option<&Attachment> {
        let cid = media.uri.strip_prefix("cid:")?;
        self.attachments.iter().find(|data| data.cid == cid)
    }

    /// Whether one can register elsewhere only (XEP-0077 §5).
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.form.fields.is_empty()
    }

    /// Reads the answer to a request for the form (XEP-0077 §6 says what precedes what).
    pub(crate) fn read(answer: ElementRef<'_>) -> Result<Self, RegistrationError> {
        let query = answer.child("query", NS);
        let query = query.ok_or(RegistrationError::InvalidAnswer)?;
        let asked = match Form::inside(query) {
            Ok(form) => form.filter(|form| form.kind == FormKind::Form),
            Err(error) => {
                tracing::warn!(%error, "the form of the registration is left out");
                None
            }
        };
        let legacy = asked.is_none();
        let form = asked.unwrap_or_else(|| form_of_fields(query));
        let url = query.child("x", OOB).and_then(|oob| text(oob, "url", OOB));
        Ok(Self {
            form,
            instructions: text(query, "instructions", NS),
            url,
            registered: query.child("registered", NS).is_some(),
            attachments: attachment::inside(query)
                .chain(attachment::inside(answer))
                .collect(),
            legacy,
        })
    }

    /// The request with the answers.
    pub(crate) fn submit(&self, submission: &Submission) -> Result<ElementBuilder, Error> {
        if self.is_elsewhere() {
            let url = self.url.clone();
            return Err(RegistrationError::Elsewhere { url }.into());
        }
        if let Some(unknown) = submission.unknown_to(&self.form) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("registration: the form has no field `{unknown}`"),
            ));
        }
        let form = submission.submit()?;
        let query = Element::builder("query", NS);
        if !self.legacy {
            return Ok(query.child(form));
        }
        let asked = FIELDS.iter().filter(|name| submission.has(name));
        Ok(query.children(asked.map(|name| {
            let value = submission.value(name).unwrap_or_default();
            Element::builder(*name, NS).text(value)
        })))
    }

    /// Whether a submission of one is one of the other: also what must be sent back as it came, or is only shown, is the same.
    pub(crate) fn asks_the_same_as(&self, other: &Self) -> bool {
        let fields = self.form.fields == other.form.fields;
        fields && self.attachments == other.attachments && self.legacy == other.legacy
    }
}

/// The fields of XEP-0077 as a form; all of them must be answered (§3.1).
fn form_of_fields(query: ElementRef<'_>) -> Form {
    let fields = FIELDS.iter().filter_map(|name| {
        let asked = query.child(name, NS)?;
        let value = asked.text().into_owned();
        Some(Field {
            var: (*name).to_owned(),
            kind: match *name {
                "password" => FieldKind::TextPrivate,
                "key" => FieldKind::Hidden,
                _ => FieldKind::TextSingle,
            },
            required: *name != "key",
            values: Some(value)
                .filter(|value| !value.is_empty())
                .into_iter()
                .collect(),
            ..Field::default()
        })
    });
    Form::of_fields(fields.collect())
}

fn text(parent: ElementRef<'_>, name: &str, ns: &str) -> Option<String> {
    let text = parent.child_text(name, ns)?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
