//! Preferences as elements.

use converse_core::router::Stanza;
use converse_core::xml::{Element, ElementBuilder};
use jid::Jid;

use crate::error::ArchiveError;
use crate::model::Preferences;
use crate::ns;

/// There are no preferences where they were asked for.
pub(crate) const MISSING: ArchiveError = unreadable("there is no `prefs` in it");

const fn unreadable(why: &'static str) -> ArchiveError {
    ArchiveError::Unreadable {
        what: "archive.preferences",
        why,
    }
}

/// Asks for the preferences (XEP-0441 §2.1).
pub(crate) fn request() -> ElementBuilder {
    Element::builder("iq", converse_core::ns::CLIENT)
        .attr("type", "get")
        .child(Element::builder("prefs", ns::MAM))
}

/// Sets the preferences (XEP-0441 §2.1).
pub(crate) fn change(preferences: &Preferences) -> ElementBuilder {
    let list = |name: &'static str, jids: &[Jid]| {
        let jids = jids
            .iter()
            .map(|jid| Element::builder("jid", ns::MAM).text(jid.to_string()));
        Element::builder(name, ns::MAM).children(jids)
    };
    let prefs = Element::builder("prefs", ns::MAM)
        .attr("default", preferences.default.as_str())
        .child(list("always", &preferences.always))
        .child(list("never", &preferences.never));
    Element::builder("iq", converse_core::ns::CLIENT)
        .attr("type", "set")
        .child(prefs)
}

/// The preferences in an answer; some servers answer a change without any.
///
/// # Errors
///
/// What cannot be read. Nothing is left out: who sets what they read would make the server forget it.
pub(crate) fn read(answer: &Stanza) -> Result<Option<Preferences>, ArchiveError> {
    let Some(prefs) = answer.child("prefs", ns::MAM) else {
        return Ok(None);
    };
    let default = prefs.attr("default").and_then(|text| text.parse().ok());
    let list = |name| {
        let list = prefs.child(name, ns::MAM);
        let jids = list
            .iter()
            .flat_map(|list| list.children_named("jid", ns::MAM));
        let jids: Result<Vec<Jid>, _> = jids.map(|jid| Jid::new(jid.text().trim())).collect();
        jids.map_err(|_| unreadable("there is something on its lists that is no JID"))
    };
    let mut all = Preferences::new(
        default.ok_or_else(|| unreadable("its default is neither always, never nor roster"))?,
    );
    all.always = list("always")?;
    all.never = list("never")?;
    Ok(Some(all))
}
