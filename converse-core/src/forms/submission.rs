//! Filling out a form.

use jid::Jid;

use crate::xml::{Element, ElementBuilder};

use super::field::parse_bool;
use super::{FORM_TYPE, Field, FieldKind, Form, FormError, FormKind, IntoValues, NS};

/// A form that is being filled out. It begins with what the fields of the form hold; `Debug` does not show answers.
///
/// For protocols that submit forms that nobody has asked for, [`about`](Self::about) begins with nothing, and takes any field:
///
/// ```
/// use converse_core::forms::Submission;
///
/// let options = Submission::about("http://jabber.org/protocol/pubsub#publish-options")
///     .with("pubsub#persist_items", true)
///     .with("pubsub#access_model", "whitelist");
/// assert!(options.submit()?.build()?.to_xml().contains("<value>whitelist</value>"));
/// # Ok::<(), converse_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    fields: Vec<Field>,
}

impl Submission {
    pub(super) fn of(form: &Form) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        for field in &form.fields {
            // The name tells fields apart (XEP-0004 §3.2); of two with the same, the first is the one.
            let is_known = fields.iter().any(|known| known.var == field.var);
            if field.kind != FieldKind::Fixed && !is_known {
                fields.push(field.clone());
            }
        }
        Self { fields }
    }

    /// A submission of a form of that `FORM_TYPE` (XEP-0068) that was not asked for.
    #[must_use]
    pub fn about(form_type: impl Into<String>) -> Self {
        let field = Field {
            var: FORM_TYPE.to_owned(),
            kind: FieldKind::Hidden,
            values: vec![form_type.into()],
            ..Field::default()
        };
        Self {
            fields: vec![field],
        }
    }

    /// Adds a field, for submissions that were not asked for. Nothing is checked.
    #[must_use]
    pub fn with(mut self, var: impl Into<String>, values: impl IntoValues) -> Self {
        self.fields.push(Field {
            var: var.into(),
            // Which takes any number of values as they are.
            kind: FieldKind::Hidden,
            values: values.into_values(),
            ..Field::default()
        });
        self
    }

    /// Whether the form has a field of that name to be answered.
    #[must_use]
    pub fn has(&self, var: &str) -> bool {
        self.fields.iter().any(|field| field.var == var)
    }

    /// The first value of a field, as it would go out.
    #[must_use]
    pub fn value(&self, var: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.var == var)?;
        field.value()
    }

    /// A field that `form` does not have.
    pub(crate) fn unknown_to(&self, form: &Form) -> Option<&str> {
        let mut vars = self.fields.iter().map(|field| field.var.as_str());
        vars.find(|var| form.field(var).is_none())
    }

    /// The names of the fields that must be answered and are not, in the form's order.
    #[must_use]
    pub fn missing(&self) -> Vec<&str> {
        let missing = self.fields.iter().filter(|field| {
            // The default of a yes or no is no.
            field.required && field.kind != FieldKind::Boolean && !field.is_answered()
        });
        missing.map(|field| field.var.as_str()).collect()
    }

    /// Answers a field; no values take the answer back.
    ///
    /// Text with several lines is split for a field that takes lines. Choices are brought into the order in which they are
    /// offered, addresses that are the same are given once (XEP-0004 §3.3).
    ///
    /// # Errors
    ///
    /// A [`FormError`] that names the field, and what was answered before stays: the form has no such field, the field takes
    /// no answer, one value, one line, something of what it offers, a yes or no, or addresses.
    pub fn set(&mut self, var: &str, values: impl IntoValues) -> Result<&mut Self, FormError> {
        let named = |field: &&mut Field| field.var == var;
        let Some(field) = self.fields.iter_mut().find(named) else {
            let var = var.to_owned();
            return Err(FormError::UnknownField { var });
        };
        field.values = fit(field, values.into_values())?;
        Ok(self)
    }

    /// The form as it goes out, with the fields that hold something.
    ///
    /// # Errors
    ///
    /// [`FormError::Missing`] naming all fields that must be answered and are not.
    pub fn submit(&self) -> Result<ElementBuilder, FormError> {
        let missing = self.missing();
        if !missing.is_empty() {
            let vars = missing.into_iter().map(str::to_owned).collect();
            return Err(FormError::Missing { vars });
        }
        let form = Element::builder("x", NS).attr("type", FormKind::Submit.as_str());
        Ok(form.children(self.fields.iter().filter_map(write)))
    }
}

/// A field as it is submitted; a yes or no that must be answered is answered.
fn write(field: &Field) -> Option<ElementBuilder> {
    let kind = match field.kind {
        // The only kind that receivers need to be told, and only of this field (XEP-0068 §3.1).
        FieldKind::Hidden if field.var == FORM_TYPE => Some(FieldKind::Hidden.as_str()),
        _ => None,
    };
    let mut values = field.values.clone();
    if values.is_empty() && field.kind == FieldKind::Boolean && field.required {
        values = false.into_values();
    }
    if values.is_empty() {
        return None;
    }
    let values = values
        .into_iter()
        .map(|value| Element::builder("value", NS).text(value));
    let element = Element::builder("field", NS)
        .attr("var", &field.var)
        .attr_opt("type", kind);
    Some(element.children(values))
}

/// The values as the field takes them.
fn fit(field: &Field, values: Vec<String>) -> Result<Vec<String>, FormError> {
    let var = || field.var.clone();
    if !field.kind.is_multi() && values.len() > 1 {
        return Err(FormError::OneValueOnly { var: var() });
    }
    match field.kind {
        FieldKind::Fixed => Err(FormError::NotAnswerable { var: var() }),
        FieldKind::Hidden if field.var == FORM_TYPE => Err(FormError::NotAnswerable { var: var() }),
        FieldKind::Hidden => Ok(values),
        FieldKind::TextSingle | FieldKind::TextPrivate => {
            if values.iter().any(|value| value.contains(['\n', '\r'])) {
                return Err(FormError::OneLineOnly { var: var() });
            }
            Ok(values)
        }
        FieldKind::TextMulti => Ok(values.iter().flat_map(|text| lines(text)).collect()),
        FieldKind::Boolean => values
            .iter()
            .map(|value| parse_bool(value).ok_or_else(|| FormError::NotBoolean { var: var() }))
            .map(|answer| answer.map(|answer| answer.into_values().concat()))
            .collect(),
        FieldKind::JidSingle | FieldKind::JidMulti => addresses(field, &values),
        FieldKind::ListSingle | FieldKind::ListMulti => choice(field, values),
    }
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn addresses(field: &Field, values: &[String]) -> Result<Vec<String>, FormError> {
    let mut addresses: Vec<String> = Vec::new();
    for value in values {
        let jid = Jid::new(value.trim()).map_err(|source| FormError::NotAddress {
            var: field.var.clone(),
            source,
        })?;
        if !addresses.iter().any(|known| known == jid.as_str()) {
            addresses.push(jid.to_string());
        }
    }
    Ok(addresses)
}

fn choice(field: &Field, mut values: Vec<String>) -> Result<Vec<String>, FormError> {
    let place = |value: &String| {
        let mut options = field.options.iter();
        options.position(|option| option.value == *value)
    };
    if !field.open && values.iter().any(|value| place(value).is_none()) {
        let var = field.var.clone();
        return Err(FormError::NotOffered { var });
    }
    // What was not offered comes last.
    values.sort_by_key(|value| place(value).unwrap_or(usize::MAX));
    values.dedup();
    Ok(values)
}
