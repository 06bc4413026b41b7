//! A form as it was read.

use crate::xml::{Element, ElementBuilder, ElementRef};

use super::{FORM_TYPE, Field, FormError, NS, Submission};

/// What a form is for (XEP-0004 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormKind {
    /// To be filled out.
    Form,
    /// Filled out.
    Submit,
    /// Not to be filled out after all.
    Cancel,
    /// Data.
    Result,
}

impl FormKind {
    /// The attribute's value on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Submit => "submit",
            Self::Cancel => "cancel",
            Self::Result => "result",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Form, Self::Submit, Self::Cancel, Self::Result]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// A data form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Form {
    /// What it is for.
    pub kind: FormKind,
    /// Its title.
    pub title: Option<String>,
    /// What to do with it, in paragraphs.
    pub instructions: Vec<String>,
    /// Its fields, in the order in which they are to be shown; at most 1,000.
    pub fields: Vec<Field>,
    /// The columns of its table, if it has one (XEP-0004 §3.4).
    pub columns: Vec<Field>,
    /// The rows of its table; at most 10,000.
    pub rows: Vec<Row>,
}

/// A row of the table of a result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Its cells; of kinds that are not said here, but in the column.
    pub cells: Vec<Field>,
}

impl Row {
    /// The cell of a column.
    #[must_use]
    pub fn cell(&self, var: &str) -> Option<&Field> {
        self.cells.iter().find(|cell| cell.var == var)
    }

    /// The first value of a cell.
    #[must_use]
    pub fn value(&self, var: &str) -> Option<&str> {
        self.cell(var).and_then(Field::value)
    }
}

impl Form {
    /// Reads a form. A field that has no name costs itself only; kinds that are unknown are text.
    ///
    /// # Errors
    ///
    /// [`FormError::NotAForm`], [`FormError::UnknownType`], and [`FormError::TooMany`] for a form that nobody could fill out.
    pub fn read(element: ElementRef<'_>) -> Result<Self, FormError> {
        super::read::form(element)
    }

    /// The first form among the children of `parent`, if there is one that can be read.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn inside(parent: ElementRef<'_>) -> Result<Option<Self>, FormError> {
        parent.child("x", NS).map(Self::read).transpose()
    }

    /// A form to fill out, of fields that were asked for in another way.
    pub(crate) fn of_fields(fields: Vec<Field>) -> Self {
        Self {
            kind: FormKind::Form,
            title: None,
            instructions: Vec::new(),
            fields,
            columns: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The field of that name.
    #[must_use]
    pub fn field(&self, var: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.var == var)
    }

    /// The first value of the field of that name.
    #[must_use]
    pub fn value(&self, var: &str) -> Option<&str> {
        self.field(var).and_then(Field::value)
    }

    /// What the form is about (XEP-0068 §2). A field that is shown does not count, except in a submission, where kinds need
    /// not be said.
    #[must_use]
    pub fn form_type(&self) -> Option<&str> {
        let field = self.field(FORM_TYPE)?;
        let counts = field.kind == super::FieldKind::Hidden || self.kind == FormKind::Submit;
        field.value().filter(|_| counts)
    }

    /// Begins to fill it out, with what its fields hold already.
    #[must_use]
    pub fn fill(&self) -> Submission {
        Submission::of(self)
    }

    /// What says that it will not be filled out.
    pub fn cancel() -> ElementBuilder {
        Element::builder("x", NS).attr("type", FormKind::Cancel.as_str())
    }
}
