//! From the index to the types of `xmpp-parsers` and any other that reads through `xso`.

use std::borrow::Cow;
use std::sync::Arc;

use rxml::parser::EventMetrics;
use rxml::{AttrMap, Event, Namespace, NcName, QName};
use xso::error::FromEventsError;
use xso::{Context, FromEventsBuilder, FromXml};

use super::document::Document;
use super::scope::{NsId, WELL_KNOWN};
use super::walk::{Step, Walk};
use super::{ElementRef, XmlError};
use crate::ns;

/// Reads a `T` from `root`.
pub(super) fn decode<T: FromXml>(root: ElementRef<'_>) -> Result<T, XmlError> {
    let failed = |source: xso::error::Error| XmlError::Decode {
        name: root.name().to_owned(),
        ns: root.ns().to_owned(),
        source: Arc::new(source),
    };
    let mut names = Names::new(root.document);
    let mut lang = root.lang();
    let (name, attrs) = names.start(root).map_err(failed)?;
    let context = Context::empty().with_language(lang.as_deref());
    let mut builder = match T::from_events(name, attrs, &context) {
        Ok(builder) => builder,
        Err(FromEventsError::Mismatch { .. }) => {
            return Err(XmlError::Unexpected {
                name: root.name().to_owned(),
                ns: root.ns().to_owned(),
            });
        }
        Err(FromEventsError::Invalid(source)) => return Err(failed(source)),
    };
    for step in Walk::new(root).skip(1) {
        let event = match step {
            Step::Start(element) => {
                if let Some(declared) = own_lang(element) {
                    lang = Some(declared);
                }
                let (name, attrs) = names.start(element).map_err(failed)?;
                Event::StartElement(EventMetrics::zero(), name, attrs)
            }
            Step::Text(text) => {
                let text = text.document.text(text.node).into_owned();
                Event::Text(EventMetrics::zero(), text)
            }
            Step::End(element) => {
                if own_lang(element).is_some() {
                    lang = element.parent().and_then(ElementRef::lang);
                }
                Event::EndElement(EventMetrics::zero())
            }
        };
        let context = Context::empty().with_language(lang.as_deref());
        if let Some(value) = builder.feed(event, &context).map_err(failed)? {
            return Ok(value);
        }
    }
    Err(failed(xso::error::Error::Other(
        "the element ended too early",
    )))
}

fn own_lang(element: ElementRef<'_>) -> Option<Cow<'_, str>> {
    element.attr_ns("lang", ns::XML)
}

/// Names in the form that `rxml` gives them; each namespace is made once.
struct Names<'a> {
    document: &'a Document,
    known: Vec<(NsId, Namespace<'static>)>,
}

impl<'a> Names<'a> {
    /// So many namespaces are remembered.
    const REMEMBERED: usize = 16;

    fn new(document: &'a Document) -> Self {
        Self {
            document,
            known: Vec::new(),
        }
    }

    fn start(&mut self, element: ElementRef<'_>) -> Result<(QName, AttrMap), xso::error::Error> {
        let ns = self.namespace(self.document.node(element.node).ns);
        let name = ncname(element.name())?;
        let mut attrs = AttrMap::new();
        for entry in self.document.attrs(element.node) {
            let name = ncname(self.document.slice(entry.local, entry.name_end))?;
            let value = self.document.attr_value(entry).into_owned();
            attrs.insert(self.namespace(entry.ns), name, value);
        }
        Ok(((ns, name), attrs))
    }

    fn namespace(&mut self, id: NsId) -> Namespace<'static> {
        if let Some(name) = WELL_KNOWN.get(id.0 as usize) {
            return Namespace::from_str(name);
        }
        if let Some((_, known)) = self.known.iter().find(|(known, _)| *known == id) {
            return known.clone();
        }
        let made = Namespace::from(self.document.ns(id).to_owned());
        if self.known.len() < Self::REMEMBERED {
            self.known.push((id, made.clone()));
        }
        made
    }
}

fn ncname(name: &str) -> Result<NcName, xso::error::Error> {
    NcName::try_from(name).map_err(|error| xso::error::Error::TextParseError(Box::new(error)))
}
