//! vCards (XEP-0054), and pictures that are the same whichever way they came (XEP-0084, XEP-0153, XEP-0398).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jid::BareJid;
use ring::digest;
use xmpp_parsers::minidom::Element;
use xmpp_parsers::ns;
use xmpp_parsers::stanza_error::DefinedCondition;

use super::dom::{Dom, Refusal, name, result, size};
use super::iq::Answer;
use super::state::{SessionId, State};

/// Says that pictures are converted (XEP-0398 §2).
pub(super) const CONVERSION: &str = "urn:xmpp:pep-vcard-conversion:0";

/// A picture with its type.
struct Picture {
    bytes: Vec<u8>,
    kind: Option<String>,
}

impl Picture {
    /// The picture in a vCard, if there is one that can be read.
    fn of(vcard: &Element) -> Option<Self> {
        let photo = vcard.get_child("PHOTO", ns::VCARD)?;
        let bytes = decode(&photo.get_child("BINVAL", ns::VCARD)?.text())?;
        let kind = photo.get_child("TYPE", ns::VCARD).map(Element::text);
        Some(Self { bytes, kind })
    }

    /// The SHA-1 of the bytes, as XEP-0084 and XEP-0153 write it.
    fn id(&self) -> String {
        let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.bytes);
        hash.as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

impl State {
    /// The vCard of an account (XEP-0054 §3.1).
    pub(super) fn vcard(&self, owner: &BareJid, iq: &Element) -> Answer {
        let vcard = self
            .accounts
            .get(owner)
            .and_then(|account| account.vcard.clone());
        let vcard = vcard.ok_or(DefinedCondition::ItemNotFound)?;
        Ok(Some(result(iq).holding(vcard)))
    }

    /// A client changes its vCard (XEP-0054 §3.2), and with it its picture.
    pub(super) fn set_vcard(&mut self, owner: &BareJid, vcard: &Element) -> Result<(), Refusal> {
        if size(vcard) > self.config.limits.published_bytes {
            return Err(DefinedCondition::ResourceConstraint.into());
        }
        let account = self.accounts.get_mut(owner);
        let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
        let before = account.photo();
        account.vcard = Some(vcard.clone());
        let after = account.photo();
        if before == after || !self.config.conversion {
            return Ok(());
        }
        if let Some(picture) = Picture::of(vcard) {
            self.publish_picture(owner, &picture)?;
        }
        self.show_photo(owner);
        Ok(())
    }

    /// From the vCard to personal eventing (XEP-0398 §3.2).
    fn publish_picture(&mut self, owner: &BareJid, picture: &Picture) -> Result<(), Refusal> {
        let id = picture.id();
        let data = Element::bare("data", ns::AVATAR_DATA).saying(&BASE64.encode(&picture.bytes));
        let mut info = Element::bare("info", ns::AVATAR_METADATA)
            .with(name::BYTES, &picture.bytes.len().to_string())
            .with(name::ID, &id);
        if let Some(kind) = &picture.kind {
            info.put(name::TYPE, kind);
        }
        let metadata = Element::bare("metadata", ns::AVATAR_METADATA).holding(info);
        for (node, payload) in [(ns::AVATAR_DATA, data), (ns::AVATAR_METADATA, metadata)] {
            let limits = &self.config.limits;
            let account = self.accounts.get_mut(owner);
            let account = account.ok_or(DefinedCondition::ServiceUnavailable)?;
            if !account.nodes.ensure(node, limits) {
                return Err(DefinedCondition::ResourceConstraint.into());
            }
            self.put_item(owner, node, &id, payload)?;
        }
        Ok(())
    }

    /// From personal eventing to the vCard (XEP-0398 §3.1): a client has published what its picture is.
    pub(super) fn avatar_published(&mut self, owner: &BareJid, metadata: &Element) {
        if !self.config.conversion {
            return;
        }
        let Some(account) = self.accounts.get_mut(owner) else {
            return;
        };
        let mut infos = metadata.children();
        let info = infos
            .find(|child| child.is("info", ns::AVATAR_METADATA) && child.attr("url").is_none());
        let mut vcard = account.vcard.clone();
        let picture = info.and_then(|info| {
            let data = account.nodes.payload(ns::AVATAR_DATA, info.attr("id")?)?;
            let kind = info.kind().map(str::to_owned);
            let bytes = decode(&data.text())?;
            let picture = Picture { bytes, kind };
            (info.attr("id") == Some(picture.id().as_str())).then_some(picture)
        });
        if info.is_some() && picture.is_none() {
            // What is not what it says it is is no picture.
            return;
        }
        let before = account.photo();
        let card = vcard.get_or_insert_with(|| Element::bare("vCard", ns::VCARD));
        while card.remove_child("PHOTO", ns::VCARD).is_some() {}
        if let Some(picture) = picture {
            let field = |name: &str, text: &str| Element::bare(name, ns::VCARD).saying(text);
            let mut photo = Element::bare("PHOTO", ns::VCARD);
            if let Some(kind) = &picture.kind {
                photo.append_child(field("TYPE", kind));
            }
            photo.append_child(field("BINVAL", &BASE64.encode(&picture.bytes)));
            card.append_child(photo);
        }
        account.vcard = vcard;
        if before != account.photo() {
            self.show_photo(owner);
        }
    }

    /// Puts the hash of the account's picture into a presence (XEP-0398 §4), unless the client says that it has none to show.
    /// A picture that is gone is not shown any more.
    pub(super) fn stamp_photo(&self, id: SessionId, presence: &mut Element) {
        if !self.config.conversion {
            return;
        }
        let account = self.bare(id).and_then(|own| self.accounts.get(&own));
        let photo = account.and_then(|account| account.photo());
        let update = presence.get_child("x", ns::VCARD_UPDATE);
        let shown = update.and_then(|update| update.get_child("photo", ns::VCARD_UPDATE));
        let is_stale = match (shown, &photo) {
            (Some(shown), _) if shown.text().is_empty() => false,
            (Some(_), None) => true,
            (_, photo) => photo.is_some(),
        };
        if !is_stale {
            return;
        }
        presence.remove_child("x", ns::VCARD_UPDATE);
        let shown =
            Element::bare("photo", ns::VCARD_UPDATE).saying(photo.as_deref().unwrap_or_default());
        presence.append_child(Element::bare("x", ns::VCARD_UPDATE).holding(shown));
    }

    /// Shows the presence of an account's resources again, as their picture is another one.
    fn show_photo(&mut self, owner: &BareJid) {
        for id in self.available(owner) {
            let presence = self
                .sessions
                .get(&id)
                .and_then(|session| session.presence.clone());
            let Some(mut presence) = presence else {
                continue;
            };
            self.stamp_photo(id, &mut presence);
            if let Some(session) = self.sessions.get_mut(&id) {
                session.presence = Some(presence.clone());
            }
            self.broadcast(owner, &presence);
        }
    }
}

impl super::state::Account {
    /// The hash of the picture.
    fn photo(&self) -> Option<String> {
        Some(Picture::of(self.vcard.as_ref()?)?.id())
    }
}

/// Base64 as people break it into lines.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|char| !char.is_whitespace()).collect();
    let bytes = BASE64.decode(text).ok()?;
    Some(bytes).filter(|bytes| !bytes.is_empty())
}
