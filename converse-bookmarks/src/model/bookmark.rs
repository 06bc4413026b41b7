//! One bookmark.

use converse_core::settings::Secret;
use converse_core::xml::Element;
use jid::BareJid;
use serde::{Serialize, Serializer};

/// A room that the user has put down (XEP-0402 §3).
///
/// ```
/// use converse_bookmarks::Bookmark;
///
/// let play = Bookmark::new("theplay@conference.shakespeare.example".parse()?)
///     .name("The Play's the Thing")
///     .nick("JC")
///     .autojoin(true);
/// assert_eq!(play.name.as_deref(), Some("The Play's the Thing"));
/// assert!(play.password.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Bookmark {
    /// The room.
    pub jid: BareJid,
    /// What the user calls it.
    pub name: Option<String>,
    /// Whether the room is entered at the start of each session, and by every client when this becomes so.
    pub autojoin: bool,
    /// The nick to enter it with.
    pub nick: Option<String>,
    /// Its password, which is on the server as it is here; what is serialised is without it.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// What other clients have added, in namespaces of their own; by name it is their XML.
    #[serde(serialize_with = "as_xml")]
    pub extensions: Vec<Element>,
}

impl Bookmark {
    /// A bookmark of `jid` that says nothing else: the room is not entered by itself.
    #[must_use]
    pub fn new(jid: BareJid) -> Self {
        Self {
            jid,
            name: None,
            autojoin: false,
            nick: None,
            password: None,
            extensions: Vec::new(),
        }
    }

    /// The same with what the user calls the room.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same with whether the room is entered by itself.
    #[must_use]
    pub fn autojoin(mut self, autojoin: bool) -> Self {
        self.autojoin = autojoin;
        self
    }

    /// The same with the nick to enter the room with.
    #[must_use]
    pub fn nick(mut self, nick: impl Into<String>) -> Self {
        self.nick = Some(nick.into());
        self
    }

    /// The same with the room's password.
    #[must_use]
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The same with one more extension, in place of one of the same name and namespace.
    #[must_use]
    pub fn extension(mut self, extension: Element) -> Self {
        let (name, ns) = (extension.name(), extension.ns());
        self.extensions.retain(|known| !known.is(name, ns));
        self.extensions.push(extension);
        self
    }

    /// This bookmark, with what it does not say taken from `stored`.
    pub(crate) fn over(self, stored: Option<Self>) -> Self {
        let Some(stored) = stored else {
            return self;
        };
        let Self {
            jid,
            name,
            autojoin,
            nick,
            password,
            extensions,
        } = self;
        let mut result = Self {
            jid,
            name: name.or(stored.name),
            autojoin,
            nick: nick.or(stored.nick),
            password: password.or(stored.password),
            extensions: stored.extensions,
        };
        for extension in extensions {
            result = result.extension(extension);
        }
        result
    }

    /// Whether both say the same, as far as every form of bookmarks can say it.
    pub(crate) fn agrees_with(&self, other: &Self) -> bool {
        self.jid == other.jid
            && self.name == other.name
            && self.autojoin == other.autojoin
            && self.nick == other.nick
            && self.password == other.password
    }
}

fn as_xml<S: Serializer>(elements: &[Element], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(elements.iter().map(Element::to_xml))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use converse_core::xml::Element;

    use super::Bookmark;

    fn state(value: &str) -> Element {
        let xml = format!("<state xmlns='http://myclient.example/state' is='{value}'/>");
        Element::parse(&xml).unwrap()
    }

    #[test]
    fn what_is_not_said_stays() {
        let other = Element::parse("<other xmlns='urn:example:other'/>").unwrap();
        let room = Bookmark::new("garden@rooms.example".parse().unwrap());
        let stored = room
            .clone()
            .name("Garden")
            .nick("Ro")
            .password("rose")
            .autojoin(true)
            .extension(state("old"))
            .extension(other.clone());
        let news = room.name("The garden").extension(state("new"));
        let result = news.clone().over(Some(stored));
        assert_eq!(result.name.as_deref(), Some("The garden"));
        assert_eq!(result.nick.as_deref(), Some("Ro"));
        assert_eq!(result.password.as_ref().unwrap().expose(), "rose");
        assert!(!result.autojoin);
        assert_eq!(result.extensions, [other, state("new")]);
        assert_eq!(news.clone().over(None), news);
    }

    #[test]
    fn a_password_is_not_shown() {
        let room = Bookmark::new("garden@rooms.example".parse().unwrap()).password("wherefore");
        assert!(!format!("{room:?}").contains("wherefore"));
        let json = serde_json::to_string(&room).unwrap();
        assert!(!json.contains("wherefore"), "{json}");
    }
}
