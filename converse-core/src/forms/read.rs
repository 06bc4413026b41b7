//! From elements to forms.

use crate::xml::ElementRef;

use super::{Field, FieldKind, FieldOption, Form, FormError, FormKind, Media, NS, Row};

/// The limits: honest forms are far below.
const MAX_FIELDS: usize = 1_000;
const MAX_VALUES: usize = 10_000;
const MAX_OPTIONS: usize = 10_000;
const MAX_ROWS: usize = 10_000;
const MAX_INSTRUCTIONS: usize = 100;
const MAX_MEDIA: usize = 16;
/// How much of an unknown type is told, in characters.
const TYPE_SHOWN: usize = 64;

/// Hints at what an answer may be (XEP-0122).
const VALIDATE: &str = "http://jabber.org/protocol/xdata-validate";
/// Pictures and sounds (XEP-0221).
const MEDIA: &str = "urn:xmpp:media-element";

pub(super) fn form(element: ElementRef<'_>) -> Result<Form, FormError> {
    if !element.is("x", NS) {
        return Err(FormError::NotAForm);
    }
    // The attribute must be there; a form that lacks it can only be one to fill out.
    let kind = match element.attr("type") {
        None => FormKind::Form,
        Some(name) => FormKind::from_name(&name).ok_or_else(|| FormError::UnknownType {
            type_: name.chars().take(TYPE_SHOWN).collect(),
        })?,
    };
    let columns = match element.child("reported", NS) {
        Some(reported) => fields(reported, &[])?,
        None => Vec::new(),
    };
    let mut rows = Vec::new();
    for item in element.children_named("item", NS) {
        let cells = fields(item, &columns)?;
        push(&mut rows, Row { cells }, MAX_ROWS, "rows")?;
    }
    let mut instructions = Vec::new();
    for paragraph in element.children_named("instructions", NS) {
        let text = paragraph.text().trim().to_owned();
        push(&mut instructions, text, MAX_INSTRUCTIONS, "instructions")?;
    }
    Ok(Form {
        kind,
        title: text(element, "title"),
        instructions,
        fields: fields(element, &[])?,
        columns,
        rows,
    })
}

/// The fields inside `parent`; what they do not say of their kind, the columns may.
fn fields(parent: ElementRef<'_>, columns: &[Field]) -> Result<Vec<Field>, FormError> {
    let mut fields = Vec::new();
    for element in parent.children_named("field", NS) {
        let field = field(element, columns)?;
        if field.var.is_empty() && field.kind != FieldKind::Fixed {
            tracing::debug!(kind = ?field.kind, "a field of a data form has no name; it is left out");
            continue;
        }
        push(&mut fields, field, MAX_FIELDS, "fields")?;
    }
    Ok(fields)
}

fn field(element: ElementRef<'_>, columns: &[Field]) -> Result<Field, FormError> {
    let attr = |name| element.attr(name).map(|value| value.into_owned());
    let var = attr("var").unwrap_or_default();
    let column = || columns.iter().find(|column| column.var == var);
    let kind = match element.attr("type") {
        Some(name) => FieldKind::from_name(&name).unwrap_or_default(),
        None => column().map(|column| column.kind).unwrap_or_default(),
    };
    let mut values = Vec::new();
    for value in element.children_named("value", NS) {
        push(&mut values, value.text().into_owned(), MAX_VALUES, "values")?;
    }
    let mut options = Vec::new();
    for option in element.children_named("option", NS) {
        let Some(value) = option.child_text("value", NS) else {
            continue;
        };
        let option = FieldOption {
            value: value.into_owned(),
            label: option.attr("label").map(|label| label.into_owned()),
        };
        push(&mut options, option, MAX_OPTIONS, "options")?;
    }
    let validate = element.child("validate", VALIDATE);
    Ok(Field {
        kind,
        label: attr("label").filter(|label| !label.is_empty()),
        description: text(element, "desc"),
        required: element.child("required", NS).is_some(),
        values,
        options,
        open: validate.is_some_and(|validate| validate.child("open", VALIDATE).is_some()),
        media: media(element),
        var,
    })
}

fn media(field: ElementRef<'_>) -> Vec<Media> {
    let media = field.children_named("media", MEDIA);
    let uris = media.flat_map(|media| media.children_named("uri", MEDIA));
    uris.map(|uri| Media {
        uri: uri.text().trim().to_owned(),
        type_: uri
            .attr("type")
            .map(|type_| type_.into_owned())
            .unwrap_or_default(),
    })
    .take(MAX_MEDIA)
    .collect()
}

fn text(parent: ElementRef<'_>, name: &str) -> Option<String> {
    let text = parent.child_text(name, NS)?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn push<T>(list: &mut Vec<T>, item: T, most: usize, what: &'static str) -> Result<(), FormError> {
    if list.len() >= most {
        return Err(FormError::TooMany { what, most });
    }
    list.push(item);
    Ok(())
}
