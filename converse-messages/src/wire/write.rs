//! What is sent.

use converse_core::ns;
use converse_core::xml::{Element, ElementBuilder};
use jid::Jid;

use super::attachment;
use crate::model::{ChatState, Hint, Message, MessageId, MessageKind, Reference, Reply};

/// What those read who know no retractions (XEP-0424 §3).
const RETRACTED: &str = "/me retracted a previous message, but it's unsupported by your client.";

/// A message of a chat or room, with its id in both places (XEP-0359 §3.2).
pub fn message(to: &Jid, message: &Message, hints: &[Hint]) -> ElementBuilder {
    let id = message.id.as_ref().map(MessageId::as_str);
    let text = |name, text: &str| Element::builder(name, ns::CLIENT).text(text.to_owned());
    let subject = message.subject.as_deref();
    let mut stanza = Element::builder("message", ns::CLIENT)
        .attr("to", to.as_str())
        .attr("type", message.kind.as_str())
        .attr_opt("id", id)
        .child_opt(subject.map(|subject| text("subject", subject)));
    if !message.body.is_empty() {
        stanza = stanza.child(text("body", &message.body));
    } else if let Some(file) = message.attachments.first() {
        // XEP-0447 §3.1: the address is all that there is to say for those who know no file sharing.
        let fallback = Element::builder("fallback", ns::FALLBACK)
            .attr("for", ns::FILE_SHARING)
            .child(Element::builder("body", ns::FALLBACK));
        stanza = stanza.child(text("body", file.url())).child(fallback);
    }
    stanza = stanza
        .child_opt(id.map(|id| Element::builder("origin-id", ns::SID).attr("id", id.to_owned())));
    if let Some(original) = &message.replaces {
        let replace = Element::builder("replace", ns::CORRECTION);
        stanza = stanza.child(replace.attr("id", original.as_str()));
    }
    stanza = stanza
        .child_opt(message.reply_to.as_ref().map(reply))
        .children(message.references.iter().map(reference));
    for file in &message.attachments {
        stanza = attachment::write(stanza, file);
    }
    if message.unstyled {
        stanza = stanza.child(Element::builder("unstyled", ns::STYLING));
    }
    stanza.children(hints.iter().map(|hint| match hint {
        // XEP-0334 §4.3 has the hint only for full addresses.
        Hint::NoCopy => Element::builder("private", ns::CARBONS),
        hint => Element::builder(hint.as_str(), ns::HINTS),
    }))
}

fn reply(reply: &Reply) -> ElementBuilder {
    Element::builder("reply", ns::REPLY)
        .attr_opt("to", reply.to.as_ref().map(|to| to.as_str().to_owned()))
        .attr("id", reply.id.clone())
}

fn reference(reference: &Reference) -> ElementBuilder {
    let range = reference.range.as_ref();
    Element::builder("reference", ns::REFERENCE)
        .attr("type", reference.kind.as_str())
        .attr("uri", reference.uri.clone())
        .attr_opt("begin", range.map(|range| range.start.to_string()))
        .attr_opt("end", range.map(|range| range.end.to_string()))
}

/// Asks to forget a message (XEP-0424 §3).
pub fn retraction(to: &Jid, kind: MessageKind, id: &MessageId, original: &str) -> ElementBuilder {
    about(to, kind, id)
        .child(Element::builder("body", ns::CLIENT).text(RETRACTED))
        .child(Element::builder("retract", ns::RETRACTION).attr("id", original.to_owned()))
        .child(Element::builder("fallback", ns::FALLBACK).attr("for", ns::RETRACTION))
        .child(Element::builder("store", ns::HINTS))
}

/// All that the user reacts with to a message (XEP-0444 §3).
pub fn reactions(
    to: &Jid,
    kind: MessageKind,
    id: &MessageId,
    original: &str,
    emojis: &[String],
) -> ElementBuilder {
    let reactions = Element::builder("reactions", ns::REACTIONS)
        .attr("id", original.to_owned())
        .children(
            emojis
                .iter()
                .map(|emoji| Element::builder("reaction", ns::REACTIONS).text(emoji.clone())),
        );
    about(to, kind, id)
        .child(reactions)
        .child(Element::builder("store", ns::HINTS))
}

/// A stanza that concerns a message that was sent before.
fn about(to: &Jid, kind: MessageKind, id: &MessageId) -> ElementBuilder {
    Element::builder("message", ns::CLIENT)
        .attr("to", to.as_str())
        .attr("type", kind.as_str())
        .attr("id", id.as_str())
        .child(Element::builder("origin-id", ns::SID).attr("id", id.as_str()))
}

/// The state of who writes a message.
pub fn active() -> ElementBuilder {
    Element::builder(ChatState::Active.as_str(), ns::CHAT_STATES)
}

/// A chat state on its own, which nobody needs to store (XEP-0085 §5.5).
pub fn chat_state(to: &Jid, kind: MessageKind, state: ChatState) -> ElementBuilder {
    Element::builder("message", ns::CLIENT)
        .attr("to", to.as_str())
        .attr("type", kind.as_str())
        .child(Element::builder(state.as_str(), ns::CHAT_STATES))
        .child(Element::builder("no-store", ns::HINTS))
}
