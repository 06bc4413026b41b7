//! Files that come with a message (XEP-0066, XEP-0446, XEP-0447).

use serde::{Deserialize, Serialize};

/// The longest address of a file, in bytes.
const LONGEST_URL: usize = 4096;
/// The longest name of a file, in bytes.
const LONGEST_NAME: usize = 255;

/// A file that can be fetched. Nothing is fetched by itself: that would tell its host who reads the message, and when.
///
/// ```
/// use converse_messages::Attachment;
///
/// let photo = Attachment::new("https://files.capulet.example/1/balcony.jpg")?
///     .name("balcony.jpg")
///     .media_type("image/jpeg")
///     .size(48_213);
/// assert_eq!(photo.url(), "https://files.capulet.example/1/balcony.jpg");
/// assert!(Attachment::new("file:///etc/passwd").is_err());
/// # Ok::<(), converse_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attachment {
    /// Where it can be fetched, at least one address; each is `https` or `http` and names a host.
    pub urls: Vec<String>,
    /// Its name without any folder; what is no name of a file is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its media type, as its sender says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// How long it is, in bytes, as its sender says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its width in pixels, if it is a picture or film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Its height in pixels, if it is a picture or film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// How long it plays, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u64>,
    /// What it is, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its hashes, by which whoever fetches it can check it (XEP-0300).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<FileHash>,
    /// How its sender wants it shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disposition: Option<Disposition>,
}

/// The hash of a file (XEP-0300).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileHash {
    /// The name of the function, as `sha-256`.
    pub algorithm: String,
    /// The hash in base64.
    pub value: String,
}

/// How a file is meant to be shown (XEP-0447 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Disposition {
    /// With the message.
    Inline,
    /// When it is asked for; nobody should fetch it before.
    Attachment,
}

impl Disposition {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Attachment => "attachment",
        }
    }

    /// The one of that name on the wire.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Inline, Self::Attachment]
            .into_iter()
            .find(|disposition| disposition.as_str() == name)
    }
}

impl Attachment {
    /// A file at an address.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`](converse_core::ErrorKind::InvalidArgument) if it is no `https` or `http` address of at
    /// most 4,096 bytes.
    pub fn new(url: impl Into<String>) -> Result<Self, converse_core::Error> {
        let url = url.into();
        if is_usable(&url) {
            return Ok(Self::at(vec![url]));
        }
        Err(crate::ContentError::BadUrl { url }.into())
    }

    /// A file at some addresses, which nobody has checked.
    #[must_use]
    pub fn at(urls: Vec<String>) -> Self {
        Self {
            urls,
            name: None,
            media_type: None,
            size: None,
            width: None,
            height: None,
            length: None,
            description: None,
            hashes: Vec::new(),
            disposition: None,
        }
    }

    /// Its first address.
    #[must_use]
    pub fn url(&self) -> &str {
        self.urls.first().map_or("", String::as_str)
    }

    /// Gives it a name; folders before it are left out.
    #[must_use]
    pub fn name(mut self, name: impl AsRef<str>) -> Self {
        self.name = safe_file_name(name.as_ref());
        self
    }

    /// Says what it is, as `image/png`.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Says how long it is, in bytes.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = Some(bytes);
        self
    }

    /// Says how large a picture is, in pixels.
    #[must_use]
    pub fn dimensions(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (Some(width), Some(height));
        self
    }

    /// Describes it for people.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Adds a hash in base64, as of `sha-256`.
    #[must_use]
    pub fn hash(mut self, algorithm: impl Into<String>, value: impl Into<String>) -> Self {
        self.hashes.push(FileHash {
            algorithm: algorithm.into(),
            value: value.into(),
        });
        self
    }

    /// Says how it is to be shown.
    #[must_use]
    pub fn disposition(mut self, disposition: Disposition) -> Self {
        self.disposition = Some(disposition);
        self
    }

    /// What it takes in memory besides itself, about.
    pub(super) fn extra_size(&self) -> usize {
        let texts = [&self.name, &self.media_type, &self.description];
        let texts = texts.into_iter().flatten().map(String::len);
        let hashes = self.hashes.iter().map(|hash| 96 + hash.value.len());
        let urls = self.urls.iter().map(|url| 24 + url.len());
        size_of::<Self>() + texts.chain(hashes).chain(urls).sum::<usize>()
    }
}

/// Whether an address can be handed to something that fetches it: of the web, with a host, and nothing in it that is read
/// differently in different places.
pub(crate) fn is_usable(url: &str) -> bool {
    if url.len() > LONGEST_URL
        || url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
    {
        return false;
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http"))
        && !host.is_empty()
        && !host.starts_with(':')
}

/// A name for a file, out of one that somebody else gave it (XEP-0446 §5): without folders, control characters and letters that
/// turn the direction of writing; `None` if nothing is left that could be one. It says nothing about whether a file of that name
/// is there already.
///
/// ```
/// use converse_messages::safe_file_name;
///
/// assert_eq!(safe_file_name("../../.ssh/authorized_keys").as_deref(), Some("authorized_keys"));
/// assert_eq!(safe_file_name("C:\\Windows\\win.ini").as_deref(), Some("win.ini"));
/// assert_eq!(safe_file_name(".."), None);
/// ```
#[must_use]
pub fn safe_file_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_harmless = |letter: &char| !letter.is_control() && !is_direction(*letter);
    let kept: String = last.chars().filter(is_harmless).collect();
    let kept = kept.trim();
    let is_name =
        !kept.is_empty() && kept.len() <= LONGEST_NAME && !kept.chars().all(|letter| letter == '.');
    is_name.then(|| kept.to_owned())
}

/// Letters that turn the direction of writing, which hide what a name ends with.
fn is_direction(letter: char) -> bool {
    matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_are_taken() {
        for url in [
            "https://x.example/a.png",
            "HTTP://x.example",
            "https://[::1]:8443/a?b#c",
            "https://user@x.example/ä",
        ] {
            assert!(is_usable(url), "{url}");
        }
        for url in [
            "",
            "x.example/a",
            "javascript:alert(1)",
            "javascript://x.example/%0aalert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "https://",
            "https:///a",
            "https://?a",
            "https://:80/",
            "https://u@/",
            "https://a b/",
            "https://x\n.example",
            "https:\\\\x.example",
            "https://x.example\\@y",
        ] {
            assert!(!is_usable(url), "{url}");
        }
        assert!(!is_usable(&format!(
            "https://x.example/{}",
            "a".repeat(LONGEST_URL)
        )));
    }

    #[test]
    fn a_name_has_no_folders_and_hides_nothing() {
        assert_eq!(
            safe_file_name("../../etc/passwd").as_deref(),
            Some("passwd")
        );
        assert_eq!(safe_file_name("C:\\temp\\a.txt").as_deref(), Some("a.txt"));
        assert_eq!(
            safe_file_name(" summit photo.jpg ").as_deref(),
            Some("summit photo.jpg")
        );
        assert_eq!(
            safe_file_name("a\0b/\u{202e}gpj.exe").as_deref(),
            Some("gpj.exe")
        );
        for name in ["", "..", ".", "a/", "\u{202e}", "\0", &"x".repeat(256)] {
            assert_eq!(safe_file_name(name), None, "{name:?}");
        }
    }
}
