//! What an entity says about itself in a form (XEP-0128).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ns;
use crate::xml::{Element, ElementBuilder, ElementRef};

/// The field that names the kind of a form (XEP-0068).
pub(super) const FORM_TYPE: &str = "FORM_TYPE";

/// An extension of an answer: a form with values, of a kind that its `FORM_TYPE` names (XEP-0128).
///
/// ```
/// use converse_core::disco::Form;
///
/// let form = Form::new("urn:xmpp:dataforms:softwareinfo").with("software", ["Psi"]);
/// assert_eq!(form.value("software"), Some("Psi"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Form {
    /// The kind.
    pub form_type: String,
    /// The values of the other fields.
    pub fields: BTreeMap<String, Vec<String>>,
}

impl Form {
    /// An empty form of this kind.
    pub fn new(form_type: impl Into<String>) -> Self {
        Self {
            form_type: form_type.into(),
            fields: BTreeMap::new(),
        }
    }

    /// The same with a field, in place of the one of that name.
    #[must_use]
    pub fn with<S: Into<String>>(
        mut self,
        var: impl Into<String>,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        let var = var.into();
        if var != FORM_TYPE {
            let values = values.into_iter().map(Into::into).collect();
            self.fields.insert(var, values);
        }
        self
    }

    /// The first value of a field.
    #[must_use]
    pub fn value(&self, var: &str) -> Option<&str> {
        self.fields.get(var)?.first().map(String::as_str)
    }

    pub(super) fn to_element(&self) -> ElementBuilder {
        let field = |var: &str, values: &[String]| {
            let values = values
                .iter()
                .map(|value| Element::builder("value", ns::DATA_FORMS).text(value));
            Element::builder("field", ns::DATA_FORMS)
                .attr("var", var)
                .children(values)
        };
        let kind = std::slice::from_ref(&self.form_type);
        Element::builder("x", ns::DATA_FORMS)
            .attr("type", "result")
            .child(field(FORM_TYPE, kind).attr("type", "hidden"))
            .children(self.fields.iter().map(|(var, values)| field(var, values)))
    }
}

/// A form as it was read.
pub(super) struct Read {
    /// The form, unless it does not say of what kind it is: then it is passed over (XEP-0115 §5.4, rule 3.6).
    pub(super) form: Option<Form>,
    /// Why no hash can vouch for the answer that it is in.
    pub(super) flaw: Option<&'static str>,
}

/// Reads a form as XEP-0115 §5.4 does; what is wrong in it is left out.
pub(super) fn read(x: ElementRef<'_>, limit: usize) -> Read {
    let (mut form_type, mut hidden, mut flaw) = (None::<String>, false, None);
    let mut torn = None;
    let mut fields = BTreeMap::new();
    for child in x.children().filter(|child| child.ns() == ns::DATA_FORMS) {
        match child.name() {
            "field" => {}
            "reported" | "item" => {
                flaw = Some("it has a form with a table in it");
                continue;
            }
            _ => continue,
        }
        let Some(var) = child.attr("var") else {
            flaw = Some("it has a form with a field without a name");
            continue;
        };
        let values = child.children_named("value", ns::DATA_FORMS);
        let mut values = values.map(|value| value.text().into_owned());
        if var == FORM_TYPE {
            let Some(first) = values.next() else { continue };
            if form_type.is_some() || values.any(|value| value != first) {
                torn = Some("it has a form of more than one kind");
                continue;
            }
            hidden = child.attr("type").as_deref() == Some("hidden");
            form_type = Some(first);
        } else if fields.len() >= limit {
            flaw = Some("it has a form with too many fields");
        } else if fields.contains_key(var.as_ref()) {
            flaw = Some("it has a form with two fields of one name");
        } else {
            fields.insert(var.into_owned(), values.collect());
        }
    }
    let form = form_type.filter(|_| hidden);
    let form = form.map(|form_type| Form { form_type, fields });
    Read {
        flaw: torn.or(flaw.filter(|_| form.is_some())),
        form,
    }
}
