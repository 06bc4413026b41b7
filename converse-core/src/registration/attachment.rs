//! Pictures that come along with a form (XEP-0231).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;

use crate::xml::ElementRef;

const NS: &str = "urn:xmpp:bob";
/// How many are read, and how large each may be, in bytes; the XEP advises 8 KiB.
const MAX_ATTACHMENTS: usize = 8;
const MAX_BYTES: usize = 256 * 1024;

/// Data that came along with a form, such as the picture of a CAPTCHA (XEP-0158).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attachment {
    /// Its name; a field that shows it says `cid:` and this.
    pub cid: String,
    /// The media type, as `image/png`, as the server says.
    pub type_: String,
    /// The data, which fits the hash in its name; at most 256 KiB.
    pub data: Vec<u8>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("cid", &self.cid)
            .field("type_", &self.type_)
            .field("bytes", &self.data.len())
            .finish()
    }
}

/// The data inside `parent`; what is too large or does not fit its name is left out.
pub(super) fn inside(parent: ElementRef<'_>) -> impl Iterator<Item = Attachment> {
    let data = parent.children().filter(|child| child.is("data", NS));
    data.take(MAX_ATTACHMENTS).filter_map(|element| {
        let attachment = read(element);
        if attachment.is_none() {
            tracing::warn!(
                "data that came along with a form does not fit its name; it is left out"
            );
        }
        attachment
    })
}

fn read(element: ElementRef<'_>) -> Option<Attachment> {
    let cid = element.attr("cid")?.into_owned();
    let text: String = element.text().split_ascii_whitespace().collect();
    if text.len() > MAX_BYTES / 3 * 4 + 4 {
        return None;
    }
    let data = STANDARD.decode(text).ok()?;
    let type_ = element.attr("type")?.into_owned();
    is_of(&cid, &data).then_some(Attachment { cid, type_, data })
}

/// Whether `data` has the hash that its name says (XEP-0231 §4).
fn is_of(cid: &str, data: &[u8]) -> bool {
    let Some((hash, "bob.xmpp.org")) = cid.split_once('@') else {
        return false;
    };
    let Some((algorithm, hash)) = hash.split_once('+') else {
        return false;
    };
    let algorithm = match algorithm {
        "sha1" | "sha-1" => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        "sha256" | "sha-256" => &digest::SHA256,
        _ => return false,
    };
    let digest = digest::digest(algorithm, data);
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    hex.eq_ignore_ascii_case(hash)
}
