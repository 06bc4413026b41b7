//! The own presence as a stanza.

use converse_core::ns;
use converse_core::xml::{Element, XmlError};

use crate::model::Presence;

/// The presence for everybody who sees the user (RFC 6121 §4.2, §4.4, §4.5).
///
/// # Errors
///
/// The text has characters that XML cannot carry.
pub(crate) fn presence(presence: &Presence, priority: i8) -> Result<Element, XmlError> {
    let Presence { status, message } = presence;
    let child = |name: &'static str, text: &str| Element::builder(name, ns::CLIENT).text(text);
    let mut stanza = Element::builder("presence", ns::CLIENT)
        .child_opt(status.show().map(|show| child("show", show)))
        .child_opt(message.as_ref().map(|message| child("status", message)));
    if !status.is_available() {
        stanza = stanza.attr("type", "unavailable");
    } else if priority != 0 {
        stanza = stanza.child(child("priority", &priority.to_string()));
    }
    stanza.build()
}

#[cfg(test)]
mod tests {
    use super::presence;
    use crate::model::{Presence, Status};

    fn xml(status: Status, message: Option<&str>, priority: i8) -> String {
        let own = Presence {
            status,
            message: message.map(ToOwned::to_owned),
        };
        presence(&own, priority).map_or_else(|error| error.to_string(), |element| element.to_xml())
    }

    #[test]
    fn a_status_has_one_form_on_the_wire() {
        let own = "<presence xmlns='jabber:client'";
        assert_eq!(xml(Status::Online, None, 0), format!("{own}/>"));
        assert_eq!(
            xml(Status::Dnd, Some("a<b"), -5),
            format!(
                "{own}><show>dnd</show><status>a&lt;b</status><priority>-5</priority></presence>"
            )
        );
        let gone = format!("{own} type='unavailable'/>");
        assert_eq!(xml(Status::Offline, None, 3), gone);
        assert_eq!(xml(Status::Unavailable, None, 3), gone);
        let own = Presence {
            status: Status::Online,
            message: Some("\u{0}".to_owned()),
        };
        assert!(presence(&own, 0).is_err());
    }
}
