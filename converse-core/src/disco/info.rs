//! What others say about themselves (XEP-0030 §3).

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::form::{self, Form};
use crate::error::{Error, ErrorKind};
use crate::ns;
use crate::router::Stanza;
use crate::xml::{Element, ElementBuilder, ElementRef};

/// How many identities, features and forms of one entity are read; honest ones have far fewer.
const MAX_ENTRIES: usize = 1_000;
/// How many fields of a form are read.
const MAX_FIELDS: usize = 100;

/// What an entity is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// The category, as `conference` or `client`.
    pub category: String,
    /// The type within the category, as `text` or `pc`.
    pub type_: String,
    /// The language of the name.
    pub lang: Option<String>,
    /// A name for people.
    pub name: Option<String>,
}

impl Identity {
    /// An identity without a name.
    ///
    /// ```
    /// use converse_core::disco::Identity;
    ///
    /// let phone = Identity::new("client", "phone").named("Verona");
    /// assert_eq!(phone.name.as_deref(), Some("Verona"));
    /// ```
    pub fn new(category: impl Into<String>, type_: impl Into<String>) -> Self {
        Self {
            category: category.into(),
            type_: type_.into(),
            lang: None,
            name: None,
        }
    }

    /// The same with a name for people.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same with the language of the name.
    #[must_use]
    pub fn lang(mut self, lang: impl Into<String>) -> Self {
        self.lang = Some(lang.into());
        self
    }
}

/// The answer to a disco#info request.
///
/// ```
/// use converse_core::disco::Info;
/// use converse_core::router::Stanza;
///
/// let answer = Stanza::parse(
///     "<iq type='result' id='1'><query xmlns='http://jabber.org/protocol/disco#info'>\
///        <identity category='conference' type='text' name='Atrium'/>\
///        <feature var='http://jabber.org/protocol/muc'/></query></iq>",
/// )?;
/// let info = Info::from_answer(&answer)?;
/// assert!(info.has("http://jabber.org/protocol/muc"));
/// assert_eq!(info.name("conference"), Some("Atrium"));
/// # Ok::<(), converse_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Info {
    /// What the entity is; with features and forms at most 1,000 are read.
    pub identities: Vec<Identity>,
    /// The namespaces of what it can.
    pub features: BTreeSet<String>,
    /// What it says in forms (XEP-0128).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<Form>,
}

impl Info {
    /// Reads an answer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidResponse`] if it has no disco#info in it.
    pub fn from_answer(answer: &Stanza) -> Result<Self, Error> {
        let query = query_of(answer)?;
        Ok(read(query, Lang::Written).info)
    }

    /// Whether the entity has a feature.
    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }

    /// Whether the entity is of this category and type, as `pubsub` and `pep`.
    #[must_use]
    pub fn is(&self, category: &str, type_: &str) -> bool {
        let mut identities = self.identities.iter();
        identities.any(|identity| identity.category == category && identity.type_ == type_)
    }

    /// The name of the first identity of that category.
    #[must_use]
    pub fn name(&self, category: &str) -> Option<&str> {
        let identity = self
            .identities
            .iter()
            .find(|identity| identity.category == category)?;
        identity.name.as_deref()
    }

    /// The form of that kind.
    #[must_use]
    pub fn form(&self, form_type: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.form_type == form_type)
    }

    /// The `<query/>` that says this.
    pub(super) fn to_element(&self) -> ElementBuilder {
        let identities = self.identities.iter().map(|identity| {
            let element = Element::builder("identity", ns::DISCO_INFO)
                .attr("category", &identity.category)
                .attr("type", &identity.type_)
                .attr_opt("name", identity.name.as_ref());
            match &identity.lang {
                Some(lang) => element.lang(lang),
                None => element,
            }
        });
        let features = self
            .features
            .iter()
            .map(|feature| Element::builder("feature", ns::DISCO_INFO).attr("var", feature));
        Element::builder("query", ns::DISCO_INFO)
            .children(identities)
            .children(features)
            .children(self.forms.iter().map(Form::to_element))
    }
}

/// Which language an identity without one is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lang {
    /// None: what is written counts.
    Written,
    /// The one in force around it (XML 1.0 §2.12), as XEP-0390 §4.1 wants it.
    Inherited,
}

/// An answer, and whether a hash can vouch for it.
pub(super) struct Reading {
    pub(super) info: Info,
    /// What is wrong with the answer as a whole (XEP-0115 §5.4, rule 3; XEP-0390 §4.1).
    pub(super) flaw: Option<&'static str>,
    /// Whether there is something in it that only XEP-0390 refuses.
    pub(super) foreign: bool,
}

pub(super) fn query_of(answer: &Stanza) -> Result<ElementRef<'_>, Error> {
    answer.child("query", ns::DISCO_INFO).ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidResponse,
            "the answer to a disco#info request has none in it",
        )
    })
}

/// Reads a `<query/>`. What a hash does not cover is not in the result.
pub(super) fn read(query: ElementRef<'_>, lang: Lang) -> Reading {
    let mut reading = Reading {
        info: Info::default(),
        flaw: None,
        foreign: false,
    };
    let mut identities = HashSet::new();
    for (count, child) in query.children().enumerate() {
        if count >= MAX_ENTRIES {
            reading.flaw = Some("it has too many entries");
            break;
        }
        let flaw = match (child.name(), child.ns()) {
            ("identity", ns::DISCO_INFO) => {
                let identity = read_identity(child, lang);
                let known = !identities.insert(identity.clone());
                reading.info.identities.push(identity);
                known.then_some("it has an identity twice")
            }
            ("feature", ns::DISCO_INFO) => match child.attr("var") {
                Some(var) => {
                    let new = reading.info.features.insert(var.into_owned());
                    (!new).then_some("it has a feature twice")
                }
                None => Some("it has a feature without a name"),
            },
            ("x", ns::DATA_FORMS) => {
                let form::Read { form, flaw } = form::read(child, MAX_FIELDS);
                match form {
                    Some(form) if reading.info.form(&form.form_type).is_some() => {
                        Some("it has two forms of one kind")
                    }
                    Some(form) => {
                        reading.info.forms.push(form);
                        flaw
                    }
                    None => {
                        reading.foreign = true;
                        flaw
                    }
                }
            }
            _ => {
                reading.foreign = true;
                None
            }
        };
        reading.flaw = reading.flaw.or(flaw);
    }
    reading
}

fn read_identity(child: ElementRef<'_>, lang: Lang) -> Identity {
    let attr = |name| child.attr(name).map(|value| value.into_owned());
    let lang = match lang {
        Lang::Written => child.attr_ns("lang", ns::XML),
        Lang::Inherited => child.lang(),
    };
    Identity {
        category: attr("category").unwrap_or_default(),
        type_: attr("type").unwrap_or_default(),
        lang: lang
            .map(|lang| lang.into_owned())
            .filter(|lang| !lang.is_empty()),
        name: attr("name").filter(|name| !name.is_empty()),
    }
}
