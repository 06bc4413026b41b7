//! The same documents through another parser: `rxml` for the grammar, and a resolver for
//! namespaces that is as simple as can be.

use std::collections::{BTreeMap, HashMap};

use converse_core::xml::{ElementRef, Node};
use rxml::parser::{Parse, RawEvent, RawParser, RawQName, WithOptions};

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// An element with everything in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) ns: String,
    pub(crate) name: String,
    pub(crate) attrs: BTreeMap<(String, String), String>,
    pub(crate) children: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(String),
    Tree(Tree),
}

impl Tree {
    /// Adds text, joined with the text before it.
    pub(crate) fn push_text(&mut self, text: &str) {
        match self.children.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Text(before)) => before.push_str(text),
            _ => self.children.push(Part::Text(text.to_owned())),
        }
    }
}

pub(crate) fn tree(element: ElementRef<'_>) -> Tree {
    let mut tree = Tree {
        ns: element.ns().to_owned(),
        name: element.name().to_owned(),
        attrs: element
            .attrs()
            .map(|a| {
                (
                    (a.ns().to_owned(), a.name().to_owned()),
                    a.value().into_owned(),
                )
            })
            .collect(),
        children: Vec::new(),
    };
    for node in element.nodes() {
        match node {
            Node::Text(text) => tree.push_text(&text),
            Node::Element(child) => tree.children.push(Part::Tree(self::tree(child))),
        }
    }
    tree
}

/// Where `rxml` is known to be wrong or stricter than XML 1.0.
pub(crate) fn is_beyond(text: &str) -> bool {
    let mut references = text.split('&').skip(1);
    let long = references.any(|rest| rest.find(';').is_some_and(|at| at > 7));
    // U+FDF0 to U+FFFD may stand in names since the fifth edition of XML 1.0.
    long || text.chars().any(|c| ('\u{fdf0}'..='\u{fffd}').contains(&c))
}

/// What `rxml` reads, with the constraints of Namespaces in XML 1.0 upon it.
pub(crate) fn theirs(text: &str) -> Option<Tree> {
    // XML 1.0 §2.11 puts this before anything else; `rxml` does it on the way and stumbles over
    // `]` before it and characters beyond ASCII after it.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_matches([' ', '\t', '\n']);
    if text.starts_with("<?") {
        return None;
    }
    let options = rxml::Options {
        max_token_length: 1 << 16,
        ..rxml::Options::default()
    };
    let mut parser = RawParser::with_options(options);
    let mut input = text.as_bytes();
    let mut scopes: Vec<HashMap<String, String>> = vec![HashMap::from([
        (String::new(), "jabber:client".to_owned()),
        ("xml".to_owned(), XML.to_owned()),
    ])];
    let mut open: Vec<Tree> = Vec::new();
    let mut tag: Option<(RawQName, Vec<(RawQName, String)>)> = None;
    let mut root = None;
    loop {
        match parser.parse(&mut input, true).ok()? {
            None => return root,
            Some(RawEvent::XmlDeclaration(..)) => return None,
            Some(RawEvent::ElementHeadOpen(_, name)) => tag = Some((name, Vec::new())),
            Some(RawEvent::Attribute(_, name, value)) => tag.as_mut()?.1.push((name, value)),
            Some(RawEvent::ElementHeadClose(_)) => {
                let (name, attrs) = tag.take()?;
                scopes.push(declarations(&attrs, scopes.last()?)?);
                open.push(resolve(&name, attrs, scopes.last()?)?);
            }
            Some(RawEvent::Text(_, text)) => open.last_mut()?.push_text(&text),
            Some(RawEvent::ElementFoot(_)) => {
                scopes.pop();
                let closed = open.pop()?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(Part::Tree(closed)),
                    None => root = Some(closed),
                }
            }
        }
    }
}

fn is_declaration(name: &RawQName) -> bool {
    match &name.0 {
        Some(prefix) => prefix == "xmlns",
        None => name.1 == "xmlns",
    }
}

fn declarations(
    attrs: &[(RawQName, String)],
    around: &HashMap<String, String>,
) -> Option<HashMap<String, String>> {
    let mut scope = around.clone();
    let mut seen = Vec::new();
    for (name, value) in attrs.iter().filter(|(name, _)| is_declaration(name)) {
        let prefix = if name.0.is_some() {
            name.1.to_string()
        } else {
            String::new()
        };
        let allowed = match prefix.as_str() {
            "xmlns" => false,
            "xml" => value == XML,
            "" => value != XML && value != XMLNS,
            _ => value != XML && value != XMLNS && !value.is_empty(),
        };
        if !allowed || seen.contains(&prefix) {
            return None;
        }
        seen.push(prefix.clone());
        scope.insert(prefix, value.clone());
    }
    Some(scope)
}

fn resolve(
    name: &RawQName,
    attrs: Vec<(RawQName, String)>,
    scope: &HashMap<String, String>,
) -> Option<Tree> {
    let prefix = name.0.as_ref().map_or("", |prefix| prefix.as_str());
    let mut tree = Tree {
        ns: scope.get(prefix)?.clone(),
        name: name.1.to_string(),
        ..Tree::default()
    };
    for (name, value) in attrs {
        if is_declaration(&name) {
            continue;
        }
        let ns = match &name.0 {
            Some(prefix) => scope.get(prefix.as_str())?.clone(),
            None => String::new(),
        };
        let twice = tree.attrs.insert((ns, name.1.to_string()), value);
        if twice.is_some() {
            return None;
        }
    }
    Some(tree)
}
