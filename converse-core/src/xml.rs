//! XML as XMPP restricts it (RFC 6120 §11): framing, reading, typed views and writing.
//!
//! - [`Framer`] finds the complete top-level elements in the bytes of a stream, and refuses what a
//!   stream must not hold before anything is parsed.
//! - [`Element`] is the text of one stanza with a flat index of its nodes, made in one pass, cheap to
//!   clone and read through borrowed strings; [`ElementRef`] is a view of one element in it.
//! - [`Element::decode`] makes any type that derives [`xso::FromXml`] from a subtree, where somebody
//!   asks for it.
//! - [`ElementBuilder`] and [`to_xml`] write; what they write is always well-formed.
//!
//! Everything that comes from outside is bounded by [`Limits`], and what is wrong with it is an
//! [`XmlError`], which knows the stream error that it calls for.
//!
//! ```
//! use converse_core::xml::Element;
//!
//! let message = Element::parse("<message from='juliet@capulet.example'><body>O &lt;3</body></message>")?;
//! assert!(message.is("message", "jabber:client"));
//! assert_eq!(message.attr("from").as_deref(), Some("juliet@capulet.example"));
//! let body = message.child("body", "jabber:client").map(|body| body.text().into_owned());
//! assert_eq!(body.as_deref(), Some("O <3"));
//! # Ok::<(), converse_core::xml::XmlError>(())
//! ```

mod buffer;
mod builder;
mod chars;
mod content;
mod copy;
mod declaration;
mod decode;
mod document;
mod element;
mod encode;
mod error;
mod escape;
mod framer;
mod header;
mod index;
mod limits;
mod namespaces;
mod nodes;
mod scan;
mod scope;
mod tag;
mod unescape;
mod view;
mod walk;
mod write;

pub use builder::{Child, ElementBuilder};
pub use chars::{is_ncname, is_xml_char, is_xml_whitespace};
pub use element::Element;
pub use encode::to_xml;
pub use error::XmlError;
pub use escape::{escape_attr, escape_text};
pub use framer::{Frame, Framer};
pub use header::StreamHeader;
pub use limits::Limits;
pub use nodes::{Attribute, Attributes, Children, Node, Nodes};
pub use view::ElementRef;
